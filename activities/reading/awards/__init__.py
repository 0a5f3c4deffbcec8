"""What the operative part grants, to whom, for what.

Only the operative part decides. It may refer back ("telle que définie ci-dessus"): then, and only then, the report's
proposal is read, and it must agree with the amount that the operative part states.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stdnum.fr import siret as siret_number

from activities.reading.awards.conflicts import (
    Conflict,
    antecedent,
    compared,
    other_parties,
    proposed,
    title_names,
)
from activities.reading.awards.grants import Doubt, Grant
from activities.reading.awards.names import LONGEST, Name, confirmed, folded, given_to, mentioned
from activities.reading.awards.roles import GRANT_NOUN
from activities.reading.awards.scan import Scan
from activities.reading.awards.sentences import excluded, grants_in, sentences
from activities.reading.awards.tables import Rows, tables_in
from activities.reading.facts import damaged
from activities.reading.parts import Parts, Span, Text
from activities.reading.view import phrase
from domain.amounts import Currency
from domain.convention import fold
from domain.deliberation import Award, AwardKind, YearAmount
from domain.facts import Evidence, Fact, FactStatus

_BACK_REFERENCE = (
    r"tel(?:le)?s? que? ?(?:definie?|proposee?|presentee?|decrite?|exposee?|mentionnee?|detaillee?|enumeree?"
    r"|figurant|indiquee?|listee?|precisee?)s?"
    r" (?:(?:dans|au|sur) (?:le |la |l')?(?:tableau|liste|rapport|expose) )?(?:ci-|plus )(?:dessus|avant|haut)"
    r"|(?:tableau|liste|repartition|propositions?|associations) (?:figurant )?(?:ci-|plus )(?:dessus|avant"
    r"|haut)|(?:susvisee?|susmentionnee?|precitee?)s(?= associations)"
)
_ADOPTS = re.compile(
    r"(?<!\w)(?:adopt|approuv|accept|valid|retien|entérin|enterin)\w* (?:a l'unanimite )?(?:les?|la|ces|cette"
    r"|ses|l'ensemble des) (?:dites? )?"
    r"propositions?(?!\w)(?! de (?:la commission|prix|vente|contrat|marche))"
)
_PROPOSES = re.compile(
    r"(?<!\w)(?:(?:il|elle) (?:vous |nous )?(?:est|a ete) (?:donc |ainsi )?propose|(?:je "
    r"|nous )?vous propos\w+|propose (?:donc |ainsi )?(?:au|a l'|a la|de |d')"
    r"|il est demande)(?!\w)"
)
_STATUS = {
    Doubt.NONE: FactStatus.FOUND,
    Doubt.AMBIGUOUS: FactStatus.AMBIGUOUS,
    Doubt.MALFORMED: FactStatus.MALFORMED,
    Doubt.CONFLICTING: FactStatus.CONFLICTING,
}


@dataclass(frozen=True)
class Awards:
    awards: tuple[Award, ...]
    collective: tuple[Evidence, ...]
    """Amounts granted to beneficiaries that the operative part does not name."""
    francs: tuple[Evidence, ...]
    conflicts: tuple[Conflict, ...]
    """Code of the finding and its evidence."""
    revocations: tuple[Evidence, ...] = ()
    """Clauses of the operative part that speak of a subsidy without granting it."""
    mismatches: tuple[tuple[Evidence, ...], ...] = ()
    """Totals of tables that are not the sum of their rows."""
    other_parties: tuple[Evidence, ...] = ()
    """Bodies that a convention is made with and that no award names."""


def read_awards(text: Text, parts: Parts) -> Awards:
    """Every award of one act, and what contradicts them."""
    if parts.operative is None:
        return Awards((), (), (), ())
    scan = Scan(text)
    operative = parts.operative
    formula = parts.formula
    lead = (
        scan.flat[formula.start : formula.end] if formula else scan.flat[max(0, operative.start - 60) : operative.start]
    )
    grants, tables, settled = _granted(scan, parts, lead)
    title, report = proposed(scan, parts) if grants else ([], [])
    names = title_names(scan, parts)
    grants = _named(scan, parts, grants, [*names, *(g.name for g in report if g.name)])
    grants = _once(scan, grants)
    named = [g for g in grants if g.name is not None and not g.name.collective]
    awards = [_award(scan, grant, settled) for grant in named]
    conflicts: list[Conflict] = []
    if settled:
        awards, conflicts = compared(scan, awards, named, title, report, names)
    francs = tuple(e for g in grants if g.money.francs for e in g.money.evidence)
    if not grants:
        francs = tuple(text.raw_evidence(a) for _, a in scan.amounts(operative) if a.currency is Currency.FRF)
    return Awards(
        tuple(awards),
        tuple(e for g in grants if g.name is not None and g.name.collective for e in g.money.evidence),
        francs,
        tuple(conflicts),
        _revocations(scan, operative),
        tuple(m for t in tables for m in t.mismatches),
        other_parties(scan, operative, awards) if len(awards) == 1 else (),
    )


def _granted(scan: Scan, parts: Parts, lead: str) -> tuple[list[Grant], list[Rows], bool]:
    """The grants of the operative part, or those of the report that it refers back to; and whether they are settled."""
    operative = parts.operative
    assert operative is not None
    start = parts.formula.start if parts.formula else operative.start
    tables = tables_in(scan, Span(start, operative.end))
    grants = [g for t in tables for g in t.grants]
    grants += grants_in(scan, Span(start, operative.end), [t.span for t in tables], lead=lead)
    if any(not g.spoken_of or g.name for g in grants):
        return sorted(grants, key=lambda g: g.place), tables, True
    # That sentence is also how a vote is told: it may stand at the head of the ending.
    if _ADOPTS.search(scan.flat, start, min(len(scan.flat), operative.end + 200)):
        return _adopted(scan, parts)
    if not phrase(_BACK_REFERENCE).search(scan.text.masked, operative.start, operative.end):
        return [], tables, True
    before = Span(parts.report.start, operative.start)
    tables = tables_in(scan, before)
    rows = [g for t in tables for g in t.grants]
    stated = {a.value for _, a in scan.amounts(operative)}
    if rows:
        values = [g.money.value for g in rows]
        total = sum(v for v in values if v is not None)
        settled = len(tables) == 1 and (tables[0].confirmed or total in stated) and (not stated or total in stated)
        return rows, tables, settled
    grants = grants_in(scan, before)
    return grants, [], len(grants) == 1 and stated == {grants[0].money.value}


def _adopted(scan: Scan, parts: Parts) -> tuple[list[Grant], list[Rows], bool]:
    """What the report proposes, word for word, when the assembly adopts "the proposals"."""
    assert parts.operative is not None
    stop = parts.formula.start if parts.formula else parts.operative.start
    proposals = _PROPOSES.search(scan.flat, parts.header.start, stop)
    if proposals is None:
        return [], [], True
    zone = Span(proposals.start(), stop)
    tables = tables_in(scan, zone)
    grants = [g for t in tables for g in t.grants]
    grants += grants_in(scan, zone, [t.span for t in tables])
    return sorted(grants, key=lambda g: g.place), tables, True


def _named(scan: Scan, parts: Parts, grants: list[Grant], elsewhere: Sequence[Name]) -> list[Grant]:
    """The grants, those whose sentence only refers to somebody with the name that the text gives."""
    operative = parts.operative
    assert operative is not None
    having = [g for g in grants if g.name is not None and not g.name.anaphora]
    resolved: list[Grant] = []
    for grant in grants:
        if grant.name is not None and not grant.name.anaphora:
            resolved.append(grant)
            continue
        if grant.name is None and (
            (grant.spoken_of and having) or any(g.money.value == grant.money.value for g in having)
        ):
            continue
        before = Span(operative.start, grant.place)
        here = [*given_to(scan, before), *mentioned(scan, before)]
        name = antecedent(scan, [*here, *elsewhere])
        if name is not None:
            at = (grant.name,) if grant.name else ()
            resolved.append(replace(grant, name=name, named_elsewhere=at or (name,)))
        elif grant.name is not None or not grant.spoken_of:
            resolved.append(grant)
    return resolved


def _once(scan: Scan, grants: list[Grant]) -> list[Grant]:
    """Each grant once, where it stands last: articles repeat what they carry out."""
    kept: dict[object, Grant] = {}
    for grant in reversed(grants):
        words = fold(scan.text.value(grant.name.span)) if grant.name else ""
        kept.setdefault((words, grant.money.value if grant.money.value is not None else grant.place), grant)
    return sorted(kept.values(), key=lambda g: g.place)


def _award(scan: Scan, grant: Grant, settled: bool) -> Award:
    text, name = scan.text, grant.name
    assert name is not None
    value = text.value(name.span)
    sure = name.certain or confirmed(scan, name)
    # A lost letter at the very start looks like a bullet: "\ufffdcole de musique".
    headless = value[:1].islower() and text.view.text[max(0, name.span.start - 1) : name.span.start] == "\ufffd"
    if damaged(value) or headless:
        status = FactStatus.MALFORMED
    elif not settled or not sure or name.anaphora or len(value) > LONGEST or _torn(scan, name, grant):
        status = FactStatus.AMBIGUOUS
    else:
        status = FactStatus.FOUND
    money = grant.money
    amount_status = _STATUS[money.doubt]
    if amount_status is FactStatus.FOUND and (not settled or _torn(scan, name, grant)):
        amount_status = FactStatus.AMBIGUOUS
    places = tuple(dict.fromkeys(text.evidence(n.span) for n in (name, *grant.named_elsewhere)))
    return Award(
        beneficiary=Fact(value=value, status=status, evidence=places),
        amount=Fact(value=money.value, status=amount_status, evidence=money.evidence),
        purpose=_words(scan, grant.purpose),
        kind=_kind(scan, grant),
        is_maximum=Fact(value=True, status=FactStatus.FOUND, evidence=(text.evidence(grant.ceiling),))
        if grant.ceiling
        else Fact(),
        years=tuple(
            YearAmount(year=y, amount=Fact(value=v, status=FactStatus.FOUND, evidence=(text.evidence(s),)))
            for y, v, s in grant.years
        ),
        beneficiary_siret=_siret(scan, name.siret),
        beneficiary_rna=_rna(scan, name.rna),
        beneficiary_address=_address(scan, name.seat),
        beneficiary_acronym=Fact(
            value=name.acronym,
            status=FactStatus.FOUND,
            evidence=(text.evidence(Span(name.span.end, max(name.end, name.span.end + 1))),),
        )
        if name.acronym
        else Fact(),
    )


def _torn(scan: Scan, name: Name, grant: Grant) -> bool:
    """Whether letters were lost on the lines from the name to its amount: one of them may have named somebody else."""
    raw, places = scan.text.view.source.text, (scan.text.evidence(name.span), *grant.money.evidence[:1])
    start = raw.rfind("\n", 0, min(place.start for place in places)) + 1
    end = raw.find("\n", max(place.end for place in places))
    return "\ufffd" in raw[start : end if end >= 0 else len(raw)]


def _kind(scan: Scan, grant: Grant) -> Fact[AwardKind]:
    span = grant.kind_words
    evidence = (scan.text.evidence(span),) if span else grant.money.evidence
    return Fact(value=grant.kind, status=FactStatus.FOUND, evidence=evidence)


def _words(scan: Scan, span: Span | None) -> Fact[str]:
    if span is None or span.start >= span.end:
        return Fact()
    words = scan.text.value(span)
    status = FactStatus.MALFORMED if damaged(words) else FactStatus.FOUND
    return Fact(value=words, status=status, evidence=(scan.text.evidence(span),))


def _siret(scan: Scan, span: Span | None) -> Fact[str]:
    if span is None:
        return Fact()
    digits = re.sub(r"\D", "", scan.text.value(span))
    status = FactStatus.FOUND if siret_number.is_valid(digits) else FactStatus.MALFORMED
    return Fact(value=digits, status=status, evidence=(scan.text.evidence(span),))


def _rna(scan: Scan, span: Span | None) -> Fact[str]:
    if span is None:
        return Fact()
    value = scan.text.value(span).upper().replace(" ", "")
    return Fact(value=value, status=FactStatus.FOUND, evidence=(scan.text.evidence(span),))


def _address(scan: Scan, span: Span | None) -> Fact[str]:
    """Sure with a postal code only: where an address ends is a guess otherwise."""
    if span is None:
        return Fact()
    value = scan.text.value(span)
    status = FactStatus.FOUND if re.search(r"(?<!\d)\d{2} ?\d{3}(?!\d)", value) else FactStatus.AMBIGUOUS
    return Fact(value=value, status=status, evidence=(scan.text.evidence(span),))


def _revocations(scan: Scan, zone: Span) -> tuple[Evidence, ...]:
    found = []
    for sentence in sentences(scan.text, zone):
        match = excluded(scan, sentence)
        if match and re.search(rf"(?<!\w){GRANT_NOUN}(?!\w)", scan.flat[sentence.start : sentence.end]):
            found.append(scan.text.evidence(Span(*match.span())))
    return tuple(found)


__all__ = ["Awards", "folded", "read_awards"]
