"""The rules of law at the desk: which findings a person may answer, and which notes of the reader they say again."""

from collections.abc import Iterable, Sequence

from domain.convention import SettledFacts
from domain.facts import Finding, Severity
from domain.rules.catalogue import acknowledgeable, superseded, title
from portal.facts_form import ACKNOWLEDGED, Check


def rule_checks(findings: Iterable[Finding], settled: SettledFacts) -> tuple[Check, ...]:
    """A box for each finding of a rule that a person's word can answer, and for each that she already answered."""
    found: dict[str, Check] = {}
    for finding in findings:
        if acknowledgeable(finding.code):
            name = f"{ACKNOWLEDGED}.{finding.code}"
            before = found.get(name, Check(name, "J'ai vérifié ce point et j'en réponds :", ()))
            found[name] = Check(name, f"{before.label} {finding.message}", (*before.evidence, *finding.evidence))
    for code in settled.acknowledged:
        name = f"{ACKNOWLEDGED}.{code}"
        if acknowledgeable(code) and name not in found:
            found[name] = Check(name, f"J'ai vérifié ce point et j'en réponds : {title(code).lower()}.", ())
    return tuple(found.values())


def notes_left(read: Sequence[Finding], said: Sequence[Finding]) -> tuple[Finding, ...]:
    """The reader's notes, without those that a rule says again with what to do about them."""
    gone = superseded(tuple(said))
    return tuple(finding for finding in read if finding.code not in gone)


def attested(settled: SettledFacts) -> tuple[Finding, ...]:
    """The rules that a person answered, by what they look at."""
    return tuple(
        Finding(code=code, severity=Severity.INFO, message=f"{title(code)}.")
        for code in settled.acknowledged
        if acknowledgeable(code)
    )
