"""The desk: from a deliberation to the sending, each decision taken once and each refusal explained."""

import pytest
from portal_browser import BASE, Browser, csrf_of
from portal_memory import Memory
from portal_samples import AUTHORITY, CHAIR, NUMBER, OFFICER, sample_facts

from domain.convention import Role, SettledFacts, SuppliedFacts
from domain.lifecycle import Stage
from domain.parties import Staff
from domain.powers import Delegation, Mandate, Recusal
from portal.forms import flat
from workflows.views import ConventionView

DEPUTY_CLERK = Staff(id="p.greffier", name="Paul Greffier")


def form_of(facts: SuppliedFacts) -> dict[str, str]:
    return {name: value.replace(".", ",") if name.endswith("amount") else value for name, value in flat(facts).items()}


def view_of(memory: Memory, id_: str) -> ConventionView:
    return memory.conventions[id_]


async def upload(browser: Browser, content: bytes, name: str = "deliberation.txt") -> tuple[int, str, str]:
    token = csrf_of(await browser.get("/deliberations/nouvelle"))
    answer = await browser.post("/deliberations/nouvelle", data={"csrf": token}, files={"file": (name, content)})
    return answer.status_code, answer.headers.get("location", ""), answer.text


async def test_nobody_enters_without_a_key(browser: Browser, memory: Memory, convention: str) -> None:
    for path in ("/", f"/conventions/{convention}", "/pouvoirs", f"/conventions/{convention}/documents/reading"):
        answer = await browser.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/connexion")
    answer = await browser.fill("/connexion", "/connexion", key="une-mauvaise-cle")
    assert (answer.status_code, "n&#39;est pas reconnue" in answer.text) == (401, True)
    assert memory.sessions == {}


async def test_a_person_comes_back_to_the_page_she_wanted(browser: Browser, convention: str) -> None:
    login = (await browser.get(f"/conventions/{convention}")).headers["location"]
    page = await browser.get(login)
    assert f'name="back" value="/conventions/{convention}"' in page.text
    answer = await browser.post(
        "/connexion",
        data={"csrf": csrf_of(page), "key": "cle-de-test-0001", "back": f"/conventions/{convention}"},
    )
    assert answer.headers["location"] == f"/conventions/{convention}"


