"""Damaged text: what is certain is read as if nothing had happened, what is not stays in doubt; the evidence is
always the words of the file, damaged as they are.
"""

import random
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.reading.intake import ExtractedText, take_in
from activities.reading.view import View
from domain.amounts import AmountStatus, find_amounts
from domain.calendar import find_dates

SENTENCE = (
    "Le Conseil décide d’attribuer à l'association « Théâtre de l’Éphémère » une subvention de 3 000 € pour l’été."
)


def view(text: str) -> View:
    return View(take_in(text.encode(), "deliberation.txt"))


def read_as(text: str, encoding: str) -> str:
    """UTF-8 taken for another encoding, as Windows shows it."""
    bytes_ = text.encode()
    return "".join(bytes([b]).decode(encoding) if _known(b, encoding) else chr(b) for b in bytes_)


def _known(byte: int, encoding: str) -> bool:
    try:
        bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def assert_true_evidence(view: View) -> None:
    for start in range(0, len(view.text) - 1, 7):
        found = view.evidence(start, min(len(view.text), start + 20))
        assert view.raw[found.start : found.end] == found.text


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "latin-1"])
def test_utf8_taken_for_another_encoding_is_read_as_it_was(encoding: str) -> None:
    seen = view(read_as(SENTENCE, encoding))
    assert seen.text == view(SENTENCE).text
    [(start, end, amount)] = list(seen.found(find_amounts))
    assert amount.value == Decimal(3000)
    assert seen.raw[amount.start : amount.end] == amount.text == read_as("3 000 €", encoding)
    assert seen.text[start:end] == "3 000 €"
    assert_true_evidence(seen)


def test_utf8_mistaken_twice_is_read_as_it_was() -> None:
    assert view(read_as(read_as(SENTENCE, "cp1252"), "cp1252")).text == view(SENTENCE).text


@pytest.mark.parametrize(
    "text",
    [
        "du 3 à\u00a0» et «\u00a0à l’île où ça naît, créée à Ÿ",
        "Noël, aïeul, Â : œuvre, ÀÉÈ, 12 °C, ± 3 %",
        "maïs à\u00a0¼ du prix",
    ],
)
def test_good_text_is_never_taken_for_mojibake(text: str) -> None:
    assert view(text).text == text.translate({0x2019: "'", 0xA0: " "})


@given(st.text(alphabet="aeéèêàçîôûœÉÀ’«» €123.,;:-\n", max_size=60))
def test_any_french_text_comes_back_from_its_mojibake(text: str) -> None:
    damaged = read_as(text, "cp1252")
    assert view("x" + damaged + "x").text == view("x" + text + "x").text


def test_decomposed_accents_ligatures_bullets_and_invisible_characters_are_no_difference() -> None:
    plain = "Le Conseil décide : - d'attribuer une subvention de 5 000 € à la fédération d'athlétisme"
    damaged = unicodedata.normalize("NFD", plain).replace("fé", "\ufeffﬁ").replace("ﬁ", "fe\u0301", 1)
    damaged = damaged.replace("Conseil", "Con\u00adseil").replace("subvention", "sub\u200bvention")
    seen = view("\uf0b7 " + damaged)
    assert seen.text == plain
    assert_true_evidence(seen)


@pytest.mark.parametrize(
    ("damaged", "folded"),
    [
        ("apr?s en avoir d?lib?r?, ? l?unanimit?, d?cide", "apres en avoir delibere, a l'unanimite, decide"),
        ("apr\ufffds en avoir d\ufffdlib\ufffdr\ufffd", "apres en avoir delibere"),
        ("APRES EN AVOIR DELIBERE", "apres en avoir delibere"),
        ("le chiffre d affaires de l association", "le chiffre d'affaires de l'association"),
    ],
)
def test_formulas_are_recognised_through_lost_accents_and_apostrophes(damaged: str, folded: str) -> None:
    seen = view(damaged)
    assert seen.folded == folded
    assert len(seen.folded) == len(seen.text)


