"""Checking an archived package without us: no network, no database, no server. It never fails on what it is given.

What covers what: the sealed ``preuve.pdf`` contains ``evidence.json`` and ``evidence.tsr``; ``evidence.json`` gives the
digest of every other file, and its chain ends with one that covers the ledgers; ``empreintes.sha256`` names all.
"""

import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError
from pyhanko.pdf_utils.reader import PdfFileReader

from activities.archive.package import EVIDENCE, METADATA, PARTLY_SIGNED, READABLE, SIGNED, SUMS, TIMESTAMP
from activities.evidence.stamps import Dated, examine
from activities.signing.material import Material
from activities.signing.trust import Trust
from domain.documents import digest
from domain.dossier import CLOSED, EvidenceFile, closing_detail, ledgers_of
from domain.errors import ArchiveDamaged
from domain.evidence import verify_chain
from domain.lifecycle import LABELS
from domain.verification import Check, Conclusion, Verdict, VerificationReport

LARGEST = 500 * 1024 * 1024
"""Bytes, of all the files together."""
MOST_FILES = 200
_OWN = {EVIDENCE, TIMESTAMP, READABLE, SUMS}
_SUM = re.compile(r"([0-9a-f]{64})  ([^/\n]{1,255})")


@dataclass
class Findings:
    """What was found so far."""

    checks: list[Check] = field(default_factory=list)
    evidence: EvidenceFile | None = None
    dated: Dated | None = None
    signed: VerificationReport | None = None
    sealed: VerificationReport | None = None

    def say(self, verdict: Verdict, about: str, sentence: str) -> None:
        self.checks.append(Check(about=about, verdict=verdict, sentence=sentence))

    def bad(self, about: str, sentence: str) -> None:
        self.say(Verdict.BAD, about, sentence)

    def good(self, about: str, sentence: str) -> None:
        self.say(Verdict.GOOD, about, sentence)

    def unknown(self, about: str, sentence: str) -> None:
        self.say(Verdict.UNKNOWN, about, sentence)


def load(folder: Path) -> dict[str, bytes] | None:
    """The files of a package: a plain copy, or the newest version of an OCFL object; none when it is neither."""
    if not (folder / EVIDENCE).is_file():
        versions = [path.parent for path in folder.glob(f"v*/content/{EVIDENCE}")]
        if not versions:
            return None
        folder = max(versions, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))
    files: dict[str, bytes] = {}
    left = LARGEST
    for path in sorted(folder.iterdir())[: MOST_FILES + 1]:
        if path.is_file() and not path.is_symlink():
            left -= path.stat().st_size
            if left < 0 or len(files) >= MOST_FILES:
                return None
            files[path.name] = path.read_bytes()
    return files


def check(files: dict[str, bytes], trust: Trust, verify: Callable[[bytes], VerificationReport]) -> Findings:
    """Everything but the replay.

    :param verify: says what the signatures of a PDF prove; bounded, since the files may be hostile.
    """
    found = Findings()
    if READABLE in files:
        found.sealed = verify(files[READABLE])
    _seal(files, found)
    found.evidence = _read(files, found)
    if found.evidence is not None:
        _documents(files, found, found.evidence)
        _metadata(files, found)
        _chain(found, found.evidence)
        _timestamp(files, found, found.evidence, trust)
        _signed(files, found, found.evidence, verify)
    _sums(files, found)
    return found


def _sums(files: dict[str, bytes], found: Findings) -> None:
    """``empreintes.sha256``: the last look, since what is wrong may be the list itself."""
    listed: dict[str, str] = {}
    if SUMS not in files:
        return found.bad(SUMS, "Le fichier des empreintes a disparu.")
    fine = True
    for line in files[SUMS].decode("utf-8", "replace").split("\n")[:-1]:
        match = _SUM.fullmatch(line)
        if match:
            listed[match[2]] = match[1]
        fine = fine and match is not None
    fine = fine and files[SUMS].endswith(b"\n") and set(listed) == set(files) - {SUMS}
    blamed = {one.about for one in found.checks if one.verdict is Verdict.BAD}
    for name in sorted(set(listed) & set(files) - blamed):
        if digest(files[name]) == listed[name]:
            continue
        if name == READABLE:
            found.bad(name, "Le fichier n’a plus l’empreinte que donne empreintes.sha256 : l’un des deux a changé.")
        else:
            # All other files are covered by the seal, which found nothing to say against this one.
            found.bad(SUMS, f"L’empreinte qu’il donne de « {name} » n’est pas la sienne.")
    if not fine:
        return found.bad(SUMS, "Le fichier des empreintes ne correspond pas au dossier : il a été modifié.")
    return found.good(SUMS, f"Les {len(listed)} fichiers ont été comparés à leur empreinte.")


def _seal(files: dict[str, bytes], found: Findings) -> None:
    report = found.sealed
    if report is None:
        return found.bad(READABLE, "Le document de preuve scellé a disparu.")
    if report.conclusion not in {Conclusion.VALID, Conclusion.INDETERMINATE}:
        found.bad(READABLE, f"Le document de preuve n’est plus celui qui a été scellé. {report.sentences[0]}")
    elif not any(signature.intact and signature.unchanged for signature in report.signatures):
        found.bad(READABLE, "Le document de preuve ne porte pas de cachet.")
    elif report.conclusion is Conclusion.VALID and report.ours:
        seal = report.signatures[0]
        found.good(READABLE, f"Le cachet du service est valable (niveau PAdES {seal.level}), rien n’a changé depuis.")
    else:
        found.unknown(READABLE, "Le cachet est intact, mais son autorité n’est pas connue ici : " + _why(report))
    inside = {one.name: one.sha256 for one in report.attachments}
    for name in (EVIDENCE, TIMESTAMP):
        if name not in files:
            found.bad(name, "Le fichier a disparu du dossier.")
        elif inside.get(name) != digest(files[name]):
            found.bad(name, "Le fichier n’est pas celui que contient le document de preuve scellé.")
    return None


