"""Hostile files: whatever a stranger sends, reading it costs in proportion to its size, and ends in facts or a refusal.

Costs are processor times of texts of one and of four sizes: a pattern that backtracks makes the second sixteen times
the first, a busy machine does not.
"""

import io
import random
import time
import zipfile

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.reading import read_document
from activities.reading.intake import take_in
from activities.reading.view import View
from domain.deliberation import Reading
from domain.errors import NotADeliberation, UnreadableDocument

HEAD = """Commune de Valbrune
EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS DU CONSEIL MUNICIPAL
Séance du 12 mars 2024
Délibération n° 2024-031
Objet : Subvention au Club Nautique

Vu le code général des collectivités territoriales,
Après en avoir délibéré, DÉCIDE :
- d'attribuer une subvention de 3 000 € au Club Nautique ;
"""
TAIL = "\n- d'autoriser Monsieur le Maire à signer la convention.\nAdopté à l'unanimité.\n"

PIECES = {
    "one line": "mot ",
    "one word": "a",
    "numbers": "12 345 ",
    "digits": "7",
    "grouped digits": "1 000 ",
    "amounts": "1 000 € ",
    "opening parentheses": "(",
    "nested parentheses": "(a (b) ",
    "quotes": "« l'association \" ",
    "spaces": " ",
    "tabs": "\t",
    "empty lines": "\n",
    "ends of pages": "\f",
    "ends of lines with spaces": " \n",
    "hyphens": "a-\n",
    "dots": "....",
    "combining accents": "\u0301",
    "mojibake": "Ã©",
    "lost letters": "\ufffd",
    "lost letters as marks": "?a",
    "letters apart": "A B C D E F G\n",
    "soft hyphens": "\u00ad",
    "stamps": "Reçu en préfecture le 12/03/2024\nID : 098-219800456-20240312-DEL2024031-DE\nsuite ",
    "page numbers": "page 1/2\n",
    "dates": "1 2 / 0 3 / 2 0 2 4 ",
    "visas": "Vu la délibération n° 2024-12 ",
    "articles": "Article 1 : il est décidé ",
    "names": "Madame Martine DURAND, ",
    "awards": "attribuer la somme de 5 euros à la ",
    "votes": "pour 12 contre ",
    "rows": "Association A\t1 000 €\n",
    "capitals": "ASSOCIATION LES AMIS ",
    "identifiers": "2024-031/BM-",
}


def read(content: bytes, name: str = "deliberation.txt") -> Reading | str:
    try:
        return read_document(content, name)
    except (UnreadableDocument, NotADeliberation) as refusal:
        return refusal.code


def cost(piece: str, size: int) -> float:
    content = (HEAD + piece * (size // len(piece)) + TAIL).encode()
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        assert read(content)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", PIECES)
def test_reading_four_times_as_much_costs_about_four_times_as_much(name: str) -> None:
    read(HEAD.encode())  # what is loaded or compiled once is no part of it
    small, large = cost(PIECES[name], 6_000), cost(PIECES[name], 24_000)
    assert large < 8 * small + 0.1


def test_a_line_of_a_megabyte_is_refused_at_once() -> None:
    assert read(b"a" * 1_000_001) == "too_large"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", PIECES)
def test_cleaning_half_a_megabyte_of_anything_ends_soon(name: str) -> None:
    piece = PIECES[name]
    source = take_in((HEAD + piece * (500_000 // len(piece))).encode(), "x.txt")
    view = View(source)
    assert len(view.folded) == len(view.text)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_any_mixture_is_read_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    pieces = [chance.choice([*PIECES.values(), HEAD, TAIL]) for _ in range(chance.randrange(40))]
    result = read((HEAD + "".join(pieces) + TAIL).encode())
    if isinstance(result, Reading):
        assert Reading.model_validate_json(result.model_dump_json(by_alias=True)) == result


# Files


def loop_of_forms() -> bytes:
    """A page whose form draws itself."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    form = pdf.make_stream(b"/F Do /F Do /F Do")
    form.stream_dict = pikepdf.Dictionary(Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 100, 100])
    form = pdf.make_indirect(form)
    form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
    page.Contents = pdf.make_stream(b"/F Do")
    return saved(pdf)


def loop_of_pages() -> bytes:
    """A tree of pages that is its own branch."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 9999999/Kids[2 0 R 2 0 R]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n%%EOF"
    )


def vast_page() -> bytes:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(14_000, 14_000))
    image = pdf.make_stream(b"\xff")
    image.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1, Height=1, BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceGray,
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
    page.Contents = pdf.make_stream(b"14000 0 0 14000 0 0 cm /Im Do")
    return saved(pdf)


def swollen_stream() -> bytes:
    """A kilobyte that unpacks to a hundred megabytes of drawing."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    page.Contents = pdf.make_stream(b"q Q " * 5_000_000)
    return saved(pdf, compress_streams=True)


def saved(pdf: pikepdf.Pdf, **options: bool) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


@pytest.mark.timeout(150)
@pytest.mark.parametrize("make", [loop_of_forms, loop_of_pages, vast_page, swollen_stream])
def test_a_hostile_pdf_is_refused(make: object) -> None:
    assert callable(make)
    assert read(make(), "x.pdf") in ("scanned_pdf", "damaged_file", "too_many_pages")


def word(body: str, **parts: str) -> bytes:
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{w}"><w:body>{body}</w:body></w:document>')
        for name, part in parts.items():
            archive.writestr(f"word/{name}.xml", part)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: word("<w:tbl>" * 240 + "</w:tbl>" * 240), "damaged_file"),
        (lambda: word("<w:p>" * 5000), "damaged_file"),
        (lambda: word("<w:p/>", footnotes='<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'), "damaged_file"),
        (lambda: word("<w:p><w:r><w:t>" + "a" * 60_000_000 + "</w:t></w:r></w:p>"), "zip_bomb"),
    ],
    ids=["tables in tables", "never closed", "entities in the notes", "swollen"],
)
def test_a_hostile_word_file_is_refused(content: object, code: str) -> None:
    assert callable(content)
    assert read(content(), "x.docx") == code