def test_a_question_is_no_lost_accent() -> None:
    assert view("Qui vote pour ? Qui s'abstient ? Qui est contre ?").folded.count("?") == 3


@pytest.mark.parametrize(
    ("damaged", "value"),
    [
        ("le 2 8 septembre 2016", (2016, 9, 28)),
        ("le 28 septembre 20 16", (2016, 9, 28)),
        ("le 28 septembre 2 0 1 6", (2016, 9, 28)),
        ("le 28 / 09 / 2016", (2016, 9, 28)),
        ("le 2 8/09/2016", (2016, 9, 28)),
    ],
)
def test_the_pieces_of_a_date_are_put_together(damaged: str, value: tuple[int, int, int]) -> None:
    [(_, _, day)] = list(view(f"réuni {damaged}, à 18 heures").found(find_dates))
    assert day.value is not None
    assert (day.value.year, day.value.month, day.value.day) == value
    assert "".join(day.text.split()) in "".join(damaged.split())


@pytest.mark.parametrize(
    "text",
    [
        "1 5 0 000 euros",
        "5O 000 euros",
        "l2 500 €",
        "1O 500 €",
        "I 500 €",
        "850 0000 euros",
        "2 O00 €",
        "3 00O 000 €",
        "1\n400 €",
    ],
)
def test_an_amount_with_a_hole_or_a_letter_in_it_is_never_mended(text: str) -> None:
    found = [amount for _, _, amount in view(f"une subvention de {text} au club").found(find_amounts)]
    assert all(amount.status is AmountStatus.MALFORMED and amount.value is None for amount in found)


def test_digits_that_were_stripped_leave_no_amount_and_no_date() -> None:
    seen = view("le chiffre d affaires est de , couvrant une subvention de   euros, séance du  juin")
    assert not list(seen.found(find_amounts))
    assert not list(seen.found(find_dates))


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("une sub-\nvention", "une subvention"),
        ("la Métropole Aix-Marseille-\nProvence", "la Métropole Aix-Marseille-Provence"),
        ("le vice-\nprésident", "le vice-président"),
        ("la convention ci-\nannexée", "la convention ci-annexée"),
        ("un agro-\nparc, cet agro-parc", "un agro-parc, cet agro-parc"),
        ("sub\u00ad\nvention", "subvention"),
        ("Smart Port -\nApprobation", "Smart Port -\nApprobation"),
        ("délibération ECO 010\u20106552/19/BM", "délibération ECO 010-6552/19/BM"),
    ],
)
def test_a_word_cut_at_the_end_of_a_line_is_one_word(cut: str, whole: str) -> None:
    seen = view(cut)
    assert seen.text == whole
    assert seen.evidence(0, len(seen.text)).text == cut


@pytest.mark.parametrize(
    ("spaced", "read"),
    [
        ("D E L I B E R A T I O N", "deliberation"),
        ("E X T R A I T   D U   R E G I S T R E", "extrait du registre"),
        ("E X T R A I T D U R E G I S T R E D E S D É L I B É R A T I O N S", "extrait du registre des deliberations"),
        ("O B J E T  :  S U B V E N T I O N", "objet : subvention"),
        ("1 2 3 4 5 6 7 8", "1 2 3 4 5 6 7 8"),
    ],
)
def test_a_title_with_its_letters_apart_is_read(spaced: str, read: str) -> None:
    assert view(spaced).folded == read


STAMP = """Envoyé en préfecture le 18/12/2020
Reçu en préfecture le 18/12/2020
Affiché le
ID : 098-219800456-20201215-D09-DE
"""


