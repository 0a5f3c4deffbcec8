"""French dates, and the working days that legal delays run on. Deterministic: workflows may call it.

Working days are Monday to Friday without the public holidays of metropolitan France (Code du travail, L3133-1).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import holidays

PARIS: Final = ZoneInfo("Europe/Paris")
CLOSING_TIME: Final = time(18)
"""When a working day ends, in Paris."""

MONTHS: Final = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

# An accent may be composed, decomposed, dropped in capitals, or lost to a bad encoding (U+FFFD).
_MONTH_PATTERNS: Final = tuple(
    re.sub("[éû]", lambda m: rf"(?:[{m[0]}{'eu'['éû'.index(m[0])]}\ufffd?][\u0301\u0302]?)", month) for month in MONTHS
)
_WEEKDAY = r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s{1,3})?"
_DATE: Final = re.compile(
    r"(?<![\w/.-])(?:"
    rf"{_WEEKDAY}(?P<day>1\s?er|premier|[0-3]?\d[°\"”]?|[0-3]\s\d)\s{{1,3}}"
    rf"(?P<month>{'|'.join(_MONTH_PATTERNS)})\s{{1,3}}(?P<year>[12]\d{{3}})"
    r"|(?P<d>\d{1,2})(?P<sep>[/.-])(?P<m>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})"
    r"|(?P<iy>[12]\d{3})-(?P<im>\d{2})-(?P<id>\d{2})"
    # Stamps are printed without a blank between: "08/07/2016Date de réception".
    r")(?:(?![\w/]|[.-]\d)|(?=Date\s))",
    re.IGNORECASE,
)
_CENTURY_TURN: Final = 70
"""Two-digit years from 70 are of the twentieth century."""


@dataclass(frozen=True)
class FoundDate:
    """A date in a text."""

    start: int
    end: int
    """Offsets in the text that was searched; ``text == searched[start:end]``."""
    text: str
    value: date | None
    """None when no such day exists (31 février)."""


def find_dates(text: str) -> list[FoundDate]:
    """Every full date in ``text``, in order: ``1er janvier 2020``, ``le 2 8 septembre 2016`` (digits split by a
    bad extraction), ``05/07/2016``, ``20/12/19``, ``2019-09-26``."""
    return [FoundDate(m.start(), m.end(), m[0], _value(m)) for m in _DATE.finditer(text)]


def _value(match: re.Match[str]) -> date | None:
    if match["iy"]:
        year, month, day = int(match["iy"]), int(match["im"]), int(match["id"])
    elif match["d"]:
        day, month, year = int(match["d"]), int(match["m"]), int(match["y"])
        if len(match["y"]) == 2:
            year += 1900 if year >= _CENTURY_TURN else 2000
    else:
        digits = re.sub(r"\D", "", match["day"])
        day, year = int(digits or 1), int(match["year"])
        month = next(
            i for i, p in enumerate(_MONTH_PATTERNS, 1) if re.fullmatch(p, match["month"], flags=re.IGNORECASE)
        )
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_french_date(text: str) -> date:
    """The date that ``text`` is, whole, but for a leading "le" and spaces.

    :raises ValueError: it is no date, or more than a date, or a day that does not exist.
    """
    stripped = re.sub(r"^le\s+", "", text.strip(), flags=re.IGNORECASE)
    match = _DATE.fullmatch(stripped)
    value = _value(match) if match else None
    if value is None:
        raise ValueError(f"not a date: {text!r}")
    return value


def long_date(day: date) -> str:
    """``1er janvier 2020``, ``26 septembre 2019``."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", years=year))


def is_working_day(day: date) -> bool:
    """Whether ``day`` is neither at a week-end nor a public holiday."""
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def paris_day(instant: datetime) -> date:
    """The day that it is in Paris at ``instant``.

    :raises ValueError: the instant is naive.
    """
    if instant.tzinfo is None:
        raise ValueError("naive instant")
    return instant.astimezone(PARIS).date()


def add_working_days(start: datetime, days: int) -> datetime:
    """The end (18:00 in Paris) of the ``days``-th working day after the day of ``start``, as an aware UTC instant.

    The day of ``start`` does not count. With 0: that day itself, or the next working day.

    :raises ValueError: ``start`` is naive or ``days`` negative.
    """
    if days < 0:
        raise ValueError(f"negative number of days: {days}")
    day = paris_day(start)
    for _ in range(days):
        day = _next_working_day(day + timedelta(days=1))
    day = _next_working_day(day)
    return datetime.combine(day, CLOSING_TIME, PARIS).astimezone(UTC)


def _next_working_day(day: date) -> date:
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def end_of_day_paris(day: date) -> datetime:
    """The instant at which ``day`` is over in Paris (midnight that follows), as an aware UTC instant."""
    return datetime.combine(day + timedelta(days=1), time(), PARIS).astimezone(UTC)
