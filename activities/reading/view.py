"""A clean view of a raw text, every character of which knows where it comes from.

The view has composed accents, plain apostrophes and hyphens, single spaces, trimmed lines, and none of the
private-use glyphs that bullets of Word leave behind. Its folded twin, of the same length, has neither case nor
accents: rules are matched there, values are taken from the view, evidence is the raw span.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from activities.reading.intake import ExtractedText
from domain.facts import Evidence

_MAP = {
    **dict.fromkeys("\u2010\u2011\u2012\u2212", "-"),
    **dict.fromkeys("’‘ʼ´`", "'"),
    **dict.fromkeys("“”„", '"'),
    **dict.fromkeys("\r\f\v\x85\u2028\u2029", "\n"),
}
_DROPPED = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")


class View:
    """The clean text, its folded twin, and the way back to the raw text."""

    def __init__(self, source: ExtractedText) -> None:
        self.source = source
        self.raw = source.text
        characters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for clean, start, end in _clean(self.raw, _running_lines(source)):
            previous = characters[-1] if characters else "\n"
            if clean == " " and previous in " \n":
                continue
            if clean == "\n" and previous == " ":
                characters.pop(), starts.pop(), ends.pop()
            characters.append(clean)
            starts.append(start)
            ends.append(end)
        self.text = "".join(characters)
        self.folded = "".join(_fold(c) for c in self.text)
        self._starts = starts
        self._ends = ends

    def evidence(self, start: int, end: int) -> Evidence:
        """Evidence for ``text[start:end]``, without the white space around it."""
        while start < end and self.text[start].isspace():
            start += 1
        while end > start and self.text[end - 1].isspace():
            end -= 1
        raw_start, raw_end = self._starts[start], self._ends[end - 1] if end > start else self._starts[start]
        return Evidence(
            start=raw_start, end=raw_end, text=self.raw[raw_start:raw_end], page=self.source.page_at(raw_start)
        )

    def evidence_start(self, index: int) -> int:
        """Raw offset of the character at ``index`` of the view."""
        return self._starts[index]

    def value(self, start: int, end: int) -> str:
        """``text[start:end]`` as one line; a word broken after its hyphen is joined again."""
        joined = re.sub(r"(?<=[^\W\d_])-\n+(?=[^\W\d_])", "-", self.text[start:end])
        return re.sub(r"\s+", " ", joined).strip()


_EDGE_LINES = 4
_SENTENCE_END = frozenset(".;:!?»")


def _running_lines(source: ExtractedText) -> dict[int, int]:
    """Running headers and footers, as start and end of what to leave out: a sentence may go on across them.

    One occurrence of each is kept, the first of a header and the last of a footer: it may say what nothing else says.
    """
    if len(source.pages) < 2:
        return {}
    dropped: dict[int, int] = {}
    for top in (True, False):
        seen: dict[str, list[tuple[int, int]]] = {}
        for start, end in source.pages:
            for line in _edge_lines(source.text, start, end, top=top):
                words = re.sub(r"\d+", "0", " ".join(source.text[slice(*line)].split()))
                if len(words) > 3:
                    seen.setdefault(words, []).append(line)
        for lines in seen.values():
            if len(lines) > 1 and len(lines) * 2 >= len(source.pages):
                dropped |= dict(lines[1:] if top else lines[:-1])
    return dropped


def _edge_lines(text: str, start: int, end: int, *, top: bool) -> list[tuple[int, int]]:
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\r\n]+", text[start:end]) if m[0].strip()]
    edge = lines[:_EDGE_LINES] if top else lines[-_EDGE_LINES:]
    return [(start + first, start + last) for first, last in edge]


def _clean(raw: str, dropped: dict[int, int]) -> Iterator[tuple[str, int, int]]:
    index, length = 0, len(raw)
    gaps = _page_breaks(raw, dropped)
    while index < length:
        start = index
        if start in gaps:
            # A page break is no end of a paragraph, unless a sentence ends there.
            index = gaps[start]
            yield from [("\n", start, index)] * (2 if raw[start - 1 : start] in _SENTENCE_END else 1)
            continue
        if start in dropped:
            index = dropped[start]
            continue
        character = raw[index]
        index += 1
        if character == "\r" and raw[index : index + 1] == "\n":
            index += 1
        while index < length and unicodedata.combining(raw[index]):
            index += 1
        if character in _DROPPED or unicodedata.category(character) == "Co":
            continue
        if "\ufb00" <= character <= "\ufb06":
            clean = unicodedata.normalize("NFKC", character)
        elif character in _MAP:
            clean = _MAP[character]
        elif character != "\n" and character.isspace():
            clean = " "
        elif character < " " and character != "\n":
            continue
        else:
            clean = unicodedata.normalize("NFC", raw[start:index])
        for c in clean:
            yield c, start, index


def _page_breaks(raw: str, dropped: dict[int, int]) -> dict[int, int]:
    """Start and end of the white space around each end of page, running lines included."""
    starts = {end: start for start, end in dropped.items()}
    gaps: dict[int, int] = {}
    done = 0
    for match in re.finditer("\f", raw):
        if match.start() < done:
            continue
        start, end = match.start(), match.end()
        while start > done and (start in starts or raw[start - 1].isspace()):
            start = starts.get(start, start - 1)
        while end < len(raw) and (end in dropped or raw[end].isspace()):
            end = dropped.get(end, end + 1)
        gaps[start] = done = end
    return gaps


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    if character == "\ufffd":
        # What a bad encoding destroyed in a French text is nearly always an e with an accent.
        return "e"
    plain = unicodedata.normalize("NFKD", character)[0].lower()
    return plain if len(plain) == 1 else character


def squeezed(pattern: str) -> str:
    """``pattern`` in which a blank stands for any white space, line breaks included, and an optional one for none."""
    return pattern.replace(" ?", r"\s*").replace(" ", r"\s+")


@lru_cache(maxsize=1024)
def phrase(pattern: str) -> re.Pattern[str]:
    """A rule for the folded text, written in plain words. ``^`` and ``$`` are those of lines."""
    return re.compile(squeezed(pattern), re.MULTILINE)
