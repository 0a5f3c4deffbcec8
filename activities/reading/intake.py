"""The door: what comes in is text with its pages, or a refusal that says what is wrong and how to mend it.

The type of a file is told by its content. Its name only serves to say that content and name disagree.

Codes of refusal (all :class:`UnreadableDocument`): ``empty_file``, ``too_large``, ``unsupported_type``,
``wrong_type``, ``encrypted_pdf``, ``encrypted_document``, ``damaged_file``, ``scanned_pdf``,
``too_many_scanned_pages``, ``zip_bomb``, ``too_many_pages``.
"""

import codecs
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final

from activities.reading.geometry import Word, words_of
from activities.reading.limits import Limits
from activities.reading.ocr import Progress, Recognised
from activities.reading.pdf_intake import PdfPages, pdf_pages
from activities.reading.pdf_process import Unreadable
from activities.reading.word_text import is_word, word_text
from domain.deliberation import Source
from domain.documents import DOCX, PDF, TEXT, digest
from domain.errors import UnreadableDocument


@dataclass(frozen=True)
class ExtractedText:
    """The raw text of a document. Evidence counts in its code points."""

    text: str
    pages: tuple[tuple[int, int], ...]
    """Start and end of each page in ``text``; empty for sources without pages."""
    source: Source
    recognised: dict[int, Recognised] = field(default_factory=dict, repr=False, compare=False)
    """Pages read by character recognition, by their number."""
    surest: int = Limits.ocr_confidence
    """Recognised words under this confidence put a fact in doubt."""
    warnings: tuple[str, ...] = ()
    """Codes of what a person should know of the file itself: ``tracked_changes``."""
    pdf: bytes = field(default=b"", repr=False, compare=False)
    _words: dict[int, tuple[Word, ...]] = field(default_factory=dict, repr=False, compare=False)

    def words(self, page: int) -> tuple[Word, ...]:
        """Words of a page, from 1, with their places; empty when the source has no pages, or cannot say.

        The first call for a page starts a process, of some hundred milliseconds: see :meth:`load_words`.
        """
        self.load_words((page,))
        return self._words.get(page, ())

    def load_words(self, pages: Iterable[int]) -> None:
        """Have the words of several pages at the price of one process."""
        wanted = [n for n in pages if n not in self._words and 1 <= n <= len(self.pages)]
        known = {n: self.recognised[n].words for n in wanted if n in self.recognised}
        self._words.update(known)
        missing = [n for n in wanted if n not in known]
        if missing and self.pdf:
            with suppress(Unreadable):
                self._words.update(words_of(self.pdf, self.pages, missing))
        self._words.update((n, ()) for n in missing if n not in self._words)

    def page_at(self, offset: int) -> int | None:
        """Number of the page, from 1, that ``offset`` lies on; none without pages."""
        page = None
        for number, (start, _) in enumerate(self.pages, 1):
            if start > offset:
                break
            page = number
        return page

    @property
    def blank_pages(self) -> tuple[int, ...]:
        """Numbers of the pages that bear no text: scans, or really blank."""
        return tuple(n for n, (start, end) in enumerate(self.pages, 1) if not self.text[start:end].strip())


