"""What the reading stopped at is shown at the desk, and a person answers for it by name (invariant 2)."""

import httpx
import pytest
from portal_browser import Browser
from portal_memory import Memory
from portal_samples import OFFICER, sample_facts
from test_portal_desk import form_of

from domain.convention import SettledFacts, SuppliedFacts
from domain.facts import Evidence, Finding, Severity


def blocking(code: str, message: str) -> Finding:
    evidence = (Evidence(start=0, end=9, text="Deuxième délibération", page=3),)
    return Finding(code=code, severity=Severity.BLOCKING, message=message, evidence=evidence)


SEVERAL = blocking("several_acts", "Ce fichier contient plusieurs délibérations.")
REJECTED = blocking("vote_rejected", "Cette délibération a été rejetée.")


async def opened(memory: Memory) -> str:
    submission = await memory.submit(b"Une deliberation", "deliberation.txt", OFFICER)
    memory.changes.clear()
    return submission.conventions[0].convention_id


def facts_of(memory: Memory, id_: str) -> SuppliedFacts:
    supplied = memory.conventions[id_].supplied
    assert supplied is not None
    return supplied


async def test_each_blocking_finding_that_a_person_may_answer_has_its_box(browser: Browser, memory: Memory) -> None:
    memory.blocking = (SEVERAL, REJECTED)
    id_ = await opened(memory)
    await browser.log_in()
    assert "1 point à vérifier" in (await browser.get(f"/conventions/{id_}")).text
    page = (await browser.get(f"/conventions/{id_}/informations")).text
    assert "J&#39;ai vérifié ce point\u00a0: Ce fichier contient plusieurs délibérations." in page
    assert "«\u00a0Deuxième délibération\u00a0», page 3" in page
    assert 'name="settled.acknowledged.several_acts"' in page
    assert "vote_rejected" not in page, "nobody can answer for that one"
    assert "settled.adopted" not in page, "the act says that it was adopted"
    assert "checked" not in page, "nothing is answered in advance"


async def test_a_ticked_box_is_recorded_and_can_be_taken_back(browser: Browser, memory: Memory) -> None:
    memory.blocking = (SEVERAL,)
    id_ = await opened(memory)
    await browser.log_in()
    page = f"/conventions/{id_}/informations"
    ticked = {"settled.acknowledged.several_acts": "True", "settled.acknowledged.invented": "True"}
    assert (await browser.fill(page, page, **form_of(sample_facts()), **ticked)).status_code == 303
    assert facts_of(memory, id_).settled.acknowledged == ("several_acts",)
    shown = (await browser.get(f"/conventions/{id_}")).text
    assert "Points vérifiés" in shown
    assert "point à vérifier" not in shown
    assert 'value="True" checked' in (await browser.get(page)).text
    assert (await browser.fill(page, page, **form_of(sample_facts()))).status_code == 303
    assert facts_of(memory, id_).settled.acknowledged == ()


async def test_a_tick_survives_an_error_elsewhere(browser: Browser, memory: Memory) -> None:
    memory.blocking = (SEVERAL,)
    id_ = await opened(memory)
    await browser.log_in()
    page = f"/conventions/{id_}/informations"
    fields = form_of(sample_facts()) | {"place": "", "settled.acknowledged.several_acts": "True"}
    answer = await browser.fill(page, page, **fields)
    assert answer.status_code == 422
    assert 'value="True" checked' in answer.text


async def test_an_adoption_that_the_act_does_not_say_is_certified(browser: Browser, memory: Memory) -> None:
    memory.outcome = None
    id_ = await opened(memory)
    await browser.log_in()
    assert "sens du vote" in (await browser.get(f"/conventions/{id_}")).text
    page = f"/conventions/{id_}/informations"
    assert "registre des délibérations" in (await browser.get(page)).text
    fields = form_of(sample_facts()) | {"settled.adopted": "True"}
    assert (await browser.fill(page, page, **fields)).status_code == 303
    assert facts_of(memory, id_).settled.adopted is True
    shown = (await browser.get(f"/conventions/{id_}")).text
    assert "certifiée d'après le registre" in shown
    assert 'href="?fait=outcome' not in shown, "it is not to be settled any more"
    assert (await browser.fill(page, page, **form_of(sample_facts()))).status_code == 303
    assert facts_of(memory, id_).settled.adopted is None


@pytest.mark.parametrize(
    ("settled", "status"),
    [
        ({"adopted": True, "acknowledged": ["several_acts"]}, 200),
        ({"adopted": False}, 422),
        ({"acknowledged": ["Plusieurs actes"]}, 422),
        ({"acknowledged": ["x"] * 41}, 422),
    ],
)
async def test_programs_answer_by_code(
    api: httpx.AsyncClient, memory: Memory, settled: dict[str, object], status: int
) -> None:
    memory.blocking = (SEVERAL,)
    id_ = await opened(memory)
    facts = sample_facts().model_dump(mode="json") | {"settled": settled}
    assert (await api.put(f"/conventions/{id_}/facts", json=facts)).status_code == status
    if status == 200:
        assert facts_of(memory, id_).settled == SettledFacts.model_validate(settled)
