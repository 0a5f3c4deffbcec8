"""Text of a Word document (.docx): headers, then paragraphs as lines, cells of a row separated by tabs, then footnotes,
endnotes and footers.

Read with a hardened XML parser straight from the few parts that bear text, each within a bound: nothing else of the
archive is ever unpacked. Deleted and moved-away text of tracked changes is left out, and that there are such changes
is said. A text box stands after the paragraph that it hangs on. Numbers that Word computes (automatic numbering) are
not in the file and cannot be read.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass
from typing import Final

from lxml import etree

from domain.errors import UnreadableDocument

_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SKIPPED: Final = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback", f"{_W}pPr", f"{_W}rPr", f"{_W}sectPr"})
_CHANGES: Final = frozenset(f"{_W}{name}" for name in ("ins", "del", "moveFrom", "moveTo"))
_DEEP: Final = 200
"""Tables in tables: Word itself gives up long before."""
_BREAKS: Final = frozenset({f"{_W}br", f"{_W}cr"})
_MAX_PART: Final = 30 * 1024**2
_MAX_ENTRIES: Final = 5000
_MAX_RATIO: Final = 200


def is_word(content: bytes) -> bool:
    """Whether this archive says it is a Word document."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "word/document.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _damaged() from error


@dataclass(frozen=True)
class WordText:
    text: str
    tracked_changes: bool
    """Whether it holds changes that nobody has accepted or rejected yet."""


def word_text(content: bytes, max_unpacked: int) -> WordText:
    """:param max_unpacked: bytes that the whole archive may claim to unpack to.

    :raises UnreadableDocument: ``zip_bomb``, ``damaged_file``, ``encrypted_document``.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            claimed = sum(entry.file_size for entry in entries)
            packed = max(1, sum(entry.compress_size for entry in entries))
            if len(entries) > _MAX_ENTRIES or claimed > max_unpacked or claimed > max(packed * _MAX_RATIO, 10**7):
                raise _bomb()
            names = archive.namelist()
            headers = sorted(n for n in names if n.startswith("word/header") and n.endswith(".xml"))[:3]
            footers = sorted(n for n in names if n.startswith("word/footer") and n.endswith(".xml"))[:3]
            notes = [n for n in ("word/footnotes.xml", "word/endnotes.xml") if n in names]
            parts = [_part(archive, name) for name in (*headers, "word/document.xml", *notes, *footers)]
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, KeyError, NotImplementedError) as error:
        raise _damaged() from error
    except RuntimeError as error:  # what zipfile raises for an encrypted entry
        raise UnreadableDocument(
            "encrypted_document",
            "Ce document Word est protégé par un mot de passe : retirez la protection puis déposez-le de nouveau.",
        ) from error
    texts = dict.fromkeys(text for text, _ in parts if text.strip())  # the same header for odd and even pages, once
    return WordText("\n".join(texts), any(changed for _, changed in parts))


def _part(archive: zipfile.ZipFile, name: str) -> tuple[str, bool]:
    with archive.open(name) as stream:
        xml = stream.read(_MAX_PART + 1)
    if len(xml) > _MAX_PART:
        raise _bomb()
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise _damaged() from error
    # Word never writes a document type: one is there to declare entities (XXE, "billion laughs").
    if root.getroottree().docinfo.doctype:
        raise _damaged()
    pieces: list[str] = []
    _walk(root, pieces, [], 0)
    return "".join(pieces), next(root.iter(*_CHANGES), None) is not None


def _walk(node: etree._Element, pieces: list[str], boxes: list[str], depth: int) -> None:
    """:param boxes: what the text boxes of the paragraph say, for after it."""
    if depth > _DEEP:
        raise _damaged()
    for child in node:
        tag = child.tag
        if tag in _SKIPPED or not isinstance(tag, str):
            continue
        if tag == f"{_W}t":
            pieces.append(child.text or "")
        elif tag == f"{_W}tab":
            pieces.append("\t")
        elif tag == f"{_W}noBreakHyphen":
            pieces.append("-")
        elif tag in _BREAKS:
            pieces.append("\n")
        elif tag in (f"{_W}footnote", f"{_W}endnote") and child.get(f"{_W}type") not in (None, "normal"):
            continue  # the rules that part notes from the text
        elif tag == f"{_W}tc":
            cell: list[str] = []
            _walk(child, cell, boxes, depth + 1)
            pieces.append(" ".join("".join(cell).split()) + "\t")
        elif tag == f"{_W}txbxContent":
            box: list[str] = []
            _walk(child, box, boxes, depth + 1)
            boxes += box
        elif tag == f"{_W}p":
            hung: list[str] = []
            _walk(child, pieces, hung, depth + 1)
            pieces += ("\n", *hung)
        else:
            _walk(child, pieces, boxes, depth + 1)
            if tag == f"{_W}tr":
                pieces.append("\n")


def _damaged() -> UnreadableDocument:
    return UnreadableDocument(
        "damaged_file", "Ce document Word est endommagé : enregistrez-le de nouveau depuis Word puis redéposez-le."
    )


def _bomb() -> UnreadableDocument:
    return UnreadableDocument(
        "zip_bomb", "Ce document Word se déploie en un volume anormal et n'a pas été ouvert : déposez un autre fichier."
    )