@pytest.mark.parametrize(
    "back",
    ["https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "/s/secret", "javascript:1", "/x\n"],
)
async def test_login_leads_nowhere_else(browser: Browser, back: str) -> None:
    answer = await browser.fill("/connexion", "/connexion", key="cle-de-test-0001", back=back)
    assert answer.headers["location"] == "/"


async def test_leaving_ends_the_session_for_good(browser: Browser, memory: Memory) -> None:
    await browser.log_in()
    cookies = dict(browser.cookies)
    answer = await browser.fill("/deconnexion", "/deconnexion")
    assert answer.headers["location"] == "/connexion"
    browser.cookies.update(cookies)
    assert (await browser.get("/")).status_code == 303


async def test_wrong_keys_are_slowed_down(browser: Browser) -> None:
    answers = [(await browser.fill("/connexion", "/connexion", key=f"essai-{n}")).status_code for n in range(11)]
    assert answers == [401] * 10 + [429]


async def test_a_deliberation_opens_one_convention_and_only_one(browser: Browser, memory: Memory) -> None:
    await browser.log_in()
    status, first, _ = await upload(browser, b"Une deliberation")
    assert status == 303
    assert first.endswith("?fait=nouvelle")
    status, second, _ = await upload(browser, b"Une deliberation")
    assert second == first.replace("nouvelle", "existante")
    assert len(memory.conventions) == 1
    assert "déjà été déposée" in (await browser.get(second)).text


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "Ce fichier est vide"),
        (b"\x7fELF\x02", 415, "ni un PDF, ni un document Word"),
        (b"Une recette de cuisine: recette", 422, "pas une délibération"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_explained_and_leaves_nothing(
    browser: Browser, memory: Memory, content: bytes, status: int, words: str
) -> None:
    await browser.log_in()
    got, _, text = await upload(browser, content)
    assert (got, words in text) == (status, True)
    assert memory.conventions == {}


async def test_no_file_chosen_is_said(browser: Browser) -> None:
    await browser.log_in()
    answer = await browser.fill("/deliberations/nouvelle", "/deliberations/nouvelle")
    assert (answer.status_code, "Aucun fichier" in answer.text) == (422, True)


async def test_the_list_shows_and_filters(browser: Browser, memory: Memory, convention: str) -> None:
    await browser.log_in()
    page = (await browser.get("/")).text
    for words in (NUMBER, "50\u202f000\u00a0€", "Rédaction", f"/conventions/{convention}"):
        assert words in page
    assert NUMBER in (await browser.get("/", params={"q": "eco 010", "etape": "drafting"})).text
    for filters in ({"q": "inconnu"}, {"etape": "completed"}, {"attention": "1"}):
        assert NUMBER not in (await browser.get("/", params=filters)).text
    assert (await browser.get("/", params={"etape": "nonsense", "q": "\x00'\"<"})).status_code == 200


async def test_each_fact_stands_beside_the_words_it_comes_from(browser: Browser, convention: str) -> None:
    await browser.log_in()
    page = (await browser.get(f"/conventions/{convention}")).text
    assert "«\u00a0une subvention de 50 000 euros\u00a0»" in page
    assert "«\u00a0850 0000 euros\u00a0»" in page
    assert "Aucune phrase de la délibération." in page, "the purpose is missing and stays missing"
    assert "objet de la subvention" in page, "and is named among what is to be settled"


async def test_facts_are_supplied_with_french_figures_and_dates(
    browser: Browser, memory: Memory, convention: str
) -> None:
    await browser.log_in()
    fields = form_of(sample_facts()) | {
        "schedule.instalments.0.amount": "35 000,00 €",
        "term.end": "31/12/2020",
        "action": "save",
    }
    page = f"/conventions/{convention}/informations"
    answer = await browser.fill(page, page, **fields)
    assert answer.headers["location"] == f"/conventions/{convention}?fait=informations"
    expected = sample_facts().model_copy(update={"settled": SettledFacts()})
    assert view_of(memory, convention).supplied == expected, "facts are settled beside the text, not here"
    assert view_of(memory, convention).supplied_by == OFFICER
    again = (await browser.get(page)).text
    assert 'value="35000,00"' in again, "what was supplied can be corrected"


async def test_what_a_program_settled_stays_when_a_person_saves_the_form(
    browser: Browser, memory: Memory, convention: str
) -> None:
    await memory.supply_facts(convention, sample_facts(), OFFICER)
    await browser.log_in()
    assert "tranché par Jeanne Martin" in (await browser.get(f"/conventions/{convention}")).text
    page = f"/conventions/{convention}/informations"
    await browser.fill(page, page, **form_of(sample_facts()))
    assert view_of(memory, convention).supplied == sample_facts()


async def test_what_is_wrong_is_said_by_field_and_nothing_typed_is_lost(
    browser: Browser, memory: Memory, convention: str
) -> None:
    await browser.log_in()
    page = f"/conventions/{convention}/informations"
    fields = form_of(sample_facts()) | {
        "beneficiary.siret": "123",
        "beneficiary.representative.email": "pas une adresse",
        "schedule.instalments.1.amount": "beaucoup",
        "term.end": "2020-02-31",
        "place": "",
    }
    answer = await browser.fill(page, page, **fields)
    assert answer.status_code == 422
    for words in (
        "5 champs à corriger",
        "SIRET n&#39;est pas valable",
        "adresse électronique n&#39;est pas valable",
        "Versement 2 : Montant en euros",
        "Cette date n&#39;existe pas",
        "Ce champ est à remplir",
        'value="beaucoup"',
        'href="#champ-beneficiary-siret"',
        'aria-invalid="true"',
    ):
        assert words in answer.text, words
    assert memory.changes == ["open_session"]


async def test_a_gap_between_instalments_does_not_matter(browser: Browser, memory: Memory, convention: str) -> None:
    await browser.log_in()
    page = f"/conventions/{convention}/informations"
    fields = form_of(sample_facts())
    moved = {name.replace("instalments.1", "instalments.5"): value for name, value in fields.items()}
    answer = await browser.fill(page, page, **(moved | {"schedule.instalments.5.amount": ""}))
    assert (answer.status_code, "Versement 6 : Montant" in answer.text) == (422, True)
    answer = await browser.fill(page, page, **moved)
    assert answer.status_code == 303
    supplied = view_of(memory, convention).supplied
    assert supplied is not None
    assert supplied.schedule == sample_facts().schedule


async def test_rows_are_added_without_saving_and_without_script(
    browser: Browser, memory: Memory, convention: str
) -> None:
    await browser.log_in()
    page = f"/conventions/{convention}/informations"
    answer = await browser.fill(page, page, **form_of(sample_facts()), action="rows")
    assert answer.status_code == 200
    assert "Versement 4" in answer.text
    assert "Versement 5" not in answer.text
    assert 'value="35000,00"' in answer.text
    assert memory.changes == ["open_session"]


async def test_a_convention_without_instalment_is_refused(browser: Browser, convention: str) -> None:
    await browser.log_in()
    page = f"/conventions/{convention}/informations"
    fields = {name: value for name, value in form_of(sample_facts()).items() if "instalments" not in name}
    answer = await browser.fill(page, page, **fields)
    assert (answer.status_code, "au moins un versement" in answer.text) == (422, True)


async def supplied(browser: Browser, convention: str) -> str:
    await browser.log_in()
    page = f"/conventions/{convention}/informations"
    await browser.fill(page, page, **form_of(sample_facts()))
    return f"/conventions/{convention}"


async def test_the_exact_version_shown_is_approved(browser: Browser, memory: Memory, convention: str) -> None:
    page = await supplied(browser, convention)
    draft = view_of(memory, convention).draft
    assert draft is not None
    shown = (await browser.get(page)).text
    assert f'name="document_sha256" value="{draft.pdf.sha256}"' in shown
    for wrong, status in (("0" * 64, 409), ("", 422), ("<script>", 422)):
        answer = await browser.fill(page, f"{page}/approbation", document_sha256=wrong)
        assert answer.status_code == status
    assert view_of(memory, convention).stage is Stage.REVIEW
    answer = await browser.fill(page, f"{page}/approbation", document_sha256=draft.pdf.sha256)
    assert answer.status_code == 303
    assert view_of(memory, convention).stage is Stage.APPROVED


async def test_changes_are_asked_with_a_reason(browser: Browser, memory: Memory, convention: str) -> None:
    page = await supplied(browser, convention)
    answer = await browser.fill(page, f"{page}/corrections", reason="")
    assert (answer.status_code, "Un motif est nécessaire" in answer.text) == (422, True)
    answer = await browser.fill(page, f"{page}/corrections", reason="x" * 2001)
    assert (answer.status_code, "x" * 2001 in answer.text) == (422, True), "what was typed is not lost"
    answer = await browser.fill(page, f"{page}/corrections", reason="L'échéancier est faux.")
    assert answer.status_code == 303
    assert view_of(memory, convention).stage is Stage.DRAFTING


async def test_sending_before_the_deliberation_is_executory_is_refused_and_explained(
    browser: Browser, memory: Memory, approved: str
) -> None:
    await browser.log_in()
    page = f"/conventions/{approved}"
    answer = await browser.fill(page, f"{page}/envoi")
    assert answer.status_code == 409
    assert "CGCT, art. L2131-1" in answer.text
    assert "<code>not_executory</code>" in answer.text
    assert "le service des affaires juridiques" in answer.text
    assert view_of(memory, approved).stage is Stage.APPROVED


async def test_a_recorded_proof_opens_the_gate(browser: Browser, memory: Memory, approved: str) -> None:
    await browser.log_in()
    page = f"/conventions/{approved}"
    proof = {
        "receipt_id": "013-EX-DE",
        "received_at": "2019-10-02",
        "received_at_time": "10:30",
        "published_at": "03/10/2019",
    }
    assert (await browser.fill(page, f"{page}/preuve", **proof)).status_code == 303
    kept = view_of(memory, approved).proof
    assert kept is not None
    assert kept.received_at.isoformat() == "2019-10-02T10:30:00+02:00"
    assert kept.published_at.isoformat() == "2019-10-03"
    assert (await browser.fill(page, f"{page}/envoi")).status_code == 303
    assert view_of(memory, approved).stage is Stage.SIGNING_BENEFICIARY


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"received_at": ""}, "Date de réception\u00a0: Ce champ est à remplir."),
        ({"receipt_id": " "}, "Identifiant de l&#39;acte\u00a0: Ce champ est à remplir."),
        ({"published_at": "2019-13-45"}, "Date de publication\u00a0: cette date ou cette heure n&#39;existe pas."),
        ({"published_at_time": "25:00"}, "Date de publication\u00a0: cette date ou cette heure n&#39;existe pas."),
        ({"sent_at": "2019-10-09"}, "accusé de réception ne peut pas précéder"),
        ({"received_at": "2019-01-01"}, "antérieure à la séance"),
        ({"received_at": "2030-01-01"}, "dans le futur"),
    ],
)
async def test_a_proof_that_cannot_be_is_refused_and_kept_in_the_form(
    browser: Browser, memory: Memory, approved: str, changes: dict[str, str], words: str
) -> None:
    await browser.log_in()
    page = f"/conventions/{approved}"
    proof = {"receipt_id": "013-EX-DE", "received_at": "2019-10-02", "published_at": "2019-10-03"} | changes
    answer = await browser.fill(page, f"{page}/preuve", **proof)
    assert answer.status_code in {409, 422}
    assert words in answer.text
    assert 'value="2019-10-' in answer.text
    assert view_of(memory, approved).proof is None


