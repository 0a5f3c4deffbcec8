"""Scanned deliberations: read when tesseract is there, with how sure it is of each word; never trusted beyond that."""

import io
import shutil
from datetime import date

import pikepdf
import pytest
from docx import Document
from scans import scanned

from activities.reading import ocr, read_document
from activities.reading.confidence import with_confidence
from activities.reading.geometry import Word, highlights, page_picture
from activities.reading.intake import ExtractedText, Limits, take_in
from activities.reading.ocr import Recognised
from domain.deliberation import Act, Outcome, Source
from domain.errors import NotADeliberation, NotFound, UnreadableDocument
from domain.facts import Evidence, Fact, FactStatus

needs_tesseract = pytest.mark.skipif(not ocr.available(), reason="tesseract or its French model is not installed")

LINES = (
    "Commune de Valbrune",
    "EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS DU CONSEIL MUNICIPAL",
    "Séance du 12 mars 2024",
    "Délibération n° 2024-031",
    "Objet : Subvention au Club Nautique",
    "",
    "Vu le code général des collectivités territoriales,",
    "Après en avoir délibéré, DÉCIDE :",
    "- d'attribuer une subvention de 3 000 € au Club Nautique ;",
    "- d'autoriser Monsieur le Maire à signer la convention.",
    "Adopté à l'unanimité.",
)


def pdf_of(*pages: tuple[str, ...]) -> bytes:
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )  # fmt: skip
    for lines in pages:
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
        shown = b"".join(
            b"(" + line.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj T* " for line in lines
        )
        page.Contents = pdf.make_stream(b"BT /F1 12 Tf 20 TL 60 760 Td " + shown + b"ET")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def joined(*files: bytes) -> bytes:
    whole = pikepdf.new()
    opened = [pikepdf.open(io.BytesIO(file)) for file in files]
    for pdf in opened:
        whole.pages.extend(pdf.pages)
    out = io.BytesIO()
    whole.save(out)
    for pdf in opened:
        pdf.close()
    return out.getvalue()


@pytest.fixture(scope="module")
def printed() -> bytes:
    return pdf_of(LINES)


def assert_facts(act: Act) -> None:
    assert act.outcome.usable is Outcome.ADOPTED
    assert (act.number.value, act.authority.value) == ("2024-031", "Commune de Valbrune")
    [award] = act.awards
    assert (str(award.amount.value), award.beneficiary.value) == ("3000.00", "Club Nautique")


@needs_tesseract
@pytest.mark.parametrize(
    "flaws",
    [{}, {"angle": 1.5, "noise": 0.002}, {"angle": -2.0, "contrast": 0.8}, {"turned": 1}, {"turned": 2}],
    ids=["clean", "askew and dirty", "askew and pale", "on its side", "upside down"],
)
def test_a_scan_is_read_and_says_so(printed: bytes, flaws: dict[str, float]) -> None:
    reading = read_document(scanned(printed, **flaws), "scan.pdf")  # type: ignore[arg-type]
    assert reading.source.ocr_pages == (1,)
    [act] = reading.acts
    assert_facts(act)
    assert "text_from_ocr" in {finding.code for finding in act.findings}
    amount = act.awards[0].amount.evidence[0]
    assert amount.ocr_confidence is not None
    assert amount.boxes
    assert amount.boxes[0][0] == 1


@needs_tesseract
@pytest.mark.parametrize(
    "flaws",
    [{"dpi": 70}, {"dpi": 100, "noise": 0.05}, {"angle": -2.0, "contrast": 0.4, "noise": 0.01}],
    ids=["coarse", "very dirty", "pale"],
)
def test_a_scan_that_can_hardly_be_read_gives_no_false_fact(printed: bytes, flaws: dict[str, float]) -> None:
    try:
        [act] = read_document(scanned(printed, **flaws), "scan.pdf").acts  # type: ignore[arg-type]
    except (UnreadableDocument, NotADeliberation):
        return
    assert act.number.usable in (None, "2024-031")
    assert act.authority.usable in (None, "Commune de Valbrune")
    assert act.session_date.usable in (None, date(2024, 3, 12))
    assert {str(award.amount.usable) for award in act.awards} <= {"None", "3000.00"}
    assert {award.beneficiary.usable for award in act.awards} <= {None, "Club Nautique"}


@needs_tesseract
def test_the_box_of_a_recognised_word_is_where_the_word_stands(printed: bytes) -> None:
    """Also when the sheet lay askew: the boxes are those of the picture as it came."""
    source = take_in(printed, "texte.pdf")
    place = source.text.index("3 000")
    [(_, [expected])] = highlights(printed, source_evidence(source, place, place + 5), source.pages)
    for angle, tolerance in ((0.0, 0.01), (1.5, 0.03)):
        scan = scanned(printed, angle=angle)
        read = take_in(scan, "scan.pdf")
        place = read.text.index("3 000")
        seen = with_confidence(Fact[str](evidence=(source_evidence(read, place, place + 5),)), read).evidence[0]
        [(page, [box])] = highlights(scan, seen, read.pages)
        assert page == 1
        assert all(abs(a - b) < tolerance for a, b in zip(box, expected, strict=True))


