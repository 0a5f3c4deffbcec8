"""What a rule of law is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from domain.facts import Evidence, Finding, Severity
from domain.rules.case import RuleCase


class Said(NamedTuple):
    """What a rule holds against a case."""

    message: str
    """French, one sentence: what is wrong, and where."""
    mend: str
    """French, one sentence: what to do."""
    evidence: tuple[Evidence, ...] = ()
    severity: Severity | None = None
    """Another one than the rule's, when a setting asks for it."""


Check = Callable[[RuleCase], Iterable[Said]]


@dataclass(frozen=True)
class Rule:
    """One rule. ``check`` is pure and total: it MUST answer, never raise, whatever act and facts it is shown."""

    code: str
    """Stable, snake_case."""
    severity: Severity
    article: str
    """The text that it rests on, as jurists cite it."""
    title: str
    """French: what it looks at."""
    check: Check
    acknowledgeable: bool = False
    """For a blocking one: a person may answer it by saying that it was looked into."""
    supersedes: tuple[str, ...] = ()
    """Codes of the reader's notes on the same thing: once the rule has spoken, the desk leaves them out."""
    settings: tuple[str, ...] = ()
    """The :class:`RuleSettings` that it reads."""

    def findings(self, case: RuleCase) -> Iterable[Finding]:
        for said in self.check(case):
            yield Finding(
                code=self.code,
                severity=said.severity or self.severity,
                message=said.message,
                evidence=said.evidence,
                article=self.article,
                mend=said.mend,
            )