async def test_a_wrong_address_is_corrected_by_a_new_link(browser: Browser, memory: Memory, sent: str) -> None:
    await browser.log_in()
    page = f"/conventions/{sent}"
    assert (await browser.fill(page, f"{page}/adresse", email="pas une adresse")).status_code == 422
    assert (await browser.fill(page, f"{page}/adresse", email="juste@cci.example.org")).status_code == 303
    newest = [link for link in memory.tokens.values() if link.role is Role.BENEFICIARY][-1]
    assert newest.signatory.person.email == "juste@cci.example.org"


async def test_a_withdrawn_convention_keeps_its_reason(browser: Browser, memory: Memory, sent: str) -> None:
    await browser.log_in()
    page = f"/conventions/{sent}"
    assert (await browser.fill(page, f"{page}/retrait", reason="Erreur de bénéficiaire")).status_code == 303
    shown = (await browser.get(page)).text
    assert "Retirée" in shown
    assert "Erreur de bénéficiaire" in shown
    assert (await browser.fill("/pouvoirs", f"{page}/envoi")).status_code == 409


async def test_files_are_downloaded_under_names_of_ours(browser: Browser, memory: Memory, sent: str) -> None:
    await browser.log_in()
    for kind, name in (
        ("docx", "docx-2019-0001.docx"),
        ("pdf", "pdf-2019-0001.pdf"),
        ("reading", "reading-2019-0001.json"),
    ):
        answer = await browser.get(f"/conventions/{sent}/documents/{kind}")
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    for kind in ("signed", "evidence", "nothing", "..%2fpasswd"):
        assert (await browser.get(f"/conventions/{sent}/documents/{kind}")).status_code == 404
    assert (await browser.get(f"/conventions/{sent}/pages/1.png")).headers["content-type"] == "image/png"
    assert (await browser.get(f"/conventions/{sent}/pages/9.png")).status_code == 404


