"""Verifying any file, in plain French: ours, one from elsewhere, an unsigned PDF, or no PDF at all.

It never fails on what it is given: what cannot be read or checked is said.
"""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel

from activities.signing.appearance import french_instant
from activities.signing.certificates import common_name, distinguished, name_of
from activities.signing.fields import PLACES
from activities.signing.sealing import APPLICATION
from activities.signing.trust import Trust
from activities.signing.validation import FileJudgement, Judgement, judge
from domain.convention import Role
from domain.documents import digest
from domain.verification import Conclusion, Level, SignatureVerdict, VerificationReport

LARGEST = 50 * 1024 * 1024
"""Bytes. A convention is a few hundred kilobytes."""
MOST_SIGNATURES = 32
MOST_REVISIONS = 128
"""Each costs a comparison of the whole document."""

_MARK = re.compile(r"SANS VALEUR JURIDIQUE", re.IGNORECASE)

_LEVELS = {
    Level.B_B: "B-B : signature seule, sans horodatage, dont la date n’est pas prouvée",
    Level.B_T: "B-T : signature horodatée, dont la date est prouvée",
    Level.B_LT: "B-LT : signature horodatée, avec dans le fichier tout ce qu’il faut pour la vérifier plus tard",
    Level.B_LTA: "B-LTA : signature horodatée et protégée pour l’archivage à long terme",
}


def _now() -> datetime:
    return datetime.now(UTC)


def verify(
    pdf: bytes, trust: Trust, *, clock: Callable[[], datetime] = _now, largest: int = LARGEST
) -> VerificationReport:
    """All that can be said of ``pdf``. Never raises for what the bytes are."""
    at = clock()
    refused = _cannot_read(pdf, largest)
    if refused:
        return _unreadable(pdf, at, refused)
    try:
        # Files from elsewhere are often a little out of the standard: being read is not being trusted.
        return report(pdf, judge(pdf, trust, strict=False, lists_required=False), trust, at)
    except Exception:  # anything at all may come out of hostile bytes
        return _unreadable(
            pdf, at, "Les signatures de ce fichier n’ont pas pu être lues : il est abîmé, tronqué ou mal formé."
        )


def report(pdf: bytes, found: FileJudgement, trust: Trust, at: datetime) -> VerificationReport:
    """The judgement of a file, in words."""
    signatures = tuple(_verdict(one, found, trust) for one in found.signatures)
    ours = any(_is_ours(one, trust) for one in found.signatures)
    conclusion = _conclude(signatures, found, unfinished=ours and bool(found.empty_fields))
    return VerificationReport(
        sha256=digest(pdf),
        size=len(pdf),
        conclusion=conclusion,
        ours=ours,
        verified_at=at,
        signatures=signatures,
        document_timestamps=found.document_timestamps,
        unsigned_fields=found.empty_fields,
        sentences=tuple(_overall(conclusion, ours, signatures, found)),
    )


def _cannot_read(pdf: bytes, largest: int) -> str:
    if not pdf:
        return "Ce fichier est vide."
    if len(pdf) > largest:
        return f"Ce fichier est trop volumineux pour être vérifié ici (plus de {largest // 1024 // 1024} Mo)."
    if b"%PDF-" not in pdf[:1024]:
        return "Ce fichier n’est pas un PDF."
    if pdf.count(b"/ByteRange") > MOST_SIGNATURES or pdf.count(b"startxref") > MOST_REVISIONS:
        return "Ce fichier comporte trop de signatures ou de versions successives pour être vérifié ici."
    try:
        if PdfFileReader(io.BytesIO(pdf), strict=False).encrypted:
            return "Ce PDF est protégé par un mot de passe : ses signatures ne peuvent pas être vérifiées ici."
    except Exception:  # as above
        return "Ce PDF est abîmé ou incomplet : il ne peut pas être lu."
    return ""


