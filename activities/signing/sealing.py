"""Making one signature: the field, the appearance, the timestamp, the material for validation; then judging it."""

import io
from dataclasses import dataclass

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError, PdfWriteError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_byterange import BuildProps
from pyhanko.sign.validation.dss import async_add_validation_info
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

from activities.signing.appearance import AppearanceStyle, Mention
from activities.signing.comparison import require_only_signed
from activities.signing.signer import Signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import Trust
from activities.signing.validation import FileJudgement, Judgement, judge
from activities.signing.waiting import run
from domain.errors import SignatureRefused
from domain.verification import Level

APPLICATION = "Paraphe"
"""Written in the signature (Prop_Build), so that a verification knows our files."""

_DIGEST = "sha256"
_RESERVED = 32 * 1024
"""Hexadecimal digits kept for the CMS object, i.e. 16 KiB. Guessing would cost a second timestamp."""


@dataclass(frozen=True)
class Signed:
    """A signed file, and what its validation found."""

    content: bytes
    judgement: Judgement
    """Of the new signature."""


def sign(
    pdf: bytes,
    field: str,
    mention: Mention,
    *,
    signer: Signer,
    timestamper: HttpTimestamper,
    trust: Trust,
    level: Level = Level.B_T,
) -> Signed:
    """Sign ``pdf`` in ``field``, and answer only if the result validates and changes nothing else.

    The first signature certifies the document (DocMDP, P=2): after it only form fields may be filled, that is, the
    other foreseen signature made. ``pdf`` is the beginning of the result (invariant 4).

    :param level: lowest level to reach.
    :raises SignatureRefused: what cannot be signed, or does not validate once signed.
    :raises TimestampOutage: no timestamp can be had.
    :raises RevocationOutage: no revocation list can be had.
    """
    first = _require_signable(pdf, field)
    signed = run(lambda: _sign(pdf, field, mention, signer, timestamper, certify=first))
    lists = trust.revocation.lists()
    if lists:
        signed = run(lambda: _add_material(signed, field, trust, lists, required=level.reaches(Level.B_LT)))
    require_only_signed(pdf, signed, field)
    return Signed(signed, require_valid(signed, trust, field, level))


def require_valid(pdf: bytes, trust: Trust, field: str, level: Level) -> Judgement:
    """The judgement of the signature in ``field``, if it and all others hold and it is the last thing done.

    :raises SignatureRefused: ``signature_invalid`` or ``level_missed``.
    """
    found = require_all_hold(pdf, trust)
    mine = found.signatures[-1]
    if mine.field != field:
        raise invalid("la dernière signature n’est pas celle qui vient d’être faite")
    if mine.level is None or not mine.level.reaches(level):
        reached = mine.level or "aucun"
        raise SignatureRefused(
            "level_missed", f"La signature n’atteint que le niveau {reached}, alors que {level} est exigé."
        )
    return mine


def require_all_hold(pdf: bytes, trust: Trust) -> FileJudgement:
    """The judgement of a file of ours, all of whose signatures hold and are timestamped.

    :raises SignatureRefused: ``signature_invalid``.
    """
    try:
        found = judge(pdf, trust)
    except (PdfReadError, ValueError) as error:
        raise invalid("le fichier est illisible") from error
    if not found.signatures:
        raise invalid("le fichier ne porte aucune signature")
    if found.broken_timestamps:
        raise invalid("un horodatage du document n’est pas valide")
    for n, one in enumerate(found.signatures):
        if not one.holds:
            raise invalid(f"signature « {one.field} » : {_fault(one)}")
        if one.stamp is None or not (one.stamp.intact and one.stamp.trusted):
            raise invalid(f"signature « {one.field} » : pas d’horodatage valide")
        if one.certifies != (n == 0):
            raise invalid(f"signature « {one.field} » : permissions inattendues")
    if found.signatures[-1].later > ModificationLevel.LTA_UPDATES:
        raise invalid("le fichier a été modifié après la dernière signature")
    return found


def invalid(why: str) -> SignatureRefused:
    return SignatureRefused("signature_invalid", f"Le document signé ne se valide pas ({why}). Il n’est pas retenu.")


def _fault(judgement: Judgement) -> str:
    if not judgement.intact:
        return "elle ne correspond plus au contenu"
    if not judgement.covers or not judgement.permitted:
        return "le document a été modifié après elle"
    if judgement.revoked:
        return "son certificat est révoqué"
    return "son certificat ne vient pas d’une autorité reconnue, ou sa révocation n’a pu être vérifiée"


def _require_signable(pdf: bytes, field: str) -> bool:
    """Whether this will be the first signature.

    :raises SignatureRefused: ``document_unreadable``, ``field_missing``, ``field_filled``.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        if reader.encrypted:
            raise SignatureRefused("document_unreadable", "Le document à signer est protégé par un mot de passe.")
        fields = {name: value is not None for name, value, _ in enumerate_sig_fields(reader)}
        signed = bool(reader.embedded_signatures)
    except (PdfReadError, ValueError, KeyError) as error:
        raise SignatureRefused("document_unreadable", "Le document à signer n’est pas un PDF lisible.") from error
    if field not in fields:
        raise SignatureRefused("field_missing", f"Le document n’a pas de place de signature « {field} ».")
    if fields[field]:
        raise SignatureRefused("field_filled", f"La place de signature « {field} » est déjà signée.")
    return not signed


async def _sign(
    pdf: bytes, field: str, mention: Mention, signer: Signer, timestamper: HttpTimestamper, *, certify: bool
) -> bytes:
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm=_DIGEST,
        name=mention.name,
        reason=f"{mention.capacity_line}\n{mention.ground}".strip(),
        app_build_props=BuildProps(APPLICATION),
        certify=certify,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        subfilter=SigSeedSubFilter.PADES,
    )
    pdf_signer = PdfSigner(
        metadata, signer.cms(), timestamper=timestamper, stamp_style=AppearanceStyle(mention=mention)
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    out = io.BytesIO()
    try:
        await pdf_signer.async_sign_pdf(writer, existing_fields_only=True, bytes_reserved=_RESERVED, output=out)
    except (SigningError, PdfWriteError, PdfReadError) as error:
        raise SignatureRefused("signing_failed", "La signature n’a pas pu être apposée dans le document.") from error
    return out.getvalue()


async def _add_material(pdf: bytes, field: str, trust: Trust, lists: tuple[bytes, ...], *, required: bool) -> bytes:
    """Embed certificates and revocation lists (level B-LT), for the certificates that really signed and stamped.

    Where the lists do not cover them all (a timestamp authority of another house) and B-LT is not required, the file
    stays as it is: the judgement that follows measures the level, and refuses what is revoked or unknown.
    """
    reader = PdfFileReader(io.BytesIO(pdf))
    embedded = next(e for e in reader.embedded_regular_signatures if e.fq_name == field)
    context = ValidationContext(
        trust_roots=trust.root_certificates(),
        other_certs=trust.intermediate_certificates(),
        crls=list(lists),
        revocation_mode="require",
        allow_fetching=False,
    )
    out = io.BytesIO()
    try:
        await async_add_validation_info(embedded, context, output=out, embed_roots=False)
    except (PathBuildingError, PathValidationError) as error:
        if not required:
            return pdf
        raise invalid(
            "un certificat n’est pas reconnu, est révoqué, ou manque dans les listes de révocation"
        ) from error
    return out.getvalue()
