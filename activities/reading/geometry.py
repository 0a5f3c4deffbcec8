"""Where words stand on their page, and what a page looks like: for tables, and to show a fact where it was read."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from activities.reading import pdf_process
from domain.errors import NotFound
from domain.facts import Evidence

SECONDS: Final = 30
_MAX_DPI: Final = 400

Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom, as fractions (0 to 1) of the page as it is shown."""


class Word(NamedTuple):
    """A run of characters without white space."""

    start: int
    end: int
    """Offsets in the extracted text."""
    left: float
    top: float
    right: float
    bottom: float
    """PDF points (1/72 inch) from the top left corner of the page as it is shown: ``top < bottom``."""
    confidence: int | None = None
    """How sure character recognition is, 0 to 100; none for text that the file itself bears."""


def words_of(content: bytes, pages: Sequence[tuple[int, int]], wanted: Iterable[int]) -> dict[int, tuple[Word, ...]]:
    """Words of some pages (from 1) of a PDF, in the order of its text. A page without text has none.

    :param pages: start and end of each page in the extracted text.
    :raises pdf_process.Unreadable: PDFium cannot say.
    """
    found: dict[int, tuple[Word, ...]] = {}
    asked = {"mode": "words", "pages": sorted(set(wanted))}
    for answer in pdf_process.lines(content, asked, SECONDS):
        if "words" in answer and answer["page"] <= len(pages):
            start, end = pages[answer["page"] - 1]
            words = (Word(start + int(w[0]), start + int(w[1]), *w[2:6]) for w in answer["words"])
            found[answer["page"]] = tuple(word for word in words if word.end <= end)
    return found


def page_picture(content: bytes, page: int, dpi: int = 110) -> bytes:
    """Page ``page`` (from 1) of a PDF as PNG, drawn in a process of its own.

    :raises NotFound: ``page_unknown``: there is no such page, or it cannot be drawn.
    """
    asked = {"mode": "picture", "page": page, "dpi": max(20, min(dpi, _MAX_DPI)), "grey": False}
    try:
        return pdf_process.output(content, asked, SECONDS)
    except pdf_process.Unreadable as error:
        raise NotFound("page_unknown", f"La page {page} de ce document ne peut pas être montrée.") from error


def highlights(
    content: bytes, evidence: Evidence, pages: Sequence[tuple[int, int]]
) -> list[tuple[int, list[Rectangle]]]:
    """Where the words of ``evidence`` stand: number of each page they are on, and one rectangle a line.

    Empty when it cannot be said (no PDF, or another file than the one that was read): then nothing is shown, never
    the wrong place.

    :param content: the PDF that was read.
    :param pages: start and end of each page in the extracted text.
    """
    if evidence.boxes:
        return [(n, [b[1:] for b in evidence.boxes if b[0] == n]) for n in sorted({b[0] for b in evidence.boxes})]
    touched = [n for n, (start, end) in enumerate(pages, 1) if start < evidence.end and evidence.start < end]
    if not touched or b"%PDF-" not in content[:1024]:
        return []
    shown: list[tuple[int, list[Rectangle]]] = []
    sizes: dict[int, tuple[float, float]] = {}
    try:
        for answer in pdf_process.lines(content, {"mode": "words", "pages": touched}, SECONDS):
            if "words" not in answer:
                continue
            number, origin = answer["page"], pages[answer["page"] - 1][0]
            sizes[number] = answer["size"]
            boxes = [
                Word(origin + int(w[0]), origin + int(w[1]), *w[2:6])
                for w in answer["words"]
                if origin + w[0] < evidence.end and evidence.start < origin + w[1]
            ]
            if boxes:
                shown.append((number, on_page(boxes, *answer["size"])))
    except pdf_process.Unreadable:
        return []
    return shown


def on_page(words: Iterable[Word], width: float, height: float) -> list[Rectangle]:
    """One rectangle for each line that the words make."""
    lines: list[Rectangle] = []
    for word in words:
        box = (word.left, word.top, word.right, word.bottom)
        last = lines[-1] if lines else None
        middle = (word.top + word.bottom) / 2
        if last and last[1] <= middle <= last[3] and word.left >= last[0]:
            lines[-1] = (last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]))
        else:
            lines.append(box)
    return [
        (_share(left, width), _share(top, height), _share(right, width), _share(bottom, height))
        for left, top, right, bottom in lines
    ]


def _share(length: float, whole: float) -> float:
    return round(min(1.0, max(0.0, length / whole)), 5) if whole > 0 else 0.0
