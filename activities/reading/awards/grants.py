"""An amount granted to somebody, as the rules matched it, before it becomes an award."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from activities.reading.awards.names import Name
from activities.reading.parts import Span
from domain.deliberation import AwardKind
from domain.facts import Evidence


class Doubt(Enum):
    NONE = auto()
    AMBIGUOUS = auto()
    MALFORMED = auto()
    CONFLICTING = auto()


@dataclass(frozen=True)
class Money:
    """An amount, what it is worth if that is sure, and the words that say so."""

    value: Decimal | None
    """Euros; none when there is no currency, another one, or no number."""
    evidence: tuple[Evidence, ...]
    doubt: Doubt = Doubt.NONE
    francs: bool = False


@dataclass(frozen=True)
class Grant:
    place: int
    """Where it stands, to keep the order of the text."""
    money: Money
    name: Name | None
    """None when nobody is named, there or where the text refers to."""
    purpose: Span | None = None
    kind: AwardKind = AwardKind.GRANT
    kind_words: Span | None = None
    ceiling: Span | None = None
    years: tuple[tuple[int, Decimal, Span], ...] = ()
    spoken_of: bool = False
    """Without a name, and worded as known already ("la subvention de 5 000 €"), or as several: not granted here."""
    tabular: bool = False
    """Read from a row of a table or a list."""
    named_elsewhere: tuple[Name, ...] = ()
    """Where the name comes from, when the sentence only refers to it."""
