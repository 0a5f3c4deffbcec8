"""A signature, whole: made, made to last, judged, compared. What does not pass is never used (invariant 7)."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel

from activities.signing import hexadecimal
from activities.signing.appearance import Mention
from activities.signing.comparison import require_only_signed
from activities.signing.lasting import ARCHIVE_FIELD, MaterialMissing, make_last
from activities.signing.making import SEAL_FIELD, Turn, require_signable, signed_in
from activities.signing.signer import Signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import Trust
from activities.signing.validation import FileJudgement, Judgement, judge
from activities.signing.waiting import run
from domain.errors import SignatureRefused
from domain.verification import Level

hexadecimal.install()


@dataclass(frozen=True)
class Signed:
    """A signed file, and what its validation found."""

    content: bytes
    judgement: Judgement
    """Of the new signature."""


class Doubtful(SignatureRefused):
    """A file was signed, and does not pass what follows: it is kept as evidence, and never used."""

    def __init__(self, refusal: SignatureRefused, content: bytes) -> None:
        super().__init__(refusal.code, refusal.message)
        self.content = content


def sign(
    pdf: bytes,
    field: str,
    mention: Mention,
    *,
    signer: Signer,
    timestamper: HttpTimestamper,
    trust: Trust,
    level: Level = Level.B_LT,
    final: Level = Level.B_LTA,
    certifier: Signer | None = None,
    elsewhere: Callable[[], bytes] | None = None,
) -> Signed:
    """Sign ``pdf`` in ``field``, and answer only if the result validates and changes nothing else.

    The first signature certifies the document (DocMDP, P=2): after it only form fields may be filled, that is, the
    other foreseen signature made. The last one is followed by a timestamp over the whole document, material for
    validation included. ``pdf`` is the beginning of the result (invariant 4).

    :param level: lowest level to reach.
    :param final: lowest level of every signature, once the last foreseen one is made.
    :param certifier: the seal that certifies the document before the first person signs it; None: the first
        signature certifies it.
    :param elsewhere: gives ``pdf`` with the signature and its timestamp, made by somebody else than ``signer``; the
        rest, and every check, is the same. It is asked once.
    :raises SignatureRefused: what cannot be signed.
    :raises Doubtful: it was signed, and does not validate.
    :raises TimestampOutage: no timestamp can be had.
    :raises RevocationOutage: no revocation list or answer can be had.
    """
    turn = require_signable(pdf, field)
    asked = max(level, final, key=lambda one: one.rank) if turn.last else level
    seal = certifier if turn.first and elsewhere is None else None
    if elsewhere is None:
        content = run(lambda: signed_in(pdf, field, mention, signer, timestamper, turn=turn, seal=seal))
    else:
        content = elsewhere()
    content = lasting(content, turn, asked, timestamper, trust)
    try:
        # One reader for both, and this order: what a comparison reads disturbs pyHanko's own analysis of revisions.
        reader = PdfFileReader(io.BytesIO(content))
        judgement = require_valid(content, trust, field, asked, every=turn.last, reader=reader)
        added = {*((SEAL_FIELD,) if turn.first else ()), *((ARCHIVE_FIELD,) if turn.last else ())}
        require_only_signed(pdf, content, field, added=added, reader=reader)
    except SignatureRefused as refusal:
        raise Doubtful(refusal, content) from refusal
    except PdfReadError as error:
        raise Doubtful(invalid("le fichier est illisible"), content) from error
    return Signed(content, judgement)


def lasting(content: bytes, turn: Turn, asked: Level, timestamper: HttpTimestamper, trust: Trust) -> bytes:
    """``content``, just signed, with what its level asks for; not judged yet.

    :raises Doubtful: the material for its validation cannot be had.
    """
    lists = trust.revocation.lists()
    if not lists and trust.online is None:
        return content
    stamp = timestamper if asked is Level.B_LTA else None
    try:
        return run(
            lambda: make_last(content, turn.revisions, trust, lists, stamp=stamp, required=asked.reaches(Level.B_LT))
        )
    except MaterialMissing as error:
        refusal = invalid("un certificat n’est pas reconnu, est révoqué, ou manque dans les listes de révocation")
        raise Doubtful(refusal, content) from error
    except (PdfReadError, ValueError) as error:
        raise Doubtful(invalid("une signature du fichier est illisible"), content) from error


def require_valid(
    pdf: bytes, trust: Trust, field: str, level: Level, *, every: bool = False, reader: PdfFileReader | None = None
) -> Judgement:
    """The judgement of the signature in ``field``, if it and all others hold and it is the last thing done.

    :param every: all signatures must reach ``level``, not this one alone.
    :raises SignatureRefused: ``signature_invalid`` or ``level_missed``.
    """
    found = require_all_hold(pdf, trust, reader=reader)
    mine = found.signatures[-1]
    if mine.field != field:
        raise invalid("la dernière signature n’est pas celle qui vient d’être faite")
    for one in found.signatures if every else (mine,):
        require_level(one, level)
    return mine


def require_level(one: Judgement, level: Level) -> Level:
    """The level of a signature.

    :raises SignatureRefused: ``level_missed``: it is lower than ``level``.
    """
    if one.level is None or not one.level.reaches(level):
        reached = one.level or "aucun"
        raise SignatureRefused(
            "level_missed",
            f"La signature « {one.field} » n’atteint que le niveau {reached}, alors que {level} est exigé.",
        )
    return one.level


def require_all_hold(pdf: bytes, trust: Trust, *, reader: PdfFileReader | None = None) -> FileJudgement:
    """The judgement of a file of ours, all of whose signatures hold and are timestamped.

    :raises SignatureRefused: ``signature_invalid``.
    """
    try:
        found = judge(pdf, trust, reader=reader)
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
