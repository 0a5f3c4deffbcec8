"""Remote signing with a person's own certificate: a client of the Cloud Signature Consortium's API, version 1.

CSC API v1.0.4: ``credentials/list``, ``credentials/info``, ``credentials/sendOTP``, ``credentials/authorize``,
``signatures/signHash``; the service is entered by OAuth 2.0 client credentials (RFC 6749, 4.4).

    RemoteOutage        the service does not answer, or not in its own language: an outage, retried
    SignatureRefused    what a person must know: no certificate, a wrong code, an activation that is over
"""

import binascii
import threading
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import httpx
from asn1crypto import x509
from pydantic import AfterValidator, AliasPath, BaseModel, ConfigDict, Field, ValidationError

from domain.assurance import Assurance
from domain.errors import Actor, SignatureRefused

_LARGEST_REPLY = 512 * 1024
_MOST_CREDENTIALS = 20
_SHA256 = "2.16.840.1.101.3.4.2.1"
_MECHANISMS = {"rsa": "1.2.840.113549.1.1.11", "ec": "1.2.840.10045.4.3.2"}
"""sha256WithRSAEncryption, ecdsa-with-SHA256."""
_EARLY = timedelta(seconds=30)
"""A token is asked for anew this long before it ends."""
_DIRECT: dict[str, httpx.BaseTransport | None] = {"all://127.0.0.1": None, "all://localhost": None}

M = TypeVar("M", bound=BaseModel)


class RemoteOutage(Exception):
    """The signing service does not answer, or answers what nobody understands."""


@dataclass(frozen=True)
class RemoteAccount:
    """How the service is entered."""

    base_url: str
    """Up to and without ``/csc/v1``."""
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    assurance: Assurance = Assurance.ADVANCED
    """What the service's certificates are worth; the authority takes it from the provider's certification."""


def _certificate(encoded: str) -> bytes:
    try:
        der = b64decode(encoded, validate=True)
        x509.Certificate.load(der, strict=True).native  # noqa: B018 - parsed whole
    except (binascii.Error, ValueError, TypeError) as error:
        raise ValueError("not a certificate") from error
    return der


_Short = Annotated[str, Field(min_length=1, max_length=4096)]
Certificate = Annotated[Any, AfterValidator(_certificate)]


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Token(_Reply):
    access_token: _Short
    expires_in: Annotated[int, Field(ge=1)] = 300


class _Credentials(_Reply):
    ids: Annotated[tuple[_Short, ...], Field(alias="credentialIDs", max_length=200)] = ()


class _Info(_Reply):
    key_status: Annotated[str, Field(validation_alias=AliasPath("key", "status"))] = "enabled"
    certificate_status: Annotated[str, Field(validation_alias=AliasPath("cert", "status"))] = "valid"
    chain: Annotated[
        tuple[Certificate, ...],
        Field(validation_alias=AliasPath("cert", "certificates"), min_length=1, max_length=10),
    ]
    mode: Annotated[str, Field(alias="authMode", max_length=40)] = "implicit"
    pin: Annotated[Any, Field(validation_alias=AliasPath("PIN", "presence"))] = "false"
    otp: Annotated[Any, Field(validation_alias=AliasPath("OTP", "presence"))] = "false"


class _Activation(_Reply):
    sad: Annotated[_Short, Field(alias="SAD")]
    expires_in: Annotated[int, Field(alias="expiresIn", ge=1, le=86400)] = 3600


class _Signatures(_Reply):
    signatures: Annotated[tuple[_Short, ...], Field(min_length=1, max_length=1)]


class _Nothing(_Reply):
    pass


@dataclass(frozen=True)
class Credential:
    """A person's key at the service."""

    id: str
    chain: tuple[bytes, ...]
    """Certificates, DER, the person's own first."""
    code: bool
    """The person receives a one-time code from the service, and must give it."""
    pin: bool
    """The person has a PIN there, and must give it."""

    @property
    def certificate(self) -> x509.Certificate:
        return x509.Certificate.load(self.chain[0])


@dataclass(frozen=True)
class Activation:
    """Signature Activation Data: the person's agreement to one signature over one digest. A secret."""

    secret: str = field(repr=False)
    expires_at: datetime


