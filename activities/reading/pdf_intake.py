"""Text of a PDF, page by page: what the file says, and where it is a picture, what recognition reads there."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from activities.reading import ocr, pdf_process
from activities.reading.geometry import Word, words_of
from activities.reading.limits import Limits
from activities.reading.ocr import Progress, Recognised
from domain.errors import UnreadableDocument

_HARDLY_ANY: Final = 20
"""Under so many characters, a page or a document has no text."""
_STAMP: Final = 200
"""A scan may bear a stamp in real text, of some 150 characters: a picture with so little text is a scan still."""
_A_SCAN: Final = 0.4
"""Share of a page that a picture covers when the page is a scan; logos and drawn signatures cover less."""


@dataclass(frozen=True)
class PdfPages:
    texts: tuple[str, ...]
    recognised: dict[int, Recognised]
    """Pages that we recognised; offsets in the text of the page."""
    ocr_pages: tuple[int, ...]
    """These, and those whose invisible text a scanner recognised."""


def pdf_pages(content: bytes, limits: Limits, progress: Progress | None = None) -> PdfPages:
    """:raises UnreadableDocument: ``damaged_file``, ``encrypted_pdf``, ``too_many_pages``, ``scanned_pdf``,
    ``too_many_scanned_pages``.
    """
    if b"%%EOF" not in content[-4096:]:
        # PDFium would rebuild what it can: facts could silently be lost with the missing pages.
        raise _damaged()
    pages = _extracted(content, limits, progress)
    texts = [str(page["text"]) for page in pages]
    scans = [n for n, page in enumerate(pages, 1) if _is_scan(page)]
    hidden = tuple(n for n, page in enumerate(pages, 1) if page["hidden"] and page["image"] >= _A_SCAN)
    nothing_else = len(scans) == len(pages) or sum(map(_characters, texts)) < _HARDLY_ANY
    if nothing_else and not (scans and ocr.available()):
        raise UnreadableDocument(
            "scanned_pdf",
            "Ce PDF est une image numérisée, sans texte : déposez le PDF d'origine "
            "ou une version passée à la reconnaissance de caractères (OCR).",
        )
    if nothing_else and len(scans) > limits.ocr_pages:
        raise UnreadableDocument(
            "too_many_scanned_pages",
            f"Ce PDF a {len(scans)} pages numérisées et la limite est de {limits.ocr_pages} : "
            "déposez la délibération seule, ou le PDF d'origine.",
        )
    recognised: dict[int, Recognised] = {}
    if scans and ocr.available():
        found = ocr.recognise(content, scans[: limits.ocr_pages], limits.ocr_seconds, progress)
        recognised = _with_own_text(content, texts, found)
        for number, page in recognised.items():
            texts[number - 1] = page.text
    if nothing_else and _illegible(texts):
        raise UnreadableDocument(
            "scanned_pdf",
            "Ce PDF est une image numérisée que la reconnaissance de caractères (OCR) n'a pas pu lire : "
            "déposez le PDF d'origine, ou numérisez de nouveau la délibération, droite et à 300 points par pouce.",
        )
    return PdfPages(tuple(texts), recognised, tuple(sorted({*recognised, *hidden})))


def _extracted(content: bytes, limits: Limits, progress: Progress | None) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = []
    count, characters = 0, 0
    try:
        for answer in pdf_process.lines(content, {"mode": "text", "max_pages": limits.pages}, limits.seconds):
            match answer.get("error"):
                case "encrypted":
                    raise UnreadableDocument(
                        "encrypted_pdf",
                        "Ce PDF est protégé par un mot de passe : enregistrez-en une copie sans protection et"
                        " déposez-la.",
                    )
                case "too_many_pages":
                    raise UnreadableDocument(
                        "too_many_pages",
                        f"Ce PDF a {answer['count']} pages et la limite est de {limits.pages} : "
                        "déposez la délibération seule, sans le recueil qui la contient.",
                    )
                case None:
                    pass
                case _:
                    raise _damaged()
            if "count" in answer:
                count = answer["count"]
                continue
            pages.append(answer)
            characters += len(answer["text"])
            if characters > limits.characters:
                break  # the caller refuses it; no need to read the rest
            if progress is not None:
                progress(len(pages), count)
    except pdf_process.Unreadable as error:
        raise _damaged() from error
    if len(pages) != count and characters <= limits.characters:
        raise _damaged()
    return pages


def _is_scan(page: dict[str, Any]) -> bool:
    characters = _characters(page["text"])
    if page["image"] >= _A_SCAN:
        return characters < _STAMP
    return bool(page["drawn"]) and characters < _HARDLY_ANY


def _characters(text: str) -> int:
    return sum(not c.isspace() for c in text)


def _illegible(texts: Iterable[str]) -> bool:
    """Hardly any text on any page: a stamp, or marks taken for letters."""
    return max(map(_characters, texts), default=0) < _STAMP


def _with_own_text(content: bytes, texts: list[str], found: dict[int, Recognised]) -> dict[int, Recognised]:
    """Recognised pages, in which words that the file itself bears (a stamp over the scan) are taken from the file."""
    stamped = [n for n in found if texts[n - 1].strip()]
    if not stamped:
        return found
    spans = [(0, len(text)) for text in texts]
    try:
        own = words_of(content, spans, stamped)
    except pdf_process.Unreadable:
        return found
    return {n: _merged(page, texts[n - 1], own.get(n, ())) if n in stamped else page for n, page in found.items()}


def _merged(page: Recognised, text: str, own: tuple[Word, ...]) -> Recognised:
    """The recognised words that no word of the file covers, then the text of the file."""
    kept: list[Word] = []
    pieces: list[str] = []
    length, before = 0, 0
    for word in page.words:
        gap = page.text[before : word.start]
        before = word.end
        if any(_covers(mine, word) for mine in own):
            continue
        pieces += (gap if pieces else "", page.text[word.start : word.end])
        start = length + len(pieces[-2])
        length = start + word.end - word.start
        kept.append(word._replace(start=start, end=length))
    return Recognised("".join(pieces) + "\n\n" + text, tuple(kept), page.width, page.height)


def _covers(mine: Word, word: Word) -> bool:
    across, down = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return mine.left - 1 <= across <= mine.right + 1 and mine.top - 1 <= down <= mine.bottom + 1


def _damaged() -> UnreadableDocument:
    return UnreadableDocument(
        "damaged_file", "Ce PDF est incomplet ou endommagé : demandez-en une nouvelle copie et redéposez-la."
    )
