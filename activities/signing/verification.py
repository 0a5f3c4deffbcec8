"""Verifying any file, in plain French: ours, one from elsewhere, an unsigned PDF, or no PDF at all.

It never fails on what it is given: what cannot be read or checked is said.
"""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pikepdf
from asn1crypto import core, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel

from activities.signing.appearance import french_instant
from activities.signing.certificates import common_name, distinguished, name_of
from activities.signing.fields import PLACES
from activities.signing.making import APPLICATION
from activities.signing.strays import damaged_certificates
from activities.signing.traces import Trace, traces
from activities.signing.trust import Trust
from activities.signing.validation import FileJudgement, Judgement, judge
from domain.assurance import Assurance
from domain.convention import Role
from domain.documents import digest
from domain.verification import (
    EVIDENCE_FIELD,
    Attached,
    Conclusion,
    Level,
    SignatureVerdict,
    VerificationReport,
)

LARGEST = 50 * 1024 * 1024
"""Bytes. A convention is a few hundred kilobytes."""
MOST_SIGNATURES = 32
MOST_REVISIONS = 128
"""Each costs a comparison of the whole document."""

_MARK = re.compile(r"SANS VALEUR JURIDIQUE", re.IGNORECASE)

_DAMAGED = "Ce PDF est abîmé ou incomplet : il ne peut pas être lu."
_OUR_MARK = re.compile(rb"/Prop_Build\s*<<\s*/App\s*<<[^>]*/Name\s*/" + APPLICATION.encode())
_NO_PDF = "Ce fichier n’est pas un PDF."
_MOST_ATTACHED = 32

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
        altered = refused in {_DAMAGED, _NO_PDF} and _was_altered(pdf)
        return _altered(pdf, at) if altered else _unreadable(pdf, at, refused)
    try:
        # Files from elsewhere are often a little out of the standard: being read is not being trusted.
        return report(pdf, judge(pdf, trust, strict=False, lists_required=False), trust, at)
    except Exception:  # anything at all may come out of hostile bytes
        if _was_altered(pdf):
            return _altered(pdf, at)
        return _unreadable(
            pdf, at, "Les signatures de ce fichier n’ont pas pu être lues : il est abîmé, tronqué ou mal formé."
        )


def report(pdf: bytes, found: FileJudgement, trust: Trust, at: datetime) -> VerificationReport:
    """The judgement of a file, in words."""
    signatures = tuple(_verdict(one, found, trust) for one in found.signatures)
    ours = any(_is_ours(one, trust) for one in found.signatures)
    conclusion = _conclude(signatures, found, unfinished=ours and bool(found.empty_fields))
    differs = Trace.DIFFERS in traces(pdf)
    if conclusion is Conclusion.UNSIGNED and (differs or _was_altered(pdf)):
        # The place that said where the signatures are is what was changed.
        return _altered(pdf, at)
    differs = differs or (bool(signatures) and _carries_damaged(pdf, trust))
    if differs:
        # A timestamp over the document is a signature too; and what a signature carries is part of the file.
        conclusion = Conclusion.INVALID
    modified = differs or any(not (one.intact and one.unchanged) for one in signatures)
    return VerificationReport(
        sha256=digest(pdf),
        size=len(pdf),
        conclusion=conclusion,
        ours=ours and not differs,
        verified_at=at,
        modified=modified,
        attachments=_attached(pdf),
        signatures=signatures,
        document_timestamps=found.document_timestamps,
        unsigned_fields=found.empty_fields,
        sentences=tuple(_overall(conclusion, ours, signatures, found, modified)),
    )


def _cannot_read(pdf: bytes, largest: int) -> str:
    if not pdf:
        return "Ce fichier est vide."
    if len(pdf) > largest:
        return f"Ce fichier est trop volumineux pour être vérifié ici (plus de {largest // 1024 // 1024} Mo)."
    if b"%PDF-" not in pdf[:1024]:
        return _NO_PDF
    if pdf.count(b"/ByteRange") > MOST_SIGNATURES or pdf.count(b"startxref") > MOST_REVISIONS:
        return "Ce fichier comporte trop de signatures ou de versions successives pour être vérifié ici."
    try:
        if PdfFileReader(io.BytesIO(pdf), strict=False).encrypted:
            return "Ce PDF est protégé par un mot de passe : ses signatures ne peuvent pas être vérifiées ici."
    except Exception:  # as above
        return _DAMAGED
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


def _was_altered(pdf: bytes) -> bool:
    """Whether a file whose structure cannot be read, or tells of no signature, was signed and changed since.

    Each signature gives, in plain bytes, the span that it covers and its digest: no PDF reader is needed. A file that
    we made could be read when it was made, whatever is wrong with it now.
    """
    found = traces(pdf)
    return any(trace is not Trace.MATCHES for trace in found) or (bool(found) and _OUR_MARK.search(pdf) is not None)