@pytest.mark.parametrize("id_", ["x", "0" * 16 + "-1", "..%2f..", "%00", "'--", "a" * 3000])
async def test_an_unknown_convention_is_not_found(browser: Browser, id_: str) -> None:
    await browser.log_in()
    for path in ("", "/informations", "/documents/pdf", "/pages/1.png"):
        assert (await browser.get(f"/conventions/{id_}{path}")).status_code == 404
    assert (await browser.fill("/pouvoirs", f"/conventions/{id_}/envoi")).status_code == 404


async def test_powers_are_added_once_and_listed(browser: Browser, memory: Memory) -> None:
    await browser.log_in()
    holder = {
        "holder.civility": "Madame",
        "holder.first_name": "Claire",
        "holder.last_name": "Exemple",
        "holder.capacity": "Présidente",
        "holder.email": "presidente@metropole.example.org",
    }
    mandate = {"authority": AUTHORITY.name, "start": "2018-09-20", **holder}
    for _ in range(2):
        assert (await browser.fill("/pouvoirs", "/pouvoirs/mandats", **mandate)).status_code == 303
    assert len({entry.id for entry in memory.register.mandates}) == 1, "the same id: the register keeps one"
    assert "exemple" not in memory.register.mandates[0].id, "no name in an id"
    delegation = {
        "authority": AUTHORITY.name,
        "kind": "fonction",
        "order_number": "19/042",
        "order_date": "2019-01-02",
        "matters": "subventions, culture",
        "ceiling": "100 000,00",
        "start": "2019-01-03",
        **holder,
    }
    assert (await browser.fill("/pouvoirs", "/pouvoirs/delegations", **delegation)).status_code == 303
    assert memory.register.delegations[0].matters == ("subventions", "culture")
    recusal = {
        "authority": AUTHORITY.name,
        "person_email": "presidente@metropole.example.org",
        "beneficiary_siret": "732 829 320 00074",
        "order_number": "19/050",
        "start": "2019-02-01",
    }
    assert (await browser.fill("/pouvoirs", "/pouvoirs/deports", **recusal)).status_code == 303
    page = (await browser.get("/pouvoirs")).text
    for words in ("Claire Exemple", "Arrêté 19/042", "pas encore exécutoire", "73282932000074", "20\u00a0septembre"):
        assert words in page


