"""What character recognition was not sure of: a fact that rests on it waits for a person.

The rule is one pass over what was read, whatever rule read it: a fact that was ``found`` in a word recognised with
less confidence than the limit becomes ``ambiguous``. Its value stays, for the person to compare with the picture.
"""

import bisect
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeVar

from activities.reading.geometry import Word, on_page
from activities.reading.intake import ExtractedText
from domain.documents import Model
from domain.facts import Evidence, Fact, FactStatus

M = TypeVar("M", bound=Model)


def with_confidence(read: M, source: ExtractedText) -> M:
    """What was read (an act, a whole reading), its evidence told how sure recognition was, its doubtful facts
    ambiguous. The very same object when nothing of the source was recognised.
    """
    return _Pass(source).over(read) if source.recognised else read


class _Pass:
    def __init__(self, source: ExtractedText) -> None:
        self._source = source
        self._words = [word for _, page in sorted(source.recognised.items()) for word in page.words]
        self._ends = [word.end for word in self._words]
        self._surest = _surest_of_each(source.text, self._words)

    def over(self, value: M) -> M:
        changed: dict[str, Any] = {}
        for name in type(value).model_fields:
            old = getattr(value, name)
            new = self._any(old)
            if new is not old:
                changed[name] = new
        if isinstance(value, Fact):
            evidence = changed.get("evidence", value.evidence)
            if value.status is FactStatus.FOUND and any(self._doubtful(e) for e in evidence):
                changed["status"] = FactStatus.AMBIGUOUS
        return value.model_copy(update=changed) if changed else value

    def _any(self, value: Any) -> Any:
        if isinstance(value, Evidence):
            return self._evidence(value)
        if isinstance(value, Model):
            return self.over(value)
        if isinstance(value, tuple) and value:
            new = tuple(self._any(item) for item in value)
            return new if any(a is not b for a, b in zip(new, value, strict=True)) else value
        return value

    def _doubtful(self, evidence: Evidence) -> bool:
        return evidence.ocr_confidence is not None and evidence.ocr_confidence < self._source.surest

    def _evidence(self, evidence: Evidence) -> Evidence:
        words = list(self._in(evidence))
        if not words:
            return evidence
        told = [self._confidence(word) for word in words if any(c.isalnum() for c in self._said(word))]
        boxes = []
        for number, page in sorted(self._source.recognised.items()):
            start, end = self._source.pages[number - 1]
            here = [word for word in words if start <= word.start < end]
            boxes += [(number, *box) for box in on_page(here, page.width, page.height)]
        return evidence.model_copy(update={"ocr_confidence": min(told, default=100), "boxes": tuple(boxes)})

    def _in(self, evidence: Evidence) -> Iterable[Word]:
        for word in self._words[bisect.bisect_right(self._ends, evidence.start) :]:
            if word.start >= evidence.end:
                return
            yield word

    def _said(self, word: Word) -> str:
        return self._source.text[word.start : word.end]

    def _confidence(self, word: Word) -> int:
        return max(word.confidence or 0, self._surest.get(_bare(self._said(word)), 0))


def _surest_of_each(text: str, words: Iterable[Word]) -> dict[str, int]:
    """The best confidence of each word of letters: what was recognised twice as the same word is that word.

    Never of what bears a digit: there every misreading is a number too.
    """
    surest: dict[str, int] = defaultdict(int)
    for word in words:
        bare = _bare(text[word.start : word.end])
        if len(bare) > 3 and not any(c.isdecimal() for c in bare):
            surest[bare] = max(surest[bare], word.confidence or 0)
    return surest


def _bare(word: str) -> str:
    return word.strip(".,;:!?()[]«»\"'’“”")
