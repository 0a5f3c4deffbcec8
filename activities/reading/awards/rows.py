"""Lines of a table or a list: their cells, their names, their numbers.

The clean view has single spaces; the raw line still has the tabs, bars, wide blanks and dotted leaders that part its
cells. Where nothing parts them, the amount at the end of the line does.
"""

import bisect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from activities.reading.awards.scan import Scan
from activities.reading.parts import Span
from domain.amounts import number_with_currency

_PARTING = re.compile(
    r"[ \u00a0\u202f]*(?:\t|\|)[ \u00a0\u202f]*|[ \u00a0]*(?:\.[ \u00a0]?){3,}"
    r"|[ \u00a0]*…+(?:\.{1,2})?[ \u00a0]*|[ \u00a0]*(?:_{3,}|·{3,})[ \u00a0]*|[ \u00a0]{2,}"
)
_BULLET = re.compile(r"[ \n]*(?:[-•*–>¥▪◦·■➢✓→○●▫❖�][ \n]*|[yo°][ \n]+(?=[A-ZÀ-Ý])|\d{1,2}[.)°][ \n]+|[a-z]\)[ \n]+)?")
_NUMBER_AT_END = re.compile(
    r"(?<![\d,.])(?P<number>\d{1,3}(?:[ .\u00a0\u202f]\d{3})+(?:,\d{1,2})?|\d+(?:,\d{1,2})?)[ ]*$"
)
_SEPARATOR_END = re.compile(r"[ :=–\-(\u00a0,;>→]+$")
_EMPTY = frozenset({"", "-", "–", "—", "/", "néant", "0", "0 €", "0,00 €", "0,00"})


_WIDE = 0.75
"""Of the height of a line: a blank between words is a third of it, justified ones hardly more than a half."""


@dataclass(frozen=True)
class Cell:
    span: Span
    words: str
    at: int
    """Offset in the raw line: columns are aligned by it."""
    number: Decimal | None = None
    currency: str = ""
    """``EUR``, ``FRF`` or nothing."""

    @property
    def is_number(self) -> bool:
        return self.number is not None

    @property
    def is_empty(self) -> bool:
        return self.words.strip().lower() in _EMPTY


@dataclass(frozen=True)
class Line:
    span: Span
    cells: tuple[Cell, ...]
    ruled: bool
    """Cells are parted by tabs or bars: an empty one counts."""
    parted: bool
    """Something parts the cells."""

    @property
    def numbers(self) -> list[Cell]:
        return [c for c in self.cells if c.is_number]

    @property
    def texts(self) -> list[Cell]:
        return [c for c in self.cells if not c.is_number and not c.is_empty]


def lines_of(scan: Scan, zone: Span) -> Iterator[Line]:
    """The lines of ``zone`` that are not blank."""
    masked = scan.text.masked
    start = zone.start
    while start < zone.end:
        stop = masked.find("\n", start, zone.end)
        stop = zone.end if stop < 0 else stop
        if masked[start:stop].strip():
            yield line_of(scan, Span(start, stop))
        start = stop + 1


def line_of(scan: Scan, span: Span) -> Line:
    view = scan.text.view
    start, stop = span.start, span.end
    while stop > start and view.text[stop - 1] in " \n":
        stop -= 1
    if stop - start > 600:
        return Line(Span(start, stop), (Cell(Span(start, stop), view.text[start:stop][:600], 0),), False, False)
    bullet = _BULLET.match(view.text, start, stop)
    start = bullet.end() if bullet else start
    while start < stop and view.text[start] == " ":
        start += 1
    if start >= stop:
        return Line(span, (), False, False)
    raw = view.spaced(start, stop)
    ruled = "\t" in raw or "|" in raw
    cells: list[Cell] = []
    begin = 0
    for match in (*_PARTING.finditer(raw), None):
        end = match.start() if match else len(raw)
        if end > begin or (ruled and match is not None):
            cells.append(_cell(scan, raw[begin:end], begin, Span(start, stop)))
        begin = match.end() if match else end
    if len([c for c in cells if c.words.strip()]) < 2:
        apart = _by_place(scan, Span(start, stop))
        if len(apart) > 1:
            return Line(Span(start, stop), tuple(_apart(scan, apart)), False, True)
        cells = _split_by_amount(scan, Span(start, stop))
        return Line(Span(start, stop), tuple(cells), False, False)
    return Line(Span(start, stop), tuple(_apart(scan, cells)), ruled, True)


