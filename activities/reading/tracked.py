"""A text that was changed, each character of which still knows where it stood in the raw text."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Edit(NamedTuple):
    """Replace ``text[start:end]``."""

    start: int
    end: int
    by: str = ""


class Piece(NamedTuple):
    """What a new text is put together from: a stretch of the old one, said in other words or as it is."""

    start: int
    end: int
    by: str | None = None


class Tracked:
    """Never changed itself: each change gives another."""

    __slots__ = ("ends", "starts", "text")

    def __init__(self, text: str, starts: list[int], ends: list[int]) -> None:
        self.text = text
        self.starts = starts
        self.ends = ends

    @classmethod
    def of(cls, raw: str) -> "Tracked":
        return cls(raw, list(range(len(raw))), list(range(1, len(raw) + 1)))

    def edited(self, edits: Iterable[Edit]) -> "Tracked":
        """:param edits: in order; what overlaps an earlier one is left out."""
        pieces: list[Piece] = []
        done = 0
        for start, end, by in edits:
            if start >= done and end > start:
                pieces += (Piece(done, start), Piece(start, end, by))
                done = end
        return self.assembled([*pieces, Piece(done, len(self.text))]) if pieces else self

    def assembled(self, pieces: Iterable[Piece]) -> "Tracked":
        """:param pieces: in any order."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        for start, end, by in pieces:
            if by is None or len(by) == end - start:
                texts.append(self.text[start:end] if by is None else by)
                starts += self.starts[start:end]
                ends += self.ends[start:end]
            elif by:
                texts.append(by)
                first, last = self.raw_span(start, end)
                starts += [first] * len(by)
                ends += [last] * len(by)
        return Tracked("".join(texts), starts, ends)

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]``, which is not empty, stood; with all between when it was put together."""
        return min(self.starts[start:end]), max(self.ends[start:end])


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each line of ``text``, without its end of line."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1
