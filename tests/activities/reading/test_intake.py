"""The door of the reader: what is not a readable document is refused with a code and a sentence that helps."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.reading.intake import ExtractedText, Limits, take_in
from domain.documents import DOCX, PDF, TEXT, digest
from domain.errors import UnreadableDocument

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + b"\x00" * 200


def make_pdf(*lines: str, pages: int = 1, **save: object) -> bytes:
    """A PDF with these lines on each page, in Helvetica."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    font.Encoding = pikepdf.Name.WinAnsiEncoding
    for _ in range(pages):
        page = pdf.add_blank_page()
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
        shown = b"".join(b"(" + line.encode("cp1252") + b") Tj T* " for line in lines)
        page.Contents = pdf.make_stream(b"BT /F1 12 Tf 14 TL 40 700 Td " + shown + b"ET")
    out = io.BytesIO()
    pdf.save(out, **save)
    return out.getvalue()


def make_scan(stamp: bytes = b"") -> bytes:
    """A PDF whose only page is an image, with a stamp in real text or not."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    image = pdf.make_stream(zlib.compress(b"\xff" * 300))
    image.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=10, Height=10, BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceRGB, Filter=pikepdf.Name.FlateDecode,
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources.Font = pikepdf.Dictionary(F1=pdf.make_indirect(font))
    shown = b"q 500 0 0 700 0 0 cm /Im Do Q BT /F1 12 Tf 40 700 Td (" + stamp + b") Tj ET"
    page.Contents = pdf.make_stream(shown)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def make_docx(*paragraphs: str) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The same archive with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, part if entry.filename == name else old.read(entry))
    return out.getvalue()


def xxe_docx() -> bytes:
    xml = (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        b"<w:body><w:p><w:r><w:t>&secret;</w:t></w:r></w:p></w:body></w:document>"
    )
    return with_part(make_docx("x"), "word/document.xml", xml)


def bomb_docx() -> bytes:
    return with_part(make_docx("x"), "word/document.xml", b"<a>" + b" " * (60 * 1024**2) + b"</a>")


def encrypted_ole() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500 + "EncryptedPackage".encode("utf-16-le")


def other_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return out.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b"", "vide.pdf", "empty_file"),
    "blank text": (lambda: b" \n\r\n\f ", "vide.txt", "empty_file"),
    "blank word": (lambda: make_docx(), "vide.docx", "empty_file"),
    "60 MB": (lambda: b"%PDF-1.7\n" + b"0" * 60 * 1024**2, "gros.pdf", "too_large"),
    "long text": (lambda: b"mot " * 300_000, "long.txt", "too_large"),
    "truncated pdf": (lambda: make_pdf("Le Conseil délibère", pages=3)[:-200], "coupe.pdf", "damaged_file"),
    "header only": (lambda: b"%PDF-1.7\n%%EOF", "rien.pdf", "damaged_file"),
    "noise pdf": (lambda: b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"%%EOF", "bruit.pdf", "damaged_file"),
    "encrypted pdf": (
        lambda: make_pdf("secret", encryption=pikepdf.Encryption(user="u", owner="o")), "x.pdf", "encrypted_pdf",
    ),
    "scan": (make_scan, "scan.pdf", "scanned_pdf"),
    "stamped scan": (
        lambda: make_scan(b"Envoye en prefecture le 15/03/2024 ID : 034-213401722-20240312-DEL2024_031-DE"),
        "scan.pdf", "scanned_pdf",
    ),
    "many pages": (lambda: make_pdf("page", pages=301), "recueil.pdf", "too_many_pages"),
    "text as pdf": (lambda: b"Je ne suis pas un PDF.", "deliberation.pdf", "wrong_type"),
    "program as pdf": (lambda: EXE, "deliberation.pdf", "wrong_type"),
    "image as pdf": (lambda: PNG, "deliberation.pdf", "wrong_type"),
    "image as word": (lambda: PNG, "deliberation.docx", "wrong_type"),
    "image as text": (lambda: PNG, "deliberation.txt", "wrong_type"),
    "image": (lambda: PNG, "deliberation.png", "unsupported_type"),
    "program": (lambda: EXE, "deliberation", "unsupported_type"),
    "opendocument": (other_zip, "deliberation.odt", "unsupported_type"),
    "rtf": (lambda: b"{\\rtf1 texte}", "deliberation.rtf", "unsupported_type"),
    "html": (lambda: b"<!DOCTYPE html><p>texte", "page.html", "unsupported_type"),
    "zip bomb": (bomb_docx, "bombe.docx", "zip_bomb"),
    "xxe": (xxe_docx, "xxe.docx", "damaged_file"),
    "truncated word": (lambda: make_docx("texte")[:-400], "coupe.docx", "damaged_file"),
    "encrypted word": (encrypted_ole, "x.docx", "encrypted_document"),
}  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_read_is_refused_with_its_code_and_a_french_sentence(case: str) -> None:
    make, name, code = REFUSED[case]
    with pytest.raises(UnreadableDocument) as refusal:
        take_in(make(), name)
    assert refusal.value.code == code
    assert refusal.value.message.endswith(".")
    assert len(refusal.value.message) > 30


def test_the_content_of_an_external_entity_never_gets_in() -> None:
    with pytest.raises(UnreadableDocument) as refusal:
        take_in(xxe_docx(), "xxe.docx")
    assert "root:" not in refusal.value.message


def test_limits_can_be_set() -> None:
    with pytest.raises(UnreadableDocument) as refusal:
        take_in(b"texte", "a.txt", Limits(size=4))
    assert refusal.value.code == "too_large"


def test_a_pdf_is_known_by_its_content_and_gives_text_by_page() -> None:
    content = make_pdf("Le Conseil délibère", "Article 1 : 50 000 euros", pages=2)
    taken = take_in(content, "sans-extension")
    assert (taken.source.media_type, taken.source.pages, taken.source.sha256) == (PDF, 2, digest(content))
    assert [taken.text[start:end].split("\n")[0] for start, end in taken.pages] == ["Le Conseil délibère"] * 2
    assert taken.page_at(taken.text.rindex("Article")) == 2
    assert taken.page_at(0) == 1


def test_a_pdf_protected_against_printing_only_is_read() -> None:
    content = make_pdf("Le Conseil délibère ici", encryption=pikepdf.Encryption(user="", owner="o"))
    assert "délibère" in take_in(content, "x.pdf").text


def test_pages_without_text_are_known() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_pdf("Le Conseil municipal délibère"))) as pdf:
        pdf.add_blank_page()
        pdf.save(out)
    assert take_in(out.getvalue(), "x.pdf").blank_pages == (2,)


def test_a_word_document_gives_its_paragraphs_its_tables_and_its_header() -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "Commune de Valbrune"
    document.add_paragraph("Le Conseil municipal")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Judo Club", "1 200 €"
    out = io.BytesIO()
    document.save(out)
    taken = take_in(out.getvalue(), "x.docx")
    assert (taken.source.media_type, taken.source.pages, taken.pages) == (DOCX, 1, ())
    assert taken.text.split("\n")[:3] == ["Commune de Valbrune", "", "Le Conseil municipal"]
    assert "Judo Club\t1 200 €\t\n" in taken.text


def test_deleted_text_of_a_word_document_is_not_read() -> None:
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = (
        f'<w:document xmlns:w="{w}"><w:body><w:p><w:r><w:t>gardé</w:t></w:r>'
        "<w:del><w:r><w:delText>effacé</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>déplacé</w:t></w:r></w:moveFrom></w:p></w:body></w:document>"
    )
    taken = take_in(with_part(make_docx("x"), "word/document.xml", xml.encode()), "x.docx")
    assert taken.text.strip() == "gardé"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("délibéré à l’unanimité".encode(), "délibéré à l’unanimité"),
        ("délibéré à l’unanimité – 50 €".encode("cp1252"), "délibéré à l’unanimité – 50 €"),
        ("\ufeffdélibéré".encode(), "délibéré"),
        ("délibéré".encode("utf-16"), "délibéré"),
    ],
)
def test_a_text_is_read_in_its_encoding(content: bytes, text: str) -> None:
    taken = take_in(content, "x.txt")
    assert (taken.text, taken.source.media_type, taken.source.pages) == (text, TEXT, 1)
    assert taken.page_at(0) is None


def test_form_feeds_make_pages_and_a_last_one_makes_none() -> None:
    taken = take_in(b"un\n\x0cdeux\n\x0c", "x.txt")
    assert (taken.source.pages, taken.text) == (2, "un\n\fdeux\n")
    assert taken.page_at(taken.text.index("deux")) == 2


def test_a_name_is_shown_and_never_a_path() -> None:
    assert take_in(b"texte", "../../etc/pass\nwd.txt").source.name == "pass wd.txt"


def _outcome(content: bytes, name: str) -> ExtractedText | str:
    try:
        return take_in(content, name)
    except UnreadableDocument as refusal:
        return refusal.code


@given(st.binary(max_size=400), st.sampled_from(["a.pdf", "a.docx", "a.txt", "a"]))
def test_any_bytes_are_taken_in_or_refused(content: bytes, name: str) -> None:
    if b"%PDF-" not in content:
        assert _outcome(content, name)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(0, 255), st.integers(1, 10_000))
def test_a_damaged_word_document_is_taken_in_or_refused(place: int, byte: int, length: int) -> None:
    content = bytearray(WORD)
    content[place % len(content)] = byte
    assert _outcome(bytes(content[: max(4, len(content) - length % 50)]), "x.docx")


WORD = make_docx("Le Conseil municipal", "Délibère")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("cut", [0.2, 0.5, 0.8])
def test_a_pdf_with_its_middle_cut_out_is_taken_in_or_refused(cut: float) -> None:
    content = make_pdf("Le Conseil municipal", pages=4)
    middle = int(len(content) * cut)
    assert _outcome(content[:middle] + content[middle + 60 :], "x.pdf")
