"""The budget line that bears the expense, and the stamps that prove the act executory."""

from datetime import date

from activities.reading.facts import settle
from activities.reading.parts import Parts, Span, Text, clauses
from activities.reading.profile import Profile
from activities.reading.view import phrase
from domain.deliberation import BudgetLine, ReceiptStamp
from domain.facts import Evidence, Fact, FactStatus

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


def receipt_stamp(text: Text, profile: Profile) -> ReceiptStamp:
    """Identifier and dates of transmission, receipt and publication, wherever they are stamped (CGCT L2131-1)."""
    whole = Span(0, len(text.masked))
    identifiers: list[tuple[str | None, Evidence]] = []
    # Identifiers hold what looks like a date: they are read on the text whose dates are not masked.
    for rule in profile["receipt.ids"]:
        for match in phrase(rule).finditer(text.view.folded):
            span = Span(match.start("value"), match.end("value"))
            identifiers.append((text.value(span), text.evidence(span)))
    return ReceiptStamp(
        id=settle(identifiers),
        sent_at=_day(text, whole, profile["receipt.sent"]),
        received_at=_day(text, whole, profile["receipt.received"]),
        published_at=_day(text, whole, profile["receipt.published"]),
    )


def _day(text: Text, zone: Span, rules: tuple[str, ...]) -> Fact[date]:
    read: list[tuple[date | None, Evidence]] = []
    for match in text.matches(rules, zone):
        day = text.dates.get(match.start("date"))
        if day:
            read.append((day.value, text.evidence(Span(*match.span()))))
    return settle(read)