def _unreadable(pdf: bytes, at: datetime, why: str) -> VerificationReport:
    return VerificationReport(
        sha256=digest(pdf),
        size=len(pdf),
        conclusion=Conclusion.UNREADABLE,
        ours=False,
        verified_at=at,
        sentences=(why, "Rien ne permet de dire que ce fichier vient de nous."),
    )


def _is_ours(one: Judgement, trust: Trust) -> bool:
    """Our seal holds in it: what the file says of itself is not enough, anybody can write it."""
    if not (one.intact and one.trusted and one.application == APPLICATION and _role(one) is not None):
        return False
    return trust.is_own(one.certificate) if trust.own else True


def _role(one: Judgement) -> Role | None:
    return next((role for role, place in PLACES.items() if place.field == one.field), None)


def _conclude(signatures: tuple[SignatureVerdict, ...], found: FileJudgement, *, unfinished: bool) -> Conclusion:
    if not signatures:
        return Conclusion.UNSIGNED
    if any(not (s.intact and s.unchanged) for s in signatures) or any(one.revoked for one in found.signatures):
        return Conclusion.INVALID
    if found.broken_timestamps or any(not s.holds or s.unchecked for s in signatures):
        return Conclusion.INDETERMINATE
    # One of our conventions that a party never signed binds nobody, however good the other signature is.
    return Conclusion.INDETERMINATE if unfinished else Conclusion.VALID


def _overall(
    conclusion: Conclusion, ours: bool, signatures: tuple[SignatureVerdict, ...], found: FileJudgement
) -> list[str]:
    number = len(signatures)
    plural = "s" if number > 1 else ""
    said = {
        Conclusion.VALID: f"Ce document porte {number} signature{plural} valable{plural} "
        "et n’a pas été modifié depuis.",
        Conclusion.INVALID: "Ce document ne doit pas être tenu pour authentique : "
        "une signature au moins n’est pas valable.",
        Conclusion.INDETERMINATE: "Aucune signature de ce document n’est rompue, mais tout n’a pas pu être vérifié.",
        Conclusion.UNSIGNED: "Ce document ne porte aucune signature électronique.",
    }
    sentences = [said[conclusion]]
    if ours and found.empty_fields and conclusion is Conclusion.INDETERMINATE:
        sentences = ["Cette convention n’est pas signée par toutes les parties : elle n’est pas conclue."]
    if any(s.test_certificate for s in signatures):
        sentences.append("Au moins un certificat est un certificat d’essai, sans valeur juridique.")
    if ours:
        sentences.append("Il a été signé par l’intermédiaire de ce service.")
    elif conclusion is Conclusion.INVALID:
        sentences.append("Dans cet état, rien ne prouve qu’il vient de ce service.")
    else:
        sentences.append("Ce fichier n’a pas été signé par l’intermédiaire de ce service.")
    if found.empty_fields and signatures:
        names = [p.tooltip for p in PLACES.values() if p.field in found.empty_fields]
        sentences.append(f"Il reste une place de signature vide : {', '.join(names or found.empty_fields)}.")
    if found.lists_missing:
        sentences.append("Les listes de certificats révoqués n’ont pas pu être obtenues au moment de la vérification.")
    if found.broken_timestamps:
        sentences.append("Un horodatage ajouté au document n’a pas pu être reconnu.")
    return sentences


def _verdict(one: Judgement, found: FileJudgement, trust: Trust) -> SignatureVerdict:
    capacity, _, ground = one.reason.partition("\n")
    stamp = one.stamp if one.stamp is not None and one.stamp.intact and one.stamp.trusted else None
    verdict = SignatureVerdict(
        field=one.field,
        role=_role(one) if _is_ours(one, trust) else None,
        name=one.name or common_name(one.certificate),
        capacity=capacity.strip(),
        ground=ground.strip(),
        certificate=distinguished(one.certificate.subject),
        issuer=distinguished(one.certificate.issuer),
        test_certificate=_is_test(one.certificate),
        claimed_at=one.claimed_at,
        signed_at=stamp.at if stamp else None,
        timestamp_authority=stamp.authority if stamp else "",
        intact=one.intact,
        unchanged=one.covers and one.permitted,
        trusted=one.trusted,
        level=one.level,
        unchecked=tuple(_unchecked(one, found)),
    )
    return verdict.model_copy(update={"sentences": tuple(_sentences(verdict, one))})


