"""What the development authorities publish: revocation lists, certificates, and answers by OCSP (RFC 6960).

For the embedded stack of one machine, beside the mail catcher. Real authorities publish their own.
"""

import binascii
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509 import ocsp
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service.devpki import DevPki

_LARGEST_REQUEST = 16 * 1024
_LIFE = timedelta(hours=1)
_ISSUERS = ("issuing", "root")


class Responder:
    """Answers for both authorities, each in its own name and with its own key. Usable from several threads."""

    def __init__(self, pki: DevPki) -> None:
        self._pki = pki
        self._authorities = [
            (_certificate(pki.folder / f"{name}.pem"), _key(pki.folder / f"{name}.key"), crl)
            for name, crl in zip(_ISSUERS, reversed(pki.lists), strict=True)
        ]

    def answer(self, body: bytes) -> bytes:
        """The DER response to a DER request: ``good``, ``revoked``, or ``unauthorized`` for another's certificate."""
        try:
            request = ocsp.load_der_ocsp_request(body)
            digest, algorithm = request.issuer_key_hash, request.hash_algorithm
        except (ValueError, NotImplementedError):
            return _failed(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
        self._pki.refresh()
        for issuer, key, listed in self._authorities:
            if _key_hash(issuer, algorithm) == digest:
                return self._response(request, issuer, key, listed)
        return _failed(ocsp.OCSPResponseStatus.UNAUTHORIZED)

    def _response(self, request: ocsp.OCSPRequest, issuer: x509.Certificate, key: RSAPrivateKey, listed: Path) -> bytes:
        certificate = next(
            (
                one
                for one in map(_certificate, self._pki.folder.glob("*.pem"))
                if one.serial_number == request.serial_number and one.issuer == issuer.subject
            ),
            None,
        )
        if certificate is None:
            return _failed(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        entry = x509.load_der_x509_crl(listed.read_bytes()).get_revoked_certificate_by_serial_number(
            request.serial_number
        )
        now = datetime.now(UTC)
        builder = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=certificate,
                issuer=issuer,
                algorithm=request.hash_algorithm,
                cert_status=ocsp.OCSPCertStatus.GOOD if entry is None else ocsp.OCSPCertStatus.REVOKED,
                this_update=now,
                next_update=now + _LIFE,
                revocation_time=None if entry is None else entry.revocation_date_utc,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, issuer)
        )
        try:
            nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value
            builder = builder.add_extension(nonce, critical=False)
        except x509.ExtensionNotFound:
            pass
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def app(pki: DevPki) -> Starlette:
    """``POST /ocsp``, ``GET /ocsp/{request}``, and ``GET /{authority}.crl`` and ``.cer``."""
    responder = Responder(pki)
    published = {f"{name}.crl": listed for name, listed in zip(_ISSUERS, reversed(pki.lists), strict=True)}

    async def reply(body: bytes) -> Response:
        content = await run_in_threadpool(responder.answer, body)
        return Response(content, media_type="application/ocsp-response")

    async def posted(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LARGEST_REQUEST:
                return PlainTextResponse("requête trop grande\n", 413)
        return await reply(body)

    async def got(request: Request) -> Response:
        try:
            return await reply(b64decode(unquote(request.path_params["request"]), validate=True))
        except binascii.Error:
            return await reply(b"")

    def listed(request: Request) -> Response:
        path = published.get(request.path_params["name"])
        if path is None:
            return PlainTextResponse("inconnu\n", 404)
        pki.refresh()
        return Response(path.read_bytes(), media_type="application/pkix-crl")

    def certified(request: Request) -> Response:
        if (name := request.path_params["name"]) not in _ISSUERS:
            return PlainTextResponse("inconnu\n", 404)
        der = _certificate(pki.folder / f"{name}.pem").public_bytes(serialization.Encoding.DER)
        return Response(der, media_type="application/pkix-cert")

    return Starlette(
        routes=[
            Route("/ocsp", posted, methods=["POST"]),
            Route("/ocsp/{request:path}", got),
            Route("/{name}.cer", certified),
            Route("/{name}", listed),
        ]
    )


def _failed(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)


def _key_hash(issuer: x509.Certificate, algorithm: hashes.HashAlgorithm) -> bytes:
    """RFC 6960, 4.1.1: of the bits of the public key, without their tag and length."""
    hashing = hashes.Hash(algorithm)
    key = issuer.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    hashing.update(key)
    return hashing.finalize()


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _key(path: Path) -> RSAPrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError(f"{path.name} is not an RSA key")
    return key
