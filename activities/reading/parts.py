"""Cuts an act into its parts: header, report, operative part (dispositif), ending.

Everything that decides something is read from the operative part only; the rest serves to identify the act and to
find contradictions.
"""

import bisect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from activities.reading.profile import Profile
from activities.reading.view import View, phrase
from domain.amounts import FoundAmount, find_amounts
from domain.calendar import FoundDate, find_dates
from domain.facts import Evidence


@dataclass(frozen=True)
class Span:
    """Offsets in the view."""

    start: int
    end: int


class Text:
    """A view whose amounts and dates are found once, and masked in the text that rules are matched on."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._starts = [view.evidence_start(i) for i in range(len(view.text))]
        self.amounts: dict[int, FoundAmount] = {}
        self.dates: dict[int, FoundDate] = {}
        masked = list(view.folded)
        for day in find_dates(view.raw):
            span = self._in_view(day.start, day.end)
            if span:
                self.dates[span.start] = day
                masked[span.start : span.end] = "§" * (span.end - span.start)
        for amount in find_amounts(view.raw):
            span = self._in_view(amount.start, amount.end)
            if span:
                self.amounts[span.start] = amount
                masked[span.start : span.end] = "¤" * (span.end - span.start)
        self.masked = "".join(masked)

    def _in_view(self, raw_start: int, raw_end: int) -> Span | None:
        start = bisect.bisect_left(self._starts, raw_start)
        end = bisect.bisect_left(self._starts, raw_end)
        return Span(start, end) if start < end else None

    def matches(self, rules: Iterable[str], span: Span) -> Iterator[re.Match[str]]:
        """Matches of each rule in ``span``, rule after rule."""
        for rule in rules:
            yield from phrase(rule).finditer(self.masked, span.start, span.end)

    def first(self, rules: Iterable[str], span: Span) -> re.Match[str] | None:
        """The match that comes first in the text, whatever its rule."""
        found = [m for rule in rules if (m := phrase(rule).search(self.masked, span.start, span.end))]
        return min(found, key=lambda m: m.start(), default=None)

    def amounts_in(self, span: Span) -> list[FoundAmount]:
        return [amount for start, amount in self.amounts.items() if span.start <= start < span.end]

    def evidence(self, span: Span) -> Evidence:
        return self.view.evidence(span.start, span.end)

    def raw_evidence(self, found: FoundAmount | FoundDate) -> Evidence:
        page = self.view.source.page_at(found.start)
        return Evidence(start=found.start, end=found.end, text=found.text, page=page)

    def value(self, span: Span) -> str:
        return self.view.value(span.start, span.end)


_CLAUSE = re.compile(
    r"^\W{0,2}(?:article|art\.?)\s+(?:premier|unique|\d{1,2})(?:er)?\b|^\s*[-•*–>▪]\s|^\s*\d{1,2}[.)/]\s|\n\s*\n", re.M
)


def clauses(text: Text, zone: Span) -> Iterator[Span]:
    """Articles, bullets and paragraphs of ``zone``."""
    cuts = [m.start() for m in _CLAUSE.finditer(text.masked, zone.start, zone.end)]
    for start, end in pairwise((zone.start, *cuts, zone.end)):
        if start < end:
            yield Span(start, end)


@dataclass(frozen=True)
class Parts:
    whole: Span
    header: Span
    report: Span
    """Report and visas: what was proposed and why."""
    operative: Span | None
    """None when nothing in the text decides."""
    ending: Span
    proposed_only: bool
    """The operative part is worded as a proposal ("il est demandé au Conseil…")."""


def parts(text: Text, profile: Profile) -> Parts:
    whole = Span(0, len(text.masked))
    operative, proposed = _operative(text, profile, whole)
    stop = operative.start if operative else whole.end
    opening = text.first((*profile["report"], *profile["visas"]), Span(0, stop))
    header = Span(0, opening.end() if opening else min(stop, 6000))
    ending = Span(operative.end if operative else whole.end, whole.end)
    return Parts(whole, header, Span(header.end, max(header.end, stop)), operative, ending, proposed)


def _operative(text: Text, profile: Profile, whole: Span) -> tuple[Span | None, bool]:
    for name in ("decisions", "proposals", "articles"):
        match = text.first(profile[name], whole)
        if match:
            start = match.start() if name == "articles" else match.end()
            end = text.first(profile["endings"], Span(start, whole.end))
            return Span(start, end.start() if end else whole.end), name == "proposals"
    return None, False
