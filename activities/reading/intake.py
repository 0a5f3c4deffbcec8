"""The door: what comes in is text with its pages, or a refusal that says what is wrong and how to mend it.

The type of a file is told by its content. Its name only serves to say that content and name disagree.

Codes of refusal (all :class:`UnreadableDocument`): ``empty_file``, ``too_large``, ``unsupported_type``,
``wrong_type``, ``encrypted_pdf``, ``encrypted_document``, ``damaged_file``, ``scanned_pdf``, ``zip_bomb``,
``too_many_pages``.
"""

import codecs
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Final

from activities.reading.word_text import is_word, word_text
from domain.deliberation import Source
from domain.documents import DOCX, PDF, TEXT, digest
from domain.errors import UnreadableDocument


@dataclass(frozen=True)
class Limits:
    """What is too much."""

    size: int = 50 * 1024**2
    """Bytes of the file."""
    unpacked: int = 200 * 1024**2
    """Bytes that an archive may claim to unpack to."""
    pages: int = 300
    characters: int = 1_000_000
    """Of the extracted text."""
    seconds: float = 75
    """To read one PDF; less than the activity's own time-out."""


@dataclass(frozen=True)
class ExtractedText:
    """The raw text of a document. Evidence counts in its code points."""

    text: str
    pages: tuple[tuple[int, int], ...]
    """Start and end of each page in ``text``; empty for sources without pages."""
    source: Source

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
_HARDLY_ANY: Final = 20
_STAMP: Final = 200
_ADMITTED: Final = "Déposez la délibération en PDF, en Word (.docx) ou en texte."


def take_in(content: bytes, name: str, limits: Limits | None = None) -> ExtractedText:
    """The text of a PDF, a Word document or a plain text.

    :param name: as received; never used as a path.
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
    if b"%PDF-" in content[:1024]:
        pages = _pdf_pages(content, limits)
        media_type = PDF
    elif content.startswith(b"PK\x03\x04"):
        if not is_word(content):
            raise _unsupported(name)
        pages = [word_text(content, limits.unpacked)]
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
    source = Source(name=_shown(name), sha256=digest(content), media_type=media_type, pages=len(pages) if paged else 1)
    return ExtractedText(text, _spans(pages) if paged else (), source)


def _spans(pages: list[str]) -> tuple[tuple[int, int], ...]:
    spans, start = [], 0
    for page in pages:
        spans.append((start, start + len(page)))
        start += len(page) + 1
    return tuple(spans)


def _shown(name: str) -> str:
    base = PurePath(name.replace("\\", "/")).name
    return "".join(c if c.isprintable() else " " for c in base)[:200] or "document"


def _pdf_pages(content: bytes, limits: Limits) -> list[str]:
    if b"%%EOF" not in content[-4096:]:
        # PDFium would rebuild what it can: facts could silently be lost with the missing pages.
        raise _damaged_pdf()
    answer = _run_pdf_text(content, limits)
    match answer.get("error"):
        case "encrypted":
            raise UnreadableDocument(
                "encrypted_pdf",
                "Ce PDF est protégé par un mot de passe : enregistrez-en une copie sans protection et déposez-la.",
            )
        case "too_many_pages":
            raise UnreadableDocument(
                "too_many_pages",
                f"Ce PDF a {answer['count']} pages et la limite est de {limits.pages} : "
                "déposez la délibération seule, sans le recueil qui la contient.",
            )
        case None:
            pages = [str(page) for page in answer["pages"]]
        case _:
            raise _damaged_pdf()
    characters = sum(not c.isspace() for page in pages for c in page)
    # A scan may bear a stamp in real text, of some 150 characters: images with so little text are a scan all the same.
    if characters < _HARDLY_ANY or (all(answer["images"]) and characters < _STAMP * len(pages)):
        raise UnreadableDocument(
            "scanned_pdf",
            "Ce PDF est une image numérisée, sans texte : déposez le PDF d'origine "
            "ou une version passée à la reconnaissance de caractères (OCR).",
        )
    return pages


def _run_pdf_text(content: bytes, limits: Limits) -> dict[str, Any]:
    program = [sys.executable, "-I", str(Path(__file__).with_name("pdf_text.py")), str(limits.pages)]
    try:
        done = subprocess.run(program, input=content, capture_output=True, timeout=limits.seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise _damaged_pdf() from error
    if done.returncode == 1:
        # A Python exception is our defect or a missing library, not a bad file: an outage, said as such.
        raise RuntimeError(f"pdf_text failed: {done.stderr.decode(errors='replace')[-2000:]}")
    if done.returncode != 0:
        raise _damaged_pdf()
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _damaged_pdf() -> UnreadableDocument:
    return UnreadableDocument(
        "damaged_file", "Ce PDF est incomplet ou endommagé : demandez-en une nouvelle copie et redéposez-la."
    )


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
