"""Characters that were lost or mistaken on the way: what they were, where that is certain.

Nothing here guesses a digit. What cannot be known (a letter lost for "?") keeps its place in the text, so that a value
with a hole in it is seen as damaged; only the folded text, on which rules are matched, looks through it.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator

from activities.reading.tracked import Edit

# Mojibake: UTF-8 read as if each byte were a character of an older set, once or twice over.


def _high(name: str) -> dict[str, int]:
    table = {}
    for byte in range(0x80, 0x100):
        try:
            table[codecs.decode(bytes([byte]), name)] = byte
        except UnicodeDecodeError:
            table[chr(byte)] = byte  # Windows shows the five bytes that it has no character for as they are
    return table


_CP1252 = _high("cp1252") | {chr(byte): byte for byte in range(0x80, 0xA0)}
_MAC = _high("mac_roman")
_PLAUSIBLE = re.compile("[\u00a0-\u017f\u02c6\u2010-\u203a\u20ac\u2122\u25a0-\u25ff\uf000-\uf0ff\ufb00-\ufb06\ufeff]+")
"""What a French text holds beyond ASCII. Other results are a coincidence: ``à »`` is valid UTF-8 too."""
_MOJIBAKE = (
    (re.compile(f"[ÂÃÅËâïîå][{re.escape(''.join(_CP1252))}]+"), _CP1252),
    (re.compile(f"[√¬‚≈][{re.escape(''.join(_MAC))}]+"), _MAC),
)
_HALF = re.compile("Ã (?=[^\\W\\d_]|$)", re.M)
"""The no-break space, second byte of "à", that became a plain space on the way."""


def mojibake(text: str) -> Iterator[Edit]:
    """Runs of characters that are the bytes of one French letter or sign."""
    found: list[Edit] = []
    for pattern, table in _MOJIBAKE:
        for match in pattern.finditer(text):
            found += _decoded(match.start(), match[0], table)
    if found:
        taken = {e.start for e in found}
        found += [Edit(m.start(), m.end(), "à ") for m in _HALF.finditer(text) if m.start() not in taken]
    yield from sorted(found)


def _decoded(start: int, run: str, table: dict[str, int]) -> Iterator[Edit]:
    index = 0
    while index < len(run):
        # The shortest stretch that makes sense, twice mistaken first: it is longer, and holds the once mistaken one.
        for length in (2, 3, 4, 5, 6, 7, 8):
            clean = _utf8(run[index : index + length], table) if index + length <= len(run) else None
            if clean is None:
                continue
            if len(clean) > 1:  # two letters: each is found apart
                continue
            yield Edit(start + index, start + index + length, clean)
            index += length
            break
        else:
            index += 1


def _utf8(run: str, table: dict[str, int]) -> str | None:
    try:
        once = bytes(table[c] for c in run).decode("utf-8")
    except (UnicodeDecodeError, KeyError):
        return None
    return once if _PLAUSIBLE.fullmatch(once) else None


# Characters that say the same in several ways, or nothing at all.

_DROPPED = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u202a-\u202e\u2066-\u2069\ufeff"
_ODD = re.compile(
    rf"\u00ad[ \t]*\r?\n[ \t]*(?=\w)|[{_DROPPED}]|[\ue000-\uf8ff\U000f0000-\U0010fffd]|\r\n?|[\x0b\x0c\x85\u2028\u2029]"
    r"|[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]|[\ufb00-\ufb06]|.[\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff]+|[\uff01-\uff5e]"
)


def unusual(text: str) -> Iterator[Edit]:
    """Decomposed accents composed, ligatures spelled, ends of lines alike; glyphs of private fonts, invisible
    characters and controls left out. A soft hyphen joins its word again.
    """
    for match in _ODD.finditer(text):
        said = match[0]
        if said[0] in "\r\x0b\x0c\x85\u2028\u2029":
            yield Edit(*match.span(), "\n")
        elif "\ufb00" <= said[0] <= "\ufb06" or "\uff01" <= said[0] <= "\uff5e":
            yield Edit(*match.span(), unicodedata.normalize("NFKC", said))
        elif len(said) > 1 and unicodedata.combining(said[-1]):
            yield Edit(*match.span(), unicodedata.normalize("NFC", said))
        else:
            yield Edit(*match.span())


# Folding: neither case nor accents, every character one.


class _Folding(dict[int, str]):
    def __missing__(self, code: int) -> str:
        character = chr(code)
        # What a bad encoding destroyed in a French text is nearly always an e with an accent.
        plain = "e" if character == "\ufffd" else unicodedata.normalize("NFKD", character)[0].lower()
        self[code] = plain if len(plain) == 1 else character
        return self[code]


_FOLDING = _Folding()
_LOST = re.compile(r"(?<=[a-z'])\?(?=[a-z])|(?<=[a-z]{2})\?(?=[ ,.;:\n)]|\Z)")
_ELIDED = re.compile(r"(?<![\w'])(?:[dln]|qu)\?(?=[aeiouyh?])")
_NUMBER_SIGN = re.compile(r"(?<!\w)n\?(?= ?\d)")
_ALONE = re.compile(r"(?<=[a-z,]) \?(?= [a-z])")
_BARE_ELISION = re.compile(r"(?<![\w'.])(?:[dln]|qu) (?=[aeiouyh][a-z])")
_MANY_LOST = 3


def folded(text: str) -> str:
    """``text`` without case nor accents, of the same length.

    Accents lost for "?" are read as the letter that is most likely, and a lost apostrophe as one: good enough to
    recognise a formula, never to give a value.
    """
    plain = text.translate(_FOLDING)
    if plain.count("?") >= _MANY_LOST and len(_LOST.findall(plain)) >= _MANY_LOST:
        plain = _NUMBER_SIGN.sub("n°", plain)
        plain = _ELIDED.sub(lambda m: m[0][:-1] + "'", plain)
        plain = _LOST.sub("e", _LOST.sub("e", plain))
        plain = _ALONE.sub(" a", plain)
    return _BARE_ELISION.sub(lambda m: m[0][:-1] + "'", plain)
