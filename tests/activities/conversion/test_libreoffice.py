"""LibreOffice kept warm: what it makes, and what happens when it dies, hangs or is given rubbish."""

import ctypes
import io
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pikepdf
import pytest
from docx import Document

from activities.conversion.libreoffice import (
    ConversionFailed,
    ConversionTimeout,
    LibreOffice,
    LibreOfficePool,
    OfficeSettings,
)
from activities.conversion.office import OfficeMissing, find_office
from activities.conversion.pages import page_count, page_png, page_text
from activities.conversion.pdfa import NotArchivable, created_at, finish
from activities.drafting.rendering import render
from activities.signing.fields import prepare_fields
from domain.convention import DraftFacts
from domain.errors import DraftRefused, NotFound


def _installed() -> bool:
    try:
        find_office()
    except OfficeMissing:
        return False
    return True


pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(not _installed(), reason="LibreOffice Writer and python3-uno are not installed"),
]
ROOT = Path(__file__).parents[3]
TITLE = "Convention de subvention n° 2019-0001"


@pytest.fixture(scope="module")
def office() -> Iterator[LibreOffice]:
    with LibreOffice() as converter:
        yield converter


@pytest.fixture
def docx(template: bytes, facts: DraftFacts) -> bytes:
    return render(template, facts)


def word(text: str) -> bytes:
    document = Document()
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def package(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    limit = time.monotonic() + seconds
    waiting = threading.Event()
    while not condition() and time.monotonic() < limit:
        waiting.wait(0.02)
    return condition()


def gone(process: int) -> bool:
    return until(lambda: not alive(process))


def test_a_convention_becomes_a_tagged_pdfa_whose_two_signature_places_are_named(
    office: LibreOffice, docx: bytes
) -> None:
    pdf = finish(office.convert(docx), TITLE, created_at(docx))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        names = {str(name).lstrip("/") for name in document.Root.Dests}
        assert {"SIGNBENEFICIARY", "SIGNAUTHORITY"} <= names
        assert str(document.Root.Lang) == "fr-FR"
        assert bool(document.Root.MarkInfo.Marked)
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
        assert "/OutputIntents" in document.Root
        assert str(document.docinfo["/Title"]) == TITLE
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
            assert metadata["dc:title"] == TITLE
    assert "cinquante mille euros (50 000 €)" in page_text(pdf, 1)


def test_both_signature_boxes_are_on_one_page_side_by_side(office: LibreOffice, docx: bytes) -> None:
    pdf = prepare_fields(finish(office.convert(docx), TITLE, created_at(docx)))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        places = [
            (number, [float(corner) for corner in annotation.Rect])
            for number, page in enumerate(document.pages)
            for annotation in page.get("/Annots", pikepdf.Array())
            if annotation.get("/FT") == "/Sig"
        ]
    (page_one, one), (page_two, two) = places
    assert page_one == page_two
    assert one[2] < two[0]
    assert one[1:4:2] == two[1:4:2]
    assert one[2] - one[0] == pytest.approx(8 / 2.54 * 72, abs=0.5)


def test_articles_are_numbered_without_a_gap_whatever_clauses_apply(
    office: LibreOffice, template: bytes, facts: DraftFacts
) -> None:
    more = facts.model_copy(update={"clauses": (*facts.clauses, "republican_commitment", "essential_data")})
    for variant, last in ((facts, 16), (more, 18)):
        pdf = office.convert(render(template, variant))
        text = "\n".join(page_text(pdf, page) for page in range(1, page_count(pdf) + 1))
        numbers = [int(line.split()[1]) for line in text.splitlines() if line.startswith("Article ")]
        assert numbers == list(range(1, last + 1))


def test_the_same_document_gives_the_same_bytes(office: LibreOffice, docx: bytes) -> None:
    first, second = (finish(office.convert(docx), TITLE, created_at(docx)) for _ in range(2))
    assert first == second


def test_an_apostrophe_in_the_metadata_is_escaped_once(office: LibreOffice) -> None:
    source = Document(io.BytesIO(word("Texte")))
    source.core_properties.author = "Métropole d'Exemple & Cie"
    out = io.BytesIO()
    source.save(out)
    pdf = finish(office.convert(out.getvalue()), "Subvention de l'été", created_at(out.getvalue()))
    with pikepdf.open(io.BytesIO(pdf)) as document:
        xmp = document.Root.Metadata.read_bytes()
        assert b"&amp;apos;" not in xmp
        assert b"&amp;amp;" not in xmp
        with document.open_metadata() as metadata:
            assert metadata["dc:creator"] == ["Métropole d'Exemple & Cie"]
            assert metadata["dc:title"] == "Subvention de l'été"


def test_what_is_not_pdfa_is_never_let_through() -> None:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out)
    with pytest.raises(NotArchivable):
        finish(out.getvalue(), TITLE, created_at(word("Texte")))


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        os.urandom(50_000),
        b"<html><body>Convention</body></html>",
        b"%PDF-1.7\n",
        package(autre__fichier=b"x"),
        package(word__document_xml=b"x"),
    ],
    ids=["empty", "random", "html", "pdf", "zip", "zip-like-word"],
)
def test_rubbish_is_refused_at_once(office: LibreOffice, rubbish: bytes) -> None:
    start = time.monotonic()
    with pytest.raises(DraftRefused) as refusal:
        office.convert(rubbish)
    assert refusal.value.code == "document_unreadable"
    assert time.monotonic() - start < 2


