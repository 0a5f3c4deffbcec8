"""Fonts of the signatures' appearances: embedded, and scaled to 1000 units per em.

pyHanko 0.38 writes glyph widths in font units although a PDF counts in thousandths of an em: with a font of 2048
units (Liberation, DejaVu) letters are spread out and the widths contradict the font, which PDF/A forbids
(ISO 19005-2, 6.2.11.5). Scaling the font to 1000 units makes both agree.
"""

import functools
import io
import logging
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset, ttLib
from fontTools.ttLib.scaleUpem import scale_upem

from domain.errors import SignatureRefused

SYSTEM_FOLDERS = (Path("/usr/share/fonts/truetype/liberation"), Path("/usr/share/fonts/truetype/dejavu"))

# Basic Latin to Latin Extended-B, Greek, Cyrillic, Latin Extended Additional, punctuation, currencies, letter-like.
_RANGES = ((0x20, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x20A0, 0x20BF))
# What French texts are written with: Basic Latin, Latin-1 and Extended-A, punctuation, €.
_COMMON = ((0x20, 0x7E), (0xA0, 0x17F), (0x2009, 0x2026), (0x202F, 0x203A), (0x20AC, 0x20AC))


@dataclass(frozen=True)
class Typeface:
    """A regular and a bold font, as files."""

    regular: Path
    bold: Path


SYSTEM_TYPEFACES = (
    Typeface(SYSTEM_FOLDERS[0] / "LiberationSans-Regular.ttf", SYSTEM_FOLDERS[0] / "LiberationSans-Bold.ttf"),
    Typeface(SYSTEM_FOLDERS[1] / "DejaVuSans.ttf", SYSTEM_FOLDERS[1] / "DejaVuSans-Bold.ttf"),
)
"""Where Debian's fonts-liberation and fonts-dejavu-core are; the first that has all the letters is used."""


@dataclass(frozen=True)
class ScaledFont:
    """A font program of 1000 units per em, and the width of each character it has."""

    program: bytes
    advances: dict[int, int]
    """Code point to advance, in thousandths of an em."""

    def has(self, text: str) -> bool:
        return all(ord(c) in self.advances for c in text)

    def width(self, text: str, size: float) -> float:
        """Width of ``text`` in points at ``size``, kerning aside (it only tightens Latin text, by very little)."""
        return sum(self.advances[ord(c)] for c in text) * size / 1000


def printable(text: str) -> str:
    """``text`` on one line, composed (NFC), without what no font can draw (controls, invisible marks).

    Names often come decomposed (NFD) from a Mac; ``e`` + combining accent would be drawn as two glyphs.
    """
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if c.isspace() and c not in "\u00a0\u202f" else c for c in composed)
    kept = "".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return " ".join(part for part in kept.split(" ") if part)


def choose(text: str, typefaces: Sequence[Typeface] = SYSTEM_TYPEFACES) -> tuple[ScaledFont, ScaledFont]:
    """The first typeface, regular and bold, that can draw all of ``text``.

    :raises SignatureRefused: ``letters_missing``: drawing it would leave blanks, which PDF/A forbids.
    """
    found = False
    # pyHanko reads the whole font again for each signature: one of a few letters, without the tables that place marks
    # and tighten pairs, takes a fifth of the time.
    common = all(any(low <= ord(c) <= high for low, high in _COMMON) for c in text)
    for typeface in typefaces:
        if not (typeface.regular.is_file() and typeface.bold.is_file()):
            continue
        found = True
        regular, bold = (scaled(path, common=common) for path in (typeface.regular, typeface.bold))
        if regular.has(text) and bold.has(text):
            return regular, bold
    if not found:
        raise FileNotFoundError("no font to draw signatures with: install fonts-liberation or fonts-dejavu-core")
    raise SignatureRefused(
        "letters_missing",
        "Le nom ou la qualité du signataire comporte des caractères qu’aucune police installée ne sait écrire.",
    )


# It tells every table of every font at INFO: hundreds of lines per signature.
logging.getLogger("fontTools").setLevel(logging.WARNING)

_lock = threading.Lock()


def scaled(path: Path, *, common: bool = False) -> ScaledFont:
    """The font at ``path``, reduced to the letters of European names and scaled; made once per process.

    :param common: reduced further, to the letters of French, and without kerning.
    """
    with _lock:  # two first signatures at once would do the work twice
        return _scaled(path, common=common)


@functools.lru_cache(maxsize=16)
def _scaled(path: Path, *, common: bool) -> ScaledFont:
    font = ttLib.TTFont(path)
    features = [] if common else ["kern", "mark", "mkmk"]
    options = subset.Options(layout_features=features, notdef_outline=True, hinting=False)
    options.drop_tables += ["FFTM", *(("GDEF", "GPOS", "GSUB", "kern") if common else ())]
    subsetter = subset.Subsetter(options)
    ranges = _COMMON if common else _RANGES
    subsetter.populate(unicodes=[u for low, high in ranges for u in range(low, high + 1)])
    subsetter.subset(font)
    if font["head"].unitsPerEm != 1000:
        scale_upem(font, 1000)
    advances = {code: font["hmtx"][glyph][0] for code, glyph in font.getBestCmap().items()}
    buffer = io.BytesIO()
    font.save(buffer)
    return ScaledFont(buffer.getvalue(), advances)