def _unchecked(one: Judgement, found: FileJudgement) -> list[str]:
    missing = []
    if not one.intact:
        missing.append("la signature étant rompue, son certificat n’a pas été examiné")
    elif not one.trusted and not one.revoked:
        missing.append("l’autorité qui a délivré le certificat ne fait pas partie de celles que ce service connaît")
    elif one.trusted and not one.revocation_checked:
        missing.append("on ne sait pas si le certificat a été révoqué")
    if one.stamp is None:
        missing.append("la date n’est pas prouvée : la signature n’est pas horodatée")
    elif not one.stamp.intact:
        missing.append("l’horodatage ne correspond pas à la signature")
    elif not one.stamp.trusted:
        missing.append("l’autorité d’horodatage n’est pas reconnue")
    return missing


def _sentences(verdict: SignatureVerdict, one: Judgement) -> list[str]:
    who = f"{verdict.name}, {_lower(verdict.capacity)}" if verdict.capacity else verdict.name
    said = [f"Signataire : {who}."]
    if verdict.ground:
        said.append(f"Pouvoir invoqué : {verdict.ground}.".replace("..", "."))
    if verdict.signed_at:
        said.append(
            f"Signé {french_instant(verdict.signed_at)}, date prouvée par l’autorité d’horodatage "
            f"« {verdict.timestamp_authority} »."
        )
    elif verdict.claimed_at:
        said.append(f"Signé {french_instant(verdict.claimed_at)} selon le signataire ; cette date n’est pas prouvée.")
    said.append(_integrity(verdict, one))
    if one.revoked:
        said.append("Le certificat a été révoqué : la signature ne vaut rien.")
    said.append(f"Certificat « {common_name(one.certificate)} », délivré par « {name_of(one.certificate.issuer)} ».")
    if verdict.role:
        said.append("Le cachet du service scelle la signature ; la personne s’est identifiée par son lien et son code.")
    if verdict.test_certificate:
        said.append("C’est un certificat d’essai, sans valeur juridique.")
    if one.expired and one.trusted:
        said.append("Le certificat a expiré depuis ; il était valable quand la signature a été faite.")
    if verdict.level:
        said.append(f"Niveau PAdES atteint : {_LEVELS[verdict.level]}.")
    said += [f"Non vérifié : {what}." for what in verdict.unchecked]
    return said


def _integrity(verdict: SignatureVerdict, one: Judgement) -> str:
    if not verdict.intact:
        return "Le contenu signé a été modifié : la signature est rompue."
    if not verdict.unchanged:
        return "Le document a été modifié après cette signature, d’une façon qu’elle n’autorise pas."
    if one.later is ModificationLevel.NONE:
        return "Rien n’a été ajouté ni modifié depuis."
    if one.later is ModificationLevel.LTA_UPDATES:
        return "Rien n’a changé depuis ; seules des preuves de validation ont été ajoutées au fichier."
    return "Depuis, seule une signature prévue ou le remplissage d’un champ a été ajouté : c’est permis."


def _lower(capacity: str) -> str:
    """``Présidente`` becomes ``présidente`` inside a sentence; an acronym stays."""
    return capacity if capacity[1:2].isupper() else capacity[:1].lower() + capacity[1:]


def _is_test(certificate: x509.Certificate) -> bool:
    return bool(_MARK.search(certificate.subject.human_friendly) or _MARK.search(certificate.issuer.human_friendly))
