"""Anybody checks a file on /verify: what we signed, what somebody changed, and what is not ours."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.pages import DESKTOP, PHONE, Visit, assert_sound
from browser.people import Paraphe, log_in
from service.demo import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.temporal, pytest.mark.libreoffice]


def test_verify_tells_our_file_from_a_changed_one_and_from_another(
    paraphe: Paraphe, visit: Visit, tmp_path: Path
) -> None:
    view = paraphe.completed(40001)
    with paraphe.desk() as desk:
        signed = desk.document(view["convention_id"], "signed")
    ours, changed = tmp_path / "convention.pdf", tmp_path / "changed.pdf"
    ours.write_bytes(signed)
    antedated = signed.replace(b"<xmp:CreateDate>20", b"<xmp:CreateDate>19", 1)
    assert antedated != signed
    changed.write_bytes(antedated)

    page = visit(DESKTOP)
    page.goto(f"{paraphe.url}/verify")
    assert_sound(page)
    verify(page, ours)
    expect(page.get_by_role("heading", name="Les signatures sont valables")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_role("article").first).to_contain_text("Le document signé est intact")
    assert_sound(page)
    verify(page, changed)
    expect(page.get_by_role("heading", name="Ce fichier a été modifié")).to_be_visible()
    expect(page.get_by_role("article").first).to_contain_text("ne correspond pas à ce qui a été signé")
    expect(page.get_by_text("Rien n'a été changé depuis")).to_have_count(0)
    assert_sound(page)
    verify(page, SAMPLE)
    expect(page.get_by_role("heading", name="Ce document n'est pas signé")).to_be_visible()
    expect(page.get_by_text("n’a pas été signé par l’intermédiaire de ce service")).to_be_visible()
    assert_sound(page)
    page.get_by_label("Numéro de la convention").fill(view["convention_number"])
    page.get_by_role("button", name="Chercher").click()
    expect(page.get_by_role("article")).to_contain_text("ECO 010-40001/19/BM")
    assert_sound(page)

    phone = visit(PHONE)
    phone.goto(f"{paraphe.url}/verify")
    verify(phone, ours)
    assert_sound(phone)
    officer = visit(DESKTOP)
    log_in(paraphe, officer)
    officer.goto(f"{paraphe.url}/conventions/{view['convention_id']}")
    expect(officer.get_by_text("Archivée sous")).to_be_visible()
    assert_sound(officer)


def verify(page: Page, file: Path) -> None:
    page.get_by_label("Convention signée").set_input_files(file)
    page.get_by_role("button", name="Vérifier", exact=True).click()
    expect(page.get_by_text("Empreinte SHA-256 du fichier vérifié")).to_be_visible()
