"""Words and dates that were cut or spread: hyphenation at the end of a line, l e t t e r  s p a c i n g, split dates.

Digits are joined only where nothing else makes sense: within a date, or on a line whose every character is apart.
Amounts are left as they are: a number with a hole in it is malformed, and a person says what it is.
"""

import re
from collections.abc import Iterator
from functools import cache

from activities.reading.characters import folded
from activities.reading.tracked import Edit

_HYPHEN = "-\u2010\u2011"
_CUT = re.compile(rf"([^\W\d_]{{1,40}})[{_HYPHEN}][ \t]{{0,8}}\n[ \t]{{0,8}}(?=([^\W\d_]{{1,40}}))")
_COMPOUND = re.compile(
    r"(?:vice|sous|ci|c'est|a|peut|au|la|celui|celle|ceux|celles|non|semi|mi|demi|ex|co|porte|grand|saint|sainte|socio"
    r"|eco|inter|pre|post|multi|micro|mini|euro|franco|nord|sud|sur|dix|vingt|trente|quarante|cinquante|soixante"
    r"|quatre|cent|rendez|compte|plus|moins|avant|arriere|contre|hors|chef|long|haut|bas|tout|quelques)\Z"
)
"""What stands before a hyphen that belongs to the word."""
_WORD = re.compile(rf"[^\W\d_]+(?:[{_HYPHEN}][^\W\d_]+)*")


def hyphenation(text: str) -> Iterator[Edit]:
    """Words cut at the end of a line, on one line again; without their hyphen when it only marks the cut."""
    matches = list(_CUT.finditer(text))
    if not matches:
        return
    known = {folded(m[0]) for m in _WORD.finditer(text)}
    for match in matches:
        first, second = folded(match[1]), folded(match[2])
        end_of_word = match.end(1)
        cut_here = match[2][0].islower() and len(first) > 1 and not _COMPOUND.match(first)
        marks_the_cut = f"{first}-{second}" not in known and (first + second in known or cut_here)
        yield Edit(end_of_word if marks_the_cut else end_of_word + 1, match.end())


_SPACED = re.compile(r"^[ \t]*(\S(?: {1,2}\S){5,200}|\S(?: {1,4}\S){5,200})[ \t]*$", re.M)
_HEADINGS = (
    "extraits?|du|des|registres?|deliberations?|de|la|le|les|et|a|au|en|seance|conseil|municipal|communautaire|general"
    "|departemental|regional|metropolitain|bureau|proces|verbal|compte|rendu|republique|francaise|departement|commune"
    "|ville|communaute|d'agglomeration|communes|metropole|arrondissement|canton|ordre|jour|objet|arrete|publique"
    "|ordinaire|extraordinaire|convention|subvention|attribution"
)


def letter_spacing(text: str) -> Iterator[Edit]:
    """Titles written with a space after each letter."""
    for match in _SPACED.finditer(text):
        said, start = match[1], match.start(1)
        if sum(c.isalpha() for c in said) * 4 < len(said):
            continue  # a row of numbers
        wide = "  " in said
        bounds = set() if wide else _known_bounds(folded(said.replace(" ", "")))
        for letters, gap in enumerate(re.finditer(r"(\S)( +)", said), 1):
            if len(gap[2]) == 1 and letters not in bounds:
                yield Edit(start + gap.start(2), start + gap.end(2))


@cache
def _vocabulary() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_HEADINGS.split("|"), key=len, reverse=True)))


def _known_bounds(letters: str) -> set[int]:
    """Where words of the usual titles end, when the whole is made of them."""
    bounds: set[int] = set()
    place = 0
    while place < len(letters):
        match = _vocabulary().match(letters, place)
        if match is None:
            return bounds if len(bounds) > 1 else set()
        place = match.end()
        bounds.add(place)
    return bounds


_MONTH = (
    r"(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre"
    r"|JANVIER|F[ÉE]VRIER|MARS|AVRIL|MAI|JUIN|JUILLET|AO[ÛU]T|SEPTEMBRE|OCTOBRE|NOVEMBRE|D[ÉE]CEMBRE)"
)
_SPLIT_DAY = re.compile(rf"(?<![\d.,/ ]) ?\b([0-3]) (\d) (?={_MONTH}\b)")
_YEAR_AFTER = re.compile(rf"{_MONTH}[ \u00a0]((?:1 ?9|2 ?0) ?\d ?\d)(?! ?\d|[ \u00a0\u202f]?(?:€|[eE]uros?|EUR))")
_FIGURES = re.compile(
    r"(?<![\w/.,-])(?<!\d )([0-3]? ?\d) ?([/.]) ?([01]? ?\d) ?\2 ?((?:1 ?9|2 ?0) ?\d ?\d)"
    r"(?! ?\d|[/.\w]|[ \u00a0\u202f]?€)"
)


def split_dates(text: str) -> Iterator[Edit]:
    """Spaces within the numbers of a date."""
    edits: list[Edit] = []
    for match in _YEAR_AFTER.finditer(text):
        edits += _spaces(text, *match.span(1))
    for match in _SPLIT_DAY.finditer(text):
        edits += _spaces(text, match.start(1), match.end(2))
    for match in _FIGURES.finditer(text):
        if " " in match[0]:
            edits += _spaces(text, *match.span())
    yield from sorted(edits)


def _spaces(text: str, start: int, end: int) -> Iterator[Edit]:
    yield from (Edit(m.start(), m.end()) for m in re.compile(" +").finditer(text, start, end))