def source_evidence(source: ExtractedText, start: int, end: int) -> Evidence:
    return Evidence(start=start, end=end, text=source.text[start:end], page=source.page_at(start))


@needs_tesseract
def test_only_the_pages_that_are_pictures_are_recognised(printed: bytes) -> None:
    told: list[tuple[int, int]] = []
    second = scanned(pdf_of(("Annexe à la délibération", "Budget du Club Nautique : 9 000 €")))
    taken = take_in(joined(printed, second), "mixte.pdf", progress=lambda *step: told.append(step))
    assert taken.source.ocr_pages == (2,)
    assert "Annexe à la délibération" in taken.text[slice(*taken.pages[1])]
    assert taken.blank_pages == ()
    assert all(word.confidence is None for word in taken.words(1))
    assert all(word.confidence is not None for word in taken.words(2))
    assert told[-1] == (1, 1)


@needs_tesseract
def test_a_stamp_in_real_text_over_a_scan_is_taken_from_the_file(printed: bytes) -> None:
    with pikepdf.open(io.BytesIO(scanned(printed))) as pdf:
        page = pdf.pages[0]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.Resources.Font = pikepdf.Dictionary(F1=pdf.make_indirect(font))
        stamp = b"BT /F1 9 Tf 300 800 Td (ID : 098-219800456-20240312-DEL2024031-DE) Tj ET"
        page.contents_add(pdf.make_stream(stamp))
        out = io.BytesIO()
        pdf.save(out)
    taken = take_in(out.getvalue(), "scan.pdf")
    assert taken.text.count("098-219800456-20240312-DEL2024031-DE") == 1
    [act] = read_document(out.getvalue(), "scan.pdf").acts
    assert act.receipt.id.usable is not None
    assert act.receipt.id.evidence[0].ocr_confidence is None


@needs_tesseract
def test_a_scan_of_nothing_and_a_scan_of_too_much_are_refused(printed: bytes) -> None:
    with pytest.raises(UnreadableDocument) as blank:
        take_in(scanned(pdf_of(("tampon",))), "vide.pdf")
    assert blank.value.code == "scanned_pdf"
    with pytest.raises(UnreadableDocument) as long:
        take_in(joined(*[scanned(printed, dpi=50)] * 3), "long.pdf", Limits(ocr_pages=2))
    assert long.value.code == "too_many_scanned_pages"


@needs_tesseract
def test_a_scan_that_takes_too_long_is_refused(printed: bytes) -> None:
    with pytest.raises(UnreadableDocument) as refusal:
        take_in(scanned(printed), "lent.pdf", Limits(ocr_seconds=0))
    assert refusal.value.code == "scanned_pdf"


def test_without_tesseract_a_scan_is_refused_with_its_mend(printed: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_: None)
    ocr.available.cache_clear()
    try:
        with pytest.raises(UnreadableDocument) as refusal:
            take_in(scanned(printed), "scan.pdf")
    finally:
        monkeypatch.undo()
        ocr.available.cache_clear()
    assert refusal.value.code == "scanned_pdf"
    assert "PDF d'origine" in refusal.value.message


# What is done about words that recognition is not sure of


def recognised(*words: tuple[str, int]) -> ExtractedText:
    """One line of words with their confidence."""
    placed: list[Word] = []
    start = 0
    for word, confidence in words:
        end = start + len(word)
        placed.append(Word(start, end, 10 + start, 100, 10 + end, 110, confidence))
        start = end + 1
    text = " ".join(word for word, _ in words)
    source = Source(name="x.pdf", sha256="0" * 64, media_type="application/pdf", pages=1, ocr_pages=(1,))
    page = Recognised(text, tuple(placed), 200, 200)
    return ExtractedText(text, ((0, len(text)),), source, recognised={1: page})


def act_of(source: ExtractedText, words: str, status: FactStatus = FactStatus.FOUND) -> Act:
    start = source.text.index(words)
    evidence = source_evidence(source, start, start + len(words))
    return Act(number=Fact[str](value=words, status=status, evidence=(evidence,)))


def test_a_fact_on_a_word_that_is_not_sure_is_ambiguous_and_keeps_its_value() -> None:
    source = recognised(("n°", 95), ("2024-031", 61))
    number = with_confidence(act_of(source, "2024-031"), source).number
    assert (number.status, number.value) == (FactStatus.AMBIGUOUS, "2024-031")
    assert number.evidence[0].ocr_confidence == 61
    assert number.evidence[0].boxes == ((1, 0.065, 0.5, 0.105, 0.55),)


@pytest.mark.parametrize(("confidence", "status"), [(79, FactStatus.AMBIGUOUS), (80, FactStatus.FOUND)])
def test_the_limit_is_the_one_that_was_set(confidence: int, status: FactStatus) -> None:
    source = recognised(("Délibération", 96), ("2024-031", confidence))
    assert with_confidence(act_of(source, "2024-031"), source).number.status is status


