"""``paraphe verify``: a file or an archived package, said in French to a person, or as JSON to a program."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from activities.archive.package import HISTORY
from activities.evidence.checking import Findings, check, load
from activities.signing.trust import Trust
from domain.circuits import Archived, Circuit
from domain.errors import NotFound, ParapheError
from domain.lifecycle import LABELS
from domain.verification import (
    ArchivedCopy,
    Check,
    Conclusion,
    PackageReport,
    Verdict,
    VerificationReport,
    against_archive,
)
from service.keys import verification_trust
from service.settings import Settings
from service.verifybox import verify_safely

EXIT_VALID, EXIT_FALSE, EXIT_REFUSED, EXIT_UNCERTAIN = 0, 1, 2, 3
"""0: all is valid. 1: it must not be relied upon. 2: nothing could be looked at. 3: nothing is broken, not all was
checked."""

_MARKS = {Verdict.GOOD: "✓", Verdict.BAD: "✗", Verdict.UNKNOWN: "?"}


def trust_for(settings: Settings, roots: tuple[Path, ...]) -> Trust:
    """Whom to trust: as the settings say, and the certificates in ``roots`` (PEM or DER)."""
    trust = verification_trust(settings)
    return replace(trust, roots=(*trust.roots, *(path.read_bytes() for path in roots)))


def verify_file(content: bytes, settings: Settings, trust: Trust) -> VerificationReport:
    """What a PDF proves, and whether it is the very copy that we archived, where our register can be asked."""
    report = verify_safely(content, trust)
    found = _in_archive(report.sha256, settings)
    return report if isinstance(found, _NotAsked) else against_archive(report, found)


def verify_package(folder: Path, trust: Trust, *, replayed: bool = True) -> PackageReport:
    """What an archived package proves, offline.

    :raises NotFound: ``no_package``: the folder is none.
    """
    files = load(folder)
    if files is None:
        raise NotFound(
            "no_package",
            f"Le dossier {folder} n’est pas un dossier archivé par Paraphe (il n’y a pas de evidence.json), ou il est"
            " trop volumineux.",
        )
    found = check(files, trust, lambda content: verify_safely(content, trust))
    if found.evidence is not None and replayed:
        from service.replay import check_replay

        if HISTORY in files:
            found.checks += check_replay(files[HISTORY], found.evidence, HISTORY)
    return _report(found)


def _report(found: Findings) -> PackageReport:
    checks = tuple(sorted(found.checks, key=lambda one: list(Verdict).index(one.verdict) != 1))
    bad = list(dict.fromkeys(one.about for one in checks if one.verdict is Verdict.BAD))
    evidence = found.evidence
    if bad:
        conclusion = Conclusion.INVALID
        said = f"Ce dossier a été modifié ou abîmé : {', '.join(name or 'le dossier' for name in bad)}."
    elif any(one.verdict is Verdict.UNKNOWN for one in checks):
        conclusion = Conclusion.INDETERMINATE
        said = "Rien n’a changé dans ce dossier, mais tout n’a pas pu être vérifié."
    else:
        conclusion = Conclusion.VALID
        said = "Ce dossier est entier, tel qu’il a été archivé : rien n’y a changé."
    return PackageReport(
        conclusion=conclusion,
        convention_number=evidence.convention_number if evidence else "",
        deliberation_number=evidence.deliberation.number if evidence else "",
        ending=LABELS[evidence.ending] if evidence else "",
        archived_at=evidence.archived_at if evidence else None,
        timestamped_at=found.dated.at if found.dated else None,
        verified_at=datetime.now(UTC),
        checks=checks,
        signed=found.signed,
        sealed=found.sealed,
        sentences=(said,),
    )


class Catalogued(Protocol):
    """What is asked of the register."""

    def find_archived_document(self, sha256: str) -> Archived | None: ...

    def convention(self, convention_id: str) -> Circuit: ...


class _NotAsked:
    pass


_NOT_ASKED = _NotAsked()


def _in_archive(sha256: str, settings: Settings) -> ArchivedCopy | _NotAsked | None:
    """The register's answer; not asked where there is none on this machine, or it does not answer."""
    database = settings.database
    if database.startswith("sqlite:///") and not Path(database.removeprefix("sqlite:///")).exists():
        return _NOT_ASKED
    from sqlalchemy.exc import SQLAlchemyError

    from activities.register.engine import open_engine
    from activities.register.register import Register

    engine = open_engine(database)
    try:
        # The secret makes links and codes: to look up a digest none is needed, and none is read.
        return archived_copy(Register(engine, bytes(32)), sha256)
    except (SQLAlchemyError, ParapheError):
        return _NOT_ASKED
    finally:
        engine.dispose()


def archived_copy(register: Catalogued, sha256: str) -> ArchivedCopy | None:
    """What the register says of a signed copy by its digest."""
    archived = register.find_archived_document(sha256)
    if archived is None:
        return None
    circuit = register.convention(archived.convention_id)
    return ArchivedCopy(
        convention_number=circuit.number or "",
        deliberation_number=circuit.award.number,
        archived_at=archived.archived_at,
    )


def text_of(report: VerificationReport) -> str:
    """For a person: the conclusion first."""
    blocks = ["\n".join(report.sentences), *("\n".join(one.sentences) for one in report.signatures)]
    return "\n\n".join(blocks)


def text_of_package(report: PackageReport) -> str:
    """For a person: the conclusion, what was looked at, then who signed."""
    head = list(report.sentences)
    if report.convention_number:
        head.append(
            f"Convention n° {report.convention_number}, délibération n° {report.deliberation_number} :"
            f" {report.ending.lower()}."
        )
    lines = [_line(one) for one in report.checks]
    people = ["\n".join(one.sentences) for one in (report.signed.signatures if report.signed else ()) if one.intact]
    return "\n\n".join(["\n".join(head), "\n".join(lines), *people])


def _line(one: Check) -> str:
    return f"{_MARKS[one.verdict]} {one.about or 'dossier'} : {one.sentence}"


def exit_code(conclusion: Conclusion) -> int:
    if conclusion is Conclusion.VALID:
        return EXIT_VALID
    return EXIT_UNCERTAIN if conclusion is Conclusion.INDETERMINATE else EXIT_FALSE
