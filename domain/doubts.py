"""What the reading holds against an act, and whether a person has answered it (invariant 2).

A blocking finding is answered by the settled fact that it is about, or by a named person who looked into it and says
so; some cannot be answered at all: no word of an officer makes a rejected deliberation a convention.
"""

from collections.abc import Iterator
from typing import NamedTuple

from domain.convention import SettledFacts
from domain.deliberation import Act, Award, Outcome
from domain.facts import FactStatus, Finding, Severity

NEVER = frozenset({"vote_rejected", "vote_postponed", "no_award"})
"""Codes of the findings that stop for good."""

_ABOUT = {"amount": "amount", "beneficiary": "beneficiary", "outcome": "adopted"}
"""First word of a code to the settled fact that answers it."""


class Doubt(NamedTuple):
    """A blocking finding of the reading that concerns one award."""

    finding: Finding
    fact: str
    """Field of :class:`SettledFacts` whose value answers it; empty when no fact does."""
    acknowledgeable: bool
    """A person may answer it by saying that it was looked into. Not while the very fact it is about is in doubt:
    that one is settled by its value."""

    def answered(self, settled: SettledFacts) -> bool:
        code = self.finding.code
        if code in NEVER:
            return False
        if self.fact and getattr(settled, self.fact) is not None:
            return True
        return self.acknowledgeable and code in settled.acknowledged


def doubts(act: Act, award: Award) -> tuple[Doubt, ...]:
    """The blocking findings of ``act`` that concern ``award``, in the order of the reading."""
    return tuple(_doubts(act, award))


def may_be_certified(act: Act) -> bool:
    """Whether a person may certify that the act was adopted: it does not say so itself, nor that it was turned down."""
    return act.outcome.usable in (None, Outcome.UNKNOWN)


def _doubts(act: Act, award: Award) -> Iterator[Doubt]:
    in_doubt = {
        "amount": award.amount.status is not FactStatus.FOUND,
        "beneficiary": award.beneficiary.status is not FactStatus.FOUND,
        "adopted": may_be_certified(act),
    }
    for finding in act.findings:
        if finding.severity is Severity.BLOCKING and not _of_another_award(finding, act, award):
            fact = _ABOUT.get(finding.code.partition("_")[0], "")
            yield Doubt(finding, fact, finding.code not in NEVER and not in_doubt.get(fact, False))


def _of_another_award(finding: Finding, act: Act, award: Award) -> bool:
    """A finding that repeats how another award's fact stands is answered in that award's own convention."""
    name, _, status = finding.code.partition("_")
    if name not in {"amount", "beneficiary"} or getattr(award, name).status is not FactStatus.FOUND:
        return False
    return any(getattr(other, name).status.value == status for other in act.awards)
