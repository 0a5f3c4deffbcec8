"""Signing from the e-mail to the countersigned copy, as people do it: phone, desktop, keyboard, without scripts."""

import hashlib

import pytest
from playwright.sync_api import Page, expect

from browser.pages import DESKTOP, PHONE, Visit, assert_fits, assert_sound, focus_of
from browser.people import DELEGATE, Paraphe, Signatory

pytestmark = [pytest.mark.browser, pytest.mark.temporal, pytest.mark.libreoffice]


@pytest.mark.parametrize(("shape", "serial"), [(PHONE, 30001), (DESKTOP, 30002)], ids=["phone", "desktop"])
def test_both_parties_sign_from_their_mail_and_get_the_countersigned_copy(
    paraphe: Paraphe, visit: Visit, shape: dict[str, object], serial: int
) -> None:
    convention = paraphe.sent(serial)
    beneficiary = Signatory(paraphe, visit(shape), convention.email, convention.number)
    beneficiary.open_mail()
    beneficiary.open_link()
    beneficiary.prove()
    refuses_without_consent(beneficiary.page)
    beneficiary.sign()
    expect(beneficiary.page.get_by_text("quand tout le monde aura signé")).to_be_visible()

    delegate = Signatory(paraphe, visit(shape), DELEGATE, convention.number)
    delegate.open_mail()
    delegate.open_link()
    expect(delegate.page.get_by_text("Pour la Présidente et par délégation")).to_be_visible()
    delegate.prove()
    delegate.sign()

    with paraphe.desk() as desk:
        desk.wait(convention.id, lambda view: view["stage"] == "completed")
        signed = desk.document(convention.id, "signed")
    for person in (beneficiary, delegate):
        assert person.sees_completed() == signed, "the copy is the archived one"
        assert hashlib.sha256(signed).hexdigest() in person.page.content()
        assert len(paraphe.mails(person.email, convention.number)) == 2, "one request, one copy"
    again = visit(shape)
    again.goto(beneficiary.link)
    expect(again.get_by_role("heading", level=1)).to_have_text("Vous avez signé")
    expect(again.get_by_role("button", name="Signer la convention")).to_have_count(0)


def refuses_without_consent(page: Page) -> None:
    """The browser holds the form back; and if it did not, the portal would."""
    consent = page.get_by_label("J'ai lu la convention")
    page.get_by_role("button", name="Signer la convention").click()
    expect(consent).to_be_focused()
    assert consent.evaluate("box => box.validity.valueMissing")
    consent.evaluate("box => { box.required = false }")
    page.get_by_role("button", name="Signer la convention").click()
    expect(page.get_by_role("alert")).to_contain_text("cochez la case")
    assert_sound(page)


def test_a_signatory_needs_only_the_keyboard_and_always_sees_where_it_is(paraphe: Paraphe, visit: Visit) -> None:
    convention = paraphe.sent(30003)
    person = Signatory(paraphe, visit(DESKTOP), convention.email, convention.number)
    person.open_mail()
    tab_to(person.page, "/s/")
    person.page.keyboard.press("Enter")
    person.reads()
    person.page.goto(person.link)
    page = person.page
    page.keyboard.press("Tab")
    assert "Aller au contenu" in focus_of(page)
    tab_to(page, "Aller directement à la signature")
    page.keyboard.press("Enter")
    before = len(paraphe.mails(person.email, "code de signature"))
    page.keyboard.press("Tab")
    assert "Recevoir mon code" in focus_of(page), "the link leads right before the button"
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code à six chiffres")).to_be_visible()
    code = person.newest_code(before)
    tab_to(page, "code")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Identité vérifiée")).to_be_visible()
    tab_to(page, "agree")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert "Signer la convention" in focus_of(page)
    page.keyboard.press("Enter")
    person.sees_signed()


def tab_to(page: Page, what: str) -> None:
    """Press Tab up to ``what``; every stop on the way must show its focus (WCAG 2.1, 2.4.7)."""
    for _ in range(40):
        page.keyboard.press("Tab")
        tag, name, style, width = focus_of(page).rsplit("|", 3)
        if tag == "BODY":
            continue
        assert style != "none", f"no visible focus on {name}"
        assert width != "0px", f"no visible focus on {name}"
        if what in name:
            return
    raise AssertionError(f"the keyboard never reaches « {what} »")


def test_signing_needs_no_script(paraphe: Paraphe, visit: Visit) -> None:
    convention = paraphe.sent(30004)
    page = visit(PHONE, java_script_enabled=False)
    person = Signatory(paraphe, page, convention.email, convention.number, scripts=False)
    person.open_mail()
    person.open_link()
    person.prove()
    person.sign()


def test_a_refusal_needs_a_reason_and_ends_the_request(paraphe: Paraphe, visit: Visit) -> None:
    convention = paraphe.sent(30005)
    person = Signatory(paraphe, visit(PHONE), convention.email, convention.number)
    person.open_mail()
    person.open_link()
    person.prove()
    page = person.page
    page.get_by_text("Refuser de signer").first.click()
    page.get_by_role("button", name="Refuser de signer").click()
    expect(page.get_by_label("Motif du refus")).to_be_focused()
    page.get_by_label("Motif du refus").fill("Le montant du solde n'est pas celui de la délibération.")
    assert_sound(page)
    page.get_by_role("button", name="Refuser de signer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Convention refusée")
    assert_sound(page)
    with paraphe.desk() as desk:
        view = desk.wait(convention.id, lambda v: v["stage"] == "refused" and v["archive"] is not None)
    assert "solde" in view["reason"]


def test_the_pages_hold_with_text_twice_as_large(paraphe: Paraphe, visit: Visit) -> None:
    convention = paraphe.sent(30006)
    person = Signatory(paraphe, visit(PHONE), convention.email, convention.number)
    person.open_mail()
    person.open_link()
    for step in (person.link, f"{person.link}?etape=code", f"{paraphe.url}/verify", f"{paraphe.url}/connexion"):
        person.page.goto(step)
        person.page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert_fits(person.page)
    narrow = visit({"viewport": {"width": 180, "height": 370}})
    narrow.goto(person.link)
    assert_fits(narrow)