def _why(report: VerificationReport) -> str:
    reasons = [reason for signature in report.signatures for reason in signature.unchecked]
    return (reasons[0] if reasons else "indiquez-la par --trust-root") + "."


def _read(files: dict[str, bytes], found: Findings) -> EvidenceFile | None:
    try:
        return EvidenceFile.model_validate_json(files.get(EVIDENCE, b""))
    except ValidationError:
        found.bad(EVIDENCE, "Le journal de preuve est illisible : il a été modifié ou abîmé.")
        return None


def _documents(files: dict[str, bytes], found: Findings, evidence: EvidenceFile) -> None:
    fine = True
    for name, expected in sorted(evidence.documents.items()):
        if name not in files:
            found.bad(name, "Le fichier a disparu du dossier.")
            fine = False
        elif digest(files[name]) != expected:
            found.bad(name, "Le fichier a été modifié : il n’a plus l’empreinte que donne le journal de preuve.")
            fine = False
    for name in sorted(set(files) - set(evidence.documents) - _OWN):
        found.bad(name, "Le fichier n’est pas de ce dossier : le journal de preuve ne le connaît pas.")
        fine = False
    if fine:
        found.good("", f"Les {len(evidence.documents)} documents sont ceux que désigne le journal de preuve.")


def _metadata(files: dict[str, bytes], found: Findings) -> None:
    try:
        listed = json.loads(files.get(METADATA, b""))["files"]
        wrong = [name for name, one in listed.items() if digest(files.get(name, b"")) != one["sha256"]]
    except (ValueError, TypeError, KeyError, AttributeError):
        return found.bad(METADATA, "La notice du dossier est illisible.")
    for name in wrong:
        found.bad(name, "Le fichier n’a plus l’empreinte que donne la notice du dossier.")
    return None


def _chain(found: Findings, evidence: EvidenceFile) -> None:
    try:
        head = verify_chain(evidence.convention_id, evidence.entries)
    except ArchiveDamaged as damage:
        return found.bad(EVIDENCE, damage.message)
    closing = evidence.entries[-1].event if evidence.entries else None
    if head != evidence.last_digest or closing is None or closing.kind != CLOSED:
        return found.bad(EVIDENCE, "Le journal de preuve est tronqué : sa dernière ligne n’est pas celle qui le clôt.")
    if dict(closing.detail) != closing_detail(ledgers_of(evidence), dict(evidence.documents)):
        return found.bad(
            EVIDENCE, "La liste des fichiers, des messages, des liens ou des codes n’est pas celle qui a été close."
        )
    return found.good(EVIDENCE, f"Les {len(evidence.entries)} lignes du journal s’enchaînent, aucune n’a changé.")


def _timestamp(files: dict[str, bytes], found: Findings, evidence: EvidenceFile, trust: Trust) -> None:
    try:
        dated = examine(files.get(TIMESTAMP, b""), evidence.last_digest, trust, _material(files))
    except Exception:  # anything at all may come out of hostile bytes
        return found.bad(TIMESTAMP, "L’horodatage du journal de preuve est illisible : il a été modifié ou abîmé.")
    if not dated.matches:
        return found.bad(TIMESTAMP, "L’horodatage n’est pas celui de ce journal de preuve.")
    if not dated.intact:
        return found.bad(TIMESTAMP, "La signature de l’horodatage est rompue.")
    found.dated = dated
    if dated.trusted:
        return found.good(TIMESTAMP, f"Le journal existait à la date certifiée par « {dated.authority} ».")
    return found.unknown(
        TIMESTAMP, f"L’horodatage est intact, mais l’autorité « {dated.authority} » n’est pas connue ici."
    )


def _material(files: dict[str, bytes]) -> Material | None:
    """What the sealed file carries for the day when the authorities' own lists are gone."""
    try:
        return Material.of(PdfFileReader(io.BytesIO(files[READABLE]), strict=False))
    except Exception:  # as above
        return None


def _signed(
    files: dict[str, bytes], found: Findings, evidence: EvidenceFile, verify: Callable[[bytes], VerificationReport]
) -> None:
    if not evidence.signatures:
        return found.good("", f"Aucune signature n’a été faite ({LABELS[evidence.ending].lower()}).")
    name = next((one for one in (SIGNED, PARTLY_SIGNED) if one in files), SIGNED)
    if name not in files:
        return None
    if digest(files[name]) != evidence.signatures[-1].document.sha256:
        found.bad(name, "Le document signé n’est pas celui que désigne le journal de preuve.")
    if not files[name].startswith(files.get("convention.pdf", b"")):
        found.bad(name, "Le document signé n’est pas la suite de celui qui a été approuvé.")
    report = found.signed = verify(files[name])
    if report.modified or report.conclusion in {Conclusion.INVALID, Conclusion.UNREADABLE, Conclusion.UNSIGNED}:
        return found.bad(name, report.sentences[0])
    partly = evidence.ending.value != "completed" and all(signature.holds for signature in report.signatures)
    if report.conclusion is Conclusion.VALID or partly:
        levels = ", ".join(sorted({str(s.level) for s in report.signatures}))
        number = len(report.signatures)
        many = "s" if number > 1 else ""
        return found.good(name, f"{number} signature{many} valable{many} (niveau PAdES {levels}).")
    return found.unknown(name, "Aucune signature n’est rompue, mais tout n’a pas pu être vérifié : " + _why(report))
