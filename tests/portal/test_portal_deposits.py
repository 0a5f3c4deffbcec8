"""A file that cannot be opened as it was read: corrected first, chosen act by act, and opened once."""

from datetime import date
from decimal import Decimal

import httpx
import pytest
from portal_browser import Browser, csrf_of
from portal_memory import Memory
from portal_samples import OFFICER
from test_portal_source import WORDS, reading, said

from domain.deliberation import Award, Outcome, Reading
from domain.facts import Fact
from domain.source import SourceText

PAGES = ((0, WORDS.index("\f")), (WORDS.index("\f") + 1, len(WORDS)))


@pytest.fixture
def unnumbered(memory: Memory) -> None:
    """What is deposited next has no number that can be read."""
    memory.reading = reading(number=Fact[str]())
    memory.source = SourceText(text=WORDS, pages=PAGES)


@pytest.fixture
def several(memory: Memory) -> None:
    """Four acts: two that grant, one that was rejected, one without a number."""
    acts = [
        reading(number=Fact[str](value="12", status="found")).acts[0],
        reading(number=Fact[str](value="13", status="found"), outcome=said(Outcome.REJECTED, "DÉLIBÈRE")).acts[0],
        reading(
            number=Fact[str](value="14", status="found"),
            awards=(
                Award(beneficiary=said("La Vigie", "Le Phare"), amount=said(Decimal("20000.00"), "20 000 euros")),
                Award(beneficiary=said("Le Môle", "Phare"), amount=said(Decimal("52000.00"), "52 000 euros")),
            ),
        ).acts[0],
        reading(number=Fact[str]()).acts[0],
    ]
    memory.reading = Reading(source=reading().source, acts=tuple(acts))
    memory.source = SourceText(text=WORDS, pages=PAGES)


