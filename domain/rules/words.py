"""Values and names as findings write and compare them. Nothing here raises, whatever it is given."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from domain.calendar import long_date
from domain.convention import fold
from domain.deliberation import Act
from domain.facts import Evidence, Fact
from domain.parties import Person

_TITLES = {"M", "MM", "MME", "MMES", "MLLE", "MR", "MONSIEUR", "MADAME", "MESDAMES", "MESSIEURS", "DR", "DOCTEUR", "ME"}


def euros(amount: Decimal) -> str:
    """``23 000,00 €``, cents always, so that a threshold is seen to be reached or not; negative ones too."""
    figures = f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",")
    return f"{figures}\u00a0€"


def day(value: date) -> str:
    return long_date(value)


def listed(names: Iterable[str]) -> str:
    """``A``, ``A et B``, ``A, B et C``; at most six, then how many more."""
    every = list(dict.fromkeys(names))
    if len(every) > 6:
        every = [*every[:5], f"{len(every) - 5} autres"]
    return every[0] if len(every) == 1 else f"{', '.join(every[:-1])} et {every[-1]}" if every else ""


def quoted(text: str) -> str:
    """A name from outside, one line, cut where it is too long."""
    line = " ".join(text.split())
    return f"« {line if len(line) <= 120 else line[:119] + '…'} »"


def places(facts: Iterable[Fact[str]]) -> tuple[Evidence, ...]:
    return tuple(evidence for fact in facts for evidence in fact.evidence)


def not_voting(act: Act) -> tuple[Fact[str], ...]:
    """The members said not to take part in the vote, whose name is sure."""
    return tuple(fact for fact in act.not_voting if fact.usable)


def same_person(person: Person, name: str) -> bool:
    """Whether ``name``, as an act writes it, may be this person's: the whole last name, and a first name that agrees.

    "Mme Exemple", "EXEMPLE Camille" and "C. Exemple" may all be Camille Exemple; two members of one family differ by
    the first name, when it is given.
    """
    words = [word for word in fold(name).split("-") if word and word not in _TITLES]
    last = fold(person.last_name).split("-")
    if not last or not _within(last, words):
        return False
    rest = list(words)
    for word in last:
        rest.remove(word)
    first = [word for word in fold(person.first_name).split("-") if word]
    return not rest or any(word in first or (len(word) == 1 and word == first[0][:1]) for word in rest if first)


def _within(part: list[str], words: list[str]) -> bool:
    return any(words[start : start + len(part)] == part for start in range(len(words) - len(part) + 1))


_SMALL = {"ASSOCIATION", "SOCIETE", "SAS", "SARL", "SA", "L", "LA", "LE", "LES", "DE", "DU", "DES", "D", "ET"}
"""Words that registers and people leave out or put in as they like."""


def same_name(one: str, other: str) -> bool:
    """Whether two names of a body differ by accents, case, punctuation, small words or a bracketed short name only."""
    return _bare(one) == _bare(other) != ()


def _bare(name: str) -> tuple[str, ...]:
    plain = re.sub(r"\([^()]{0,200}\)", " ", name)
    words = [word for word in fold(plain).split("-") if word]
    return tuple(word for word in words if word not in _SMALL) or tuple(words)
