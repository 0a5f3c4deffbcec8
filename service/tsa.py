"""The development timestamp authority: RFC 3161 over HTTP, for the embedded stack of one machine.

Its certificate says that it has no legal value. It answers with this machine's clock.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import algos, cms, core, tsp, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from activities.signing.timestamps import Reply

POLICY = "1.3.6.1.4.1.13762.3"
"""Policy under which timestamps are given: none that anybody published; the certificate's name tells the rest."""

_LARGEST_REQUEST = 16 * 1024
_DIGEST_SIZES = {"sha256": 32, "sha384": 48, "sha512": 64}


def _now() -> datetime:
    return datetime.now(UTC)


class TimestampAuthority:
    """Signs timestamps. Usable from several threads."""

    def __init__(
        self, certificate: Path, key: Path, chain: tuple[Path, ...] = (), clock: Callable[[], datetime] = _now
    ) -> None:
        """:param certificate: PEM, with the critical extended usage timeStamping.
        :param key: PKCS#8 PEM, RSA.
        :param chain: PEM certificates sent along when a request asks for them.
        """
        loaded = serialization.load_pem_private_key(key.read_bytes(), None)
        if not isinstance(loaded, RSAPrivateKey):
            raise TypeError("the key of the timestamp authority must be RSA")
        self._key = loaded
        self._der, *self._chain = (
            pyca.load_pem_x509_certificate(path.read_bytes()).public_bytes(serialization.Encoding.DER)
            for path in (certificate, *chain)
        )
        self._clock = clock
        # Encoded once, and put together by hand below: asn1crypto takes 60 ms to encode a token from its objects.
        own = x509.Certificate.load(self._der)
        self._name = x509.GeneralName(name="directory_name", value=own.subject).dump()
        self._sid = cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number}).dump()
        self._which = cms.CMSAttribute({"type": "signing_certificate_v2", "values": [_certificate_id(own)]}).dump()

    def answer(self, body: bytes) -> tuple[int, bytes]:
        """HTTP status and DER reply. What is not a request at all is 400; a request that cannot be granted is a
        normal reply that says so (RFC 3161, 2.4.2)."""
        try:
            request = tsp.TimeStampReq.load(body, strict=True)
            imprint = request["message_imprint"]
            algorithm = imprint["hash_algorithm"]["algorithm"].native
            size = len(imprint["hashed_message"].native)
            version = request["version"].native
            policy = request["req_policy"].native
            extensions = request["extensions"].native
            nonce = request["nonce"].native
            with_certificates = bool(request["cert_req"].native)
        except (ValueError, TypeError, KeyError):
            return 400, _rejection("bad_data_format")
        if version != "v1" or size != _DIGEST_SIZES.get(algorithm, size):
            return 200, _rejection("bad_data_format")
        if algorithm not in _DIGEST_SIZES:
            return 200, _rejection("bad_alg")
        if policy not in {None, POLICY}:
            return 200, _rejection("unaccepted_policy")
        if extensions:
            return 200, _rejection("unaccepted_extensions")
        token = self._token(imprint.dump(), nonce, with_certificates=with_certificates)
        return 200, _sequence(_sequence(_integer(0)), token)

    def _token(self, imprint: bytes, nonce: int | None, *, with_certificates: bool) -> bytes:
        """A ContentInfo with SignedData (RFC 5652, 5.1) over a TSTInfo (RFC 3161, 2.4.2), DER."""
        info = _sequence(
            _integer(1),
            _oid(POLICY),
            imprint,
            _integer(secrets.randbits(120) | 1 << 120),
            core.GeneralizedTime(self._clock().astimezone(UTC).replace(microsecond=0)).dump(),
            _sequence(_integer(1)),
            b"" if nonce is None else _integer(nonce),
            _tagged(0xA0, self._name),
        )
        digest = core.OctetString(hashlib.sha256(info).digest()).dump()
        # DER wants the members of a set in order (X.690, 11.6).
        attributes = sorted(
            (
                _sequence(_oid(_CONTENT_TYPE), _tagged(_SET, _oid(_TST_INFO))),
                _sequence(_oid(_MESSAGE_DIGEST), _tagged(_SET, digest)),
                self._which,
            )
        )
        signature = self._key.sign(_tagged(_SET, *attributes), PKCS1v15(), hashes.SHA256())
        signer = _sequence(
            _integer(1),
            self._sid,
            _SHA256,
            _tagged(0xA0, *attributes),
            _sequence(_oid(_RSA), core.Null().dump()),
            core.OctetString(signature).dump(),
        )
        chosen = sorted((self._der, *self._chain)) if with_certificates else []
        signed = _sequence(
            _integer(3),
            _tagged(_SET, _SHA256),
            _sequence(_oid(_TST_INFO), _tagged(0xA0, core.OctetString(info).dump())),
            _tagged(0xA0, *chosen) if chosen else b"",
            _tagged(_SET, signer),
        )
        return _sequence(_oid(_SIGNED_DATA), _tagged(0xA0, signed))


def app(authority: TimestampAuthority) -> Starlette:
    """The authority as an ASGI application: ``POST /``."""

    async def timestamp(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/timestamp-query":
            return PlainTextResponse("application/timestamp-query attendu\n", 415)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST_REQUEST:
                return PlainTextResponse("requête trop grande\n", 413)
        status, reply = await run_in_threadpool(authority.answer, body)
        return Response(reply, status, media_type="application/timestamp-reply")

    return Starlette(routes=[Route("/", timestamp, methods=["POST"])])


def _certificate_id(certificate: x509.Certificate) -> tsp.SigningCertificateV2:
    """Which certificate signed (RFC 5816): without it another with the same key could be put in its place."""
    return tsp.SigningCertificateV2(
        {
            "certs": [
                tsp.ESSCertIDv2(
                    {
                        "hash_algorithm": {"algorithm": "sha256"},
                        "cert_hash": hashlib.sha256(certificate.dump()).digest(),
                        "issuer_serial": {
                            "issuer": [x509.GeneralName("directory_name", certificate.issuer)],
                            "serial_number": certificate.serial_number,
                        },
                    }
                )
            ]
        }
    )


def _tagged(tag: int, *members: bytes) -> bytes:
    """An element in DER (X.690, 8.1)."""
    content = b"".join(members)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _sequence(*members: bytes) -> bytes:
    return _tagged(0x30, *members)


def _integer(value: int) -> bytes:
    return bytes(core.Integer(value).dump())


def _oid(dotted: str) -> bytes:
    return bytes(core.ObjectIdentifier(dotted).dump())


_SET = 0x31
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_RSA = "1.2.840.113549.1.1.1"
_SHA256 = bytes(algos.DigestAlgorithm({"algorithm": "sha256"}).dump())


def _rejection(fault: str) -> bytes:
    status = {"status": "rejection", "fail_info": {fault}}
    return bytes(Reply({"status": status}).dump())