def test_a_word_of_letters_read_twice_alike_is_as_sure_as_its_best() -> None:
    source = recognised(("d'Industrie", 12), ("de", 90), ("d'Industrie,", 93))
    assert with_confidence(act_of(source, "d'Industrie"), source).number.status is FactStatus.FOUND


def test_a_number_read_twice_alike_is_no_surer() -> None:
    source = recognised(("3000", 12), ("ou", 90), ("3000", 93))
    assert with_confidence(act_of(source, "3000"), source).number.status is FactStatus.AMBIGUOUS


def test_doubt_never_makes_a_fact_better() -> None:
    source = recognised(("2024-031", 99))
    for status in set(FactStatus) - {FactStatus.FOUND}:
        assert with_confidence(act_of(source, "2024-031", status), source).number.status is status


def test_what_was_not_recognised_is_left_as_it_is() -> None:
    source = take_in(b"2024-031", "x.txt")
    act = act_of(source, "2024-031")
    assert with_confidence(act, source) is act


# Geometry


def test_the_words_of_a_page_are_those_of_its_text_each_in_its_place(printed: bytes) -> None:
    source = take_in(joined(printed, printed), "x.pdf")
    source.load_words((1, 2))
    for page, (start, end) in enumerate(source.pages, 1):
        words = source.words(page)
        assert [source.text[w.start : w.end] for w in words] == source.text[start:end].split()
        assert all(0 <= w.left < w.right <= 595 and 0 <= w.top < w.bottom <= 842 for w in words)
    first, second = source.words(1)[0], source.words(2)[0]
    assert first[2:6] == second[2:6]
    assert first.start < second.start


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_highlight_is_on_the_ink_however_the_page_is_turned_and_cropped(printed: bytes, turn: int) -> None:
    from PIL import Image

    with pikepdf.open(io.BytesIO(printed)) as pdf:
        pdf.pages[0].rotate(turn, relative=False)
        pdf.pages[0].cropbox = pikepdf.Array([20, 300, 595, 842])
        out = io.BytesIO()
        pdf.save(out)
    content = out.getvalue()
    source = take_in(content, "x.pdf")
    place = source.text.index("Nautique")
    [(page, [box])] = highlights(content, source_evidence(source, place, place + 8), source.pages)
    picture = Image.open(io.BytesIO(page_picture(content, page, 100))).convert("L")
    left, top, right, bottom = (round(v * s) for v, s in zip(box, picture.size * 2, strict=True))
    inside = picture.crop((left, top, right, bottom))
    assert inside.getextrema()[0] < 100
    assert sum(p < 128 for p in inside.tobytes()) > 0.1 * inside.width * inside.height


def test_what_is_no_page_is_not_found(printed: bytes) -> None:
    with pytest.raises(NotFound):
        page_picture(printed, 2)
    with pytest.raises(NotFound):
        page_picture(b"%PDF-1.7 nothing", 1)


def test_no_highlight_is_shown_for_what_is_no_pdf() -> None:
    assert highlights(b"texte", Evidence(start=0, end=5, text="texte"), ()) == []


# Word


def test_a_word_file_gives_its_notes_its_boxes_and_its_footer() -> None:
    from test_intake import with_part

    document = Document()
    document.sections[0].footer.paragraphs[0].text = "Pied de page"
    document.add_paragraph("Le Conseil municipal")
    out = io.BytesIO()
    document.save(out)
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = (
        f'<w:document xmlns:w="{w}"><w:body><w:p><w:r><w:t>Le Conseil</w:t></w:r><w:r><w:pict><w:txbxContent>'
        "<w:p><w:r><w:t>Dans la boîte</w:t></w:r></w:p></w:txbxContent></w:pict></w:r><w:r><w:t> délibère</w:t></w:r>"
        "</w:p></w:body></w:document>"
    )
    taken = take_in(with_part(out.getvalue(), "word/document.xml", body.encode()), "x.docx")
    assert taken.text.split("\n")[:2] == ["Le Conseil délibère", "Dans la boîte"]
    assert "Pied de page" in taken.text
    assert taken.warnings == ()


@pytest.mark.parametrize("mark", ["ins", "del"])
def test_a_word_file_with_tracked_changes_says_so(mark: str) -> None:
    from test_intake import make_docx, with_part

    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    run = "<w:r><w:t>neuf</w:t></w:r>" if mark == "ins" else "<w:r><w:delText>vieux</w:delText></w:r>"
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in LINES)
    body = f'<w:document xmlns:w="{w}"><w:body>{paragraphs}<w:p><w:{mark}>{run}</w:{mark}></w:p></w:body></w:document>'
    content = with_part(make_docx("x"), "word/document.xml", body.encode())
    taken = take_in(content, "x.docx")
    assert taken.warnings == ("tracked_changes",)
    assert ("neuf" in taken.text, "vieux" in taken.text) == (mark == "ins", False)
    [act] = read_document(content, "x.docx").acts
    assert "tracked_changes" in {finding.code for finding in act.findings}