async def deposited(browser: Browser, **fields: str) -> str:
    """Where the deposit of a file leads."""
    token = csrf_of(await browser.get("/deliberations/nouvelle"))
    answer = await browser.post(
        "/deliberations/nouvelle", data={"csrf": token, **fields}, files={"file": ("d.txt", b"texte")}
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_missing_number_shows_what_was_read_beside_the_text_and_opens_nothing(
    browser: Browser, memory: Memory, unnumbered: None
) -> None:
    await browser.log_in()
    where = await deposited(browser)
    assert where.startswith("/deliberations/")
    page = (await browser.get(f"{where}?fait=amount")).text
    assert "le numéro de la délibération" in page
    assert 'id="passage"' in page
    assert "50 000 euros</mark>" in page
    assert 'name="acte-0.number.value"' in page
    assert memory.conventions == {}


async def test_a_typed_number_is_attested_and_submitting_it_twice_finds_the_first(
    browser: Browser, memory: Memory, unnumbered: None
) -> None:
    await browser.log_in()
    where = await deposited(browser)
    typed = {"acte-0": "True", "acte-0.number.value": "DEL-2019-12"}
    refused = await browser.fill(where, where, **typed)
    assert (refused.status_code, "attestation_missing" in refused.text) == (409, True)
    assert 'value="DEL-2019-12"' in refused.text, "what was typed is not lost"
    assert memory.conventions == {}
    first = await browser.fill(where, where, **typed, **{"acte-0.attested": "True"})
    assert first.status_code == 303
    assert first.headers["location"].endswith("?fait=nouvelle")
    [view] = memory.conventions.values()
    assert view.award.number == "DEL-2019-12"
    [made] = view.corrections
    assert (made.by, made.at, made.attested) == (OFFICER, memory.now, True)
    again = await browser.fill(await deposited(browser), where, **typed, **{"acte-0.attested": "True"})
    assert again.headers["location"].endswith("?fait=existante")
    assert len(memory.conventions) == 1


async def test_words_of_the_act_need_no_attestation(browser: Browser, memory: Memory, unnumbered: None) -> None:
    await browser.log_in()
    where = await deposited(browser)
    answer = await browser.fill(
        where, where, **{"acte-0": "True", "acte-0.number.quote": "Article 2", "acte-0.number.value": "2"}
    )
    assert answer.status_code == 303
    [view] = memory.conventions.values()
    assert view.award.number == "2"
    assert view.corrections[0].evidence[0].text == "Article 2"


async def test_a_person_may_look_first_and_correct_a_date_that_was_read_wrongly(
    browser: Browser, memory: Memory
) -> None:
    memory.reading, memory.source = reading(), SourceText(text=WORDS, pages=PAGES)
    await browser.log_in()
    where = await deposited(browser, look="1")
    assert where.startswith("/deliberations/")
    answer = await browser.fill(
        where,
        where,
        **{"acte-0": "True", "acte-0.session_date.value": "25/09/2019", "acte-0.attested": "True"},
    )
    assert answer.status_code == 303
    [view] = memory.conventions.values()
    assert view.award.session_date == date(2019, 9, 25)


async def test_several_acts_are_listed_each_with_its_awards_or_its_reason(
    browser: Browser, memory: Memory, several: None
) -> None:
    await browser.log_in()
    where = await deposited(browser)
    page = (await browser.get(where)).text
    assert "rejetée par l" in page
    assert "La Vigie" in page
    assert 'name="acte-1"' not in page, "nobody can choose a rejected act"
    assert page.count(" checked>") == 2, "what can be opened is chosen in advance, what must be corrected is not"
    assert f'href="{where}?acte=2#lu"' in page
    answer = await browser.fill(where, where, **{"acte-0": "True", "acte-2": "True"})
    assert answer.status_code == 201
    assert len(memory.conventions) == 3
    assert "rejetée par l" in answer.text, "each act that gave nothing says why"
    assert "le numéro de la délibération" in answer.text
    assert all(f'href="/conventions/{id_}"' in answer.text for id_ in memory.conventions)


async def test_only_what_was_chosen_is_opened(browser: Browser, memory: Memory, several: None) -> None:
    await browser.log_in()
    where = await deposited(browser)
    nothing = await browser.fill(where, where)
    assert (nothing.status_code, "act_not_chosen" in nothing.text) == (422, True)
    answer = await browser.fill(where, where, **{"acte-2": "True"})
    assert "Vous ne l&#39;avez pas choisie" in answer.text
    assert {view.award.number for view in memory.conventions.values()} == {"14"}
    forged = await browser.fill(where, where, **{"acte-1": "True"})
    assert (forged.status_code, "deliberation_rejected" in forged.text) == (422, True)


async def test_a_deposit_that_does_not_exist_is_not_found(browser: Browser, memory: Memory) -> None:
    await browser.log_in()
    for key in ("0" * 64, "x", "0" * 63, "%2e%2e"):
        assert (await browser.get(f"/deliberations/{key}")).status_code == 404
    assert (await browser.get(f"/deliberations/{'0' * 64}/source/1.png")).status_code == 404


async def test_programs_examine_then_open(api: httpx.AsyncClient, memory: Memory, unnumbered: None) -> None:
    file = {"file": ("d.txt", b"texte")}
    plain = await api.post("/deliberations", files=file)
    assert (plain.status_code, plain.json()["code"]) == (422, "identity_missing")
    read = (await api.post("/deliberations/examination", files=file)).json()
    assert read["acts"][0]["code"] == "identity_missing"
    assert read["text"]["text"] == WORDS
    path = f"/deliberations/{read['deposit']}/opening"
    typed = {"fact": "number", "value": "12", "act": 0}
    refused = await api.post(path, json={"corrections": [typed]})
    assert (refused.status_code, refused.json()["code"]) == (409, "attestation_missing")
    body = {"corrections": [typed | {"attested": True}]}
    first, again = (await api.post(path, json=body)).json(), (await api.post(path, json=body)).json()
    assert first["conventions"][0]["convention_id"] == again["conventions"][0]["convention_id"]
    assert again["conventions"][0]["existing"]
    assert (await api.post(path, json={"acts": [7]})).json()["code"] == "act_unknown"
