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
    """In ``currency``, two decimals; none when malformed."""
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
    r"(?:^|[^\w\s%-]|\n\s*\n|(?<!\w)(?:de|à|a|soit|est|sont|par|pour|ou|et|les|la|des|montant|somme|maximum|total))\s*$",
    re.IGNORECASE,
)
"""What may stand before an amount in words. Anything else may be a part of it that was mistyped: ``50 mille euros``,
``trcnte deux mille euros``."""
_OPENING: Final = re.compile(r"(?:\s{0,3}\(\s{0,2}|\s{0,3},?\s{1,3}soit\s{1,3})")


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
        # An empty line ends a paragraph or a table's cell.
        if text[start - 1] == "\n" and re.match(r"[ \t\r]*\n", text[start : start + 8]):
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
        if match["inner"] is not None and _number(match["inner"].strip()) != value:
            value = None
        if not _BEFORE_WORDS.search(text, max(0, start - 24), start):
            value = None
        currency = Currency.FRF if match["frf"] else Currency.EUR
        yield _amount(text, start, match.end(), value, currency)
    for match in _FIGURES_THEN_WORDS.finditer(text):
        number = _number(match["figures"].strip())
        value = None
        if number is not None and number == _from_words(match["words"]):
            value = number.quantize(_CENT)
        yield _amount(text, match.start(), match.end(), value, Currency.EUR)


def _amount(text: str, start: int, end: int, value: Decimal | None, currency: Currency) -> FoundAmount:
    status = AmountStatus.MALFORMED if value is None else AmountStatus.FOUND
    return FoundAmount(start, end, text[start:end], value, status, currency)


def _merged(text: str, first: FoundAmount, second: FoundAmount) -> FoundAmount | None:
    """One amount written twice, ``cinquante mille euros (50 000 €)``: both must agree."""
    between = text[first.end : second.start]
    spelled_once = first.text[0].isdecimal() != second.text[0].isdecimal()
    if not spelled_once or not _OPENING.fullmatch(between) or first.currency is not second.currency:
        return None
    closing = re.match(r"\s{0,2}\)", text[second.end : second.end + 4])
    if "(" in between and closing is None:
        return None
    end = second.end + (closing.end() if closing and "(" in between else 0)
    return _amount(text, first.start, end, first.value if first.value == second.value else None, first.currency)


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
