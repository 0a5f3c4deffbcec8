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
from activities.reading.view import View, phrase, squeezed
from domain.amounts import FoundAmount, find_amounts
from domain.calendar import FoundDate, find_dates
from domain.deliberation import TextSpan
from domain.facts import Evidence


@dataclass(frozen=True)
class Span:
    """Offsets in the view."""

    start: int
    end: int


class _Window(View):
    """A part of a view: its own offsets, the same source, and nothing of what stands around it."""

    def __init__(self, whole: View, span: Span) -> None:
        self._whole = whole
        self._offset = span.start
        self.source = whole.source
        self.raw = whole.raw
        self.text = whole.text[span.start : span.end]
        self.folded = whole.folded[span.start : span.end]

    def evidence(self, start: int, end: int) -> Evidence:
        return self._whole.evidence(self._offset + start, self._offset + end)

    def evidence_start(self, index: int) -> int:
        return self._whole.evidence_start(self._offset + index)

    def spaced(self, start: int, end: int) -> str:
        return self._whole.spaced(self._offset + start, self._offset + end)

    def place(self, start: int, offset: int) -> int:
        return self._whole.place(self._offset + start, offset) - self._offset


class Text:
    """A view whose amounts and dates are found once, and masked in the text that rules are matched on."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.amounts: dict[int, FoundAmount] = {}
        """By the place of their first character, in order."""
        self.dates: dict[int, FoundDate] = {}
        masked = list(view.folded)
        for start, end, day in view.found(find_dates):
            if _is_number(view.folded, Span(start, end)):
                continue
            self.dates[start] = day
            masked[start:end] = "§" * (end - start)
        for start, end, amount in view.found(find_amounts):
            self.amounts[start] = amount
            masked[start:end] = "¤" * (end - start)
        self.masked = "".join(masked)
        self._index()

    def part(self, span: Span) -> "Text":
        """What stands in ``span``, as a text of its own: whoever reads it can take nothing from around it."""
        if span == Span(0, len(self.masked)):
            return self
        part = object.__new__(Text)
        part.view = _Window(self.view, span)
        part.masked = self.masked[span.start : span.end]
        part.amounts = {start - span.start: self.amounts[start] for start in _within(self._amount_places, span)}
        part.dates = {start - span.start: self.dates[start] for start in _within(self._date_places, span)}
        part._index()
        return part

    def _index(self) -> None:
        self._amount_places = list(self.amounts)
        self._date_places = list(self.dates)

    def page_starts(self) -> list[int]:
        """Where each page begins, from the second; none for a source without pages."""
        pages = self.view.source.pages
        if len(pages) < 2:
            return []
        found: dict[int, int] = {}
        for line in re.finditer(r"^(?=[^\n])", self.masked, re.MULTILINE):
            page = bisect.bisect_right(pages, (self.view.evidence_start(line.start()), len(self.view.raw))) - 1
            found.setdefault(page, line.start())
        return sorted(start for page, start in found.items() if page > 0)

    @property
    def extent(self) -> TextSpan:
        """Where this text stands in the extracted text."""
        lines = [m for m in re.finditer(r"[^\n]+", self.masked) if m[0].strip()]
        if not lines:
            return TextSpan(start=0, end=0)
        first, last = (self.evidence(Span(*m.span())) for m in (lines[0], lines[-1]))
        return TextSpan(start=min(first.start, last.start), end=max(first.end, last.end))

    def holds(self, rules: Iterable[str], span: Span | None = None) -> bool:
        """Whether any of the rules matches."""
        start, end = (span.start, span.end) if span else (0, len(self.masked))
        return any(phrase(rule).search(self.masked, start, end) for rule in rules)

    def matches(self, rules: Iterable[str], span: Span) -> Iterator[re.Match[str]]:
        """Matches of each rule in ``span``, rule after rule."""
        for rule in rules:
            yield from phrase(rule).finditer(self.masked, span.start, span.end)

    def first(self, rules: Iterable[str], span: Span) -> re.Match[str] | None:
        """The match that comes first in the text, whatever its rule."""
        found = [m for rule in rules if (m := phrase(rule).search(self.masked, span.start, span.end))]
        return min(found, key=lambda m: m.start(), default=None)

    def amounts_in(self, span: Span) -> list[FoundAmount]:
        return [self.amounts[start] for start in _within(self._amount_places, span)]

    def dates_in(self, span: Span) -> list[tuple[int, FoundDate]]:
        """Place and date of each."""
        return [(start, self.dates[start]) for start in _within(self._date_places, span)]

    def evidence(self, span: Span) -> Evidence:
        return self.view.evidence(span.start, span.end)

    def raw_evidence(self, found: FoundAmount | FoundDate) -> Evidence:
        page = self.view.source.page_at(found.start)
        return Evidence(start=found.start, end=found.end, text=found.text, page=page)

    def value(self, span: Span) -> str:
        return self.view.value(span.start, span.end)


def _within(places: list[int], span: Span) -> list[int]:
    return places[bisect.bisect_left(places, span.start) : bisect.bisect_left(places, span.end)]


_NUMBERED = re.compile(r"(?:n°|nº|\bno\.?|numero|deliberation)\s{0,2}:?\s{0,2}$")


def _is_number(folded: str, span: Span) -> bool:
    """Whether what looks like a day, ``2024-05-12``, is the number of an act: it is announced as one, or is a title."""
    if not re.match(r"\d{4}-", folded[span.start : span.end]):
        return False
    announced = _NUMBERED.search(folded, max(0, span.start - 16), span.start)
    titled = (span.start == 0 or folded[span.start - 1] == "\n") and re.match(
        r" ?[:–-] |\n", folded[span.end : span.end + 3]
    )
    return bool(announced or titled)


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
    formula: Span | None = None
    """The words that open the operative part ("après en avoir délibéré, à l'unanimité, décide :")."""


def parts(text: Text, profile: Profile) -> Parts:
    whole = Span(0, len(text.masked))
    operative, formula, proposed = _operative(text, profile, whole)
    stop = operative.start if operative else whole.end
    opening = text.first((*profile["report"], *profile["visas"]), Span(0, stop))
    header = Span(0, opening.end() if opening else min(stop, 6000))
    ending = Span(operative.end if operative else whole.end, whole.end)
    return Parts(whole, header, Span(header.end, max(header.end, stop)), operative, ending, proposed, formula)


_ADOPTS = re.compile(
    squeezed(
        r"[^\n.;]{0,120}(?:adopte|approuve|accepte)\b(?! (?:la |les )?(?:convention|subvention))[^.;\n]{0,120}[.]?\s*$"
    ),
    re.MULTILINE,
)
_NOTHING_ELSE = 260
"""What adopts and decides nothing itself is not longer."""


def _adopted_proposals(text: Text, profile: Profile, whole: Span) -> tuple[Span, Span] | None:
    """The proposals of the report, where all that the assembly says is that it adopts them."""
    formula = text.first(profile["decisions"], whole)
    proposal = text.first(profile["proposals"], Span(whole.start, formula.start())) if formula else None
    if formula is None or proposal is None:
        return None
    end = text.first(profile["endings"], Span(formula.end(), whole.end))
    said = text.masked[formula.end() : end.start() if end else min(whole.end, formula.end() + 2 * _NOTHING_ELSE)]
    said = said.strip(" \n,:").split("\n\n")[0]
    if len(said) > _NOTHING_ELSE or "¤" in said or not _ADOPTS.match(said):
        return None
    return Span(proposal.end(), formula.start()), Span(*formula.span())


def _operative(text: Text, profile: Profile, whole: Span) -> tuple[Span | None, Span | None, bool]:
    adopted = _adopted_proposals(text, profile, whole)
    if adopted:
        return (*adopted, False)
    for name in ("decisions", "decisions_inline", "proposals", "articles"):
        match = text.first(profile[name], whole)
        if match:
            start = match.start() if name == "articles" else match.end()
            end = text.first(profile["endings"], Span(start, whole.end))
            operative = Span(start, end.start() if end else whole.end)
            return operative, Span(match.start(), start), name == "proposals"
    return None, None, False