def test_a_stamp_in_the_middle_of_a_sentence_goes_after_it_and_is_kept() -> None:
    seen = view(f"décide d'attribuer au Club de\n{STAMP}Tennis de Table une subvention de 900 €.\nAdopté.")
    assert "au Club de\nTennis de Table une subvention de 900 €." in seen.text
    assert seen.text.index("ID : 098") > seen.text.index("900 €.")
    assert seen.text.index("ID : 098") < seen.text.index("Adopté")
    assert_true_evidence(seen)
    [(_, _, amount)] = list(seen.found(find_amounts))
    assert seen.raw[amount.start : amount.end] == amount.text == "900 €"


def test_a_stamp_that_interrupts_nothing_stays_where_it_is() -> None:
    text = f"Extrait du registre\nSéance du 12 mars\n{STAMP}Le Conseil municipal,\nVu le code"
    assert view(text).text == text


def test_a_copy_of_a_stamp_in_a_sentence_is_left_out_and_one_between_acts_stays() -> None:
    seen = view(f"Séance.\n{STAMP}Le Conseil attribue au\n{STAMP}club de judo 900 €.\n{STAMP}Fin.")
    assert seen.text.count("ID : 098") == 2
    assert "Le Conseil attribue au\nclub de judo 900 €." in seen.text


def test_a_page_number_and_its_title_in_a_sentence_go_after_it() -> None:
    seen = view("une subvention au\nPage 1 sur 2\nConseil municipal du 15 décembre 2020\nclub de judo.\nFin")
    assert "une subvention au\nclub de judo." in seen.text
    assert "Page 1 sur 2" in seen.text


def test_numbers_of_lines_in_the_margin_are_left_out() -> None:
    body = [f"ligne du texte avec le mot {word}" for word in ("un", "deux", "trois", "quatre") * 6]
    numbered = "\n".join(f"{rank} {line}" for rank, line in enumerate(body, 1))
    assert view(numbered).text == "\n".join(body)
    by_fives = "\n".join(f"{rank}\n{line}" if rank % 5 == 0 else line for rank, line in enumerate(body, 1))
    assert view(by_fives).text == "\n".join(body)


def test_a_numbered_list_keeps_its_numbers() -> None:
    text = "Le Conseil décide :\n1 d'attribuer\n2 d'approuver\n3 d'autoriser\nAdopté."
    assert view(text).text == text


def test_headings_of_acts_that_begin_on_their_own_page_are_no_running_header() -> None:
    pages = [
        f"EXTRAIT DU REGISTRE DES DELIBERATIONS\nSéance du 12 mars\nObjet : subvention au club {n}\nDélibère\n{n} 000 €"
        for n in (1, 2, 3)
    ]
    assert view("\f".join(pages)).folded.count("extrait du registre") == 3


def test_a_running_header_is_left_out_though_it_names_the_register() -> None:
    pages = [f"Extrait du registre des délibérations - 2024-12\ntexte {n} qui continue" for n in "abc"]
    assert view("\f".join(pages)).folded.count("extrait du registre") == 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_however_a_text_is_damaged_its_evidence_stays_true(seed: int, times: int) -> None:
    chance = random.Random(seed)
    text = f"Ville\n{STAMP}{SENTENCE}\nPage 1/2\n" * 3
    for _ in range(times):
        place = chance.randrange(len(text))
        noise = chance.choice(
            ["\n", "\f", " ", "-\n", STAMP, "Ã©", "?", "\u0301", "\u00ad", "\uf0b7", "12 ", "\r\n", "ﬁ"]
        )
        text = text[:place] + noise + text[place + chance.randrange(3) :]
    source = take_in(text.encode(), "x.txt")
    seen = View(source)
    assert len(seen.folded) == len(seen.text)
    assert_true_evidence(seen)
    for finder in (find_amounts, find_dates):
        for start, end, thing in seen.found(finder):  # type: ignore[type-var]
            assert 0 <= start < end <= len(seen.text)
            assert source.text[thing.start : thing.end] == thing.text


def test_a_view_of_nothing_is_nothing() -> None:
    source = take_in(b"x", "x.txt")
    assert View(ExtractedText("", (), source.source)).text == ""