def test_a_word_package_with_broken_xml_is_refused(office: LibreOffice, docx: bytes) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"<w:document" if name == "word/document.xml" else source.read(name))
    with pytest.raises(DraftRefused):
        office.convert(out.getvalue())


def test_a_document_with_macros_is_refused(office: LibreOffice, docx: bytes) -> None:
    out = io.BytesIO(docx)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"macro")
    with pytest.raises(DraftRefused) as refusal:
        office.convert(out.getvalue())
    assert refusal.value.code == "document_with_macros"


def test_a_link_to_an_outside_image_is_not_followed(office: LibreOffice, tmp_path: Path) -> None:
    # A file stands for any address: what is read from disk would be read from the network too.
    from PIL import Image

    picture = tmp_path / "picture.png"
    Image.new("RGB", (4, 4), "red").save(picture)
    source = Document()
    source.add_picture(str(picture))
    blip = next(source.element.body.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"))
    space = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
    link = source.part.relate_to(
        picture.as_uri(), "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image", is_external=True
    )
    del blip.attrib[f"{space}embed"]
    blip.set(f"{space}link", link)
    out = io.BytesIO()
    source.save(out)
    with pikepdf.open(io.BytesIO(office.convert(out.getvalue()))) as document:
        assert not document.pages[0].get_images()


def test_two_conversions_at_once_on_one_converter_both_succeed(office: LibreOffice) -> None:
    with ThreadPoolExecutor(2) as threads:
        pdfs = list(threads.map(office.convert, (word("Premier texte"), word("Second texte"))))
    assert "Premier" in page_text(pdfs[0], 1)
    assert "Second" in page_text(pdfs[1], 1)


def test_two_converters_work_side_by_side() -> None:
    pool = LibreOfficePool(2)
    try:
        with ThreadPoolExecutor(4) as threads:
            pdfs = list(threads.map(pool.convert, [word(f"Texte {rank}") for rank in range(4)]))
        assert [page_text(pdf, 1).strip() for pdf in pdfs] == [f"Texte {rank}" for rank in range(4)]
    finally:
        pool.close()


def test_libreoffice_killed_in_the_middle_of_a_document_is_started_again(docx: bytes) -> None:
    with LibreOffice() as converter, ThreadPoolExecutor(1) as threads:
        converter.convert(docx)
        first = converter.soffice
        assert first is not None
        os.kill(first, signal.SIGSTOP)  # so that the next document is surely not finished when the kill comes
        pending = threads.submit(converter.convert, word("Reprise"))
        os.kill(first, signal.SIGKILL)
        assert "Reprise" in page_text(pending.result(timeout=60), 1)
        assert converter.soffice != first
        assert "Encore" in page_text(converter.convert(word("Encore")), 1)


def test_a_talk_cut_short_is_never_taken_up_by_another_document() -> None:
    class Cut(Exception):
        """Thrown into the thread, as whoever cancels an activity would."""

    with LibreOffice() as converter, ThreadPoolExecutor(1) as threads:
        converter.convert(word("Chauffe"))
        assert converter.soffice is not None
        os.kill(converter.soffice, signal.SIGSTOP)
        pending = threads.submit(converter.convert, word("Abandon"))
        assert until(lambda: converter._folder is not None and b"Abandon" in text_of(converter._folder / "in.docx"))
        (thread,) = threads._threads
        assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(Cut)) == 1
        os.kill(converter.soffice, signal.SIGCONT)
        with pytest.raises(Cut):
            pending.result(timeout=60)
        for text in ("Suivant", "Encore", "Enfin"):
            assert text in page_text(converter.convert(word(text)), 1)


