"""The text that a source document gave: what every evidence of its reading counts in."""

import re
from collections.abc import Iterator

from domain.documents import WireModel
from domain.facts import Evidence


class SourceText(WireModel):
    """The raw text of a document, kept beside its reading so that both always agree."""

    text: str
    pages: tuple[tuple[int, int], ...] = ()
    """Start and end of each page in ``text``, in code points; empty for sources without pages."""

    def page_at(self, offset: int) -> int | None:
        """Number of the page, from 1, that ``offset`` lies on; none without pages."""
        page = None
        for number, (start, _) in enumerate(self.pages, 1):
            if start > offset:
                break
            page = number
        return page

    def evidence(self, start: int, end: int) -> Evidence:
        """The words between two offsets, without the white space around them.

        :raises ValueError: these offsets hold no word.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError("these offsets are not in the text")
        words = self.text[start:end]
        start += len(words) - len(words.lstrip())
        words = words.strip()
        if not words:
            raise ValueError("these offsets hold no word")
        return Evidence(start=start, end=start + len(words), text=words, page=self.page_at(start))

    def holds(self, evidence: Evidence) -> bool:
        """Whether the text says these words at this place."""
        return self.text[evidence.start : evidence.end] == evidence.text

    def places_of(self, words: str, limit: int = 20) -> Iterator[tuple[int, int]]:
        """Where ``words`` stand, whatever the white space between them; at most ``limit`` places."""
        parts = [re.escape(part) for part in words.split()]
        if not parts:
            return
        for rank, match in enumerate(re.finditer(r"\s+".join(parts), self.text)):
            if rank == limit:
                return
            yield match.span()
