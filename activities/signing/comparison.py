"""What a signature may change in a file, and nothing else.

Pages, their contents, fonts and images are objects of the PDF. A signature appends objects, and rewrites a few named
below. If no other object of the approved file is rewritten, every page is what it was: that is a proof, where
comparing the text would only be a sample.
"""

import io
from collections.abc import Collection, Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from domain.errors import SignatureRefused

_ROOT_MAY_CHANGE = {"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Perms", "/Version"}
_FORM_MAY_CHANGE = {"/SigFlags", "/NeedAppearances", "/DR", "/DA"}
_FIELD_MAY_CHANGE = {"/V", "/AP", "/Lock"}
_INVISIBLE_FIELD = {"/FT", "/T", "/TU", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V", "/Lock"}
"""All that an invisible signature field may have: nothing that draws, and nothing that acts."""


def require_only_signed(
    before: bytes, after: bytes, field: str, *, added: Collection[str] = (), reader: PdfFileReader | None = None
) -> None:
    """Check that ``after`` is ``before`` plus a signature in ``field``.

    :param added: names of invisible signature fields that may have been added, each filled.
    :param reader: of ``after``, if there is one already: reading a file takes longer than comparing it.
    :raises SignatureRefused: ``bytes_changed``, ``content_changed`` or ``archival_lost``.
    """
    if after[: len(before)] != before:
        raise SignatureRefused("bytes_changed", "La signature aurait modifié le document approuvé : elle est annulée.")
    old, new = PdfFileReader(io.BytesIO(before)), reader or PdfFileReader(io.BytesIO(after))
    invisible = _added_fields(old, new, added)
    _require_same_objects(old, new, {*_may_change(old, field), *_require_same_pages(old, new, invisible)})
    for key in {*old.root, *new.root} - _ROOT_MAY_CHANGE:
        _require(_raw(old.root, key) == _raw(new.root, key), f"catalog {key}")
    _require_same_form(old, new, field)
    if _archival(old) != _archival(new):
        raise SignatureRefused("archival_lost", "La signature aurait ôté au document sa conformité PDF/A.")


def _added_fields(old: PdfFileReader, new: PdfFileReader, names: Collection[str]) -> list[generic.IndirectObject]:
    """The fields that come after the old ones: each invisible, signed, and expected."""
    number = len(_fields(old))
    fields = _fields(new)[number:]
    for reference in fields:
        added = _object(reference)
        _require(set(added) <= _INVISIBLE_FIELD and "/V" in added, "added field")
        _require(str(_get(added, "/T")) in names and _get(added, "/FT") == "/Sig", "added field")
        _require([float(side) for side in _get(added, "/Rect", ())] == [0.0] * 4, "added field /Rect")
    _require(len({str(_get(_object(one), "/T")) for one in fields}) == len(fields), "added fields")
    return fields


def _require_same_pages(old: PdfFileReader, new: PdfFileReader, added: list[generic.IndirectObject]) -> Iterator[int]:
    """Numbers of the objects that hold the annotations of the pages where the added fields are, and nothing else.

    An invisible field is an annotation all the same: its page is rewritten, with one more reference.
    """
    for number in {_raw(_object(one), "/P").idnum for one in added if "/P" in _object(one)}:
        page, now = (_page(one, number) for one in (old, new))
        _require(_get(page, "/Type") == "/Page", "page of an added field")
        for key in {*page, *now} - {"/Annots"}:
            _require(_raw(page, key) == _raw(now, key), f"page {key}")
        shown, shown_now = _get(page, "/Annots", []), _get(now, "/Annots", [])
        before, after = ([one.idnum for one in annotations] for annotations in (shown, shown_now))
        here = [one.idnum for one in added if getattr(_raw(_object(one), "/P"), "idnum", None) == number]
        _require(after == [*before, *here], "page /Annots")
        yield number
        reference = _raw(page, "/Annots")
        if isinstance(reference, generic.IndirectObject):
            yield reference.idnum


def _require_same_objects(old: PdfFileReader, new: PdfFileReader, may_change: set[int]) -> None:
    size = int(old.trailer["/Size"])
    for revision in range(old.total_revisions, new.total_revisions):
        for ref in new.xrefs.explicit_refs_in_revision(revision):
            known = ref.idnum < size and old.xrefs[generic.Reference(ref.idnum, ref.generation, pdf=old)] is not None
            _require(not known or ref.idnum in may_change, f"object {ref.idnum}")
        _require(not new.xrefs.refs_freed_in_revision(revision), "freed objects")


def _fields(reader: PdfFileReader) -> list[generic.IndirectObject]:
    return list(_get(_get(reader.root, "/AcroForm", {}), "/Fields", ()))


def _may_change(old: PdfFileReader, field: str) -> Iterator[int]:
    yield old.root_ref.idnum
    for container, key in (
        (old.trailer, "/Info"),
        (old.root, "/Metadata"),
        (old.root, "/AcroForm"),
        (old.root, "/DSS"),
    ):
        ref = _raw(container, key)
        if isinstance(ref, generic.IndirectObject):
            yield ref.idnum
    form = _get(old.root, "/AcroForm", {})
    fields = _raw(form, "/Fields")
    if isinstance(fields, generic.IndirectObject):
        yield fields.idnum
    for ref in _get(form, "/Fields", ()):
        if _get(ref.get_object(), "/T") == field:
            yield ref.idnum
    store = _get(old.root, "/DSS", {})
    for key in store:
        ref = _raw(store, key)
        if isinstance(ref, generic.IndirectObject):
            yield ref.idnum


def _require_same_form(old: PdfFileReader, new: PdfFileReader, field: str) -> None:
    before, after = _get(old.root, "/AcroForm", {}), _get(new.root, "/AcroForm", {})
    for key in {*before, *after} - _FORM_MAY_CHANGE - {"/Fields"}:
        _require(_raw(before, key) == _raw(after, key), f"form {key}")
    numbers = [[ref.idnum for ref in _get(form, "/Fields", ())] for form in (before, after)]
    _require(numbers[1][: len(numbers[0])] == numbers[0], "form fields")
    for left, right in zip(_get(before, "/Fields", ()), _get(after, "/Fields", ()), strict=False):
        old_field, new_field = left.get_object(), right.get_object()
        free = _FIELD_MAY_CHANGE if _get(old_field, "/T") == field else set()
        for key in {*old_field, *new_field} - free:
            _require(_raw(old_field, key) == _raw(new_field, key), f"field {old_field.get('/T')} {key}")


def _page(reader: PdfFileReader, number: int) -> Any:
    return reader.get_object(generic.Reference(number, 0, pdf=reader))  # type: ignore[no-untyped-call,unused-ignore]


def _object(reference: generic.IndirectObject) -> Any:
    return reference.get_object()  # type: ignore[no-untyped-call]


def _raw(container: Any, key: str) -> Any:
    return container.raw_get(key) if key in container else None


def _get(container: generic.DictionaryObject, key: str, default: Any = None) -> Any:
    """The value itself: pyHanko's ``get`` hands out references unresolved, its ``[]`` does not."""
    return container[key] if key in container else default  # noqa: SIM401


def _archival(reader: PdfFileReader) -> tuple[bool, bool]:
    """Whether the metadata claims PDF/A, and the output intent is there (ISO 19005-2, 6.2.3 and 6.6.4)."""
    stream = _get(reader.root, "/Metadata")
    xmp = stream.data if stream is not None else b""
    return b"pdfaid" in xmp and b"www.aiim.org/pdfa/ns/id" in xmp, "/OutputIntents" in reader.root


def _require(same: bool, what: str) -> None:
    if not same:
        raise SignatureRefused(
            "content_changed", f"La signature aurait modifié le contenu du document ({what}) : elle est annulée."
        )
