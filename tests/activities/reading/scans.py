"""Scans made from text PDFs: pictures of their pages, with what a scanner does to them."""

import io
import random

import pypdfium2
from PIL import Image, ImageEnhance


def pictures(pdf: bytes, dpi: int = 200) -> list[Image.Image]:
    """Each page in grey."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72, grayscale=True).to_pil() for page in document]
    finally:
        document.close()


def scanned(
    pdf: bytes, *, dpi: int = 200, angle: float = 0, contrast: float = 1, noise: float = 0, turned: int = 0
) -> bytes:
    """The same pages as pictures.

    :param angle: degrees that the sheet lay askew.
    :param contrast: 1 as printed, 0 all grey.
    :param noise: share of pixels that are dirt.
    :param turned: quarter turns of the sheet on the glass.
    """
    chance = random.Random(7)
    pages = []
    for picture in pictures(pdf, dpi):
        page = ImageEnhance.Contrast(picture).enhance(contrast)
        if angle:
            page = page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
        for _ in range(int(page.width * page.height * noise)):
            page.putpixel((chance.randrange(page.width), chance.randrange(page.height)), chance.randrange(256))
        if turned:
            page = page.rotate(90 * turned, expand=True)
        pages.append(page)
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=dpi, save_all=True, append_images=pages[1:])
    return out.getvalue()
