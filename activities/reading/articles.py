"""What the act rests on and how it is built: visas, recitals, articles, earlier conventions, annexes."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from activities.reading.facts import settle
from activities.reading.parts import Parts, Span, Text
from activities.reading.view import phrase
from domain.convention import fold
from domain.deliberation import Annex, Article, LinkedConvention
from domain.facts import Evidence, Fact, FactStatus

_MOST = 150
"""An act with more visas or articles is a list, or hostile."""
_LONG = 1500

_GROUND = re.compile(r"^\W{0,3}(?P<kind>vu|considerant)\b(?P<bare>\s*:?\s*(?:\n|$))?", re.MULTILINE)
_OTHER = re.compile(
    r"^\W{0,3}(?:ouie?|entendue?s?|apres|sur (?:le|la|proposition)|le (?:conseil|bureau|comite)|il est"
    r"|monsieur|madame|delibere|decide"
    r"|article|sous la|l'assemblee|la commission)\b",
    re.MULTILINE,
)
_BULLET = re.compile(r"^\s*(?:[-•*–▪·>]\s|que\b|qu'|l[ae'] |les )", re.MULTILINE)


def grounds(text: Text, parts: Parts) -> tuple[tuple[Fact[str], ...], tuple[Fact[str], ...]]:
    """Visas and recitals, each without its first word, wherever they stand before the operative part."""
    stop = parts.formula.start if parts.formula else parts.operative.start if parts.operative else parts.whole.end
    marks = list(_GROUND.finditer(text.masked, parts.whole.start, stop))[:_MOST]
    found: dict[str, list[Fact[str]]] = {"vu": [], "considerant": []}
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else stop
        other = _OTHER.search(text.masked, mark.end(), end)
        end = min(other.start() if other else end, mark.end() + _LONG)
        spans = (
            _bullets(text, Span(mark.end(), end))
            if mark["bare"] is not None
            else _paragraph(text, Span(mark.end(), end))
        )
        for span in spans:
            value = text.value(span).strip(" ;,.:-•–▪·>*")
            if value and len(found[mark["kind"]]) < _MOST:
                found[mark["kind"]].append(settle([(value, text.evidence(span))]))
    return tuple(found["vu"]), tuple(found["considerant"])


def _paragraph(text: Text, span: Span) -> Iterator[Span]:
    """Up to an empty line, unless the sentence goes on after it."""
    gap = re.compile(r"[.;]\s*\n\s*\n").search(text.masked, span.start, span.end)
    if text.masked[span.start : gap.start() if gap else span.end].strip():
        yield Span(span.start, gap.start() if gap else span.end)


def _bullets(text: Text, span: Span) -> Iterator[Span]:
    cuts = [m.start() for m in _BULLET.finditer(text.masked, span.start, span.end)]
    for start, end in pairwise([*cuts, span.end]):
        if text.masked[start:end].strip(" \n-•–"):
            yield Span(start, end)


_NUMBERED = re.compile(
    r"^\W{0,2}(?:article|art\.?)\s{1,3}(?P<number>premier|unique|1er|\d{1,2})(?:er)?(?!\d|[.-]\d)\s*(?:[.:–-]{1,3}\s*)*(?=\S)",
    re.MULTILINE,
)
_POINTS = re.compile(r"^\W{0,2}(?P<number>\d{1,2})\s?[.)/°-]\s*(?=\S)|^\s*[-•*–>▪✓➢]\s+(?=\S)", re.MULTILINE)
_DECIDES = re.compile(
    r"^\W{0,2}(?:de |d'|decide |approuve |autorise |dit |precise |attribue |charge |fixe |accorde |donne "
    r"|habilite |mandate |impute |vote )",
    re.MULTILINE,
)


def articles(text: Text, parts: Parts) -> tuple[Article, ...]:
    """Articles of the operative part; where there are none, its numbered or bulleted points."""
    zone = parts.operative
    if zone is None:
        return ()
    for pattern in (_NUMBERED, _POINTS, _DECIDES):
        marks = list(pattern.finditer(text.masked, zone.start, zone.end))[:_MOST]
        if marks:
            return tuple(_articles(text, marks, zone.end))
    return ()


def _articles(text: Text, marks: list[re.Match[str]], end: int) -> Iterator[Article]:
    for rank, mark in enumerate(marks, 1):
        number = mark.groupdict().get("number") or str(rank)
        number = "1" if number in ("premier", "1er", "unique") else number
        start = mark.end() if mark.re is not _DECIDES else mark.start()
        stop = marks[rank].start() if rank < len(marks) else end
        value = text.value(Span(start, stop))
        if value:
            yield Article(number=number, text=settle([(value, text.evidence(Span(start, stop)))]))


_EARLIER = (
    r"(?P<words>conventions?[- ](?:cadre|triennale|pluriannuelle|annuelle|d'objectifs|de partenariat|initiale"
    r"|precedente)?"
    r"[^\n.;§¤]{0,40}?(?:(?:n°|no\.?|numero) ?(?P<number>[0-9a-z][0-9a-z./_-]{0,30}),? )?"
    r"(?:en date du|signee le|conclue le|approuvee le|notifiee le|du|date du) (?P<date>§+))",
    r"(?P<words>conventions?[- ][^\n.;§¤]{0,40}?(?:n°|no\.?|numero) ?(?P<number>[0-9a-z]*[0-9][0-9a-z./_-]{0,30}))",
    r"(?P<words>convention[- ]cadre(?: (?:19|20)\d{2}[/-](?:19|20)\d{2})?(?: (?:de partenariat|d'objectifs"
    r"|pluriannuelle))?)",
)


def linked_conventions(text: Text, parts: Parts) -> tuple[LinkedConvention, ...]:
    """Earlier conventions that are cited with their number or their date, or by the name of "convention cadre"."""
    found: dict[int, LinkedConvention] = {}
    ends: list[tuple[int, int]] = []
    seen: set[str] = set()
    for rule in _EARLIER:
        # A "convention cadre" without number nor date is an earlier one only where the act tells what came before it.
        before = parts.report if rule is _EARLIER[-1] else parts.whole
        for match in phrase(rule).finditer(text.masked, before.start, before.end):
            if len(found) >= _MOST or any(a <= match.start() < b for a, b in ends):
                continue
            groups = match.groupdict()
            words = Span(match.start("words"), match.end("words"))
            value = text.value(words)
            key = groups.get("number") or fold(value)
            day = text.dates.get(match.start("date")) if groups.get("date") else None
            on: Fact[date] = settle([(day.value, text.raw_evidence(day))]) if day else Fact()
            if day:
                key = day.text
            if key in seen:
                continue
            seen.add(key)
            ends.append(match.span())
            number: Fact[str] = Fact()
            if groups.get("number"):
                place = Span(match.start("number"), match.end("number"))
                number = settle([(text.value(place).rstrip("./-"), text.evidence(place))])
            found[match.start()] = LinkedConvention(words=settle([(value, text.evidence(words))]), number=number, on=on)
    return tuple(found[place] for place in sorted(found))


_ANNEXED = (
    r"(?<=\s)(?:ci-|ci )(?:annexee?s?|jointe?s?)\b",
    r"(?<=\s)(?:annexee?s?|jointe?s?) a la presente(?: deliberation)?",
    r"(?<=\s)(?:en (?:piece jointe|annexe)|figurant en annexe|joint(?:e|s|es)? en annexe)\b",
)
_ANNOUNCED = re.compile(r"[^\n.;:¤]{0,80}\Z")
_ANNEX = r"^\W{0,3}(?:annexes?|convention)\b"


def annexes(text: Text, parts: Parts) -> tuple[Annex, ...]:
    """What the operative part says is annexed, and whether something that may be it follows."""
    if parts.operative is None:
        return ()
    follows = phrase(_ANNEX).search(text.masked, parts.operative.end)
    found: dict[int, Annex] = {}
    for match in text.matches(_ANNEXED, parts.operative):
        before = _ANNOUNCED.search(text.masked[max(0, match.start() - 80) : match.start()])
        span = Span(match.start() - len(before[0] if before else ""), match.end())
        if any(abs(span.end - place) < 20 for place in found) or len(found) >= _MOST:
            continue
        evidence: tuple[Evidence, ...] = (text.evidence(span),)
        if follows:
            evidence += (text.evidence(Span(*follows.span())),)
        words = text.value(span)
        found[span.end] = Annex(
            words=settle([(words, evidence[0])]),
            enclosed=Fact(value=follows is not None, status=FactStatus.FOUND, evidence=evidence),
        )
    return tuple(found[place] for place in sorted(found))
