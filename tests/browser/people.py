"""People at their browsers: what they see, click and type. And the stack that answers them."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from activities.reading.intake import take_in
from browser.pages import assert_sound
from service import first_run, sample
from service.catcher import Mailbox
from service.demo import SAMPLE
from service.settings import Settings
from service.visitor import Desk, Signer, View

PATIENCE = 60.0
DELEGATE = str(sample.delegate()["email"])
T = TypeVar("T")


def until(look: Callable[[], T | None], what: str) -> T:
    """What ``look`` finds, once there is something."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = look()
        if found is not None:
            return found
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Prepared:
    """A convention, and who signs it for the beneficiary."""

    id: str
    number: str
    email: str


@dataclass(frozen=True)
class Paraphe:
    """The embedded stack, seen from outside."""

    settings: Settings

    @property
    def url(self) -> str:
        return self.settings.base_url

    @property
    def mails_url(self) -> str:
        return f"http://127.0.0.1:{self.settings.companion_port}/"

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(self.url).netloc, urlsplit(self.mails_url).netloc}

    @property
    def key(self) -> str:
        return first_run.staff_key_file(self.settings).read_text("utf-8").strip()

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(self.settings.data_dir / "mails")

    def desk(self) -> Desk:
        return Desk(self.url, self.key)

    def mails(self, email: str, subject: str) -> list[str]:
        """Names of the messages to ``email`` whose subject has ``subject``."""
        found = []
        for name in self.mailbox.names():
            message = self.mailbox.message(name)
            if message is not None and email in str(message["To"]) and subject in str(message["Subject"]):
                found.append(name)
        return found

    def requested(self, email: str, number: str) -> str:
        """Subject of the request to sign convention ``number``, once it has reached ``email``."""
        subject = f"signer la convention n° {number}"
        until(lambda: self.mails(email, subject) or None, f"{subject} for {email}")
        return subject

    def submit(self, serial: int) -> str:
        """The sample under a number of its own; the convention's id."""
        text = take_in(SAMPLE.read_bytes(), "sample.pdf").text.replace("6552/19", f"{serial}/19")
        with self.desk() as desk:
            submission = desk.submit(text.encode(), f"deliberation-{serial}.txt")
        return str(submission["conventions"][0]["convention_id"])

    def drafted(self, serial: int) -> View:
        """A convention ready for approval."""
        return self.draft(self.submit(serial), f"beneficiaire-{serial}@example.org")

    def draft(self, convention: str, email: str) -> View:
        """Facts and powers of the demonstration; the beneficiary reads mail at ``email``."""
        with self.desk() as desk:
            view = desk.view(convention)
            act = desk.reading(convention)["acts"][0]
            for kind, entry in sample.powers(act):
                desk.add_power(kind, entry)
            facts = sample.supplied_facts(act, {"beneficiary": view["beneficiary"], "amount": view["amount"]})
            facts["beneficiary"]["representative"]["email"] = email
            desk.supply(convention, facts)
            return desk.wait(convention, lambda v: v["stage"] == "review")

    def sent(self, serial: int) -> Prepared:
        """A convention that waits for the beneficiary's signature."""
        view = self.drafted(serial)
        convention = str(view["convention_id"])
        with self.desk() as desk:
            desk.approve(convention, view["draft"]["pdf"]["sha256"])
            desk.record_receipt(convention, sample.proof(desk.reading(convention)["acts"][0]))
            desk.send(convention)
        return Prepared(convention, str(view["convention_number"]), f"beneficiaire-{serial}@example.org")

    def completed(self, serial: int) -> View:
        """A convention that both sides signed, without a browser."""
        prepared = self.sent(serial)
        with self.desk() as desk:
            for role, email in (("beneficiary", prepared.email), ("authority", DELEGATE)):
                self.requested(email, prepared.number)
                for _ in Signer(self.url, self.mailbox, email).sign():
                    pass
                desk.wait(prepared.id, _signed_by(role))
            return desk.wait(prepared.id, lambda v: v["stage"] == "completed")


def _signed_by(role: str) -> Callable[[View], bool]:
    return lambda view: any(signature["role"] == role for signature in view["signatures"])


