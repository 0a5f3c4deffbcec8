"""What a page of a PDF shows: an image, and its text for whoever cannot see the image."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
from PIL import Image

from domain.errors import NotFound

_COLOURS = 256
"""A palette: a third of the bytes of full colour, and text, titles and stamps keep their shades."""

_lock = threading.Lock()
"""PDFium is not thread-safe, even with two documents."""


def page_count(pdf: bytes) -> int:
    with _opened(pdf) as document:
        return len(document)


def page_png(pdf: bytes, page: int, dpi: int = 110) -> bytes:
    """Page ``page`` (from 1) as PNG, signatures included.

    :raises NotFound: ``page_unknown``.
    """
    with _opened(pdf) as document:
        document.init_forms()
        image: Image.Image = _page(document, page).render(scale=dpi / 72).to_pil()
    out = io.BytesIO()
    image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()


def page_text(pdf: bytes, page: int) -> str:
    """Text of page ``page`` (from 1), lines ended by ``\\n``.

    :raises NotFound: ``page_unknown``.
    """
    with _opened(pdf) as document:
        text: str = _page(document, page).get_textpage().get_text_bounded()
    return text.replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def _opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with _lock:
        document = pypdfium2.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()


def _page(document: pypdfium2.PdfDocument, page: int) -> pypdfium2.PdfPage:
    if not 1 <= page <= len(document):
        raise NotFound("page_unknown", f"Ce document n'a pas de page {page}.")
    return document[page - 1]
