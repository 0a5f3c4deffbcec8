"""The signing page when the amount asks for the person's own certificate."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import httpx
import pytest
from portal_browser import BASE, Browser, csrf_of, token_of
from portal_memory import Memory
from portal_samples import CODE

from domain.assurance import Assurance
from domain.convention import Role
from domain.documents import DocumentRef
from domain.errors import Actor, SignatureRefused
from domain.links import Link
from portal.app import create_app
from portal.ports import Ports, ProviderStep, Unavailable
from portal.settings import PortalSettings
from workflows.views import SigningView

PROVIDER_CODE = "918273"


@dataclass
class Provider:
    """A provider in memory: one code, for what was begun."""

    step: ProviderStep = field(default_factory=lambda: ProviderStep(code=True, pin=True))
    begun_for: str = ""
    agreed: str = ""
    down: bool = False

    def begin(self, link: Link, challenge: str, document: DocumentRef) -> ProviderStep:
        if self.down:
            raise Unavailable("ConnectError")
        self.begun_for = f"{challenge}/{document.sha256}"
        return self.step

    def begun(self, challenge: str) -> ProviderStep | None:
        return self.step if self.begun_for.startswith(challenge) else None

    def agree(self, link: Link, challenge: str, document: str, code: str, pin: str) -> None:
        if self.begun_for != f"{challenge}/{document}" or (code, pin) != (PROVIDER_CODE, "2580"):
            raise SignatureRefused(
                "remote_not_authorised", "Votre prestataire n’a pas accepté ce code.", next_actor=Actor.SIGNATORY
            )
        self.agreed = challenge


class Personal(Memory):
    """Every signature asks for a certificate."""

    provider: Provider | None

    async def signing_view(self, link: Link) -> SigningView:
        return (await super().signing_view(link)).model_copy(update={"assurance": Assurance.ADVANCED})

    def ports(self) -> Ports:
        return replace(super().ports(), provider=self.provider)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def memory(provider: Provider) -> Memory:
    made = Personal()
    made.provider = provider
    return made


async def proved(browser: Browser, token: str) -> str:
    await browser.post(f"/s/{token}/code")
    await browser.post(f"/s/{token}/verification", data={"code": CODE})
    return csrf_of(await browser.get(f"/s/{token}"))


def decision(memory: Memory, token: str, csrf: str, **changes: str) -> dict[str, str]:
    return {
        "csrf": csrf,
        "document_sha256": memory.tokens[token].document,
        "agree": "yes",
        "provider_code": "918 273",
        "provider_pin": "2580",
    } | changes


async def test_the_page_prepares_then_asks_for_what_the_provider_wants_then_signs(
    browser: Browser, memory: Memory, token: str, provider: Provider
) -> None:
    csrf = await proved(browser, token)
    page = await browser.get(f"/s/{token}")
    assert "Préparer ma signature" in page.text
    assert "niveau avancé" in page.text
    assert "Signer la convention</button>" not in page.text
    assert (await browser.post(f"/s/{token}/certificat", data={"csrf": csrf})).status_code == 303
    page = await browser.get(f"/s/{token}?envoi=1")
    for words in (
        "Code envoyé par votre prestataire",
        "Code secret de votre certificat",
        "Signer la convention</button>",
    ):
        assert words in page.text
    answer = await browser.post(f"/s/{token}/signature", data=decision(memory, token, csrf))
    assert answer.status_code == 303
    assert provider.agreed == "challenge-1"
    assert "sign" in memory.changes


@pytest.mark.parametrize("wrong", [{"provider_code": "000000"}, {"provider_pin": "0000"}, {"provider_code": ""}])
async def test_a_wrong_code_at_the_provider_signs_nothing_and_says_so(
    browser: Browser, memory: Memory, token: str, wrong: dict[str, str]
) -> None:
    csrf = await proved(browser, token)
    await browser.post(f"/s/{token}/certificat", data={"csrf": csrf})
    answer = await browser.post(f"/s/{token}/signature", data=decision(memory, token, csrf, **wrong))
    assert answer.status_code == 409
    assert "n’a pas accepté ce code" in answer.text
    assert "2580" not in answer.text
    assert "sign" not in memory.changes


async def test_signing_without_having_prepared_signs_nothing(browser: Browser, memory: Memory, token: str) -> None:
    csrf = await proved(browser, token)
    answer = await browser.post(f"/s/{token}/signature", data=decision(memory, token, csrf))
    assert answer.status_code == 409
    assert "sign" not in memory.changes


async def test_nothing_is_begun_at_the_provider_by_whoever_proved_no_code(
    browser: Browser, token: str, provider: Provider
) -> None:
    for method in ("GET", "HEAD", "POST"):
        answer = await browser.request(method, f"/s/{token}/certificat", data={"csrf": "0" * 64})
        assert answer.status_code in {403, 404, 405}
    assert provider.begun_for == ""


async def test_a_provider_that_is_down_is_said_and_nothing_is_lost(
    browser: Browser, memory: Memory, token: str, provider: Provider
) -> None:
    csrf = await proved(browser, token)
    provider.down = True
    assert (await browser.post(f"/s/{token}/certificat", data={"csrf": csrf})).status_code == 503
    provider.down = False
    assert (await browser.post(f"/s/{token}/certificat", data={"csrf": csrf})).status_code == 303


async def test_the_provider_is_not_asked_for_codes_without_end(browser: Browser, token: str) -> None:
    csrf = await proved(browser, token)
    answers = [(await browser.post(f"/s/{token}/certificat", data={"csrf": csrf})).status_code for _ in range(8)]
    assert answers[0] == 303
    assert answers[-1] == 429


@pytest.fixture
async def alone(memory: Memory, settings: PortalSettings) -> AsyncIterator[Browser]:
    assert isinstance(memory, Personal)
    memory.provider = None
    transport = httpx.ASGITransport(create_app(memory.ports(), settings))
    async with Browser(transport=transport, base_url=BASE, headers={"accept": "text/html"}) as client:
        yield client


async def test_without_a_provider_the_level_is_never_lowered(alone: Browser, memory: Memory, sent: str) -> None:
    token = token_of(memory, Role.BENEFICIARY)
    csrf = await proved(alone, token)
    for path in ("certificat", "signature"):
        answer = await alone.post(f"/s/{token}/{path}", data=decision(memory, token, csrf))
        assert answer.status_code == 409
        assert "aucun prestataire" in answer.text
    assert "sign" not in memory.changes