def _carries_damaged(pdf: bytes, trust: Trust) -> bool:
    try:
        return damaged_certificates(pdf, trust)
    except Exception:  # as above: a certificate that was read a moment ago, or one that nobody needed
        return _OUR_MARK.search(pdf) is not None


def _altered(pdf: bytes, at: datetime) -> VerificationReport:
    return VerificationReport(
        sha256=digest(pdf),
        size=len(pdf),
        conclusion=Conclusion.INVALID,
        ours=False,
        verified_at=at,
        modified=True,
        sentences=(
            "Ce fichier a été signé, puis modifié ou abîmé : il ne doit pas être tenu pour authentique.",
            "Il ne peut plus être lu comme un document signé : demandez-en un autre exemplaire.",
        ),
    )


def _attached(pdf: bytes) -> tuple[Attached, ...]:
    """The files inside, by their digests; none where they cannot be read."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            names = list(document.attachments)[:_MOST_ATTACHED]
            contents = {name: document.attachments[name].get_file().read_bytes() for name in names}
    except Exception:  # as above
        return ()
    return tuple(Attached(name=name, sha256=digest(content), size=len(content)) for name, content in contents.items())


def _is_ours(one: Judgement, trust: Trust) -> bool:
    """Our seal holds in it: what the file says of itself is not enough, anybody can write it."""
    if not (one.intact and one.trusted and one.application == APPLICATION):
        return False
    if _role(one) is None and one.field != EVIDENCE_FIELD:
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
    conclusion: Conclusion,
    ours: bool,
    signatures: tuple[SignatureVerdict, ...],
    found: FileJudgement,
    modified: bool,
) -> list[str]:
    number = len(signatures)
    plural = "s" if number > 1 else ""
    said = {
        Conclusion.VALID: f"Ce document porte {number} signature{plural} valable{plural} "
        "et n’a pas été modifié depuis.",
        Conclusion.INVALID: "Ce fichier a été modifié depuis sa signature : il ne doit pas être tenu pour authentique."
        if modified
        else "Ce document ne doit pas être tenu pour authentique : une signature au moins n’est pas valable.",
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
        seals_evidence=one.field == EVIDENCE_FIELD and _is_ours(one, trust),
        assurance=_assurance(one, trust),
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
    if verdict.seals_evidence:
        said.append("Le cachet du service clôt un dossier de preuve ; aucune personne n’a signé ici.")
    if verdict.role and verdict.assurance is Assurance.SIMPLE:
        said.append("Le cachet du service scelle la signature ; la personne s’est identifiée par son lien et son code.")
    if verdict.test_certificate:
        said.append("C’est un certificat d’essai, sans valeur juridique.")
    if one.expired and one.trusted:
        said.append("Le certificat a expiré depuis ; il était valable quand la signature a été faite.")
    if verdict.level:
        said.append(f"Niveau PAdES atteint : {_LEVELS[verdict.level]}.")
    if verdict.assurance is not None and not verdict.seals_evidence:
        said.append(_ASSURANCE[verdict.assurance])
    said += [f"Non vérifié : {what}." for what in verdict.unchecked]
    return said


def _assurance(one: Judgement, trust: Trust) -> Assurance | None:
    """As far as the file tells: our seal stands for an accord given by link and code; a person's own certificate may
    say itself that it is qualified, with its key in a qualified device (ETSI EN 319 412-5, 4.2.1 and 4.2.2)."""
    if not (one.intact and one.trusted):
        return None
    if trust.is_own(one.certificate) or not trust.own:
        return Assurance.SIMPLE
    declared = set(_qualified_statements(one.certificate))
    return Assurance.QUALIFIED if declared >= _QUALIFIED else Assurance.ADVANCED


_QUALIFIED = {"0.4.0.1862.1.1", "0.4.0.1862.1.4"}
_QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"
_ASSURANCE = {
    Assurance.SIMPLE: "Force : signature électronique simple (règlement eIDAS).",
    Assurance.ADVANCED: "Force : faite avec un certificat propre au signataire ; avancée si lui seul en a la maîtrise"
    " (règlement eIDAS, art. 26), ce que le fichier seul ne prouve pas.",
    Assurance.QUALIFIED: "Force : le certificat se déclare qualifié, sur un dispositif qualifié ; la liste de confiance"
    " européenne, qui le confirme, n’a pas été consultée.",
}


def _qualified_statements(certificate: x509.Certificate) -> list[str]:
    for extension in certificate["tbs_certificate"]["extensions"]:
        if extension["extn_id"].dotted == _QC_STATEMENTS:
            statements = _Statements.load(extension["extn_value"].native)
            return [statement["statement_id"].dotted for statement in statements]
    return []


class _Statement(core.Sequence):  # type: ignore[misc,unused-ignore]
    _fields = [("statement_id", core.ObjectIdentifier), ("info", core.Any, {"optional": True})]


class _Statements(core.SequenceOf):  # type: ignore[misc,unused-ignore]
    _child_spec = _Statement


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
