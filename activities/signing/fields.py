"""Two empty signature fields, placed before anything is signed, where the template's bookmarks are.

LibreOffice exports Word bookmarks as PDF destinations (``ExportBookmarksToPDFDestination``): a page and the top-left
corner, whatever the wording around. It rewrites what is not a letter or a digit (``_`` becomes ``5F``).
"""

import io
import re
from dataclasses import dataclass

import pikepdf
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from domain.convention import Role
from domain.errors import DraftRefused

WIDTH, HEIGHT = 8.0 / 2.54 * 72, 3.0 / 2.54 * 72
"""Of a signature's box, in points: 8 cm by 3 cm."""
_SMALLEST_WIDTH, _SMALLEST_HEIGHT = 5.0 / 2.54 * 72, 2.0 / 2.54 * 72


@dataclass(frozen=True)
class Place:
    """The field of a role, the bookmark that places it, and what a screen reader says of it."""

    field: str
    bookmark: str
    tooltip: str


PLACES: dict[Role, Place] = {
    Role.BENEFICIARY: Place("Beneficiary", "SIGNBENEFICIARY", "Signature du bénéficiaire"),
    Role.AUTHORITY: Place("Authority", "SIGNAUTHORITY", "Signature de la collectivité"),
}

Box = tuple[int, float, float, float, float]
"""Page from 0, then left, bottom, right, top in points."""


def prepare_fields(pdf: bytes) -> bytes:
    """``pdf`` with one empty signature field per role, added as an incremental update.

    A file that already has both is returned as it is.

    :raises DraftRefused: ``unreadable_pdf``, ``signature_place_missing``, ``signature_place_wrong``.
    """
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            existing = field_names(document)
            if all(place.field in existing for place in PLACES.values()):
                return pdf
            boxes = {role: _box(document, place) for role, place in PLACES.items()}
    except pikepdf.PdfError as error:
        raise DraftRefused("unreadable_pdf", "Le PDF du projet de convention est illisible.") from error
    boxes = _apart(boxes)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    for role, (page, *corners) in boxes.items():
        place = PLACES[role]
        # pyHanko declares integers, and takes any number.
        spec = SigFieldSpec(place.field, page, tuple(corners), readable_field_name=place.tooltip)  # type: ignore[arg-type]
        append_signature_field(writer, spec)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def field_names(document: pikepdf.Pdf) -> set[str]:
    """Full names of the top-level form fields."""
    form = document.Root.get("/AcroForm")
    if form is None:
        return set()
    return {str(field.get("/T", "")) for field in form.get("/Fields", [])}


def _box(document: pikepdf.Pdf, place: Place) -> Box:
    destination = _destinations(document).get(place.bookmark)
    if destination is None:
        raise DraftRefused(
            "signature_place_missing",
            f"Le modèle ne dit pas où signer : le signet « {place.bookmark} » est absent du document. "
            "Remettez-le dans le modèle Word, au-dessus de la place de la signature.",
        )
    kind = str(destination[1]) if len(destination) > 1 else ""
    if kind != "/XYZ" or len(destination) < 4 or not isinstance(destination[0], pikepdf.Dictionary):
        raise _wrong(place)
    page = next((n for n, p in enumerate(document.pages) if p.obj.objgen == destination[0].objgen), None)
    if page is None or int(document.pages[page].get("/Rotate", 0)) % 360:
        raise _wrong(place)
    try:
        left, top = float(destination[2]), float(destination[3])
    except (TypeError, ValueError) as error:
        raise _wrong(place) from error
    x0, y0, x1, y1 = (float(v) for v in document.pages[page].mediabox)
    right, bottom = min(left + WIDTH, x1 - 10), max(top - HEIGHT, y0 + 10)
    inside = x0 <= left and top <= y1
    if not inside or right - left < _SMALLEST_WIDTH or top - bottom < _SMALLEST_HEIGHT:
        raise _wrong(place)
    return page, left, bottom, right, top


def _destinations(document: pikepdf.Pdf) -> dict[str, pikepdf.Array]:
    """Named destinations by plain name, from both places where a PDF may keep them (ISO 32000-2, 12.3.2.4)."""
    found: dict[str, pikepdf.Array] = {}
    root = document.Root
    pairs = list(root.Dests.items()) if "/Dests" in root else []
    if "/Names" in root and "/Dests" in root.Names:
        pairs += list(pikepdf.NameTree(root.Names.Dests).items())
    for name, value in pairs:
        target = value.get("/D") if isinstance(value, pikepdf.Dictionary) else value
        if isinstance(target, pikepdf.Array):
            found.setdefault(_plain(str(name)), target)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper().replace("5F", "").replace("#5F", ""))


def _apart(boxes: dict[Role, Box]) -> dict[Role, Box]:
    """Two boxes side by side in narrow columns share the width; anything else that overlaps is refused."""
    (first, a), (second, b) = sorted(boxes.items(), key=lambda item: item[1][1])
    if a[0] != b[0] or a[3] <= b[1] or a[4] <= b[2] or b[4] <= a[2]:
        return boxes
    narrowed = (a[0], a[1], a[2], b[1] - 6, a[4])
    if narrowed[3] - narrowed[1] >= _SMALLEST_WIDTH:
        return {**boxes, first: narrowed, second: b}
    raise DraftRefused(
        "signature_place_wrong",
        "Les places des deux signatures se chevauchent : écartez les deux signets dans le modèle Word "
        "(8 cm de large, 3 cm de haut chacune).",
    )


def _wrong(place: Place) -> DraftRefused:
    return DraftRefused(
        "signature_place_wrong",
        f"La place de la signature au signet « {place.bookmark} » ne tient pas dans la page "
        "(8 cm de large et 3 cm de haut sont nécessaires sous le signet).",
    )