class RemoteService:
    """The service. Usable from several threads."""

    def __init__(
        self, account: RemoteAccount, *, timeout: float = 20.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self.account = account
        self._client = httpx.Client(
            timeout=timeout, transport=transport, mounts=_DIRECT if transport is None else None, follow_redirects=False
        )
        self._lock = threading.Lock()
        self._token: tuple[datetime, str] | None = None

    def close(self) -> None:
        self._client.close()

    def credential_of(self, email: str) -> Credential:
        """The key of the person whose account at the service bears this address.

        :raises SignatureRefused: ``remote_no_credential``: none that may be used now; ``remote_several_credentials``.
        :raises RemoteOutage: see the module.
        """
        asked = {"userID": email, "maxResults": _MOST_CREDENTIALS}
        found = [self._info(one) for one in self._call("credentials/list", asked, _Credentials).ids[:_MOST_CREDENTIALS]]
        usable = [credential for credential in found if credential is not None]
        if not usable:
            raise SignatureRefused(
                "remote_no_credential",
                "Aucun certificat de signature en cours de validité n’est connu à votre nom chez le prestataire de"
                " signature : la convention ne peut pas être signée au niveau demandé.",
                next_actor=Actor.LEGAL_AFFAIRS,
            )
        if len(usable) > 1:
            raise SignatureRefused(
                "remote_several_credentials",
                "Plusieurs certificats de signature sont connus à votre nom chez le prestataire de signature : faites"
                " désactiver ceux qui ne servent plus.",
                next_actor=Actor.LEGAL_AFFAIRS,
            )
        return usable[0]

    def send_code(self, credential: Credential) -> None:
        """Have the service send the person its own one-time code. Nothing is sent where it has none."""
        if credential.code:
            self._call("credentials/sendOTP", {"credentialID": credential.id}, _Nothing)

    def authorise(self, credential: Credential, digest: bytes, *, code: str = "", pin: str = "") -> Activation:
        """The person's agreement to a signature over this SHA-256 ``digest``, and no other.

        :raises SignatureRefused: ``remote_not_authorised``: wrong code or PIN, or too many tries.
        :raises RemoteOutage: see the module.
        """
        asked: dict[str, Any] = {
            "credentialID": credential.id,
            "numSignatures": 1,
            "hash": [b64encode(digest).decode()],
            "hashAlgo": _SHA256,
        }
        if credential.code:
            asked["OTP"] = code
        if credential.pin:
            asked["PIN"] = pin
        try:
            answer = self._call("credentials/authorize", asked, _Activation)
        except _Refusal as refusal:
            raise SignatureRefused(
                "remote_not_authorised",
                "Votre prestataire de signature n’a pas accepté ce code. Vérifiez-le, ou demandez-en un autre, puis"
                " recommencez : rien n’a été signé.",
                next_actor=Actor.SIGNATORY,
            ) from refusal
        return Activation(answer.sad, datetime.now(UTC) + timedelta(seconds=answer.expires_in))

    def sign(self, credential_id: str, certificate: x509.Certificate, digest: bytes, secret: str) -> bytes:
        """The raw signature over ``digest``.

        :raises SignatureRefused: ``remote_activation_over``: the agreement was used, or is too old.
        :raises RemoteOutage: see the module.
        """
        asked = {
            "credentialID": credential_id,
            "SAD": secret,
            "hash": [b64encode(digest).decode()],
            "hashAlgo": _SHA256,
            "signAlgo": _MECHANISMS["ec" if certificate.public_key.algorithm == "ec" else "rsa"],
        }
        try:
            [signature] = self._call("signatures/signHash", asked, _Signatures).signatures
            return b64decode(signature, validate=True)
        except _Refusal as refusal:
            raise SignatureRefused(
                "remote_activation_over",
                "Votre accord auprès du prestataire de signature a expiré ou a déjà servi : rien n’a été enregistré"
                " ici. Recommencez la signature.",
                next_actor=Actor.SIGNATORY,
            ) from refusal
        except binascii.Error as error:
            raise RemoteOutage("the signature is not in base64") from error

    def _info(self, credential_id: str) -> Credential | None:
        """None: it may not be used now."""
        asked = {"credentialID": credential_id, "certificates": "chain", "certInfo": True, "authInfo": True}
        info = self._call("credentials/info", asked, _Info)
        certificate = x509.Certificate.load(info.chain[0])
        if info.key_status != "enabled" or info.certificate_status not in {"valid", ""}:
            return None
        if not certificate.not_valid_before <= datetime.now(UTC) < certificate.not_valid_after:
            return None
        if info.mode == "oauth2code":
            # The person would agree on the service's own pages: nothing of the kind is offered here.
            raise RemoteOutage("the credential is authorised by OAuth 2.0 pages, which are not supported")
        explicit = info.mode == "explicit"
        return Credential(
            id=credential_id, chain=info.chain, code=explicit and _yes(info.otp), pin=explicit and _yes(info.pin)
        )

    def _call(self, method: str, body: dict[str, Any], answer: type[M]) -> M:
        url = f"{self.account.base_url}/csc/v1/{method}"
        status, content = self._post(url, headers={"Authorization": f"Bearer {self._bearer()}"}, json=body)
        if status == httpx.codes.UNAUTHORIZED:
            with self._lock:
                self._token = None
            status, content = self._post(url, headers={"Authorization": f"Bearer {self._bearer()}"}, json=body)
        if status in {httpx.codes.BAD_REQUEST, httpx.codes.FORBIDDEN}:
            raise _Refusal(method)
        if status not in {httpx.codes.OK, httpx.codes.NO_CONTENT}:
            raise RemoteOutage(f"{method}: HTTP {status}")
        return _read(answer, content or b"{}", method)

    def _bearer(self) -> str:
        with self._lock:
            if self._token is None or self._token[0] <= datetime.now(UTC):
                status, content = self._post(
                    self.account.token_url,
                    auth=(self.account.client_id, self.account.client_secret),
                    data={"grant_type": "client_credentials", "scope": "service"},
                )
                if status != httpx.codes.OK:
                    raise RemoteOutage(f"token: HTTP {status}")
                token = _read(_Token, content, "token")
                self._token = (datetime.now(UTC) + timedelta(seconds=token.expires_in) - _EARLY, token.access_token)
            return self._token[1]

    def _post(self, url: str, **request: Any) -> tuple[int, bytes]:
        content = b""
        try:
            with self._client.stream("POST", url, **request) as response:
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > _LARGEST_REPLY:
                        raise RemoteOutage("reply too large")
                return response.status_code, content
        except httpx.HTTPError as error:
            # Its text may bear the request, and the request bears a code: only what kind of failure it was.
            raise RemoteOutage(type(error).__name__) from None


class _Refusal(RemoteOutage):
    """The service understood, and said no. An outage to whoever has no better word for it."""


def _read(model: type[M], content: bytes, method: str) -> M:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        # Never the content: it may bear an activation.
        places = ", ".join(".".join(str(part) for part in one["loc"]) for one in error.errors(include_input=False))
        raise RemoteOutage(f"{method}: not understood ({places})") from None


def _yes(value: object) -> bool:
    return value is True or str(value).lower() == "true"
