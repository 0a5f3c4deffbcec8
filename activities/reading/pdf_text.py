"""What PDFium knows of a PDF, as a program of its own: PDF on standard input, the answer on standard output.

It runs apart because PDFium is C++ fed with files from strangers: a crash or an endless loop must end this process,
not the worker. It imports nothing of ours, so that ``python -I`` can run it from any directory; the caller is
:mod:`activities.reading.pdf_process`, which also bounds its time and memory.

The one argument is JSON. ``{"mode": …}`` is one of

``text``, ``max_pages``
    A line ``{"count": pages}``, then one line a page: ``{"text": …, "image": share of the page that images cover,
    "drawn": whether something other than text is there, "hidden": whether its text is invisible}``.
``words``, ``pages``
    A line ``{"count": pages}``, then one line for each page asked: ``{"page": n, "size": [width, height],
    "words": [[start, end, left, top, right, bottom], …]}``. Offsets are in the text of that page as ``text`` gives
    it, lengths in points from the top left corner of the page as it is shown.
``picture``, ``page``, ``dpi``, ``grey``
    The page as PNG, or as PGM when ``grey``.

Instead of any of these, one line ``{"error": "encrypted" | "damaged" | "too_many_pages" | "no_page", "count": pages}``.
"""

import ctypes
import json
import re
import struct
import sys
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

_MAX_PIXELS = 20_000_000
"""A page of A3 at 300 dpi; larger ones are drawn coarser."""
_MANY_PATHS = 40
_INVISIBLE = 3
"""Rendering mode of the text that a scanner lays under its image (ISO 32000-1, table 106)."""
_TIDY = str.maketrans({"\x00": "", "\f": "\n", "\ufffe": "-\n", "\x02": "-\n"})
"""PDFium marks with U+FFFE or U+0002 a hyphen at the end of a line, and leaves that end out."""


def main() -> None:
    asked: dict[str, Any] = json.loads(sys.argv[1])
    content = sys.stdin.buffer.read()
    try:
        for answer in answers(content, asked):
            if isinstance(answer, bytes):
                sys.stdout.buffer.write(answer)
            else:
                sys.stdout.write(json.dumps(answer) + "\n")
                sys.stdout.flush()
    except (MemoryError, RecursionError):
        sys.stdout.write('{"error": "damaged"}\n')


def answers(content: bytes, asked: dict[str, Any]) -> Iterator[dict[str, Any] | bytes]:
    import pypdfium2  # not at the top: the caller bounds this process before it sends the file

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        yield {"error": "encrypted" if "password" in str(error).lower() else "damaged"}
        return
    if asked["mode"] == "picture":
        document.init_forms()  # before any page is loaded, or filled fields are not drawn
    count = len(document)
    if count == 0:
        yield {"error": "damaged"}
        return
    try:
        if asked["mode"] == "text":
            if count > asked["max_pages"]:
                yield {"error": "too_many_pages", "count": count}
                return
            yield {"count": count}
            for index in range(count):
                yield _text(document, index)
        elif asked["mode"] == "words":
            yield {"count": count}
            for number in asked["pages"]:
                if 1 <= number <= count:
                    yield _words(document, number)
        elif not 1 <= asked["page"] <= count:
            yield {"error": "no_page", "count": count}
        else:
            yield _picture(document, asked["page"] - 1, asked["dpi"], asked["grey"])
    except pypdfium2.PdfiumError:
        yield {"error": "damaged"}


def _text(document: Any, index: int) -> dict[str, Any]:
    page = document[index]
    text, _ = _page_text(page.get_textpage())
    image, drawn, hidden = _shown(page)
    page.close()
    return {"text": text, "image": image, "drawn": drawn, "hidden": hidden}


def _page_text(textpage: Any) -> tuple[str, str]:
    """Text of a page, and what PDFium gave for it, of the same characters but for ends of lines."""
    raw: str = textpage.get_text_range(errors="replace")
    text = raw.replace("\r\n", "\n").replace("\r", "\n").translate(_TIDY)
    return text.encode("utf-8", "replace").decode("utf-8"), raw


