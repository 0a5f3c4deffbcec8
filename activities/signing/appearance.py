"""What a signature looks like on the page: who, in what capacity, by what power, when."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import AppearanceContent, ResourceType
from pyhanko.pdf_utils.font.opentype import GlyphAccumulator
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp import BaseStampStyle

from activities.signing.fonts import SYSTEM_TYPEFACES, ScaledFont, Typeface, choose, printable

PARIS = ZoneInfo("Europe/Paris")
MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905
)
NBSP = "\u00a0"

_MARGIN = 6.0
_INK = (0.10, 0.13, 0.20)
_GREY = (0.35, 0.38, 0.44)
_ACCENT = (0.11, 0.30, 0.56)
_TINT = (0.95, 0.96, 0.98)
_INSET = 2.0
"""Points between the edge of the box and its tint."""
_SMALLEST = 0.65
"""Lowest scale of the text: 4 points for the smallest. What does not fit even so is cut and ended by an ellipsis."""


def french_instant(instant: datetime) -> str:
    """``le 26 novembre 2026 à 14 h 03 (heure de Paris)``: an instant never goes without its zone."""
    local = instant.astimezone(PARIS)
    day = "1er" if local.day == 1 else str(local.day)
    date = f"{day}{NBSP}{MONTHS[local.month - 1]}{NBSP}{local.year}"
    return f"le {date} à {local.hour}{NBSP}h{NBSP}{local.minute:02d} (heure de{NBSP}Paris)"


@dataclass(frozen=True)
class Line:
    """A paragraph of the appearance."""

    text: str
    size: float
    """Points, before scaling."""
    bold: bool = False
    colour: tuple[float, float, float] = _INK
    most: int = 2
    """Most lines it may take."""


@dataclass(frozen=True)
class Mention:
    """What is printed in the box."""

    name: str
    capacity_line: str
    ground: str
    at: datetime
    """When the person accepted; the proof of time is the timestamp, not this."""

    def lines(self) -> tuple[Line, ...]:
        lines = (
            Line("Signé électroniquement par", 6.5, colour=_GREY, most=1),
            Line(printable(self.name), 10.5, bold=True),
            Line(printable(self.capacity_line), 8, most=3),
            Line(printable(self.ground), 6.5, colour=_GREY, most=4),
            Line(french_instant(self.at), 7, most=2),
        )
        return tuple(line for line in lines if line.text)


@dataclass(frozen=True)
class AppearanceStyle(BaseStampStyle):  # type: ignore[misc,unused-ignore]
    """pyHanko's port for appearances."""

    mention: Mention = field(kw_only=True)
    typefaces: Sequence[Typeface] = SYSTEM_TYPEFACES

    def create_stamp(  # type: ignore[override]
        self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, object]
    ) -> "SignatureAppearance":
        return SignatureAppearance(writer, box, self.mention, self.typefaces)


class SignatureAppearance(AppearanceContent):
    """The lines of a mention, wrapped and scaled to the box."""

    def __init__(
        self, writer: BasePdfFileWriter, box: BoxConstraints, mention: Mention, typefaces: Sequence[Typeface]
    ) -> None:
        super().__init__(writer=writer, box=box)
        self._lines = mention.lines()
        regular, bold = choose("".join(line.text for line in self._lines) + "…", typefaces)
        self._faces = {False: regular, True: bold}
        self._fonts = {False: self._embed("/F1", regular), True: self._embed("/F2", bold)}

    def _embed(self, name: str, font: ScaledFont) -> GlyphAccumulator:
        engine = GlyphAccumulator(self._ensure_writer, io.BytesIO(font.program), font_size=10, bcp47_lang_code="fr-FR")
        self.set_resource(ResourceType.FONT, generic.NameObject(name), engine.as_resource())
        return engine

    def render(self) -> bytes:
        width, height = float(self.box.width), float(self.box.height)
        inner = width - 2 * _MARGIN - 2.5
        rows, scale = _fit(self._lines, inner, height - 2 * _MARGIN, self._width)
        commands = [
            b"q",
            # A tint, and no frame: the box mostly lies on a cell of the Word file, whose border would be doubled.
            b"%g %g %g rg %g %g %g %g re f" % (*_TINT, _INSET, _INSET, width - 2 * _INSET, height - 2 * _INSET),
            b"%g %g %g rg %g %g 2.5 %g re f" % (*_ACCENT, _INSET, _INSET, height - 2 * _INSET),
        ]
        cursor = height - _MARGIN - max(0.0, (height - 2 * _MARGIN - _height(rows, scale)) / 2)
        for line, text in rows:
            size = line.size * scale
            cursor -= size * _LEADING
            shaped = self._fonts[line.bold].shape(text)
            commands.append(
                b"BT %g %g %g rg /%s %g Tf %g %g Td %s ET"
                % (
                    *line.colour,
                    b"F2" if line.bold else b"F1",
                    size,
                    _MARGIN + 2.5,
                    cursor + size * 0.22,
                    shaped.graphics_ops,
                )
            )
        commands.append(b"Q")
        return b"\n".join(commands)

    def _width(self, line: Line, text: str) -> float:
        """Width of ``text`` in points, before scaling."""
        return self._faces[line.bold].width(text, line.size)


_LEADING = 1.22

Rows = list[tuple[Line, str]]


def _height(rows: Rows, scale: float) -> float:
    return sum(line.size * scale * _LEADING for line, _ in rows)


def _fit(
    lines: Sequence[Line], width: float, height: float, measure: Callable[[Line, str], float]
) -> tuple[Rows, float]:
    """The rows of text, at the largest scale at which all fits; failing that, with long paragraphs cut."""
    scales = [1 - n * 0.05 for n in range(round((1 - _SMALLEST) / 0.05) + 1)]
    for cut in (False, True):
        for scale in scales:
            rows, whole = _wrap(lines, width / scale, measure)
            if (whole or cut) and _height(rows, scale) <= height:
                return rows, scale
    return rows, height / _height(rows, 1.0)


def _wrap(lines: Sequence[Line], width: float, measure: Callable[[Line, str], float]) -> tuple[Rows, bool]:
    """The rows of each line, and whether nothing had to be cut."""
    rows: Rows = []
    whole = True
    for line in lines:
        wrapped = _wrap_one(line, width, measure)
        if len(wrapped) > line.most:
            whole = False
            wrapped = [*wrapped[: line.most - 1], _cut(line, " ".join(wrapped[line.most - 1 :]), width, measure)]
        rows += [(line, text) for text in wrapped]
    return rows, whole


def _wrap_one(line: Line, width: float, measure: Callable[[Line, str], float]) -> list[str]:
    rows: list[str] = []
    current = ""
    for word in line.text.split(" "):
        candidate = f"{current} {word}" if current else word
        if measure(line, candidate) <= width:
            current = candidate
            continue
        if current:
            rows.append(current)
        while measure(line, word) > width and len(word) > 1:
            cut = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or measure(line, word[:n]) <= width)
            rows.append(word[:cut])
            word = word[cut:]
        current = word
    return [*rows, current]


def _cut(line: Line, text: str, width: float, measure: Callable[[Line, str], float]) -> str:
    while text and measure(line, text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…"