_IMAGES: Final = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_PROGRAMS: Final = (b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES: Final = {".pdf": "PDF", ".docx": "Word", ".txt": "texte"}
_ADMITTED: Final = "Déposez la délibération en PDF, en Word (.docx) ou en texte."


def take_in(content: bytes, name: str, limits: Limits | None = None, progress: Progress | None = None) -> ExtractedText:
    """The text of a PDF, a Word document or a plain text.

    :param name: as received; never used as a path.
    :param progress: told of each page of a PDF.
    :raises UnreadableDocument: with one of the codes of this module.
    """
    limits = limits or Limits()
    if not content:
        raise UnreadableDocument("empty_file", f"Le fichier « {_shown(name)} » est vide : vérifiez-le et redéposez-le.")
    if len(content) > limits.size:
        raise UnreadableDocument(
            "too_large",
            f"Le fichier pèse {len(content) / 1024**2:.0f} Mo et la limite est de {limits.size // 1024**2} Mo : "
            "déposez la délibération seule, sans ses annexes volumineuses.",
        )
    scans = PdfPages((), {}, ())
    warnings: tuple[str, ...] = ()
    if b"%PDF-" in content[:1024]:
        scans = pdf_pages(content, limits, progress)
        pages = list(scans.texts)
        media_type = PDF
    elif content.startswith(b"PK\x03\x04"):
        if not is_word(content):
            raise _unsupported(name)
        word = word_text(content, limits.unpacked)
        pages = [word.text]
        warnings = ("tracked_changes",) if word.tracked_changes else ()
        media_type = DOCX
    else:
        pages = _plain_pages(content, name)
        media_type = TEXT
    text = "\f".join(pages)
    if len(text) > limits.characters:
        raise UnreadableDocument(
            "too_large", "Ce document contient trop de texte pour une délibération : déposez la délibération seule."
        )
    if not text.strip():
        raise UnreadableDocument("empty_file", f"Le fichier « {_shown(name)} » ne contient aucun texte.")
    paged = media_type == PDF or len(pages) > 1
    spans = _spans(pages) if paged else ()
    source = Source(
        name=_shown(name),
        sha256=digest(content),
        media_type=media_type,
        pages=len(pages) if paged else 1,
        ocr_pages=scans.ocr_pages,
    )
    return ExtractedText(
        text,
        spans,
        source,
        recognised={number: page.moved(spans[number - 1][0]) for number, page in scans.recognised.items()},
        surest=limits.ocr_confidence,
        warnings=warnings,
        pdf=content if media_type == PDF else b"",
    )


def _spans(pages: list[str]) -> tuple[tuple[int, int], ...]:
    spans, start = [], 0
    for page in pages:
        spans.append((start, start + len(page)))
        start += len(page) + 1
    return tuple(spans)


def _shown(name: str) -> str:
    base = PurePath(name.replace("\\", "/")).name
    return "".join(c if c.isprintable() else " " for c in base)[:200] or "document"


def _plain_pages(content: bytes, name: str) -> list[str]:
    text = _decoded(content)
    suffix = PurePath(name).suffix.lower()
    if text is None:
        if content.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in content:
            raise UnreadableDocument(
                "encrypted_document",
                "Ce document Word est protégé par un mot de passe : retirez la protection puis déposez-le de nouveau.",
            )
        raise _wrong(name, suffix) if suffix in _TYPES else _unsupported(name)
    if not text.strip():
        raise UnreadableDocument("empty_file", f"Le fichier « {_shown(name)} » ne contient aucun texte.")
    start = text.lstrip()[:200].lower()
    if suffix in (".pdf", ".docx"):
        raise _wrong(name, suffix)
    if start.startswith(("{\\rtf", "<!doctype", "<html", "<?xml")):
        raise _unsupported(name)
    pages = text.split("\f")
    while len(pages) > 1 and not pages[-1].strip():  # pdftotext ends the last page with a form feed too
        pages.pop()
    return pages


def _decoded(content: bytes) -> str | None:
    """The text, or none when these bytes are no text."""
    if content.startswith((*_IMAGES, *_PROGRAMS, _OLE)):
        return None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    if b"\x00" in content:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    controls = sum(c < " " and c not in "\t\n\r\f" for c in text[:20_000])
    return None if controls > len(text[:20_000]) // 100 else text


def _unsupported(name: str) -> UnreadableDocument:
    return UnreadableDocument(
        "unsupported_type", f"Le fichier « {_shown(name)} » est d'un type que Paraphe ne lit pas. {_ADMITTED}"
    )


def _wrong(name: str, suffix: str) -> UnreadableDocument:
    return UnreadableDocument(
        "wrong_type",
        f"Le fichier « {_shown(name)} » porte un nom de fichier {_TYPES[suffix]}, "
        f"mais son contenu est d'un autre type. {_ADMITTED}",
    )
