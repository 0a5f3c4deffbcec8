"""Dates in letters, as communes open their acts: "L'an deux mille vingt-quatre, le douze mars à vingt heures"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from activities.reading.parts import Span, Text
from domain.calendar import MONTHS
from domain.convention import fold

_UNITS = [
    "zero",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "quatre-vingt": 80}
_MONTH = {fold(month).lower(): rank for rank, month in enumerate(MONTHS, 1)}
_JOINT = r"[\s-]{1,3}"
_WORD = (
    r"(?:un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente"
    r"|quarante|cinquante|soixante|et)"
)
_SMALL = rf"{_WORD}(?:{_JOINT}{_WORD}){{0,4}}"
_YEAR = rf"(?P<year>(?:19|20)\d\d|deux{_JOINT}mill?e?(?:{_JOINT}{_SMALL})?)"
_DAY = rf"(?P<day>[0-3]?\d|1er|premier|{_SMALL})"
_MONTHS = rf"(?P<month>{'|'.join(_MONTH)})"
_WEEKDAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
_OPENING = re.compile(
    rf"(?<!\w)l'an\s{{1,3}}{_YEAR}\s{{0,2}},?\s{{1,3}}(?:et\s{{1,3}})?(?:le\s{{1,3}})?(?:{_WEEKDAY}\s{{1,3}})?"
    rf"{_DAY}\s{{1,3}}(?:du\s{{1,3}}mois\s{{1,3}}d[e']\s{{0,3}}|de\s{{1,3}})?{_MONTHS}\b"
)
_PLAIN = re.compile(rf"(?<!\w)(?:le\s{{1,3}}(?:{_WEEKDAY}\s{{1,3}})?){_DAY}\s{{1,3}}{_MONTHS}\s{{1,3}}{_YEAR}\b")


@dataclass(frozen=True)
class SpelledDate:
    value: date
    span: Span


def spelled_dates(text: Text, zone: Span) -> Iterator[SpelledDate]:
    """Those that say a year, a month and a day that exist. A word that no number has (bad OCR) makes no date."""
    for pattern in (_OPENING, _PLAIN):
        for match in pattern.finditer(text.view.folded, zone.start, zone.end):
            if "§" in text.masked[match.start() : match.end()]:
                continue  # a date in figures
            year, day = _year(match["year"]), _number(match["day"])
            if year is None or day is None:
                continue
            try:
                value = date(year, _MONTH[match["month"]], day)
            except ValueError:
                continue
            yield SpelledDate(value, Span(*match.span()))


def _year(words: str) -> int | None:
    if words.isdecimal():
        return int(words)
    rest = re.sub(rf"^deux{_JOINT}mill?e?(?:{_JOINT}|$)", "", words)
    small = _number(rest) if rest else 0
    return None if small is None else 2000 + small


def _number(words: str) -> int | None:
    """Up to 99."""
    words = re.sub(r"(?:-et)+$", "", re.sub(r"[\s-]+", "-", words.strip()))
    if words.isdecimal():
        return int(words)
    if words in ("premier", "1er"):
        return 1
    words = words.replace("vingts", "vingt").replace("-une", "-un").replace("-et-", "-")
    if words in _UNITS:
        return _UNITS.index(words)
    for name, value in sorted(_TENS.items(), key=lambda item: -len(item[0])):
        if words == name:
            return value
        if words.startswith(f"{name}-") and words[len(name) + 1 :] in _UNITS[1:]:
            return value + _UNITS.index(words[len(name) + 1 :])
    return None
