"""Facts made from candidates: one value is found, several that differ are ambiguous, none is missing."""

from collections.abc import Iterable
from typing import TypeVar

from domain.convention import fold
from domain.facts import Evidence, Fact, FactStatus

T = TypeVar("T")

_SHOWN = 6
"""A fact repeated on every page needs no more evidence than this."""


def settle(candidates: Iterable[tuple[T | None, Evidence]]) -> Fact[T]:
    """One fact from what was read in several places. A candidate without value was there but makes no sense."""
    read = list(candidates)
    if not read:
        return Fact()
    evidence = tuple(dict.fromkeys(e for _, e in read))[:_SHOWN]
    values = [value for value, _ in read if value is not None]
    if not values:
        return Fact(status=FactStatus.MALFORMED, evidence=evidence)
    if len(values) < len(read) or len({_same(value) for value in values}) > 1:
        return Fact(status=FactStatus.AMBIGUOUS, evidence=evidence)
    value = values[0]
    if isinstance(value, str) and damaged(value):
        return Fact(value=value, status=FactStatus.MALFORMED, evidence=evidence)
    return Fact(value=value, status=FactStatus.FOUND, evidence=evidence)


def damaged(value: str) -> bool:
    """Whether characters were lost: U+FFFD, or a question mark within a word."""
    return "\ufffd" in value or any(
        c == "?" and value[i - 1 : i].isalpha() and value[i + 1 : i + 2].isalpha() for i, c in enumerate(value)
    )


def _same(value: object) -> object:
    return fold(value) if isinstance(value, str) else value
