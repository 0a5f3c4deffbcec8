"""The source document beside the facts, in the browser: by mouse, by keyboard alone, without scripts, on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from activities.reading.intake import take_in
from browser.pages import DESKTOP, PHONE, Visit, assert_fits, assert_sound, focus_of
from browser.people import Paraphe, log_in
from browser.test_signatories import tab_to
from service.demo import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.temporal, pytest.mark.libreoffice]

SELECT = """words => {
    const leaf = [...document.querySelectorAll('[data-start]')].find(e => e.textContent.includes(words));
    const walker = document.createTreeWalker(leaf, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.data.indexOf(words);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + words.length);
        document.getSelection().removeAllRanges();
        document.getSelection().addRange(range);
    }
}"""
"""What a mouse does between two words."""


def opened(paraphe: Paraphe, page: Page, serial: int) -> str:
    """A convention of the sample under a number of its own, at the desk."""
    convention = f"{paraphe.url}/conventions/{paraphe.submit(serial)}"
    log_in(paraphe, page)
    page.goto(convention)
    return convention


def test_words_are_chosen_with_the_mouse_and_become_the_fact(paraphe: Paraphe, visit: Visit) -> None:
    page = visit(DESKTOP)
    opened(paraphe, page, 21001)
    page.get_by_role("link", name="Objet de la subvention").last.click()
    expect(page.locator("#fait-purpose")).to_have_class("fact found chosen")
    expect(page.locator("mark").first).to_be_visible()
    assert_sound(page)
    page.evaluate(SELECT, "la phase 2 de la démarche")
    page.get_by_role("button", name="Prendre les mots sélectionnés").click()
    expect(page.get_by_label("Mots de la délibération")).to_have_value("la phase 2 de la démarche")
    assert_sound(page)
    page.get_by_role("button", name="Enregistrer la correction").click()
    expect(page.get_by_role("status").filter(has_text="La correction est enregistrée")).to_be_visible()
    expect(page.locator("#fait-purpose")).to_contain_text("corrigé par")
    expect(page.locator("mark").first).to_contain_text("la phase 2 de la démarche")
    expect(page.get_by_role("listitem").filter(has_text="Fait de la délibération corrigé")).to_contain_text(
        "la phase 2 de la démarche"
    )
    assert_sound(page)


def test_a_fact_of_a_pdf_is_shown_on_the_right_page(paraphe: Paraphe, visit: Visit) -> None:
    page = visit(DESKTOP)
    log_in(paraphe, page)
    page.goto(f"{paraphe.url}/deliberations/nouvelle")
    page.get_by_label("Fichier de la délibération").set_input_files(SAMPLE)
    page.get_by_label("Vérifier ce qui est lu").check()
    page.get_by_role("button", name="Déposer et lire").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Délibération lue : rien n'est encore ouvert")
    assert_sound(page)
    page.get_by_role("link", name="Montant de la subvention").click()
    shown = page.get_by_role("article", name="Page 2 sur 2")
    expect(shown.locator("rect")).to_have_count(1)
    expect(shown.locator("rect")).to_be_in_viewport()
    expect(page.get_by_role("article", name="Page 1 sur 2").locator("rect")).to_have_count(0)
    assert_sound(page)
    page.get_by_role("navigation", name="Présentation").get_by_role("link", name="Texte").click()
    expect(page.locator("mark")).to_contain_text("50 000 euros")
    expect(page.locator("mark")).to_be_in_viewport()
    assert_sound(page)


def test_a_fact_is_found_and_corrected_with_the_keyboard_alone(paraphe: Paraphe, visit: Visit) -> None:
    page = visit(DESKTOP)
    convention = opened(paraphe, page, 21002)
    page.goto(f"{convention}#fait-outcome")
    tab_to(page, "Bénéficiaire")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_be_focused()
    assert "none" not in focus_of(page).split("|")[-2:], "where the keyboard is can be seen"
    page.keyboard.press("Escape")
    assert "Bénéficiaire" in focus_of(page), "and leads back to the fact"
    tab_to(page, "correction-valeur")
    page.keyboard.type("Chambre de Commerce et d'Industrie d'Exemple")
    page.keyboard.press("Enter")
    expect(page.locator("#fait-beneficiary")).to_contain_text("d'Exemple")
    expect(page.locator("#fait-beneficiary")).to_contain_text("corrigé par")
    assert_sound(page)


def test_without_scripts_words_are_quoted(paraphe: Paraphe, visit: Visit) -> None:
    page = visit(DESKTOP, java_script_enabled=False)
    convention = f"{paraphe.url}/conventions/{paraphe.submit(21003)}"
    page.goto(paraphe.url)
    page.get_by_label("Clé d'accès").fill(paraphe.key)
    page.get_by_role("button", name="Entrer").click()
    page.goto(convention)
    page.get_by_role("link", name="Montant de la subvention").click()
    expect(page.locator("mark").first).to_contain_text("50 000 euros")
    expect(page.get_by_role("button", name="Prendre les mots sélectionnés")).to_have_count(0)
    page.get_by_label("Mots de la délibération").fill("Article 3")
    page.get_by_role("button", name="Enregistrer la correction").click()
    expect(page.get_by_role("alert")).to_contain_text("ne disent pas clairement le montant")
    expect(page.get_by_label("Mots de la délibération")).to_have_value("Article 3")
    page.get_by_role("link", name="Assemblée").click()
    page.get_by_label("Mots de la délibération").fill("Le Bureau de la Métropole")
    page.get_by_role("button", name="Enregistrer la correction").click()
    expect(page.locator("#fait-assembly")).to_contain_text("corrigé par")


def test_a_number_that_was_lost_is_typed_on_a_phone(paraphe: Paraphe, visit: Visit, tmp_path: Path) -> None:
    lost = tmp_path / "deliberation.txt"
    text = take_in(SAMPLE.read_bytes(), "sample.pdf").text
    lost.write_text(text.replace("ECO 010-6552/19/BM", "illisible") + "\nCopie numérisée.\n", "utf-8")
    page = visit(PHONE)
    log_in(paraphe, page)
    page.goto(f"{paraphe.url}/deliberations/nouvelle")
    page.get_by_label("Fichier de la délibération").set_input_files(lost)
    page.get_by_role("button", name="Déposer et lire").click()
    expect(page.get_by_text("le numéro de la délibération :")).to_be_visible()
    assert_sound(page)
    page.get_by_label("Bonne valeur : Numéro de la délibération").fill("ECO 010-21004/19/BM")
    page.get_by_role("button", name="Ouvrir les conventions choisies").click()
    expect(page.get_by_role("alert")).to_contain_text("attestez")
    assert_sound(page)
    page.get_by_label("J'atteste que les valeurs saisies").check()
    page.get_by_role("button", name="Ouvrir les conventions choisies").click()
    expect(page.get_by_role("status").filter(has_text="une convention est ouverte")).to_be_visible()
    expect(page.locator("#fait-number")).to_contain_text("attesté d'après le registre des délibérations")
    assert_sound(page)
    page.get_by_role("link", name="Montant de la subvention").click()
    expect(page.locator("mark").first).to_be_in_viewport()
    assert_sound(page)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_fits(page)