def _shown(page: Any) -> tuple[float, bool, bool]:
    """Share of the page under images; whether anything but text is drawn; whether text is there but invisible."""
    from pypdfium2 import raw as c

    width, height = page.get_size()
    covered, paths, texts, invisible = 0.0, 0, 0, 0
    for number, thing in enumerate(page.get_objects(max_depth=1)):
        if number > 20_000:
            break
        kind = thing.type
        if kind == c.FPDF_PAGEOBJ_IMAGE or (kind == c.FPDF_PAGEOBJ_FORM and _holds_image(page, thing)):
            left, bottom, right, top = thing.get_bounds()
            covered += max(0.0, right - left) * max(0.0, top - bottom)
        elif kind == c.FPDF_PAGEOBJ_PATH:
            paths += 1
        elif kind == c.FPDF_PAGEOBJ_TEXT and texts < 50:
            texts += 1
            invisible += c.FPDFTextObj_GetTextRenderMode(thing) == _INVISIBLE
    share = min(1.0, covered / (width * height)) if width * height > 0 else 0.0
    return round(share, 3), covered > 0 or paths > _MANY_PATHS, texts > 0 and invisible * 2 > texts


def _holds_image(page: Any, form: Any) -> bool:
    from pypdfium2 import raw as c

    images = page.get_objects(filter=[c.FPDF_PAGEOBJ_IMAGE], max_depth=3, form=form.raw, level=1)
    return any(True for _ in images)


def _words(document: Any, number: int) -> dict[str, Any]:
    from pypdfium2 import raw as c

    page = document[number - 1]
    textpage = page.get_textpage()
    text, raw = _page_text(textpage)
    places = _places(raw)
    show = _shown_at(page)
    box = c.FS_RECTF()
    words: list[list[float]] = []
    for match in re.finditer(r"\S+", text):
        corners: list[tuple[float, float]] = []
        # The first and the last character are enough: a word is on one line, and these boxes are as high as the font.
        for at in {match.start(), match.end() - 1}:
            index = c.FPDFText_GetCharIndexFromTextIndex(textpage, places[at])
            if index >= 0 and c.FPDFText_GetLooseCharBox(textpage, index, ctypes.byref(box)):
                corners += [show(box.left, box.top), show(box.right, box.bottom)]
        if corners:
            across, down = zip(*corners, strict=True)
            words.append([*match.span(), *(round(v, 2) for v in (min(across), min(down), max(across), max(down)))])
    answer = {"page": number, "size": [round(side, 2) for side in page.get_size()], "words": words}
    page.close()
    return answer


def _places(raw: str) -> list[int]:
    """For each character of the tidied text, its index in ``raw``."""
    places: list[int] = []
    for index, (this, after) in enumerate(pairwise(raw + " ")):
        if this != "\r" or after != "\n":
            places += [index] * len(_TIDY.get(ord(this), this))
    return places


def _shown_at(page: Any) -> Any:
    """From the page's own coordinates to points from the top left of what is shown: rotated, cropped."""
    from pypdfium2 import raw as c

    width, height = page.get_size()
    fine = 1000
    size = (0, 0, round(width * fine), round(height * fine), 0)

    def device(x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        c.FPDF_PageToDevice(page, *size, x, y, ctypes.byref(across), ctypes.byref(down))
        return across.value / fine, down.value / fine

    origin, right, up = device(0, 0), device(100, 0), device(0, 100)
    a, b = (right[0] - origin[0]) / 100, (right[1] - origin[1]) / 100
    d, e = (up[0] - origin[0]) / 100, (up[1] - origin[1]) / 100
    return lambda x, y: (origin[0] + a * x + d * y, origin[1] + b * x + e * y)


def _picture(document: Any, index: int, dpi: float, grey: bool) -> bytes:
    page = document[index]
    width, height = page.get_size()
    scale = max(dpi, 1) / 72
    if width * height * scale * scale > _MAX_PIXELS:
        scale = (_MAX_PIXELS / (width * height)) ** 0.5
    bitmap = page.render(scale=scale, grayscale=grey, rev_byteorder=not grey, draw_annots=True)
    depth, stride = bitmap.n_channels, bitmap.stride
    pixels = memoryview(bitmap.buffer)
    rows = [bytes(pixels[y * stride : y * stride + bitmap.width * depth]) for y in range(bitmap.height)]
    if grey:
        return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(rows)
    # Written by hand: filtering and packing are most of the cost of a PNG, and this is for a screen.
    head = struct.pack(">IIBBBBB", bitmap.width, bitmap.height, 8, {1: 0, 3: 2, 4: 6}[depth], 0, 0, 0)
    packed = zlib.compress(b"".join(b"\x00" + row for row in rows), 1)
    parts = ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


if __name__ == "__main__":
    main()
