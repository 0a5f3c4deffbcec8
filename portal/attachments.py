"""What is attached to the proof that a deliberation is executory: one file, of a type told by its content."""

from xml.parsers import expat

from starlette.concurrency import run_in_threadpool

from domain.documents import JPEG, PDF, PNG, XML, DocumentRef, reference
from domain.errors import UnreadableDocument
from portal.access import Upload
from portal.failures import Incomplete, too_large
from portal.ports import Files

ATTACHMENT_BYTES = 10_000_000
_XML_DEPTH = 100

_BEGINNINGS = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))


async def keep(files: Files, upload: Upload) -> DocumentRef:
    """The reference of the file, once stored.

    :raises UnreadableDocument: ``empty_file``, ``too_large`` or ``unsupported_type``.
    """
    media_type = await run_in_threadpool(media_type_of, upload.content)
    return await run_in_threadpool(files.put, upload.content, media_type)


async def require_kept(files: Files, ref: DocumentRef) -> None:
    """A program names the file that it stored before: what cannot be archived is refused now, not at the end.

    :raises NotFound: ``document_unknown``.
    :raises Incomplete: ``document_differs``: the reference does not describe the file.
    :raises UnreadableDocument: the file is of no type that may be attached.
    """
    content = await run_in_threadpool(files.get, ref)
    if reference(content, await run_in_threadpool(media_type_of, content)) != ref:
        raise Incomplete(
            "document_differs", "Le fichier déposé n'a pas cette taille ou ce type : redonnez la référence reçue."
        )


def media_type_of(content: bytes) -> str:
    """PDF, PNG, JPEG or XML, whatever the file's name says."""
    if not content:
        raise UnreadableDocument("empty_file", "Ce fichier est vide : vérifiez le fichier, puis recommencez.")
    if len(content) > ATTACHMENT_BYTES:
        raise too_large(ATTACHMENT_BYTES)
    for beginning, media_type in _BEGINNINGS:
        if content.startswith(beginning):
            return media_type
    if _is_xml(content):
        return XML
    raise UnreadableDocument(
        "unsupported_type", "Ce fichier n'est ni un PDF, ni une image PNG ou JPEG, ni un fichier XML."
    )


class _Hostile(Exception):
    """The XML declares a document type, where entities that grow without end are declared, or is absurdly deep."""


def _is_xml(content: bytes) -> bool:
    # An acknowledgement of "Actes" begins so; a page of the web does not, or is not well-formed.
    if not content.removeprefix(b"\xef\xbb\xbf").startswith(b"<?xml"):
        return False
    parser = expat.ParserCreate()

    depth = 0

    def refuse(*_declared: object) -> None:
        raise _Hostile

    def enter(*_element: object) -> None:
        nonlocal depth
        depth += 1
        if depth > _XML_DEPTH:
            raise _Hostile

    def leave(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = enter
    parser.EndElementHandler = leave
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, _Hostile, LookupError, ValueError):
        return False
    return True
