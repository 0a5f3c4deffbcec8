"""A clean view of a raw text, every character of which knows where it comes from.

The view has composed accents, plain apostrophes and hyphens, single spaces, trimmed lines, words that a line had cut
in one piece, and none of the private-use glyphs that bullets of Word leave behind. Mojibake is read as what it was;
running headers are left out, and a stamp in the middle of a sentence stands after it. Its folded twin, of the same
length, has neither case nor accents: rules are matched there, values are taken from the view, evidence is the raw span.
"""

import dataclasses
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Protocol, TypeVar

from activities.reading.characters import folded, mojibake, unusual
from activities.reading.furniture import margin_numbers, running_lines, stamps_moved
from activities.reading.intake import ExtractedText
from activities.reading.tracked import Edit, Tracked
from activities.reading.wrapping import hyphenation, letter_spacing, split_dates
from domain.facts import Evidence

_PLAIN = str.maketrans(
    {**dict.fromkeys("\u2010\u2011\u2012\u2212", "-"), **dict.fromkeys("’‘ʼ´`", "'"), **dict.fromkeys("“”„", '"')}
)


class Found(Protocol):
    """An amount or a date, found in a text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def text(self) -> str: ...


F = TypeVar("F", bound=Found)


class View:
    """The clean text, its folded twin, and the way back to the raw text."""

    def __init__(self, source: ExtractedText) -> None:
        self.source = source
        self.raw = source.text
        self._mended = mended(source)
        text = self._mended.text
        clean = Tracked.of(text).edited(_spaces(text))
        self.text = clean.text.translate(_PLAIN)
        self.folded = folded(self.text)
        self._at = clean.starts
        """For each character of the view, where it stands in the mended text."""

    def found(self, finder: Callable[[str], Iterable[F]]) -> Iterator[tuple[int, int, F]]:
        """What ``finder`` finds in the mended text, its white space as it came (tabs part columns): start and end in
        the view, and the thing itself with the offsets and words of the raw text.
        """
        for thing in finder(self._mended.text):
            start, end = bisect_left(self._at, thing.start), bisect_left(self._at, thing.end)
            if start < end:
                first, last = self._mended.raw_span(thing.start, thing.end)
                changes = {"start": first, "end": last, "text": self.raw[first:last]}
                yield start, end, dataclasses.replace(thing, **changes)  # type: ignore[type-var]

    def spaced(self, start: int, end: int) -> str:
        """``text[start:end]`` with its white space as it came: wide gaps and tabs part columns."""
        return self._mended.text[self._at[start] : self._at[end - 1] + 1] if start < end else ""

    def place(self, start: int, offset: int) -> int:
        """Where in the view the character at ``offset`` of ``spaced(start, …)`` stands."""
        return bisect_left(self._at, self._at[start] + offset)

    def evidence(self, start: int, end: int) -> Evidence:
        """Evidence for ``text[start:end]``, without the white space around it."""
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        if start == end:
            first = last = self.evidence_start(start)
        else:
            first, last = self._mended.raw_span(self._at[start], self._at[end - 1] + 1)
        return Evidence(start=first, end=last, text=self.raw[first:last], page=self.source.page_at(first))

    def evidence_start(self, index: int) -> int:
        """Raw offset of the character at ``index`` of the view; its end after the last one."""
        return self._mended.starts[self._at[index]] if index < len(self._at) else len(self.raw)

    def value(self, start: int, end: int) -> str:
        """``text[start:end]`` as one line; a word broken after its hyphen is joined again."""
        joined = re.sub(r"(?<=[^\W\d_])-\n+(?=[^\W\d_])", "-", self.text[start:end])
        return re.sub(r"\s+", " ", joined).strip()


def mended(source: ExtractedText) -> Tracked:
    """The raw text with what happened to it on the way undone, its white space as it came."""
    text = Tracked.of(source.text)
    text = text.edited(running_lines(text.text, source.pages))
    for _ in range(_TWICE):
        text = text.edited(mojibake(text.text))
    text = text.edited(unusual(text.text))
    text = text.edited(margin_numbers(text.text))
    text = stamps_moved(text)
    for mend in (hyphenation, letter_spacing, split_dates):
        text = text.edited(mend(text.text))
    return text


_TWICE = 2
_SPACES = re.compile(r"[^\S\n]*\n\s*|[^\S\n]{2,}|[^\S \n]|\A ")


def _spaces(text: str) -> Iterator[Edit]:
    """One space for several, none around an end of line, one empty line for several: no rule has to bear more."""
    for match in _SPACES.finditer(text):
        by = "\n" * min(2, match[0].count("\n")) or (" " if match.start() else "")
        if match[0] != by:
            yield Edit(*match.span(), by)


def squeezed(pattern: str) -> str:
    """``pattern`` in which a blank stands for any white space, line breaks included, and an optional one for none."""
    return pattern.replace(" ?", r"\s*").replace(" ", r"\s+")


@lru_cache(maxsize=1024)
def phrase(pattern: str) -> re.Pattern[str]:
    """A rule for the folded text, written in plain words. ``^`` and ``$`` are those of lines."""
    return re.compile(squeezed(pattern), re.MULTILINE)
