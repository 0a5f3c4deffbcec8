"""A signature made with a person's own certificate, held by a remote service: begun, agreed to, and finished later.

    prepare     the document with its place for the signature, and the digest to sign     (the signing page)
    agreement   the person's, at the service, over that very digest                       (the signing page)
    complete    the service's signature put in its place, with a timestamp                (the worker)

Minutes, and two processes, lie between the steps: :class:`Prepared` carries the state (pyHanko's interrupted signing).
"""

import hashlib
import io
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Annotated

from asn1crypto import cms, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate
from pydantic import AfterValidator, Field
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError, PdfWriteError
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import ExternalSigner
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_signer import PdfTBSDocument
from pyhanko_certvalidator.registry import SimpleCertificateStore

from activities.signing.appearance import Mention
from activities.signing.certificates import common_name
from activities.signing.csc import Credential, RemoteOutage
from activities.signing.making import RESERVED, pdf_signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.waiting import run
from domain.convention import fold
from domain.documents import DocumentRef, Sha256, WireModel
from domain.errors import Actor, SignatureRefused
from domain.parties import Person

_DIGEST = "sha256"
_RAW = 512
"""Bytes of the longest raw signature (RSA-4096)."""


def _base64(value: str) -> str:
    b64decode(value, validate=True)
    return value


Base64 = Annotated[str, AfterValidator(_base64)]


class PreparedParts(WireModel):
    """A signature that waits for its value, but for its files."""

    field: str
    credential: str
    chain: tuple[Base64, ...]
    """Certificates, DER, the person's own first."""
    attributes: Base64
    """The signed attributes (CMS, RFC 5652, 5.3), DER: what is really signed."""
    code: bool
    """The provider sends the person a code for it."""
    pin: bool
    document_digest: Base64
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    at: datetime

    @property
    def digest(self) -> bytes:
        """SHA-256 to be signed."""
        return hashlib.sha256(b64decode(self.attributes)).digest()

    @property
    def certificate(self) -> x509.Certificate:
        return x509.Certificate.load(b64decode(self.chain[0]))


class Prepared(PreparedParts):
    """A signature that waits for its value."""

    document: Sha256
    """What was shown: the file before this signature."""
    prepared: DocumentRef
    """It, with the place for the signature."""


def require_holder(certificate: x509.Certificate, person: Person) -> None:
    """A certificate signs for nobody but its holder.

    :raises SignatureRefused: ``remote_holder_differs``.
    """
    names = certificate.subject.native
    told = f"{names.get('given_name', '')} {names.get('surname', '')} {names.get('common_name', '')}"
    words = set(fold(told).split("-"))
    if not set(fold(person.full_name).split("-")) <= words:
        raise SignatureRefused(
            "remote_holder_differs",
            f"Le certificat de signature est au nom de « {common_name(certificate)} », et non de {person.full_name} :"
            " la convention ne peut pas être signée avec lui.",
            next_actor=Actor.LEGAL_AFFAIRS,
        )


def prepare(
    pdf: bytes, field: str, mention: Mention, credential: Credential, *, first: bool
) -> tuple[bytes, PreparedParts]:
    """The document with its place for the signature, and what is to be kept until the signature comes.

    :param first: no signature was made yet: this one certifies the document.
    :raises SignatureRefused: ``signing_failed``.
    """
    signer = _external(credential.chain, None)
    maker = pdf_signer(field, mention, signer, None, certify=first)

    async def begin() -> tuple[PreparedByteRangeDigest, bytes, bytes]:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        place, _, out = await maker.async_digest_doc_for_signing(
            writer, existing_fields_only=True, bytes_reserved=RESERVED
        )
        attributes = await signer.signed_attrs(place.document_digest, _DIGEST, use_pades=True)
        out.seek(0)
        return place, bytes(out.read()), bytes(attributes.dump())

    try:
        place, content, attributes = run(begin)
    except (SigningError, PdfWriteError, PdfReadError, ValueError) as error:
        raise SignatureRefused("signing_failed", "La signature n’a pas pu être apposée dans le document.") from error
    return content, PreparedParts(
        field=field,
        credential=credential.id,
        chain=tuple(_text(der) for der in credential.chain),
        code=credential.code,
        pin=credential.pin,
        attributes=_text(attributes),
        document_digest=_text(place.document_digest),
        start=place.reserved_region_start,
        end=place.reserved_region_end,
        at=mention.at,
    )


def complete(content: bytes, prepared: Prepared, signature: bytes, timestamper: HttpTimestamper) -> bytes:
    """The signed file, timestamped.

    :param content: the bytes of ``prepared.prepared``.
    :param signature: raw, over ``prepared.digest``; :func:`require_signature` passed it.
    :raises TimestampOutage: no timestamp can be had.
    """
    signer = _external(tuple(b64decode(one) for one in prepared.chain), signature)
    attributes = cms.CMSAttributes.load(b64decode(prepared.attributes))
    place = PreparedByteRangeDigest(b64decode(prepared.document_digest), prepared.start, prepared.end)

    async def finish() -> bytes:
        made = await signer.async_sign_prescribed_attributes(_DIGEST, attributes, timestamper=timestamper)
        out = io.BytesIO(content)
        await PdfTBSDocument.async_finish_signing(out, place, made)
        return out.getvalue()

    return run(finish)


def require_signature(prepared: Prepared, signature: bytes) -> None:
    """:raises RemoteOutage: this is no signature by the person's key over what was prepared."""
    key = load_der_x509_certificate(b64decode(prepared.chain[0])).public_key()
    data = b64decode(prepared.attributes)
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, data, PKCS1v15(), hashes.SHA256())
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, data, ECDSA(hashes.SHA256()))
        else:
            raise RemoteOutage("a key of a kind that is not supported")
    except InvalidSignature as error:
        raise RemoteOutage("the service's signature is not over what was asked") from error


def _external(chain: tuple[bytes, ...], signature: bytes | None) -> ExternalSigner:
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple([x509.Certificate.load(der) for der in chain[1:]])
    return ExternalSigner(
        signing_cert=x509.Certificate.load(chain[0]),
        cert_registry=registry,
        signature_value=signature or _RAW,
        embed_roots=False,
    )


def _text(content: bytes) -> str:
    return b64encode(content).decode()