def text_of(docx: Path) -> bytes:
    """The text part of a Word file that may still be on its way."""
    try:
        with zipfile.ZipFile(docx) as archive:
            return archive.read("word/document.xml")
    except (OSError, zipfile.BadZipFile):
        return b""


def test_libreoffice_that_hangs_is_killed_at_the_deadline_and_the_next_document_passes(docx: bytes) -> None:
    with LibreOffice(OfficeSettings(deadline=20)) as converter:
        converter.convert(docx)
        converter._settings = OfficeSettings(deadline=1)
        stuck = converter.soffice
        assert stuck is not None
        os.kill(stuck, signal.SIGSTOP)
        with pytest.raises(ConversionTimeout):
            converter.convert(docx)
        assert gone(stuck)
        converter._settings = OfficeSettings(deadline=20)
        assert page_count(converter.convert(docx)) == 4


def test_a_process_is_replaced_after_enough_documents() -> None:
    with LibreOffice(OfficeSettings(recycle_after=1)) as converter:
        converter.convert(word("Un"))
        assert converter.soffice is None
        assert "Deux" in page_text(converter.convert(word("Deux")), 1)


def test_closing_leaves_neither_process_nor_file() -> None:
    converter = LibreOffice()
    converter.convert(word("Un"))
    process, folder = converter.soffice, converter._folder
    assert process is not None
    assert folder is not None
    converter.close()
    assert gone(process)
    assert not folder.exists()


def test_a_killed_worker_leaves_no_libreoffice_behind() -> None:
    script = (
        "import io, sys; from docx import Document; from activities.conversion.libreoffice import LibreOffice;"
        "office = LibreOffice(); out = io.BytesIO(); Document().save(out); office.convert(out.getvalue());"
        "print(office.soffice, office._folder, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        process, folder = worker.stdout.readline().split()
        assert alive(int(process))
        worker.kill()
        assert gone(int(process))
    assert until(lambda: not Path(folder).exists())


def test_a_missing_libreoffice_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(OfficeMissing, match="libreoffice-writer-nogui"):
        LibreOffice(OfficeSettings(program=tmp_path)).convert(word("Texte"))
    assert not issubclass(OfficeMissing, ConversionFailed)


def test_a_page_is_shown_as_an_image_and_as_text(office: LibreOffice, docx: bytes) -> None:
    pdf = office.convert(docx)
    assert page_count(pdf) == 4
    image = page_png(pdf, 1)
    assert image.startswith(b"\x89PNG")
    assert len(image) < 200_000
    assert page_png(pdf, 1) == image
    assert "Délibération" in page_text(pdf, 4)
    for absent in (0, 5):
        with pytest.raises(NotFound):
            page_png(pdf, absent)


def test_pages_are_drawn_from_several_threads(office: LibreOffice, docx: bytes) -> None:
    pdf = office.convert(docx)
    with ThreadPoolExecutor(4) as threads:
        images = list(threads.map(lambda page: page_png(pdf, page), [1, 2, 3, 4, 1, 2]))
    assert images[0] == images[4]
    assert len(set(images)) == 4


def test_libreoffice_is_not_given_our_secrets(monkeypatch: pytest.MonkeyPatch, docx: bytes) -> None:
    monkeypatch.setenv("PARAPHE_SMTP_PASSWORD", "a-secret-of-ours")
    monkeypatch.setenv("PGPASSWORD", "a-secret-of-ours")
    with LibreOffice() as office:
        office.convert(docx)
        environment = Path(f"/proc/{office.soffice}/environ").read_bytes()
    assert b"PATH=" in environment
    assert b"a-secret-of-ours" not in environment
