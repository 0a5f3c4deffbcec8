"""The source document beside its facts: its text leaf by leaf, the chosen words marked, and where they are on a page.

All is made on the server, so that it works without a script: a fact is chosen by a link, its words are ``<mark>``ed,
and the link leads to the first of them. The text that is sent has one character for each code point of the source:
a selection in the browser counts in the same offsets as the evidence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.documents import PDF, DocumentRef
from domain.errors import ParapheError
from domain.facts import Evidence
from domain.source import SourceText
from portal.ports import Rectangle, Sources

WHOLE = 120_000
"""Characters up to which the whole text is on the page; a longer one is shown around what was chosen."""
CHUNK = 20_000
"""Length of a leaf where the source has no pages, or huge ones."""
MOST = 12
"""Places marked for one fact; the others are only quoted."""
PAGES_AROUND = 1


@dataclass(frozen=True)
class Passage:
    """One place of the chosen fact."""

    number: int
    evidence: Evidence
    role: str = ""
    """French, for a corrected fact: whether these are the words chosen or those read first."""

    @property
    def anchor(self) -> str:
        return "passage" if self.number == 1 else f"passage-{self.number}"


@dataclass(frozen=True)
class Segment:
    """A run of the text that belongs to the same passages."""

    text: str
    passages: tuple[int, ...] = ()
    starts: tuple[Passage, ...] = ()
    """Passages whose first words these are."""
    around: bool = False
    """The rest of the sentence that a passage is in."""


@dataclass(frozen=True)
class Box:
    """A rectangle to draw over the picture of a page, in thousandths of it."""

    passage: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Leaf:
    """A page, or a part of a source without pages."""

    number: int
    start: int
    segments: tuple[Segment, ...]
    boxes: tuple[Box, ...] = ()
    recognised: bool = False
    """Its text comes from character recognition (OCR)."""

    @property
    def drawn(self) -> tuple[int, ...]:
        """Passages that have rectangles on its picture."""
        return tuple(sorted({box.passage for box in self.boxes}))

    @property
    def marked(self) -> bool:
        return any(segment.passages for segment in self.segments)


@dataclass(frozen=True)
class Pane:
    leaves: tuple[Leaf, ...]
    passages: tuple[Passage, ...]
    paged: bool
    """The leaves are pages."""
    pictures: bool
    """Its pages can be shown as pictures."""
    count: int
    """Leaves of the whole source."""
    before: int | None = None
    """Leaf to ask for to see what comes before; none when all is shown."""
    after: int | None = None
    lost: bool = False
    """The text of the source cannot be had."""


def leaf_asked(text: str) -> int | None:
    """The leaf of the address, when it is one."""
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,4}", text) else None


def passages_of(
    evidence: Sequence[Evidence], text: SourceText, first_read: Sequence[Evidence] = ()
) -> tuple[Passage, ...]:
    """The places that can be shown: those whose words are in the text where they are said to be."""
    known = [(words, "Mots choisis" if first_read else "") for words in evidence]
    known += [(words, "Mots lus d'abord") for words in first_read if words not in evidence]
    held = [(words, role) for words, role in known if text.holds(words) and words.text][:MOST]
    return tuple(Passage(rank, words, role) for rank, (words, role) in enumerate(held, 1))


def pane(
    sources: Sources,
    document: DocumentRef,
    text: SourceText,
    passages: tuple[Passage, ...],
    *,
    asked: int | None = None,
    recognised: Sequence[int] = (),
) -> Pane:
    """May block: places on pages are looked for in a process.

    :param asked: the leaf to show, for a text that is not shown whole.
    """
    spans = _leaves(text)
    paged = bool(text.pages) and len(spans) == len(text.pages)
    first, last = _shown(spans, passages, asked)
    pictures = document.media_type == PDF and paged
    boxes = _boxes(sources, document, text, passages) if pictures else {}
    leaves = tuple(
        Leaf(
            number,
            start,
            _segments(text.text, start, end, passages),
            tuple(boxes.get(number, ())),
            paged and number in recognised,
        )
        for number, (start, end) in enumerate(spans[first:last], first + 1)
    )
    return Pane(
        leaves,
        passages,
        paged,
        pictures,
        len(spans),
        before=max(1, first - PAGES_AROUND) if first else None,
        after=min(len(spans), last + 1 + PAGES_AROUND) if last < len(spans) else None,
    )


def _leaves(text: SourceText) -> list[tuple[int, int]]:
    if text.pages and all(end - start <= WHOLE for start, end in text.pages):
        return list(text.pages)
    spans, start, length = [], 0, len(text.text)
    while start < length:
        end = min(length, start + CHUNK)
        cut = text.text.rfind("\n", start + CHUNK // 2, end) + 1
        end = cut if cut and end < length else end
        spans.append((start, end))
        start = end
    return spans or [(0, 0)]


def _shown(spans: list[tuple[int, int]], passages: tuple[Passage, ...], asked: int | None) -> tuple[int, int]:
    """First leaf to show, from 0, and the one after the last."""
    if sum(end - start for start, end in spans) <= WHOLE:
        return 0, len(spans)
    if asked is not None:
        centre = min(asked, len(spans)) - 1
    elif passages:
        place = passages[0].evidence.start
        centre = next((rank for rank, (_, end) in enumerate(spans) if place < end), len(spans) - 1)
    else:
        centre = 0
    return max(0, centre - PAGES_AROUND), min(len(spans), centre + 1 + PAGES_AROUND)


def _segments(text: str, start: int, end: int, passages: tuple[Passage, ...]) -> tuple[Segment, ...]:
    inside = [p for p in passages if p.evidence.start < end and p.evidence.end > start]
    sentences = [_sentence(text, p.evidence, start, end) for p in inside]
    cuts = {start, end}
    for passage, sentence in zip(inside, sentences, strict=True):
        cuts |= {max(start, passage.evidence.start), min(end, passage.evidence.end), *sentence}
    return tuple(
        Segment(
            visible(text[left:right]),
            tuple(p.number for p in inside if p.evidence.start <= left and right <= p.evidence.end),
            tuple(p for p in inside if p.evidence.start == left),
            any(first <= left and right <= last for first, last in sentences),
        )
        for left, right in pairwise(sorted(cuts))
    )


_ENDS = re.compile(r"[.;!?](?=\s)|\n[ \t]*\n|\n(?=[-–—•])|:[ \t]*\n|^[^\n]{0,25}\n", re.MULTILINE)
_SENTENCE = 500


def _sentence(text: str, words: Evidence, start: int, end: int) -> tuple[int, int]:
    """The sentence that ``words`` are in, within a leaf; some hundred characters at most on each side."""
    first = max(start, words.start - _SENTENCE)
    last = min(end, words.end + _SENTENCE)
    begun = max((m.end() for m in _ENDS.finditer(text, first, max(first, words.start))), default=first)
    closed = _ENDS.search(text, min(words.end, last), last)
    begun = min(max(begun, start), max(start, words.start))
    while begun < words.start and text[begun].isspace():
        begun += 1
    return begun, max(min(words.end, end), closed.end() if closed else last)


_HIDING = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""What would not be seen, or would make the text read otherwise than it is (bidirectional controls)."""


def visible(text: str) -> str:
    """``text``, one character for one, without what hides or what browsers change."""
    lines = text.replace("\r\n", " \n").replace("\r", "\n")
    return _HIDING.sub("\ufffd", lines)


def _boxes(
    sources: Sources, document: DocumentRef, text: SourceText, passages: tuple[Passage, ...]
) -> dict[int, list[Box]]:
    boxes: dict[int, list[Box]] = {}
    for passage in passages:
        try:
            places = sources.places(document, passage.evidence, text)
        except (ParapheError, OSError, RuntimeError):
            # The words are still marked in the text: a picture without its rectangle misleads nobody.
            places = []
        for page, rectangles in places:
            boxes.setdefault(page, []).extend(_box(passage.number, rectangle) for rectangle in rectangles)
    return boxes


def _box(passage: int, rectangle: Rectangle) -> Box:
    left, top, right, bottom = (min(1.0, max(0.0, side)) for side in rectangle)
    return Box(
        passage,
        round(left * 1000, 1),
        round(top * 1000, 1),
        round((right - left) * 1000, 1),
        round((bottom - top) * 1000, 1),
    )
