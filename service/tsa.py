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
        token = self._token(imprint, nonce, with_certificates=with_certificates)
        reply = Reply({"status": {"status": "granted"}, "time_stamp_token": token})
        return 200, bytes(reply.dump())

    def _token(self, imprint: tsp.MessageImprint, nonce: int | None, *, with_certificates: bool) -> cms.ContentInfo:
        certificate = x509.Certificate.load(self._der)
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": POLICY,
                "message_imprint": imprint,
                "serial_number": secrets.randbits(120) | 1 << 120,
                "gen_time": core.GeneralizedTime(self._clock().astimezone(UTC).replace(microsecond=0)),
                "accuracy": {"seconds": 1},
                **({} if nonce is None else {"nonce": nonce}),
                "tsa": x509.GeneralName(name="directory_name", value=certificate.subject),
            }
        ).dump()
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [_certificate_id(certificate)]}),
            ]
        )
        signature = self._key.sign(attributes.dump(), PKCS1v15(), hashes.SHA256())
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        signed = {
            "version": "v3",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(info)},
            "signer_infos": [
                {
                    "version": "v1",
                    "sid": cms.SignerIdentifier(
                        {
                            "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                                {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                            )
                        }
                    ),
                    "digest_algorithm": digest,
                    "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
                    "signed_attrs": attributes,
                    "signature": signature,
                }
            ],
        }
        if with_certificates:
            signed["certificates"] = [certificate, *(x509.Certificate.load(der) for der in self._chain)]
        return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


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


def _rejection(fault: str) -> bytes:
    status = {"status": "rejection", "fail_info": {fault}}
    return bytes(Reply({"status": status}).dump())
