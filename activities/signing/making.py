"""Making one signature: the place, the appearance, the permissions, the timestamp. Nothing is judged here."""

import io
from dataclasses import dataclass

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError, PdfWriteError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers import Signer as CmsSigner
from pyhanko.sign.signers.pdf_byterange import BuildProps
from pyhanko.sign.timestamps import TimeStamper

from activities.signing.appearance import AppearanceStyle, Mention
from activities.signing.signer import Signer
from domain.errors import SignatureRefused

APPLICATION = "Paraphe"
"""Written in the signature (Prop_Build), so that a verification knows our files."""

RESERVED = 32 * 1024
"""Hexadecimal digits kept for a signature or a timestamp, i.e. 16 KiB. Guessing would cost a second timestamp."""

SEAL_FIELD = "Certification"
"""Name of the invisible field where the authority's seal certifies the document, if it is set to do so."""

_SEAL_TOOLTIP = "Certification par le cachet de la collectivité"
_SEAL_NAME = "Cachet de la collectivité"
_SEAL_REASON = "Certification du document : seules les signatures prévues peuvent y être ajoutées"
_DIGEST = "sha256"


@dataclass(frozen=True)
class Turn:
    """What a signature is among those that were foreseen."""

    first: bool
    """No signature was made yet, the seal's included."""
    last: bool
    """No place is left after it."""
    revisions: int
    """Of the file before it."""


def require_signable(pdf: bytes, field: str) -> Turn:
    """Which turn it is in ``pdf`` for the signature in ``field``.

    :raises SignatureRefused: ``document_unreadable``, ``field_missing``, ``field_filled``.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        if reader.encrypted:
            raise SignatureRefused("document_unreadable", "Le document à signer est protégé par un mot de passe.")
        fields = {name: value is not None for name, value, _ in enumerate_sig_fields(reader)}
        revisions = reader.total_revisions
    except (PdfReadError, ValueError, KeyError) as error:
        raise SignatureRefused("document_unreadable", "Le document à signer n’est pas un PDF lisible.") from error
    if field not in fields:
        raise SignatureRefused("field_missing", f"Le document n’a pas de place de signature « {field} ».")
    if fields[field]:
        raise SignatureRefused("field_filled", f"La place de signature « {field} » est déjà signée.")
    filled = sum(fields.values())
    return Turn(first=not filled, last=filled == len(fields) - 1, revisions=revisions)


async def signed_in(
    pdf: bytes,
    field: str,
    mention: Mention,
    signer: Signer,
    timestamper: TimeStamper,
    *,
    turn: Turn,
    seal: Signer | None = None,
) -> bytes:
    """``pdf`` signed and timestamped, certified by ``seal`` before that if one is given.

    :raises SignatureRefused: ``signing_failed``.
    """
    content = pdf if seal is None else await certified(pdf, seal, timestamper)
    certify = turn.first and seal is None
    return await _made(content, pdf_signer(field, mention, signer.cms(), timestamper, certify=certify), existing=True)


async def certified(pdf: bytes, seal: Signer, timestamper: TimeStamper) -> bytes:
    """The seal certifies the document, invisibly: what follows are approval signatures (ISO 32000-2, 12.8.2.2)."""
    metadata = _metadata(SEAL_FIELD, _SEAL_NAME, _SEAL_REASON, certify=True)
    place = SigFieldSpec(SEAL_FIELD, readable_field_name=_SEAL_TOOLTIP, invis_sig_settings=InvisSigSettings())
    sealer = PdfSigner(metadata, seal.cms(), timestamper=timestamper, new_field_spec=place)
    return await _made(pdf, sealer, existing=False)


def pdf_signer(
    field: str, mention: Mention, signer: CmsSigner, timestamper: TimeStamper | None, *, certify: bool
) -> PdfSigner:
    """What makes a person's signature.

    :param certify: it is the first, and fixes what may follow: form fields filled, i.e. the foreseen signatures.
    """
    reason = f"{mention.capacity_line}\n{mention.ground}".strip()
    metadata = _metadata(field, mention.name, reason, certify=certify)
    return PdfSigner(metadata, signer, timestamper=timestamper, stamp_style=AppearanceStyle(mention=mention))


def _metadata(field: str, name: str, reason: str, *, certify: bool) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=field,
        md_algorithm=_DIGEST,
        name=name,
        reason=reason,
        app_build_props=BuildProps(APPLICATION),
        certify=certify,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        subfilter=SigSeedSubFilter.PADES,
    )


async def _made(pdf: bytes, signer: PdfSigner, *, existing: bool) -> bytes:
    out = io.BytesIO()
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        await signer.async_sign_pdf(writer, existing_fields_only=existing, bytes_reserved=RESERVED, output=out)
    except (SigningError, PdfWriteError, PdfReadError) as error:
        raise SignatureRefused("signing_failed", "La signature n’a pas pu être apposée dans le document.") from error
    return out.getvalue()
