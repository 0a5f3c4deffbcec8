"""A remote signing service for the tests: the CSC API v1 over real keys, with people who have accounts there.

It holds to the rules that matter: an activation is for one digest, once, for a while; a code is sent, and is good for
three tries; nothing is done without the bearer token.
"""

import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass
class TrustService:
    """A provider's authority: its root, its list of revoked certificates, the certificates of people."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def __post_init__(self) -> None:
        self.root = self._certificate("Prestataire d’essai", self.key, {}, ca=True)

    def certificate(self, name: str, key: Key, email: str) -> x509.Certificate:
        given, _, family = name.partition(" ")
        return self._certificate(name, key, {NameOID.GIVEN_NAME: given, NameOID.SURNAME: family}, email=email)

    def revocation_list(self, folder: Path) -> Path:
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.root.subject)
        made = builder.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=30))
        made = made.add_extension(x509.CRLNumber(1), critical=False)
        made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        path = folder / "provider.crl"
        path.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))
        return path

    def root_file(self, folder: Path) -> Path:
        path = folder / "provider.pem"
        path.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))
        return path

    def _certificate(
        self, name: str, key: Key, names: dict[Any, str], *, ca: bool = False, email: str = ""
    ) -> x509.Certificate:
        subject = x509.Name(
            [x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
            + [x509.NameAttribute(oid, value) for oid, value in names.items()]
        )
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if ca else self.root.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=700))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not ca,
                    content_commitment=not ca,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=ca,
                    crl_sign=ca,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        )
        if email:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(email)]), critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        return builder.sign(self.key, hashes.SHA256())


@dataclass
class Account:
    """One key of one person."""

    email: str
    key: Key
    chain: list[x509.Certificate]
    mode: str = "explicit"
    pin: str = ""
    enabled: bool = True
    code: str = ""
    tries: int = 0


@dataclass
class SigningService:
    """The stand-in's state. ``fail`` makes every call but the token's answer this status, as an outage does."""

    authority: TrustService = field(default_factory=TrustService)
    accounts: dict[str, Account] = field(default_factory=dict)
    activations: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    fail: int = 0
    life: timedelta = timedelta(minutes=5)
    client: tuple[str, str] = ("paraphe", "un secret d'essai")

    def enrol(self, name: str, email: str, *, curve: bool = False, **changes: Any) -> Account:
        key: Key = ec.generate_private_key(ec.SECP256R1()) if curve else rsa.generate_private_key(65537, 2048)
        chain = [self.authority.certificate(name, key, email), self.authority.root]
        account = Account(email.casefold(), key, chain, **changes)
        self.accounts[f"cle-{len(self.accounts) + 1}"] = account
        return account

    def application(self) -> Starlette:
        routes = {
            "credentials/list": self._list,
            "credentials/info": self._info,
            "credentials/sendOTP": self._send,
            "credentials/authorize": self._authorise,
            "signatures/signHash": self._sign,
        }

        def entered(method: str) -> Any:
            async def answer(request: Request) -> Response:
                self.calls.append(method)
                if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
                    return _error(401, "invalid_token")
                if self.fail:
                    return Response(status_code=self.fail)
                return routes[method](json.loads(await request.body()))

            return answer

        return Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                *(Route(f"/csc/v1/{method}", entered(method), methods=["POST"]) for method in routes),
            ]
        )

    async def _token(self, request: Request) -> Response:
        self.calls.append("token")
        user = b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
        if tuple(user.split(":", 1)) != self.client or b"client_credentials" not in await request.body():
            return _error(401, "invalid_client")
        token = secrets.token_urlsafe(16)
        self.tokens.add(token)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 600})

    def _list(self, asked: dict[str, Any]) -> Response:
        mine = [name for name, one in self.accounts.items() if one.email == str(asked["userID"]).casefold()]
        return JSONResponse({"credentialIDs": mine})

    def _info(self, asked: dict[str, Any]) -> Response:
        account = self.accounts[asked["credentialID"]]
        encoded = [b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in account.chain]
        return JSONResponse(
            {
                "key": {"status": "enabled" if account.enabled else "disabled", "algo": ["1.2.840.113549.1.1.11"]},
                "cert": {"status": "valid", "certificates": encoded},
                "authMode": account.mode,
                "SCAL": "2",
                "PIN": {"presence": "true" if account.pin else "false", "format": "N"},
                "OTP": {"presence": "true" if account.mode == "explicit" else "false", "type": "online"},
                "multisign": 1,
            }
        )

    def _send(self, asked: dict[str, Any]) -> Response:
        account = self.accounts[asked["credentialID"]]
        account.code, account.tries = f"{secrets.randbelow(10**6):06d}", 0
        return Response(status_code=204)

    def _authorise(self, asked: dict[str, Any]) -> Response:
        account = self.accounts[asked["credentialID"]]
        if account.mode == "explicit":
            account.tries += 1
            if not account.code or account.tries > 3 or asked.get("OTP") != account.code:
                return _error(400, "invalid_otp")
            if asked.get("PIN", "") != account.pin:
                return _error(400, "invalid_pin")
            account.code = ""
        secret = secrets.token_urlsafe(24)
        [digest] = asked["hash"]
        self.activations[secret] = (asked["credentialID"], digest, datetime.now(UTC) + self.life)
        return JSONResponse({"SAD": secret, "expiresIn": max(1, int(self.life.total_seconds()))})

    def _sign(self, asked: dict[str, Any]) -> Response:
        # Used up whatever comes of it.
        credential, digest, until = self.activations.pop(asked["SAD"], ("", "", datetime.min.replace(tzinfo=UTC)))
        if credential != asked["credentialID"] or [digest] != asked["hash"] or datetime.now(UTC) >= until:
            return _error(400, "invalid_request")
        key, data = self.accounts[credential].key, b64decode(digest)
        if isinstance(key, rsa.RSAPrivateKey):
            signature = key.sign(data, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
        else:
            signature = key.sign(data, ec.ECDSA(Prehashed(hashes.SHA256())))
        return JSONResponse({"signatures": [b64encode(signature).decode()]})


def _error(status: int, code: str) -> Response:
    return JSONResponse({"error": code, "error_description": code}, status_code=status)
