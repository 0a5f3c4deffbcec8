"""How askew a sheet lay on the glass, and the picture set straight: tesseract loses whole lines from two degrees on."""

import math
from itertools import pairwise
from typing import Final

from PIL import Image

MOST: Final = 4.0
"""Degrees. Beyond, somebody turned the page on purpose, by quarters, which tesseract finds itself."""
_STEP: Final = 0.25
_LEAST: Final = 0.3
"""Degrees that tesseract does not mind."""
_SIDE: Final = 700
"""Pixels of the longer side of the copy that the angle is looked for on."""


def skew(picture: Image.Image) -> float:
    """Degrees, counter-clockwise, to turn a grey picture by so that its lines are level; 0 when they nearly are."""
    small = picture.copy()
    small.thumbnail((_SIDE, _SIDE))

    def best(turns: list[float]) -> float:
        return max(turns, key=lambda turn: (_sharpness(small, turn), -abs(turn)))

    near = best([float(n) for n in range(-round(MOST), round(MOST) + 1)])
    angle = best([near + n * _STEP for n in range(-3, 4)])
    return angle if abs(angle) >= _LEAST else 0.0


def straight(picture: Image.Image, angle: float) -> Image.Image:
    """The picture turned by ``angle`` about its centre, in the same frame."""
    return picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255) if angle else picture


def box_before(
    box: tuple[float, float, float, float], angle: float, width: float, height: float
) -> tuple[float, float, float, float]:
    """Where a box of the straight picture was in the picture as it came."""
    if not angle:
        return box
    turn = math.radians(angle)
    x, y = width / 2, height / 2
    corners = [(a - x, b - y) for a in (box[0], box[2]) for b in (box[1], box[3])]
    across = [x + a * math.cos(turn) - b * math.sin(turn) for a, b in corners]
    down = [y + a * math.sin(turn) + b * math.cos(turn) for a, b in corners]
    # The slant makes the box of a long word as high as two lines: its middle is kept, not its corners.
    middle_x, middle_y = sum(across) / 4, sum(down) / 4
    half_x, half_y = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2
    return middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y


def _sharpness(picture: Image.Image, angle: float) -> float:
    """Lines of text that are level make rows that are dark or light, and columns when the page lies on its side."""
    turned = picture.rotate(angle, Image.Resampling.BILINEAR, fillcolor=255)
    return max(
        _contrast(turned.resize((1, turned.height), Image.Resampling.BOX)),
        _contrast(turned.resize((turned.width, 1), Image.Resampling.BOX)),
    )


def _contrast(strip: Image.Image) -> float:
    shades = strip.tobytes()
    return float(sum((a - b) ** 2 for a, b in pairwise(shades)))
