"""The rules of law at the desk: the register is asked, and a person answers for what stops a signature."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx
import pytest
from portal_browser import BASE, Browser
from portal_memory import Memory
from portal_samples import KEY, OFFICER, sample_facts
from test_portal_desk import form_of

from domain.companies import CompanyRecord, CompanyState
from domain.facts import Finding, Severity
from portal.app import create_app
from portal.law import notes_left
from portal.settings import PortalSettings

SIRET = sample_facts().beneficiary.siret


def record(name: str = "CHAMBRE DE COMMERCE D'EXEMPLE") -> CompanyRecord:
    return CompanyRecord(
        siren=SIRET[:9],
        siret=SIRET,
        state=CompanyState.ACTIVE,
        name=name,
        fetched_at=datetime(2019, 10, 14, 8, tzinfo=UTC),
        source="https://companies.example.org",
    )


@dataclass
class Book:
    """A register of companies that answers one thing, and remembers what it was asked."""

    answer: CompanyRecord | None = field(default_factory=record)
    asked: list[str] = field(default_factory=list)

    def look_up(self, siret: str) -> CompanyRecord | None:
        self.asked.append(siret)
        return self.answer


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
async def desk(memory: Memory, settings: PortalSettings, book: Book) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(create_app(replace(memory.ports(), companies=book), settings))
    async with Browser(transport=transport, base_url=BASE, headers={"accept": "text/html"}) as client:
        yield client


async def test_what_the_register_says_is_kept_with_the_facts(
    desk: Browser, memory: Memory, convention: str, book: Book
) -> None:
    await desk.log_in()
    page = f"/conventions/{convention}/informations"
    assert (await desk.fill(page, page, **form_of(sample_facts()))).status_code == 303
    supplied = memory.conventions[convention].supplied
    assert supplied is not None
    assert supplied.company == book.answer
    assert book.asked == [SIRET]


async def test_a_register_that_does_not_answer_stops_nobody(
    desk: Browser, memory: Memory, convention: str, book: Book
) -> None:
    book.answer = None
    await desk.log_in()
    page = f"/conventions/{convention}/informations"
    assert (await desk.fill(page, page, **form_of(sample_facts()))).status_code == 303
    supplied = memory.conventions[convention].supplied
    assert supplied is not None
    assert supplied.company is None


@pytest.mark.parametrize("known", [True, False])
async def test_nobody_can_speak_in_the_register_s_place(
    memory: Memory, settings: PortalSettings, convention: str, book: Book, known: bool
) -> None:
    ports = replace(memory.ports(), companies=book if known else None)
    forged = sample_facts().model_dump(mode="json") | {"company": record("FORGED").model_dump(mode="json")}
    transport = httpx.ASGITransport(create_app(ports, settings))
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url=f"{BASE}/api/v1", headers=headers) as api:
        assert (await api.put(f"/conventions/{convention}/facts", json=forged)).status_code == 200
    supplied = memory.conventions[convention].supplied
    assert supplied is not None
    assert supplied.company == (book.answer if known else None)


CEASED = Finding(
    code="company_ceased",
    severity=Severity.BLOCKING_SIGNATURE,
    message="Le répertoire donne « EXEMPLE » pour cessée.",
    article="code de commerce",
    mend="Demandez un avis de situation.",
)


async def test_what_stops_a_signature_is_shown_with_its_ground_and_answered_by_a_box(
    desk: Browser, memory: Memory, convention: str
) -> None:
    await memory.supply_facts(convention, sample_facts(), OFFICER)
    view = memory.conventions[convention]
    memory.conventions[convention] = view.model_copy(update={"findings": (CEASED,)})
    await desk.log_in()
    shown = (await desk.get(f"/conventions/{convention}")).text
    for words in ("Bloque la signature", "pour cessée", "Demandez un avis de situation", "code de commerce"):
        assert words in shown
    page = f"/conventions/{convention}/informations"
    box = "settled.acknowledged.company_ceased"
    assert f'name="{box}"' in (await desk.get(page)).text
    assert (await desk.fill(page, page, **form_of(sample_facts()), **{box: "True"})).status_code == 303
    supplied = memory.conventions[convention].supplied
    assert supplied is not None
    assert supplied.settled.acknowledged == ("company_ceased",)
    # Answered, the finding is gone; the box stays, so that the answer can be taken back.
    assert f'name="{box}"' in (await desk.get(page)).text
    assert (await desk.fill(page, page, **form_of(sample_facts()))).status_code == 303
    supplied = memory.conventions[convention].supplied
    assert supplied is not None
    assert supplied.settled.acknowledged == ()


def test_a_note_of_the_reader_is_not_said_twice() -> None:
    note = Finding(code="no_executory_proof", severity=Severity.WARNING, message="Rien ne prouve.")
    other = Finding(code="table_missing", severity=Severity.WARNING, message="Un tableau manque.")
    rule = Finding(code="executory_proof_missing", severity=Severity.INFO, message="Rien ne prouve encore.")
    assert notes_left((note, other), (rule,)) == (other,)
    assert notes_left((note, other), ()) == (note, other)
