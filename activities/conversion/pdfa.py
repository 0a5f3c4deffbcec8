"""The last touch to LibreOffice's PDF, before anything is signed; nothing may touch it after."""

import io
import re
import struct
from datetime import UTC, datetime

import pikepdf
from docx import Document

_PDFA = "{http://www.aiim.org/pdfa/ns/id/}"


class NotArchivable(Exception):
    """What LibreOffice made is not the PDF/A that was asked for. Never signed as it is: an outage (invariant 7)."""


def finish(pdf: bytes, title: str, created: datetime) -> bytes:
    """``pdf`` with its language, its title and dates that depend on the document alone.

    The same input gives the same bytes.

    :param created: aware instant for the metadata.
    :raises NotArchivable: not PDF/A-2b, not tagged, or a font is not embedded.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        root = document.Root
        if "/Metadata" in root:
            # LibreOffice escapes an apostrophe twice in XMP ("d&amp;apos;Azur").
            xmp = root.Metadata.read_bytes()
            root.Metadata.write(re.sub(rb"&amp;(apos|quot|lt|gt|amp);", rb"&\1;", xmp))
        root.Lang = pikepdf.String("fr-FR")
        root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        moment = created.astimezone(UTC).replace(microsecond=0)
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=True) as metadata:
            metadata["dc:title"] = title
            metadata["dc:language"] = {"fr-FR"}
            metadata["xmp:CreateDate"] = metadata["xmp:ModifyDate"] = moment.isoformat()
        for name in ("/CreationDate", "/ModDate"):
            document.docinfo[name] = pikepdf.String(f"D:{moment:%Y%m%d%H%M%S}Z")
        _steady(document, moment)
        _check(document)
        document.save(out, deterministic_id=True)
    return out.getvalue()


def created_at(docx: bytes) -> datetime:
    """The instant that the Word file itself gives for its making."""
    created = Document(io.BytesIO(docx)).core_properties.created
    return (created or datetime(1980, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001 - core properties are UTC, unmarked


def _steady(document: pikepdf.Pdf, moment: datetime) -> None:
    """Take out what LibreOffice draws at random or from the clock; qpdf then makes an /ID from the content."""
    for name in ("/ID", "/DocChecksum"):
        if name in document.trailer:
            del document.trailer[name]
    for intent in document.Root.get("/OutputIntents", pikepdf.Array()):
        profile = bytearray(intent.DestOutputProfile.read_bytes())
        # ICC.1, 7.2: bytes 24 to 35 are the date of the making, bytes 84 to 99 its digest when there is one.
        if not any(profile[84:100]):
            profile[24:36] = struct.pack(">6H", *moment.timetuple()[:6])
            intent.DestOutputProfile.write(bytes(profile))


def _check(document: pikepdf.Pdf) -> None:
    with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
        part, conformance = metadata.get(f"{_PDFA}part"), metadata.get(f"{_PDFA}conformance")
    if (part, conformance) != ("2", "B"):
        raise NotArchivable(f"PDF/A-{part}{conformance} instead of PDF/A-2B")
    root = document.Root
    if "/StructTreeRoot" not in root or "/MarkInfo" not in root or not root.MarkInfo.get("/Marked", False):
        raise NotArchivable("the PDF is not tagged")
    for obj in document.objects:
        if (
            isinstance(obj, pikepdf.Dictionary)
            and obj.get("/Type") == "/FontDescriptor"
            and not ({"/FontFile", "/FontFile2", "/FontFile3"} & set(obj.keys()))
        ):
            raise NotArchivable(f"the font {obj.get('/FontName')} is not embedded")
