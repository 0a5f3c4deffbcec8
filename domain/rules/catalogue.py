"""All the rules of law, and what they say of a case."""

from typing import NamedTuple

from domain.facts import Finding, Severity
from domain.rules import beneficiary, decision, duties, money, people
from domain.rules.case import RuleCase
from domain.rules.rule import Rule

RULES: tuple[Rule, ...] = (*decision.RULES, *money.RULES, *people.RULES, *beneficiary.RULES, *duties.RULES)
"""In the order in which they are said; a code names one rule."""

BY_CODE = {rule.code: rule for rule in RULES}

_RANK = {Severity.BLOCKING: 0, Severity.BLOCKING_SIGNATURE: 1, Severity.WARNING: 2, Severity.INFO: 3}


class Examination(NamedTuple):
    """What the rules hold against a case, the gravest first."""

    findings: tuple[Finding, ...]
    answered: tuple[Finding, ...] = ()
    """Blocking ones that a person answered by saying that they were looked into."""


def examine(case: RuleCase) -> Examination:
    """Every rule on one case. Pure; never raises; the same case gives the same findings."""
    standing: list[Finding] = []
    answered: list[Finding] = []
    for rule in RULES:
        for finding in rule.findings(case):
            seen = rule.acknowledgeable and rule.code in case.settled.acknowledged
            (answered if seen else standing).append(finding)
    return Examination(tuple(sorted(standing, key=lambda f: _RANK[f.severity])), tuple(answered))


def acknowledgeable(code: str) -> bool:
    """Whether a finding of that code is answered by a person who says that she looked into it."""
    return code in BY_CODE and BY_CODE[code].acknowledgeable


def title(code: str) -> str:
    """What the rule of that code looks at, in French; empty for a code that is no rule's."""
    return BY_CODE[code].title if code in BY_CODE else ""


def superseded(findings: tuple[Finding, ...]) -> frozenset[str]:
    """Codes of the reader's notes that ``findings`` say again, with what to do."""
    return frozenset(
        code for finding in findings if finding.code in BY_CODE for code in BY_CODE[finding.code].supersedes
    )