async def test_a_power_is_ended_by_a_form_and_both_names_are_shown(browser: Browser, memory: Memory) -> None:
    await browser.log_in()
    chair = CHAIR.model_dump(mode="json")
    memory.add_mandate(Mandate(id="m-1", authority=AUTHORITY.name, holder=chair, start="2018-09-20"), DEPUTY_CLERK)
    order = {"kind": "fonction", "order_number": "19/042", "order_date": "2019-01-02", "matters": ["subventions"]}
    delegation = {"id": "d-1", "authority": AUTHORITY.name, "holder": chair, "start": "2019-01-03", **order}
    memory.add_delegation(Delegation.model_validate(delegation), OFFICER)
    recusal = {
        "id": "r-1",
        "authority": AUTHORITY.name,
        "person_email": "a@example.org",
        "beneficiary_siret": "73282932000074",
        "order_number": "19/050",
        "start": "2019-02-01",
    }
    memory.add_recusal(Recusal.model_validate(recusal), OFFICER)
    for path in ("mandats/m-1", "delegations/d-1", "deports/r-1"):
        answer = await browser.fill("/pouvoirs", f"/pouvoirs/{path}/fin", day="31/12/2019")
        assert answer.headers["location"] == "/pouvoirs?fait=fin"
    assert memory.changes[-3:] == ["end_mandates", "end_delegations", "end_recusals"]
    page = (await browser.get("/pouvoirs?fait=fin")).text
    for words in (
        "La fin est enregistrée.",
        "Entrée inscrite par Paul Greffier le 14\u00a0octobre\u00a02019",
        "Fin au 31\u00a0décembre\u00a02019, inscrite par Jeanne Martin le 14\u00a0octobre\u00a02019",
        "Abrogée",
    ):
        assert words in page, words


async def test_an_end_that_cannot_be_is_refused(browser: Browser, memory: Memory) -> None:
    await browser.log_in()
    mandate = Mandate(id="m-1", authority=AUTHORITY.name, holder=CHAIR, start="2018-09-20", end="2019-12-31")
    memory.add_mandate(mandate, OFFICER)
    memory.changes.clear()
    for path, day, status, words in (
        ("mandats/m-1", "2020-01-31", 409, "a déjà une fin"),
        ("mandats/m-1", "", 422, "Une date est nécessaire"),
        ("mandats/m-1", "2020-02-31", 422, "Une date est nécessaire"),
        ("delegations/m-1", "2020-01-31", 404, "ne contient pas"),
        ("mairies/m-1", "2020-01-31", 404, "existe pas"),
    ):
        answer = await browser.fill("/pouvoirs", f"/pouvoirs/{path}/fin", day=day)
        assert (answer.status_code, words in answer.text) == (status, True), path
    assert memory.changes == []


async def test_a_power_that_is_incomplete_is_refused_by_field(browser: Browser, memory: Memory) -> None:
    await browser.log_in()
    answer = await browser.fill("/pouvoirs", "/pouvoirs/deports", person_email="a@example.org", beneficiary_siret="1")
    assert answer.status_code == 422
    assert 'href="#deports-champ-beneficiary_siret"' in answer.text
    assert 'value="a@example.org"' in answer.text
    answer = await browser.fill("/pouvoirs", "/pouvoirs/mairies")
    assert answer.status_code == 404
    assert memory.changes == ["open_session"]


async def test_a_page_never_names_another_origin(browser: Browser, sent: str) -> None:
    await browser.log_in()
    for path in ("/", f"/conventions/{sent}", "/pouvoirs", "/deliberations/nouvelle"):
        page = (await browser.get(path)).text
        assert "http://" not in page.replace("http-equiv", "")
        assert BASE not in page
        # Our own file, and only where words of the source document are selected.
        assert page.count("<script") == page.count('<script src="/static/source.js?v=') == path.count("/conventions/")
