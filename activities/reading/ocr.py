"""Character recognition of scanned pages: tesseract, in French, apart and bounded.

Pages are drawn at 300 dpi, the resolution that tesseract's models were trained for, and given to it through a pipe.
Every word comes with its place and with how sure tesseract is of it; what is done about words it is not sure of is
:mod:`activities.reading.confidence`.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from typing import Final

from PIL import Image, ImageFilter

from activities.reading import pdf_process
from activities.reading.deskew import box_before, skew, straight
from activities.reading.geometry import Word

Progress = Callable[[int, int], None]
"""Told how many pages are done, of how many."""

DPI: Final = 300
_POINT: Final = 72 / DPI
LANGUAGE: Final = "fra"
MEMORY: Final = 2 * 1024**3
SECONDS_A_PAGE: Final = 45
_AT_ONCE: Final = 2
_SURE_MARK: Final = 60
"""Under this, a "word" without letter or digit is dirt on the glass."""
_COLUMN_GAP: Final = 2.5
"""A gap of so many heights of a line separates columns."""


@dataclass(frozen=True)
class Recognised:
    """A page as it was recognised."""

    text: str
    words: tuple[Word, ...]
    """Offsets in ``text``."""
    width: float
    height: float
    """Of the page, in points."""

    def moved(self, offset: int) -> "Recognised":
        """The same with offsets in the text of the whole document, where this page begins at ``offset``."""
        words = tuple(w._replace(start=w.start + offset, end=w.end + offset) for w in self.words)
        return Recognised(self.text, words, self.width, self.height)


@cache
def available() -> bool:
    """Whether tesseract and its French model are installed."""
    program = shutil.which("tesseract")
    if program is None:
        return False
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    return LANGUAGE in listed.stdout.split()


def recognise(
    content: bytes, numbers: Iterable[int], seconds: float, progress: Progress | None = None
) -> dict[int, Recognised]:
    """Pages of a PDF by their numbers, from 1. A page that could not be recognised in time is left out.

    :param seconds: for all of them.
    """
    wanted = list(numbers)
    until = time.monotonic() + seconds
    pages: dict[int, Recognised] = {}
    with ThreadPoolExecutor(_AT_ONCE, "ocr") as threads:
        running = {threads.submit(_page, content, number, until): number for number in wanted}
        for done, future in enumerate(as_completed(running), 1):
            page = future.result()
            if page is not None and page.text.strip():
                pages[running[future]] = page
            if progress is not None:
                progress(done, len(wanted))
    return dict(sorted(pages.items()))


def _page(content: bytes, number: int, until: float) -> Recognised | None:
    left = min(until - time.monotonic(), SECONDS_A_PAGE)
    if left <= 0:
        return None
    asked = {"mode": "picture", "page": number, "dpi": DPI, "grey": True}
    try:
        picture = pdf_process.output(content, asked, left)
    except pdf_process.Unreadable:
        return None
    head, width, height, _ = picture[:40].split(maxsplit=3)
    size = int(width), int(height)
    sheet = Image.frombytes("L", size, picture[-size[0] * size[1] :])
    angle = skew(sheet)
    # Specks of dirt become commas and accents; the median of nine pixels takes them off and leaves letters alone.
    cleaned = straight(sheet.filter(ImageFilter.MedianFilter(3)), angle)
    picture = b"%b %d %d 255\n%b" % (head, *size, cleaned.tobytes())
    table = _tesseract(picture, min(until - time.monotonic(), SECONDS_A_PAGE))
    return None if table is None else _read(table, *size, angle)


def _tesseract(picture: bytes, seconds: float) -> str | None:
    """Words of the picture as tesseract's table (TSV), or none when it did not survive it."""
    if seconds <= 0:
        return None
    # Page segmentation 1: automatic, with the orientation found first, so that pages laid sideways are read.
    options = ["-l", LANGUAGE, "--dpi", str(DPI), "--psm", "1", "-c", "tessedit_create_tsv=1"]
    with subprocess.Popen(
        ["tesseract", "stdin", "stdout", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # One thread each: with more, tesseract spends them waiting for each other.
        env={**pdf_process.environment(), "OMP_THREAD_LIMIT": "1"},
    ) as process:
        pdf_process.bound(process.pid, MEMORY, SECONDS_A_PAGE)
        try:
            out, _ = process.communicate(picture, timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
    return out.decode("utf-8", "replace") if process.returncode == 0 else None


@dataclass(frozen=True)
class _Seen:
    paragraph: tuple[str, ...]
    line: tuple[str, ...]
    box: tuple[int, int, int, int]
    confidence: int
    text: str


def _rows(table: str) -> Iterator[_Seen]:
    # level page block par line word left top width height conf text
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) < 12 or cells[0] != "5":
            continue
        text = "".join("\t".join(cells[11:]).split())
        confidence = round(float(cells[10]))
        if not text or confidence < 0 or (confidence < _SURE_MARK and not any(c.isalnum() for c in text)):
            continue
        left, top, width, height = map(int, cells[6:10])
        box = (left, top, left + width, top + height)
        yield _Seen(tuple(cells[2:4]), tuple(cells[2:5]), box, min(confidence, 100), text)


def _read(table: str, width: int, height: int, angle: float) -> Recognised:
    """The page's text: lines as lines, an empty line between paragraphs, a tab between columns."""
    pieces: list[str] = []
    words: list[Word] = []
    length = 0
    before: _Seen | None = None
    for seen in _rows(table):
        between = _between(before, seen) if before else ""
        pieces += (between, seen.text)
        start = length + len(between)
        length = start + len(seen.text)
        box = box_before(seen.box, angle, width, height)
        left, top, right, bottom = (round(side * _POINT, 2) for side in box)
        words.append(Word(start, length, left, top, right, bottom, seen.confidence))
        before = seen
    return Recognised("".join(pieces), tuple(words), width * _POINT, height * _POINT)


def _between(before: _Seen, seen: _Seen) -> str:
    if before.paragraph != seen.paragraph:
        return "\n\n"
    if before.line != seen.line:
        return "\n"
    high = max(before.box[3] - before.box[1], seen.box[3] - seen.box[1])
    return "\t" if seen.box[0] - before.box[2] > _COLUMN_GAP * high else " "
