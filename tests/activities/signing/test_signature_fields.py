"""Where signatures go."""

import io
from dataclasses import dataclass

import pikepdf
import pytest
from signing_parts import Convert

from activities.signing.fields import HEIGHT, WIDTH, prepare_fields
from domain.errors import DraftRefused

pytestmark = pytest.mark.libreoffice


@dataclass
class Field:
    tooltip: str
    signed: bool
    corners: list[float]


def _fields(pdf: bytes) -> dict[str, Field]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {
            str(f.T): Field(str(f.TU), "/V" in f, [float(v) for v in f.Rect]) for f in document.Root.AcroForm.Fields
        }


def test_two_empty_named_fields_are_added_where_the_bookmarks_are(converted: bytes, approved: bytes) -> None:
    assert approved.startswith(converted)
    fields = _fields(approved)
    assert set(fields) == {"Beneficiary", "Authority"}
    assert fields["Beneficiary"].tooltip == "Signature du bénéficiaire"
    assert not any(field.signed for field in fields.values())
    with pikepdf.open(io.BytesIO(converted)) as document:
        left, top = (float(document.Root.Dests.SIGNAUTHORITY[n]) for n in (2, 3))
    x0, y0, x1, y1 = fields["Authority"].corners
    assert (x0, y1) == (pytest.approx(left, abs=0.01), pytest.approx(top, abs=0.01))
    assert (x1 - x0, y1 - y0) == (pytest.approx(WIDTH, abs=0.1), pytest.approx(HEIGHT, abs=0.1))


def test_two_narrow_columns_share_the_width_and_do_not_overlap(approved: bytes) -> None:
    fields = _fields(approved)
    assert fields["Beneficiary"].corners[2] < fields["Authority"].corners[0]


def test_preparing_twice_prepares_once(approved: bytes) -> None:
    assert prepare_fields(approved) == approved


def test_a_bookmark_that_libreoffice_renames_is_found(convert: Convert) -> None:
    mangled = convert({"SIGN_BENEFICIARY": "\u200b", "Sign_Authority": "\u200b"})
    assert set(_fields(prepare_fields(mangled))) == {"Beneficiary", "Authority"}


def test_a_template_without_a_place_to_sign_is_refused_with_the_mend(convert: Convert) -> None:
    with pytest.raises(DraftRefused) as refusal:
        prepare_fields(convert({"SIGNBENEFICIARY": "\u200b"}))
    assert refusal.value.code == "signature_place_missing"
    assert "SIGNAUTHORITY" in refusal.value.message


@pytest.mark.parametrize("content", [b"", b"bonjour", b"%PDF-1.7\n%%EOF"])
def test_what_is_not_a_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(DraftRefused) as refusal:
        prepare_fields(content)
    assert refusal.value.code == "unreadable_pdf"


def test_a_place_too_near_the_edge_of_the_page_is_refused(converted: bytes) -> None:
    with pikepdf.open(io.BytesIO(converted)) as document:
        document.Root.Dests.SIGNAUTHORITY[2] = 590
        out = io.BytesIO()
        document.save(out)
    with pytest.raises(DraftRefused) as refusal:
        prepare_fields(out.getvalue())
    assert refusal.value.code == "signature_place_wrong"