class Signatory:
    """Somebody who gets a mail and signs; ``page`` is their only window."""

    def __init__(self, paraphe: Paraphe, page: Page, email: str, number: str, *, scripts: bool = True) -> None:
        self.paraphe = paraphe
        self.page = page
        self.email = email
        self.number = number
        self.link = ""
        self._look = assert_sound if scripts else (lambda _page: None)

    def open_mail(self) -> None:
        """Read the request in the catcher's own page, up to the link."""
        subject = self.paraphe.requested(self.email, self.number)
        page = self.page
        page.goto(self.paraphe.mails_url)
        self._look(page)
        page.get_by_role("listitem").filter(has_text=self.email).filter(has_text=subject).get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(subject)
        self._look(page)

    def open_link(self) -> None:
        """From the mail to the page; everything needed for the decision is on it."""
        self.page.get_by_role("link", name=f"{self.paraphe.url}/s/").click()
        self.reads()

    def reads(self) -> None:
        page = self.page
        expect(page.get_by_role("heading", level=1)).to_have_text("Convention à signer")
        expect(page.get_by_text(f"Convention {self.number}", exact=True)).to_be_visible()
        expect(page.get_by_text("50 000 €", exact=True)).to_be_visible()
        expect(page.get_by_role("img", name="Page 1 sur")).to_be_visible()
        page.get_by_text("Texte de la page 1").click()
        expect(page.locator(".page-text").first).to_contain_text("Convention de subvention")
        self.link = page.url
        self._look(page)

    def ask_code(self) -> str:
        """Ask for the code, and read it in the mailbox as it comes."""
        before = len(self.paraphe.mails(self.email, "code de signature"))
        self.page.get_by_role("button", name="Recevoir mon code").click()
        expect(self.page.get_by_text("Un code vient d'être envoyé")).to_be_visible()
        self._look(self.page)
        return self.newest_code(before)

    def newest_code(self, before: int) -> str:
        names = until(
            lambda: self.paraphe.mails(self.email, "code de signature")[before:] or None, f"a code for {self.email}"
        )
        mails = self.page.context.new_page()
        mails.goto(f"{self.paraphe.mails_url}mails/{names[-1]}")
        code = re.search(r"(?m)^\s*(\d{6})\s*$", mails.get_by_role("article").inner_text())
        assert code
        mails.close()
        return code[1]

    def type_code(self, code: str) -> None:
        self.page.get_by_label("Code à six chiffres").fill(code)
        self.page.get_by_role("button", name="Vérifier le code").click()

    def prove(self) -> None:
        """A wrong code, then the right one."""
        code = self.ask_code()
        self.type_code(f"{(int(code) + 1) % 1_000_000:06d}")
        expect(self.page.get_by_role("alert")).to_contain_text("Ce code n'est pas le bon")
        self._look(self.page)
        self.type_code(code)
        expect(self.page.get_by_text("Identité vérifiée")).to_be_visible()
        self._look(self.page)

    def sign(self) -> None:
        self.page.get_by_label("J'ai lu la convention").check()
        self.page.get_by_role("button", name="Signer la convention").click()
        self.sees_signed()

    def sees_signed(self) -> None:
        """The page says so, by itself, as soon as it is done."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Vous avez signé", timeout=40_000)
        expect(self.page.get_by_text("Votre signature est enregistrée")).to_be_visible()
        self._look(self.page)

    def sees_completed(self) -> bytes:
        """The end: everybody signed; the copy that is downloaded."""
        self.page.goto(self.link)
        expect(self.page.get_by_text("Tout le monde a signé")).to_be_visible()
        self._look(self.page)
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name="Télécharger la convention signée").click()
        assert self.number in download.value.suggested_filename
        return download.value.path().read_bytes()


def log_in(paraphe: Paraphe, page: Page) -> None:
    page.goto(paraphe.url)
    assert_sound(page)
    page.get_by_label("Clé d'accès").fill(paraphe.key)
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Conventions")


def fill(page: Page, values: dict[str, Any], prefix: str = "") -> None:
    """Fill the fields of a form by their names; the values as a person types them."""
    for name, value in values.items():
        field = page.locator(f"#{prefix}champ-{name.replace('.', '-')}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
