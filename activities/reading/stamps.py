"""The budget line that bears the expense, and the stamps that prove the act executory."""

import re
from collections.abc import Iterator
from datetime import date
from typing import TypeVar

from activities.reading.facts import settle
from activities.reading.parts import Parts, Span, Text, clauses
from activities.reading.profile import Profile
from activities.reading.view import phrase
from domain.calendar import FoundDate
from domain.deliberation import BudgetLine, ReceiptStamp
from domain.facts import Evidence, Fact, FactStatus

T = TypeVar("T")

_CREDITS = r"credits?\b|depense|imput|inscri|preleve|budget|chapitre"
"""What a clause on the budget line speaks of; years and numbers of other clauses are of other things."""
_BACK = r"imputations?[^.;]{0,30} (?:citee?s?|mentionnee?s?|visee?s?|indiquee?s?) ci-(?:dessus|avant)"
_CREDITS_SENTENCE = (
    r"les? (?:credits?|depenses?) [^.;¤]{0,60}(?:preleve|inscrit|impute)[^;¤]{0,240}?(?=\.|\n\n|\Z|\nen consequence)"
)


def budget_line(text: Text, parts: Parts, profile: Profile) -> BudgetLine:
    """Read in the operative part; in the report's sentence on credits only if the operative part refers to it."""
    if parts.operative is None:
        return BudgetLine()
    zones = [
        clause for clause in clauses(text, parts.operative) if phrase(_CREDITS).search(text.masked, *_bounds(clause))
    ]
    if phrase(_BACK).search(text.masked, parts.operative.start, parts.operative.end):
        zones += [Span(*m.span()) for m in phrase(_CREDITS_SENTENCE).finditer(text.masked, *_bounds(parts.report))]
    others = [f for rule in profile["budget.others"] if (f := _first(text, zones, (rule,))).usable]
    other: Fact[str] = Fact()
    if others:
        evidence = tuple(e for fact in others for e in fact.evidence)
        value = ", ".join(dict.fromkeys(str(fact.value) for fact in sorted(others, key=lambda f: f.evidence[0].start)))
        other = Fact(value=value, status=FactStatus.FOUND, evidence=evidence)
    return BudgetLine(
        fiscal_year=_year(text, zones, profile),
        chapter=_first(text, zones, profile["budget.chapters"]),
        nature=_first(text, zones, profile["budget.natures"]),
        function=_first(text, zones, profile["budget.functions"]),
        other=other,
    )


def _bounds(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _first(text: Text, zones: list[Span], rules: tuple[str, ...]) -> Fact[str]:
    read: list[tuple[str | None, Evidence]] = []
    for zone in zones:
        for match in text.matches(rules, zone):
            span = Span(match.start("value"), match.end("value"))
            read.append((text.value(span), text.evidence(Span(*match.span()))))
    return settle(read)


def _year(text: Text, zones: list[Span], profile: Profile) -> Fact[int]:
    fact = _first(text, zones, profile["budget.years"])
    return Fact(value=int(fact.value) if fact.value else None, status=fact.status, evidence=fact.evidence)


def receipt_stamp(text: Text, profile: Profile, session: date | None) -> ReceiptStamp:
    """Identifier and dates of transmission, receipt and publication, wherever they are stamped (CGCT L2131-1).

    :param session: the day of the session: what was posted before it is the convocation, not the act.
    """
    whole = Span(0, len(text.masked))
    identifiers: list[tuple[str | None, Evidence]] = []
    # Identifiers hold what looks like a date: they are read on the text whose dates are not masked.
    for rule in profile["receipt.ids"]:
        for match in phrase(rule).finditer(text.view.folded):
            span = Span(match.start("value"), match.end("value"))
            identifiers.append((text.value(span), text.evidence(span)))
    return ReceiptStamp(
        id=_stamped(identifiers),
        sent_at=_day(text, whole, profile["receipt.sent"]),
        received_at=_day(text, whole, profile["receipt.received"]),
        published_at=_day(text, whole, profile["receipt.published"], posted_from=session),
    )


_POSTED = re.compile(r"(?:date d.)?affich")
_EMPTY_LABEL = re.compile(r"(?:\ble|:)\s*$")


def _day(text: Text, zone: Span, rules: tuple[str, ...], posted_from: date | None = None) -> Fact[date]:
    read: list[tuple[date | None, Evidence]] = []
    for match in text.matches(rules, zone):
        day = text.dates.get(match.start("date"))
        if day is None or not _its_own(text, match):
            continue
        if posted_from and day.value and day.value < posted_from and _POSTED.match(match[0]):
            continue
        read.append((day.value, text.evidence(Span(*match.span()))))
    for label, day in _stacked(text, zone):
        if any(phrase(rule).match(f"{label} §") for rule in rules):
            read.append((day.value, text.raw_evidence(day)))
    return _stamped(read)


_STACK = re.compile(r"^([^\n§]{4,60}(?:\ble|:)) ?\n([^\n§]{4,60}(?:\ble|:)) ?\n(?=§)", re.MULTILINE)


def _stacked(text: Text, zone: Span) -> Iterator[tuple[str, FoundDate]]:
    """Two labels above their two dates, as columns are printed: read only where both days are the same."""
    for stack in _STACK.finditer(text.masked, zone.start, zone.end):
        days = [day for _, day in text.dates_in(Span(stack.end(), stack.end() + 60))]
        if len(days) == 2 and days[0].value == days[1].value:
            yield from zip(stack.groups(), days, strict=True)


def _its_own(text: Text, match: re.Match[str]) -> bool:
    """Whether a date on the line below a label is that label's: not when labels are stacked above their dates, nor when
    the line goes on with other words."""
    label = text.masked[match.start() : match.start("date")]
    if "\n" not in label[len(label.rstrip()) :]:
        return True
    below = text.masked[match.end() : match.end() + 40].split("\n")
    above = text.masked[max(0, match.start() - 60) : match.start()].rstrip("\n").split("\n")[-1]
    return not below[0].strip() and not (len(below) > 1 and below[1].startswith("§")) and not _EMPTY_LABEL.search(above)


def _stamped(read: list[tuple[T | None, Evidence]]) -> Fact[T]:
    """Stamps repeated on each page; those that differ contradict each other."""
    fact = settle(read)
    if fact.status is FactStatus.AMBIGUOUS and all(value is not None for value, _ in read):
        return fact.model_copy(update={"status": FactStatus.CONFLICTING})
    return fact
