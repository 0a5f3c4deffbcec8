"""Awards in tables and lists: a name and an amount on each row.

Of several columns of numbers, the heading says which one is granted; without it, the amounts are in doubt. Rows of
totals are compared with the sum, never awarded; lines without an amount are categories or pieces of wrapped names.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from activities.reading.awards import kinds
from activities.reading.awards.columns import Column, Row, chosen, column_of
from activities.reading.awards.grants import Doubt, Grant, Money
from activities.reading.awards.names import Name, given_to, name_at
from activities.reading.awards.roles import GRANTING, PURPOSE_AFTER
from activities.reading.awards.rows import Cell, Line, lines_of
from activities.reading.awards.scan import Scan
from activities.reading.awards.table_words import (
    BREAKS_OFF,
    CATEGORY,
    FAR,
    FAR_RULED,
    HEADINGS,
    INFINITIVE,
    NO_NAME_AT_ALL,
    NOT_A_NAME,
    OPENER,
    PARTIAL_TOTAL,
    REFUSED,
    ROWS,
    STOPS,
    TABLES,
    TOTAL,
    WORDS_OF_A_SENTENCE,
)
from activities.reading.awards.vocabulary import ENDS_A_CELL
from activities.reading.parts import Span
from domain.facts import Evidence


@dataclass
class Rows:
    """What a table or a list grants."""

    span: Span
    grants: list[Grant] = field(default_factory=list)
    mismatches: list[tuple[Evidence, ...]] = field(default_factory=list)
    """Totals that are not the sum of their rows."""
    confirmed: bool = False
    """A total of the table is the sum of its rows."""


def tables_in(scan: Scan, zone: Span) -> list[Rows]:
    """Every table and list of grants that ``zone`` announces."""
    found: list[Rows] = []
    at = zone.start
    masked = scan.text.masked
    for _ in range(TABLES):
        match = OPENER.search(masked, at, zone.end)
        if match is None:
            break
        at = match.end()
        opening = Span(max(zone.start, masked.rfind("\n\n", zone.start, match.start()) + 1), match.end())
        if _names_one(scan, Span(match.start(), match.end())):
            continue
        rows = _read(scan, Span(match.end(), zone.end), scan.flat[opening.start : opening.end])
        if rows and rows.grants:
            found.append(rows)
            at = max(at, rows.span.end)
    inline = _inline_lists(scan, zone, [r.span for r in found])
    return sorted((*found, *inline), key=lambda r: r.span.start)


def _names_one(scan: Scan, opening: Span) -> bool:
    """Whether the announcement already names who is given what: the list then only details it."""
    return any(n.certain and n.strong and not n.collective and not n.anaphora for n in given_to(scan, opening)) and any(
        True for _ in scan.amounts(opening)
    )


def _read(scan: Scan, zone: Span, opening: str) -> Rows | None:
    """The rows that follow an announcement."""
    rows: list[Row] = []
    loose: list[Line] = []
    header: list[Line] = []
    totals: list[tuple[Line, int]] = []
    end = zone.start
    for line in lines_of(scan, zone):
        words = scan.flat[line.span.start : line.span.end]
        if len(rows) > ROWS or STOPS.match(words) or REFUSED.search(words):
            break
        if line.numbers and TOTAL.match(words.strip()):
            if not rows:
                break
            totals.append((line, len(rows)))
            end, loose = line.span.end, []
            if words.strip().startswith("soit"):
                break
            continue
        row = _row(scan, line, bool(rows) or bool(header) or line.parted)
        if row is None:
            if line.numbers and not header and not rows and not line.parted:
                break
            if not rows and not line.numbers and len(header) < HEADINGS and _is_header(line, scan):
                header.append(line)
                continue
            loose.append(line)
            if len(loose) > (FAR_RULED if rows and rows[-1].line.parted else FAR) or len(words) > 140:
                break
            if rows and line.numbers and not line.texts:
                rows[-1].broken = True
            if rows:
                _after(scan, rows[-1], line)
            continue
        if rows and row.line.parted and len(row.line.texts) < min(len(r.line.texts) for r in rows):
            _wrapped(scan, row, loose)
        else:
            _before(scan, row, loose, rows)
        rows.append(row)
        loose = []
        end = line.span.end
    rows = [r for r in rows if r.name is not None or r.cells]
    if not rows:
        return None
    return _settled(scan, rows, header, totals, Span(zone.start, end), opening)


def _is_header(line: Line, scan: Scan) -> bool:
    kinds_ = [column_of(c.words) for c in line.cells]
    return (
        any(k in (Column.NAME, Column.GRANTED, Column.AMOUNT, Column.ASKED) for k in kinds_)
        and len(line.cells[0].words) < 120
    )


def _row(scan: Scan, line: Line, listed: bool) -> Row | None:
    numbers = [c for c in line.cells if c.is_number]
    words = scan.flat[line.span.start : line.span.end]
    if not numbers or (NOT_A_NAME.match(words) and not line.parted):
        return None
    texts = [c for c in line.texts if any(ch.isalpha() for ch in c.words)]
    if not texts:
        return None
    first = texts[0]
    masked = scan.text.masked
    if (
        not line.parted
        and not re.search(r"(?<!\w)dont(?!\w)", words)
        and any(n.span.end <= t.span.start and t.span.end <= m.span.start for n, m in pairwise(numbers) for t in texts)
    ):
        return None  # several names on one line
    if INFINITIVE.match(masked, first.span.start, first.span.end):
        return None
    if NO_NAME_AT_ALL.fullmatch(scan.flat, first.span.start, first.span.end) or _unbalanced(first.words):
        return None
    guessed = not line.parted and not numbers[0].currency
    if guessed and re.search(r"(?<!\w)\d[\d ]*(?= \w)", masked[first.span.start + 3 : first.span.end]):
        return None
    if numbers[0].span.start < first.span.start and (numbers[0].currency or not line.parted):
        # "500 € à l'Amicale…"
        if not numbers[0].currency:
            return None
        given = re.compile(r"[ :–-]*(?:pour |(?:a|au|aux) |en faveur d(?:e |u |es |')|: ?|- ?)").match(
            masked, numbers[0].span.end, line.span.end
        )
        if given is None:
            return None
        name = next(iter(given_to(scan, Span(numbers[0].span.end, line.span.end))), None) or name_at(
            scan, given.end(), line.span.end
        )
        if name is None or name.anaphora:
            return None
        purpose = PURPOSE_AFTER.match(masked, name.end, line.span.end)
        return Row(line, name, [numbers[0]], numbers[0], purpose=Span(*purpose.span("purpose")) if purpose else None)
    if NOT_A_NAME.match(scan.flat[first.span.start : first.span.end]) or WORDS_OF_A_SENTENCE.search(
        scan.flat[first.span.start : first.span.end]
    ):
        return None
    if len(first.words) > 150:
        return None
    name, purpose_span = _cell_name(scan, first)
    after = [c for c in numbers if c.span.start >= first.span.end or line.ruled]
    row = Row(line, name, after)
    if not line.parted and len(after) > 1 and re.search(r"(?<!\w)dont(?!\w)", words):
        row.cells = after[:1]
    row.purpose = purpose_span
    return row


def _unbalanced(words: str) -> bool:
    """Whether a quote closes that never opened: the line holds the end of a name only."""
    return words.count("»") > words.count("«")


def _cell_name(scan: Scan, cell: Cell) -> tuple[Name, Span | None]:
    """The whole cell is the name, but for an acronym in parentheses, a code, and a plain purpose after it."""
    masked, view = scan.text.masked, scan.text.view.text
    start, end = cell.span.start, cell.span.end
    code = re.compile(r"\d{2,}[ .)-]+(?=\w)").match(masked, start, end)
    if code and not re.match(r"\d{2,}[ .)-]+(?:e|eme|er|ans?|km|h)\b", masked[start:end]):
        start = code.end()
    if masked[start : start + 2] in ("l'", "a ", "au") or re.match(
        r"(?:a|au|aux|l'|la|le|les) ?(?=l'|la |association)", masked[start:end]
    ):
        inner = (
            next(iter(given_to(scan, Span(start, end))), None) if masked[start] == "a" else name_at(scan, start, end)
        )
        if inner and inner.strong:
            return inner, None
    purpose = None
    cut = ENDS_A_CELL.search(masked, start + 3, end)
    stop = end
    if cut:
        stop = cut.start()
        at = PURPOSE_AFTER.match(masked, stop, end)
        purpose = Span(*at.span("purpose")) if at else None
    while stop > start and view[stop - 1] in " \n:,-–(":
        stop -= 1
    name = name_at(scan, start, stop)
    beside = (
        replace(name, span=Span(start, stop), start=start, end=stop, certain=True, collective=False, anaphora=False)
        if name
        else Name(Span(start, stop), start, stop)
    )
    aside = re.compile(r".+?(?= ?\(([^()]{2,40})\)$)").match(view, start, stop)
    if aside:
        acronym = aside[1]
        if re.fullmatch(r"[A-Z][A-Z.& -]{1,14}", acronym):
            beside = replace(beside, span=Span(start, aside.end()), acronym=acronym)
    collective = re.match(r"(?:associations|particuliers|familles|divers|autres)\b", masked[start:stop])
    return replace(beside, collective=bool(collective)), purpose


def _before(scan: Scan, row: Row, loose: Sequence[Line], rows: Sequence[Row]) -> None:
    """A line without an amount right before a row: a category, or the beginning of its name."""
    if not loose or row.name is None:
        return
    line = loose[-1]
    words = scan.text.view.text[line.span.start : line.span.end].strip()
    begins = scan.text.view.text[row.name.span.start : row.name.span.start + 1]
    if begins.islower() or BREAKS_OFF.search(scan.flat[line.span.start : line.span.end].strip()):
        if scan.text.masked[line.span.end : row.name.span.start].strip(" \n") == "" and not words.endswith(":"):
            row.name = replace(row.name, span=Span(line.span.start, row.name.span.end), start=line.span.start)
        return
    if words.endswith(":") or CATEGORY.match(scan.flat[line.span.start : line.span.end]) or words.isupper():
        return
    row.name = replace(row.name, certain=False)


def _wrapped(scan: Scan, row: Row, loose: Sequence[Line]) -> None:
    """A row whose name stands on the lines before it: surely so when a code on a line of its own begins it."""
    codes = [i for i, line in enumerate(loose) if re.fullmatch(r"\d{2,}", line.cells[0].words.strip())]
    pieces = loose[codes[-1] + 1 :] if codes else []
    if row.name is None:
        return
    if not pieces:
        row.name = replace(row.name, certain=False)
        return
    span = Span(pieces[0].span.start, pieces[-1].span.end)
    row.name = Name(span, span.start, span.end)


def _after(scan: Scan, row: Row, line: Line) -> None:
    """A line without an amount right after a row: it may end its name."""
    if row.name is None:
        return
    words = scan.text.view.text[line.span.start : line.span.end].strip()
    if (
        words[:1].islower()
        and not re.match(
            r"(?:pour|afin|au titre|dont|soit|dans|destine|sous|et |les |le |la |l'|ces|chapitre|de |d')",
            scan.flat[line.span.start : line.span.end].strip(),
        )
    ) or BREAKS_OFF.search(scan.flat[row.name.span.start : row.name.span.end]):
        row.name = replace(row.name, certain=False)


def _settled(
    scan: Scan, rows: list[Row], header: Sequence[Line], totals: Sequence[tuple[Line, int]], span: Span, opening: str
) -> Rows:
    """The rows with their granted column chosen, their currency known, their sum compared."""
    cells, sure = chosen(rows, header)
    for row, cell in zip(rows, cells, strict=True):
        row.amount, row.sure = cell, sure and cell is not None and not row.broken
    heading = " ".join(scan.flat[line.span.start : line.span.end] for line in header)
    unit = _unit(f"{opening[-400:]} {heading}")
    result = Rows(span)
    values = [r.amount.number if r.amount else None for r in rows]
    done = 0
    for line, count in totals:
        numbers = list(line.numbers)
        words = scan.flat[line.span.start : line.span.end].strip()
        since = done if PARTIAL_TOTAL.match(words) else 0
        added = sum((v for v in values[since:count] if v is not None), Decimal(0))
        whole = sum((v for v in values[:count] if v is not None), Decimal(0))
        if any(c.number in (added, whole) for c in numbers):
            result.confirmed = True
            if any(c.currency == "EUR" and c.number in (added, whole) for c in numbers):
                unit = unit or "EUR"
        elif numbers and all(v is not None for v in values[since:count]):
            result.mismatches.append(tuple(scan.text.evidence(c.span) for c in numbers))
        done = count
    total = sum((v for v in values if v is not None), Decimal(0))
    if not unit:
        stated = re.search(r"(?:total|global)", opening)
        if stated:
            near = Span(max(0, span.start - len(opening)), span.start)
            if any(a.euros == total for _, a in scan.amounts(near)):
                unit, result.confirmed = "EUR", True
    currencies = {r.amount.currency for r in rows if r.amount and r.amount.currency}
    for row in rows:
        if row.name is None or not row.cells:
            continue
        result.grants.append(_grant(scan, row, unit, len(currencies) > 1 and not result.confirmed, opening))
    return result


def _unit(words: str) -> str:
    if re.search(r"(?<!\w)en (?:k|kilo|milliers d')(?:€|euros?)|k€", words):
        return ""
    if re.search(r"\(?(?:€|(?<!\w)(?:en |euros?\b))[ ]?(?:€|euros?)?", words) and re.search(r"€|euros?", words):
        return "EUR"
    return "FRF" if re.search(r"(?<!\w)(?:en )?francs?(?!\w)|\(f\)", words) else ""


def _grant(scan: Scan, row: Row, unit: str, mixed: bool, opening: str) -> Grant:
    assert row.name is not None
    cell = row.amount
    if cell is None:
        evidence = tuple(scan.text.evidence(c.span) for c in row.cells)
        money = Money(None, evidence, Doubt.AMBIGUOUS)
    else:
        evidence = (scan.text.evidence(cell.span),)
        currency = cell.currency or unit
        if cell.number is None or cell.number <= 0:
            money = Money(None, evidence, Doubt.MALFORMED)
        elif currency == "FRF":
            money = Money(None, evidence, Doubt.MALFORMED, francs=True)
        elif not currency:
            money = Money(None, evidence, Doubt.AMBIGUOUS)
        else:
            sure = row.sure and not (mixed and not cell.currency)
            money = Money(cell.number, evidence, Doubt.NONE if sure else Doubt.AMBIGUOUS)
    kind, _ = kinds.kind_of(opening[-120:], 0, len(opening[-120:]))
    return Grant(row.line.span.start, money, row.name, row.purpose, kind, tabular=True)


def _inline_lists(scan: Scan, zone: Span, taken: Sequence[Span]) -> Iterator[Rows]:
    """ "… les subventions suivantes : A : 500 €, B : 700 €", or "A (500 €), B (700 €)", all in one paragraph."""
    masked = scan.text.masked
    for match in re.compile(rf"(?<!\w)(?:{GRANTING}|subventions)(?=[\s,])[^¤;]{{0,400}}?:").finditer(
        masked, zone.start, zone.end
    ):
        if any(t.start <= match.end() <= t.end for t in taken):
            continue
        rows = Rows(Span(match.end(), match.end()))
        at = match.end()
        while item := _ITEM.match(masked, at, zone.end):
            words = scan.flat[item.start("name") : item.end("name")]
            if TOTAL.match(words):
                at = item.end()
                break
            if NOT_A_NAME.match(words) or WORDS_OF_A_SENTENCE.search(words) or NO_NAME_AT_ALL.fullmatch(words):
                break
            if _unbalanced(scan.text.view.text[item.start("name") : item.end("name")]):
                break
            place = next(iter(scan.amounts(Span(item.start("amount"), item.end("amount")))), None)
            if place is None:
                break
            span, found = place
            name, purpose = _cell_name(scan, Cell(Span(item.start("name"), item.end("name")), "", 0))
            evidence = (scan.text.raw_evidence(found),)
            if found.euros is not None and found.euros > 0:
                money = Money(found.euros, evidence)
            else:
                money = Money(None, evidence, Doubt.MALFORMED, francs=found.currency.value == "FRF")
            kind, _ = kinds.kind_of(scan.flat[max(0, match.start() - 60) : match.end()], 0, 60)
            rows.grants.append(Grant(span.start, money, name, purpose, kind, tabular=True))
            at = item.end()
            closing = _CLOSING.match(masked, at, zone.end)
            at = closing.end() if closing else at
        if rows.grants:
            rows.span = Span(match.end(), at)
            yield rows


_INLINE = re.compile(rf"(?<!\w)(?:{GRANTING}|subventions)(?=[\s,])[^¤;]{{0,400}}?:")
_CLOSING = re.compile(r"[ \n]{0,3}\)")
_ITEM = re.compile(
    r"[\s,;.]{0,12}(?:et[ \n]+)?(?:[-•*–>¥▪◦·■➢✓�]"
    r"|[yo](?=\s))?\s{0,6}(?P<name>[^\s¤§:;()][^¤§:;()\n]{1,120}(?:\n(?!\s*\n)[^¤§:;()\n]{1,80})?)\s*[:(]\s*(?P<amount>¤+)"
)
