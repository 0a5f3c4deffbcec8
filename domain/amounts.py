"""French amounts of money: how a convention writes them, and how a deliberation may have written them.

Writing follows the Lexique of the Imprimerie nationale: words with traditional hyphenation, figures grouped by a
narrow no-break space, the currency after a no-break space. Reading fails safe: the *whole* run of digits before a
currency is validated, because the tail of a mistyped number is a number too (``850 0000 euros`` is not 0 €).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from num2words import num2words
from text_to_num import text2num

NARROW_SPACE: Final = "\u202f"
NO_BREAK_SPACE: Final = "\u00a0"
LIMIT: Final = Decimal(10) ** 12
"""Amounts written or read stay under a thousand billion euros."""

_CENT: Final = Decimal("0.01")


def _split(amount: Decimal) -> tuple[int, int]:
    if not amount.is_finite() or amount < 0 or amount >= LIMIT:
        raise ValueError(f"amount out of range: {amount}")
    if amount != amount.quantize(_CENT):
        raise ValueError(f"amount finer than a cent: {amount}")
    cents = int(amount * 100)
    return cents // 100, cents % 100


def _cardinal(number: int) -> str:
    return str(num2words(number, lang="fr"))


def in_words(amount: Decimal) -> str:
    """``cinquante mille euros``, ``un million d'euros``, ``deux cent un euros et cinquante centimes``.

    :raises ValueError: negative, finer than a cent, or a thousand billion and more.
    """
    euros, cents = _split(amount)
    words = _cardinal(euros)
    # "million" and "milliard" are nouns: they take "de" before what they count when nothing stands between.
    link = " d'" if euros and euros % 1_000_000 == 0 else " "
    words += f"{link}{'euro' if euros < 2 else 'euros'}"
    if cents:
        words += f" et {_cardinal(cents)} {'centime' if cents < 2 else 'centimes'}"
    return words


def in_figures(amount: Decimal) -> str:
    """``50 000 €``, ``1 250,50 €``: U+202F between thousands, U+00A0 before the sign, decimals only when there are.

    :raises ValueError: as :func:`in_words`.
    """
    euros, cents = _split(amount)
    figures = f"{euros:,}".replace(",", NARROW_SPACE)
    if cents:
        figures += f",{cents:02d}"
    return f"{figures}{NO_BREAK_SPACE}€"


def in_full(amount: Decimal) -> str:
    """``cinquante mille euros (50 000 €)``, as acts write it.

    :raises ValueError: as :func:`in_words`.
    """
    return f"{in_words(amount)} ({in_figures(amount)})"


class AmountStatus(StrEnum):
    FOUND = "found"
    MALFORMED = "malformed"
    CONFLICTING = "conflicting"
    """Words and figures are both well formed, and differ."""


class Currency(StrEnum):
    EUR = "EUR"
    FRF = "FRF"
    """Francs, until 2001: shown, never converted."""


@dataclass(frozen=True)
class FoundAmount:
    """A number with its currency in a text."""

    start: int
    end: int
    """Offsets in the text that was searched; ``text == searched[start:end]``."""
    text: str
    value: Decimal | None
    """In ``currency``, two decimals; none when malformed or conflicting."""
    status: AmountStatus
    currency: Currency

    @property
    def euros(self) -> Decimal | None:
        """The value, only if it is in euros and well formed."""
        return self.value if self.currency is Currency.EUR else None


_SPACE: Final = " \u00a0\u202f\u2009\t\r\n\f"
_RUN_CHARACTERS: Final = frozenset("0123456789.,'’" + _SPACE)
_RUN_LIMIT: Final = 48
"""A longer run of digits and separators is a table, not a number."""

_CURRENCY: Final = re.compile(
    r"(?P<scale>(?:milliards?|millions?|milliers?)[ \u00a0\u202f\s]{1,3}d[e'’]\s?)?"
    r"(?:(?P<short>[kKM])?(?P<eur>€uros?|€|(?:euros?|EUROS?|Euros?|EUR)(?![\w-]))"
    r"|(?P<frf>(?:francs?|FRANCS?|Francs?|FRF|(?<=\s)F)(?![\w'’.-]|\s*\d)))"
)
_NO_BREAK_OR_SPACE = r"[ \u00a0\u202f\u2009]"
# A line break is a thousands separator only before "000": that no number begins so makes it a continuation for sure.
_GROUP_BREAK = r" ?\r?\n ?(?=000)"
_WELL_FORMED: Final = re.compile(
    rf"(?:[1-9]\d{{0,2}}(?:(?:{_NO_BREAK_OR_SPACE}|{_GROUP_BREAK})\d{{3}})+"
    r"|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:['’]\d{3})+|0|[1-9]\d*)(?:,(?P<decimals>\d{1,3}))?"
)
_SCALES: Final = {"milliard": 10**9, "million": 10**6, "millier": 10**3, "k": 10**3, "K": 10**3, "M": 10**6}

_NUMBER_WORD = (
    r"(?:z[ée]ro|une?|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?"
    r"|trente|quarante|cinquante|soixante|cents?|mille?|millions?|milliards?|et)"
)
_JOINT = r"(?:\s?[-‐‑]\s?|\s{1,3})"
_WORDS = rf"(?<![\w-]){_NUMBER_WORD}(?:{_JOINT}{_NUMBER_WORD}){{0,40}}"
_IN_WORDS: Final = re.compile(
    rf"(?P<words>{_WORDS})\s{{1,3}}(?:\((?P<inner>[\d .,\u00a0\u202f]{{1,24}})\)\s{{0,3}})?"
    rf"(?:d['’]\s?)?(?:(?P<eur>euros?)|(?P<frf>francs?))(?!\w)"
    rf"(?:\s{{1,3}}(?:et\s{{1,3}})?(?P<cents>{_WORDS})\s{{1,3}}centimes?(?!\w))?",
    re.IGNORECASE,
)
_FIGURES_THEN_WORDS: Final = re.compile(
    rf"(?<![\d.,])(?P<figures>\d[\d .,\u00a0\u202f]{{0,24}}?)\s{{0,3}}\((?P<words>{_WORDS})\)\s{{0,3}}euros?(?!\w)",
    re.IGNORECASE,
)
_BEFORE_WORDS: Final = re.compile(
    r"(?:^|[^\w\s%-]|\n\s*\n|(?<!\w)(?:de|à|a|soit|est|sont|par|pour|ou|et|les|la|des|montant|somme|maximum"
    r"|total))\s*$",
    re.IGNORECASE,
)
"""What may stand before an amount in words. Anything else may be a part of it that was mistyped: ``50 mille euros``,
``trcnte deux mille euros``."""
_LOST_FIGURES: Final = re.compile(r"\s{0,3}\(\s{0,12}(?:€|euros?)", re.IGNORECASE)
"""``mille euros ( €)``: figures stood there that might have said something else."""
_FRANCS_IN_A_EURO: Final = Decimal("6.55957")
"""Council Regulation (EC) No 2866/98."""
_OPENING_LIMIT: Final = 12
_OPENING: Final = re.compile(r"(?:\s{0,3}\(\s{0,2}|\s{0,3},?\s{1,3}soit\s{1,3})")


_MISREAD: Final = re.compile(r"(?:\d[OoQlIi|SB]{1,3}|(?<![\w'’.-])[OolI|]{1,2})[ \u00a0\u202f]?\Z")
"""A letter that character recognition takes for a digit, where the number seems to begin: ``1O 500`` is not 500."""


_YEAR_ENDS: Final = re.compile(r"(?<![\d.,])(?:19|20)\d\d$")
_CENTS_AFTER: Final = 3


def _number(run: str) -> Decimal | None:
    """The number that the whole of ``run`` writes, or none. Grouped and decimal separators of one kind only."""
    match = _WELL_FORMED.fullmatch(run)
    if match is None:
        return None
    decimals = match["decimals"] or ""
    whole = re.sub(r"\D", "", run[: len(run) - len(decimals)])
    number = Decimal(f"{whole}.{decimals or '0'}")
    return number if number < LIMIT else None


def _run_before(text: str, end: int) -> tuple[int, int] | None:
    """Span of the maximal run of digits that ends before ``end``, or none when there is no digit there."""
    stop = end
    while stop > 0 and end - stop < 4 and text[stop - 1] in _SPACE:
        stop -= 1
    if stop == 0 or not text[stop - 1].isdecimal() or text[end - 1 : end] == "\f":
        return None
    start = stop
    while start > 0 and stop - start < _RUN_LIMIT and text[start - 1] in _RUN_CHARACTERS:
        # An empty line ends a paragraph or a table's cell, and so does a tab.
        if text[start - 1] == "\t" or (text[start - 1] == "\n" and re.match(r"[ \t\r]*\n", text[start : start + 8])):
            break
        # "en 2023, 10 000 €": a comma before a blank ends a year. Two digits after it may be cents all the same.
        if (
            text[start - 1] == ","
            and text[start] in _SPACE
            and _YEAR_ENDS.search(text, max(0, start - 6), start - 1)
            and stop - start > _CENTS_AFTER
        ):
            break
        start -= 1
    while not text[start].isdecimal():
        start += 1
    return start, stop


def _in_figures(text: str) -> Iterator[FoundAmount]:
    for match in _CURRENCY.finditer(text):
        scale, short, franc = match["scale"], match["short"], match["frf"] is not None
        if scale and not (match["frf"] or match["eur"]):
            continue
        span = _run_before(text, match.start())
        if span is None:
            continue
        start, stop = span
        number = _number(text[start:stop])
        if _MISREAD.search(text, max(0, start - 8), start):
            number = None
        if number is not None:
            factor = _SCALES[scale.split()[0].rstrip("s")] if scale else _SCALES[short] if short else 1
            scaled = number * factor
            # Three decimals are for "1,125 million", never for euros.
            number = scaled.quantize(_CENT) if scaled == scaled.quantize(_CENT) and scaled < LIMIT else None
            if factor == 1 and re.search(r",\d{3}$", text[start:stop]):
                number = None
        yield FoundAmount(
            start,
            match.end(),
            text[start : match.end()],
            number,
            AmountStatus.MALFORMED if number is None else AmountStatus.FOUND,
            Currency.FRF if franc else Currency.EUR,
        )


def _plain(words: str) -> str:
    """Words without what people write differently: case, hyphens, the plural of ``cent`` and ``vingt``."""
    plain = re.sub(r"[\s\-‐‑]+", " ", words.lower()).strip().replace("zero", "zéro")
    plain = re.sub(r"\b(cent|vingt)s\b", r"\1", plain)
    return re.sub(r"\bmil\b", "mille", plain)


def _from_words(words: str) -> int | None:
    """The number that ``words`` write, only if writing it back gives the same words."""
    plain = re.sub(r"^(?:et )+", "", _plain(words))
    try:
        value = text2num(plain, "fr")
    except ValueError:
        return None
    if not 0 <= value < LIMIT or _plain(_cardinal(value)) != plain.replace(" une", " un"):
        return None
    return int(value)


def _spelled(text: str) -> Iterator[FoundAmount]:
    for match in _IN_WORDS.finditer(text):
        start = match.start() + (len(match[0]) - len(re.sub(r"^(?:et\s+)+", "", match[0], flags=re.IGNORECASE)))
        euros = _from_words(match["words"])
        cents = _from_words(match["cents"]) if match["cents"] else 0
        value: Decimal | None = None
        if euros is not None and cents is not None and cents < 100:
            value = (Decimal(euros) + Decimal(cents) / 100).quantize(_CENT)
        if not _BEFORE_WORDS.search(text, max(0, start - 24), start) or _LOST_FIGURES.match(text, match.end()):
            value = None
        currency = Currency.FRF if match["frf"] else Currency.EUR
        written = [value] if match["inner"] is None else [value, _number(match["inner"].strip())]
        yield _agreed(text, start, match.end(), written, currency)
    for match in _FIGURES_THEN_WORDS.finditer(text):
        words = _from_words(match["words"])
        written = [_number(match["figures"].strip()), None if words is None else Decimal(words)]
        yield _agreed(text, match.start(), match.end(), written, Currency.EUR)


def _agreed(text: str, start: int, end: int, written: list[Decimal | None], currency: Currency) -> FoundAmount:
    """One amount from the several ways it is written: malformed if one is, conflicting if they differ."""
    values = {None if value is None else value.quantize(_CENT) for value in written}
    if None in values:
        return _amount(text, start, end, None, currency)
    if len(values) > 1:
        return FoundAmount(start, end, text[start:end], None, AmountStatus.CONFLICTING, currency)
    return _amount(text, start, end, values.pop(), currency)


def _amount(text: str, start: int, end: int, value: Decimal | None, currency: Currency) -> FoundAmount:
    status = AmountStatus.MALFORMED if value is None else AmountStatus.FOUND
    return FoundAmount(start, end, text[start:end], value, status, currency)


def _merged(text: str, first: FoundAmount, second: FoundAmount) -> FoundAmount | None:
    """One amount written twice, ``cinquante mille euros (50 000 €)`` or ``10 000 F (1 524,49 €)``: both must agree."""
    between = text[first.end : second.start]
    if len(between) > _OPENING_LIMIT or not _OPENING.fullmatch(between):
        return None
    closing = re.match(r"\s{0,2}\)", text[second.end : second.end + 4])
    if "(" in between and closing is None:
        return None
    end = second.end + (closing.end() if closing and "(" in between else 0)
    if first.currency is not second.currency:
        return _converted(text, first, second, end)
    if first.text[0].isdecimal() == second.text[0].isdecimal():
        return None
    return _agreed(text, first.start, end, [first.value, second.value], first.currency)


def _converted(text: str, first: FoundAmount, second: FoundAmount, end: int) -> FoundAmount | None:
    """The euros of an amount that the text itself gives in francs and in euros, at the fixed rate, to the cent."""
    francs, euros = (first, second) if first.currency is Currency.FRF else (second, first)
    if francs.value is None or euros.value is None:
        return None
    agree = abs(francs.value / _FRANCS_IN_A_EURO - euros.value) <= _CENT
    value = euros.value if agree else None
    status = AmountStatus.FOUND if agree else AmountStatus.CONFLICTING
    return FoundAmount(first.start, end, text[first.start : end], value, status, Currency.EUR)


def number_with_currency(words: str) -> tuple[Decimal | None, str]:
    """The number that a cell of a table holds and its currency ("EUR", "FRF", or nothing when it bears none).

    None when the whole of ``words`` is no number.
    """
    words = words.strip()
    if not words[:1].isdecimal() or len(words) > _RUN_LIMIT:
        return None, ""
    currency = _CURRENCY.search(words)
    if currency is None:
        number = _number(words)
        return (None if number is None else number.quantize(_CENT)), ""
    amounts = [a for a in _in_figures(words) if a.start == 0 and a.end == len(words)]
    if len(amounts) != 1 or amounts[0].value is None:
        return None, ""
    return amounts[0].value, amounts[0].currency.value


def find_amounts(text: str) -> list[FoundAmount]:
    """Every amount that bears a currency in ``text``, in order, without overlap.

    Figures are taken with the maximal run of digits and separators before the currency, and refused as a whole when
    the run is no French number; words must be spelled canonically; where both are given they must agree. Francs
    are found as francs; a number without currency is not an amount.
    """
    found = sorted((*_in_figures(text), *_spelled(text)), key=lambda a: (a.start, -a.end))
    amounts: list[FoundAmount] = []
    for amount in found:
        if amounts and amount.start < amounts[-1].end:
            continue
        merged = _merged(text, amounts[-1], amount) if amounts else None
        if merged:
            amounts[-1] = merged
        else:
            amounts.append(amount)
    return amounts
