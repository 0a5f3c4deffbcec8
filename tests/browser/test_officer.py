"""Legal affairs at their desk: from the deliberation's file to the request for signature, all in the browser."""

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.pages import DESKTOP, PHONE, Visit, assert_sound
from browser.people import Paraphe, fill, log_in
from service import sample
from service.demo import SAMPLE

pytestmark = [pytest.mark.browser, pytest.mark.temporal, pytest.mark.libreoffice]


def test_an_officer_takes_a_deliberation_to_signature(paraphe: Paraphe, visit: Visit) -> None:
    page = visit(DESKTOP)
    log_in(paraphe, page)
    submits_the_deliberation(page)
    convention = page.url
    with paraphe.desk() as desk:
        act = desk.reading(convention.split("?")[0].rsplit("/", 1)[1])["acts"][0]
    enters_the_powers(page, sample.powers(act))
    page.goto(convention)
    fills_the_facts(page, sample.supplied_facts(act, {"beneficiary": "as read", "amount": "50000.00"}))
    approves_the_draft(page)
    cannot_send_before_the_deliberation_is_executory(page)
    records_the_receipt(page, sample.proof(act))
    page.get_by_role("button", name="Envoyer à la signature").click()
    expect(page.get_by_role("status").filter(has_text="envoyée à la signature")).to_be_visible()
    expect(page.get_by_text("Demandé")).to_be_visible()
    assert_sound(page)
    assert paraphe.requested(sample.representative()["email"], number_of(page))
    page.goto(paraphe.url)
    expect(page.get_by_role("row").filter(has_text="ECO 010-6552/19/BM")).to_contain_text("50 000 €")
    assert_sound(page)


def enters_the_powers(page: Page, entries: list[tuple[str, dict[str, Any]]]) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Pouvoirs").click()
    assert_sound(page)
    forms = {"mandates": ("mandats", "Ajouter un mandat"), "delegations": ("delegations", "Ajouter une délégation")}
    for kind, entry in entries:
        path, button = forms[kind]
        page.locator("summary", has_text=button).click()
        fill(page, as_typed({key: value for key, value in entry.items() if key != "id"}), f"{path}-")
        assert_sound(page)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_contain_text("L'entrée est enregistrée")
    expect(page.get_by_role("heading", name="Camille FONTAINE").first).to_be_visible()


def submits_the_deliberation(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Nouvelle délibération").click()
    assert_sound(page)
    page.get_by_label("Fichier de la délibération").set_input_files(SAMPLE)
    page.get_by_role("button", name="Déposer et lire").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chambre de Commerce et d'Industrie Marseille Provence")
    amount = page.locator(".fact").filter(has=page.get_by_role("heading", name="Montant de la subvention"))
    expect(amount).to_contain_text("50 000 €")
    expect(amount.locator("blockquote")).to_contain_text("50 000 euros")
    expect(page.locator(".finding").filter(has_text="850 0000 euros").first).to_contain_text("À vérifier")
    assert_sound(page)


def fills_the_facts(page: Page, facts: dict[str, Any]) -> None:
    page.get_by_role("link", name="Compléter les informations").click()
    assert_sound(page)
    page.get_by_role("button", name="Enregistrer les informations").click()
    expect(page.get_by_role("alert")).to_contain_text("Rien n'a été enregistré")
    assert_sound(page)
    typed = as_typed({key: value for key, value in facts.items() if key != "schedule"})
    typed.pop("beneficiary.name")
    for rank, instalment in enumerate(facts["schedule"]["instalments"]):
        typed |= {f"schedule.instalments.{rank}.{name}": value for name, value in instalment.items()}
    fill(page, {name: value.replace(".", ",") if name.endswith(".amount") else value for name, value in typed.items()})
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Approuver cette version")).to_be_visible(timeout=40_000)


def approves_the_draft(page: Page) -> None:
    expect(page.get_by_role("img", name=re.compile(r"Page 1 sur \d+ de la convention"))).to_be_visible()
    expect(page.get_by_text(f"au 31 décembre {date.today().year + 1}").first).to_be_visible()  # noqa: DTZ011
    assert_sound(page)
    page.get_by_role("button", name="Approuver la version 1").click()
    expect(page.get_by_role("status").filter(has_text="Cette version est approuvée")).to_be_visible()
    assert_sound(page)


def cannot_send_before_the_deliberation_is_executory(page: Page) -> None:
    page.get_by_role("button", name="Envoyer à la signature").click()
    expect(page.get_by_role("alert")).to_contain_text("exécutoire")
    expect(page.get_by_role("alert")).to_contain_text("Qui doit agir")
    assert_sound(page)


def records_the_receipt(page: Page, proof: dict[str, Any]) -> None:
    page.get_by_label("Identifiant de l'acte").fill(proof["receipt_id"])
    for field in ("sent_at", "received_at", "published_at"):
        page.locator(f"#{field}").fill(proof[field])
    page.get_by_role("button", name="Enregistrer la preuve").click()
    expect(page.get_by_role("status").filter(has_text="preuve du caractère exécutoire est enregistrée")).to_be_visible()
    assert_sound(page)


def number_of(page: Page) -> str:
    return page.locator(".over").inner_text().removeprefix("Convention ")


def as_typed(data: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Names of fields, and their values as a person types them."""
    typed: dict[str, str] = {}
    for name, value in data.items():
        if isinstance(value, dict):
            typed |= as_typed(value, f"{prefix}{name}.")
        else:
            typed[f"{prefix}{name}"] = ", ".join(value) if isinstance(value, list) else str(value)
    return typed


def test_the_desk_fits_a_phone(paraphe: Paraphe, visit: Visit) -> None:
    view = paraphe.drafted(20001)
    page = visit(PHONE)
    log_in(paraphe, page)
    for path in (
        "/",
        f"/conventions/{view['convention_id']}",
        f"/conventions/{view['convention_id']}/informations",
        "/pouvoirs",
        "/deliberations/nouvelle",
    ):
        page.goto(paraphe.url + path)
        assert_sound(page)