def _by_place(scan: Scan, span: Span) -> list[Cell]:
    """Cells of a line of a PDF, parted where two words stand further apart than any blank within a sentence."""
    view = scan.text.view
    source = view.source
    line = scan.text.evidence(span)
    if line.page is None or not source.pdf or not any(c.isdecimal() for c in line.text):
        return []
    words = sorted(w for w in source.words(line.page) if line.start <= w.start and w.end <= line.end)
    places = range(span.start, span.end)
    cuts = [
        span.start + bisect.bisect_left(places, after.start, key=view.evidence_start)
        for before, after in pairwise(words)
        if after.left - before.right > (before.bottom - before.top) * _WIDE
    ]
    cells = []
    for start, stop in pairwise((span.start, *cuts, span.end)):
        inner = view.text[start:stop].strip()
        if inner:
            number, currency = number_with_currency(inner)
            first = start + (len(view.text[start:stop]) - len(view.text[start:stop].lstrip()))
            cells.append(Cell(Span(first, first + len(inner)), inner, start - span.start, number, currency))
    return cells


def _cell(scan: Scan, words: str, begin: int, line: Span) -> Cell:
    view = scan.text.view
    inner = words.strip()
    offset = begin + (len(words) - len(words.lstrip()))
    first = min(view.place(line.start, offset), line.end)
    last = min(view.place(line.start, offset + len(inner)), line.end)
    number, currency = number_with_currency(inner)
    return Cell(Span(first, max(first, last)), inner, begin, number, currency)


def _apart(scan: Scan, cells: list[Cell]) -> Iterator[Cell]:
    """Cells, in which "Judo Club : 700 €" that nothing else parts is two."""
    for cell in cells:
        if cell.is_number or cell.span.start >= cell.span.end or "¤" not in scan.flat[cell.span.start : cell.span.end]:
            yield cell
            continue
        pieces = _split_by_amount(scan, cell.span)
        for piece in pieces:
            yield Cell(piece.span, piece.words, cell.at + piece.at, piece.number, piece.currency)


def _split_by_amount(scan: Scan, span: Span) -> list[Cell]:
    """Name then amounts, parted by the amounts themselves or by the last number of the line."""
    view, masked = scan.text.view, scan.text.masked
    cells: list[Cell] = []
    at = span.start
    for place, found in scan.amounts(span):
        _text_cell(scan, cells, Span(at, place.start), span.start)
        currency = found.currency.value if found.value is not None else ""
        cells.append(
            Cell(
                place,
                view.text[place.start : place.end],
                place.start - span.start,
                found.value or Decimal(-1),
                currency,
            )
        )
        at = place.end
    if cells:
        _text_cell(scan, cells, Span(at, span.end), span.start)
        return cells
    number = _NUMBER_AT_END.search(masked, span.start, span.end)
    if number and number.start() > span.start and not masked[span.start : number.start()].strip(" -:").isdecimal():
        _text_cell(scan, cells, Span(span.start, number.start()), span.start)
        value, currency = number_with_currency(view.text[number.start("number") : number.end("number")])
        cells.append(Cell(Span(*number.span("number")), number["number"], number.start() - span.start, value, currency))
        return cells
    return [Cell(span, view.text[span.start : span.end], 0)]


def _text_cell(scan: Scan, cells: list[Cell], span: Span, origin: int) -> None:
    view = scan.text.view
    end = span.end
    trailing = _SEPARATOR_END.search(view.text, span.start, end)
    end = trailing.start() if trailing else end
    start = span.start
    while start < end and view.text[start] in " :–-=),;.":
        start += 1
    if start < end:
        cells.append(Cell(Span(start, end), view.text[start:end], start - origin))
