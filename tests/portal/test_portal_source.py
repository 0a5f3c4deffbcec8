"""The source document beside the facts, and a fact corrected by words or by typing."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from portal_browser import Browser
from portal_memory import Memory
from portal_samples import OFFICER, sample_facts
from test_portal_guard import NASTY, Tags

from domain.correcting import Asked
from domain.deliberation import Act, Award, Outcome, Reading, Source
from domain.documents import PDF
from domain.facts import Evidence, Fact, FactStatus, Finding, Severity
from domain.parties import Staff
from domain.source import SourceText
from portal.source_pane import WHOLE, visible

WORDS = (
    "Séance du 26 septembre 2019\r\nLe coût du projet est de 80 000 euros.\f"
    "DÉLIBÈRE\nArticle 1\nUne subvention de 50 000 euros est attribuée à Le Phare d'Exemple. Elle vaut 52 000 euros.\n"
    "Article 2\nUn acompte de 20 000 euros est versé."
)


def said(value: Any, *words: str, status: FactStatus = FactStatus.FOUND, ocr: int | None = None) -> Fact[Any]:
    def place(text: str) -> Evidence:
        start = WORDS.index(text)
        return Evidence(
            start=start,
            end=start + len(text),
            text=text,
            page=1 + WORDS.count("\f", 0, start),
            ocr_confidence=ocr,
        )

    return Fact(value=value, status=status, evidence=tuple(map(place, words)))


def reading(**facts: Any) -> Reading:
    award = Award(
        beneficiary=said("Le Phare d'Exemple", "Le Phare d'Exemple"),
        **{"amount": said(Decimal("50000.00"), "50 000 euros")} | facts.pop("award", {}),
    )
    act = Act.model_validate(
        {
            "authority": said("Commune d'Exemple", "Séance"),
            "number": said("12", "26"),
            "session_date": said(date(2019, 9, 26), "26 septembre 2019", ocr=61),
            "outcome": said(Outcome.ADOPTED, "DÉLIBÈRE"),
            "awards": (award,),
        }
        | facts
    )
    return Reading(source=Source(name="d.pdf", sha256="0" * 64, media_type=PDF, pages=2), acts=(act,))


@pytest.fixture
async def opened(memory: Memory) -> str:
    """A convention whose source is :data:`WORDS`."""
    memory.reading = memory.reading or reading()
    memory.source = memory.source or SourceText(
        text=WORDS, pages=((0, WORDS.index("\f")), (WORDS.index("\f") + 1, len(WORDS)))
    )
    submission = await memory.submit(b"%PDF-1.7", "d.pdf", OFFICER)
    memory.changes.clear()
    return submission.conventions[0].convention_id


def marks(page: str) -> list[str]:
    return re.findall(r"<mark[^>]*>(?:<span[^>]*>[^<]*</span>)*([^<]*)</mark>", page)


async def corrected(browser: Browser, id_: str, fact: str, seen: int = 0, **fields: str) -> httpx.Response:
    page = f"/conventions/{id_}"
    named = {f"correction.{name}": value for name, value in fields.items()}
    return await browser.fill(page, f"{page}/lecture", fact=fact, seen=str(seen), **named)


async def test_a_fact_is_a_link_that_marks_its_words(browser: Browser, opened: str) -> None:
    await browser.log_in()
    page = (await browser.get(f"/conventions/{opened}")).text
    assert marks(page) == []
    assert f'href="/conventions/{opened}?fait=amount#passage"' in page
    chosen = (await browser.get(f"/conventions/{opened}?fait=amount")).text
    assert marks(chosen) == ["50 000 euros"]
    assert 'id="passage"' in chosen
    assert '<span class="around">Une subvention de </span>' in chosen, "its sentence is shown too"
    assert chosen.count('aria-current="true"') == 1
    assert 'href="#fait-amount"' in chosen, "and leads back to the fact"


async def test_each_place_of_a_conflicting_fact_is_numbered_and_reached(browser: Browser, memory: Memory) -> None:
    amount = said(None, "50 000 euros", "52 000 euros", "80 000 euros", status=FactStatus.CONFLICTING)
    memory.reading = reading(award={"amount": amount})
    memory.source = SourceText(text=WORDS, pages=((0, WORDS.index("\f")), (WORDS.index("\f") + 1, len(WORDS))))
    submission = await memory.submit(b"%PDF-1.7", "d.pdf", OFFICER)
    await browser.log_in()
    page = (await browser.get(f"/conventions/{submission.conventions[0].convention_id}?fait=amount")).text
    assert sorted(marks(page)) == ["50 000 euros", "52 000 euros", "80 000 euros"]
    for anchor, told in (
        ("passage", "Passage 1, page 2"),
        ("passage-2", "Passage 2, page 2"),
        ("passage-3", "Passage 3, page 1"),
    ):
        assert f'href="#{anchor}">{told}' in page
        assert page.count(f'id="{anchor}"') == 1
    assert "Contradictoire" in page


async def test_words_of_a_scan_say_so(browser: Browser, opened: str) -> None:
    await browser.log_in()
    page = (await browser.get(f"/conventions/{opened}?fait=session_date")).text
    assert "Lu par reconnaissance de caractères" in page
    assert "confiance 61 %" in page


async def test_pages_of_a_pdf_are_shown_with_rectangles_to_staff_only(browser: Browser, memory: Memory) -> None:
    memory.media_type = PDF
    memory.reading = reading()
    memory.source = SourceText(text=WORDS, pages=((0, WORDS.index("\f")), (WORDS.index("\f") + 1, len(WORDS))))
    submission = await memory.submit(b"%PDF-1.7", "d.pdf", OFFICER)
    page = f"/conventions/{submission.conventions[0].convention_id}"
    assert (await browser.get(f"{page}/source/1.png")).status_code == 303, "nobody without a session"
    await browser.log_in()
    memory.changes.clear()
    picture = await browser.get(f"{page}/source/1.png")
    assert picture.content.startswith(b"\x89PNG")
    assert picture.headers["cache-control"].startswith("private")
    for absent in ("0", "6", "x", "-1", "99999", "1e3"):
        assert (await browser.get(f"{page}/source/{absent}.png")).status_code == 404
    shown = (await browser.get(f"{page}?fait=amount&vue=page")).text
    assert '<rect id="passage" x="100.0" y="200.0" width="500.0" height="50.0"/>' in shown
    assert 'id="mots-1"' in shown, "the words can be reached too"
    assert "<rect" not in (await browser.get(f"{page}?fait=amount&vue=texte")).text
    assert memory.changes == []


async def test_the_script_is_allowed_where_it_is_and_nothing_is_inline(browser: Browser, opened: str) -> None:
    await browser.log_in()
    answer = await browser.get(f"/conventions/{opened}?fait=amount&vue=page")
    policy = answer.headers["content-security-policy"]
    assert policy.endswith("; script-src 'self'")
    assert "unsafe" not in policy
    tags = Tags(answer.text).seen
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on") or name == "style"]
    script = next(attrs["src"] for tag, attrs in tags if tag == "script")
    assert (await browser.get(script or "")).headers["content-type"].startswith("text/javascript")
    assert "script-src" not in (await browser.get("/")).headers["content-security-policy"]


async def test_a_fact_is_corrected_by_the_words_that_were_selected(
    browser: Browser, memory: Memory, opened: str
) -> None:
    await browser.log_in()
    start = WORDS.index("Le Phare d'Exemple")
    answer = await corrected(browser, opened, "purpose", start=str(start), end=str(start + 8))
    assert answer.headers["location"] == f"/conventions/{opened}?fait=purpose&note=lecture#fait-purpose"
    [made] = memory.conventions[opened].corrections
    assert (made.value, made.by, made.at) == ("Le Phare", OFFICER, memory.now)
    assert made.evidence[0].text == "Le Phare"
    page = (await browser.get(f"/conventions/{opened}?fait=purpose&note=lecture")).text
    assert "La correction est enregistrée" in page
    assert "corrigé par Jeanne Martin" in page
    assert marks(page) == ["Le Phare"]


async def test_a_fact_is_corrected_by_typing_or_by_quoting_without_a_script(
    browser: Browser, memory: Memory, opened: str
) -> None:
    await browser.log_in()
    assert (await corrected(browser, opened, "fiscal_year", value="2019")).status_code == 303
    quoted = await corrected(browser, opened, "beneficiary", seen=1, quote="à  Le Phare d'Exemple")
    assert quoted.status_code == 303
    values = {made.fact: made.value for made in memory.conventions[opened].corrections}
    assert values == {"fiscal_year": "2019", "beneficiary": "à Le Phare d'Exemple"}
    page = (await browser.get(f"/conventions/{opened}?fait=beneficiary")).text
    assert "lu d'abord\u00a0: Le Phare d&#39;Exemple" in page
    assert "mots lus d" in page, "what was read first is still there to see"


async def test_an_amount_that_the_act_states_has_no_field_to_type_it_and_a_typed_one_is_refused(
    browser: Browser, memory: Memory, opened: str
) -> None:
    await browser.log_in()
    page = (await browser.get(f"/conventions/{opened}?fait=amount")).text
    assert "jamais saisi" in page
    assert 'name="correction.value"' not in page
    answer = await corrected(browser, opened, "amount", value="60 000", quote="Un acompte")
    assert answer.status_code == 409
    assert "amount_not_operative" in answer.text
    assert "Un acompte</textarea>" in answer.text, "what was quoted is not lost"
    assert (await corrected(browser, opened, "amount", value="60 000")).status_code == 409
    assert memory.conventions[opened].corrections == ()
    assert (await corrected(browser, opened, "amount", quote="52 000 euros")).status_code == 303
    assert memory.conventions[opened].amount == Decimal(52000)


async def test_whoever_approves_is_told_that_the_amount_was_corrected(
    browser: Browser, memory: Memory, opened: str
) -> None:
    await memory.correct(opened, Asked(fact="amount", quote="52 000 euros"), 0, OFFICER)
    await memory.supply_facts(opened, sample_facts(), OFFICER)
    await browser.log_in()
    page = (await browser.get(f"/conventions/{opened}")).text
    assert "Montant corrigé" in page
    assert page.index("Montant corrigé") < page.index("Approuver la version 1")


async def test_the_identity_of_an_open_convention_says_what_to_do_instead(
    browser: Browser, memory: Memory, opened: str
) -> None:
    await browser.log_in()
    page = (await browser.get(f"/conventions/{opened}?fait=number")).text
    assert "retirez cette convention" in page
    assert "Enregistrer la correction" not in page
    answer = await corrected(browser, opened, "number", value="13", attested="1")
    assert (answer.status_code, "identity_fixed" in answer.text) == (409, True)


async def test_the_second_of_two_people_is_told_of_the_first(browser: Browser, memory: Memory, opened: str) -> None:
    await browser.log_in()
    await memory.correct(opened, Asked(fact="purpose", value="Ceci"), 0, Staff(id="b", name="Bruno Modèle"))
    answer = await corrected(browser, opened, "purpose", seen=0, value="Cela")
    assert (answer.status_code, "correction_overtaken" in answer.text) == (409, True)
    assert "corrigé par Bruno Modèle" in answer.text
    assert 'name="seen" value="1"' in answer.text, "the page that comes back knows of it"


@pytest.mark.parametrize(
    "fields",
    [
        {"fact": "outcome", "seen": "0"},
        {"fact": "../..", "seen": "0"},
        {"fact": "title", "seen": "-1"},
        {"fact": "title"},
        {"fact": "title", "seen": "0", "correction.value": "x" * 501},
        {"fact": "title", "seen": "0", "correction.start": "0", "correction.end": "99999999"},
        {"fact": "title", "seen": "0", "correction.start": "-5", "correction.end": "²"},
        {"fact": "title", "seen": "0", "correction.quote": "absent du texte"},
        {"fact": "title", "seen": "0", "correction.value": "XXXXX"},
    ],
)
async def test_a_form_that_was_tampered_with_changes_nothing(
    browser: Browser, memory: Memory, opened: str, fields: dict[str, str]
) -> None:
    await browser.log_in()
    answer = await browser.fill(f"/conventions/{opened}", f"/conventions/{opened}/lecture", **fields)
    assert answer.status_code in {409, 422}
    assert memory.conventions[opened].corrections == ()


async def test_hostile_words_of_the_source_stay_words(browser: Browser, memory: Memory) -> None:
    hostile = f"Début {NASTY}\u202egnimrahc\u202c\r\nfin"
    memory.source = SourceText(text=hostile)
    where = Evidence(start=6, end=6 + len(NASTY), text=NASTY)
    memory.reading = reading(
        title=Fact[str](value=NASTY, status=FactStatus.FOUND, evidence=(where,)),
        findings=(Finding(code="x", severity=Severity.WARNING, message=NASTY, evidence=(where,), mend=NASTY),),
    )
    submission = await memory.submit(b"texte", NASTY, OFFICER)
    await browser.log_in()
    for fact in ("title", "constat-1", NASTY, "%00", "x" * 5000):
        answer = await browser.get(
            f"/conventions/{submission.conventions[0].convention_id}", params={"fait": fact, "vue": NASTY}
        )
        assert answer.status_code == 200
        tags = Tags(answer.text).seen
        assert sum(tag == "script" for tag, _ in tags) == 1
        assert not [name for _, attrs in tags for name in attrs if name.startswith("on") or name == "style"]
        assert "\u202e" not in answer.text, "no text turns around what stands beside it"


def test_the_text_shown_has_the_length_of_the_text_read() -> None:
    hostile = "a\r\nb\rc\u202e\x00\ud83d\ufeff\u2028\t𝄞é"
    assert len(visible(hostile)) == len(hostile)
    assert "\r" not in visible(hostile)


async def test_a_megabyte_is_shown_around_what_is_chosen(browser: Browser, memory: Memory) -> None:
    words = "mot " * 240_000 + "l'objet voulu " + "suite " * 1000
    start = words.index("l'objet voulu")
    memory.source = SourceText(text=words)
    where = Evidence(start=start, end=start + 13, text="l'objet voulu")
    memory.reading = reading(title=Fact[str](value="l'objet voulu", status=FactStatus.FOUND, evidence=(where,)))
    submission = await memory.submit(b"texte", "t.txt", OFFICER)
    await browser.log_in()
    page = f"/conventions/{submission.conventions[0].convention_id}"
    chosen = (await browser.get(f"{page}?fait=title")).text
    assert marks(chosen) == ["l&#39;objet voulu"]
    assert len(chosen) < 2 * WHOLE
    first = (await browser.get(page)).text
    assert "Voir la suite" in first
    assert len(first) < 2 * WHOLE
    for leaf in ("2", "9999", "0", "-1", "x"):
        assert (await browser.get(f"{page}?feuille={leaf}")).status_code == 200


async def test_findings_are_grouped_by_what_they_stop_with_their_article_and_mend(
    browser: Browser, memory: Memory
) -> None:
    def finding(severity: Severity, message: str) -> Finding:
        where = Evidence(start=WORDS.index("DÉLIBÈRE"), end=WORDS.index("DÉLIBÈRE") + 8, text="DÉLIBÈRE", page=2)
        return Finding(
            code=severity.value,
            severity=severity,
            message=message,
            evidence=(where,),
            article="CGCT, art. L2131-1",
            mend="Demandez une copie.",
        )

    memory.source = SourceText(text=WORDS, pages=((0, WORDS.index("\f")), (WORDS.index("\f") + 1, len(WORDS))))
    memory.reading = reading(findings=tuple(finding(severity, f"Point {severity.value}.") for severity in Severity))
    submission = await memory.submit(b"%PDF-1.7", "d.pdf", OFFICER)
    await browser.log_in()
    id_ = submission.conventions[0].convention_id
    page = (await browser.get(f"/conventions/{id_}")).text
    titles = [
        "Empêche l&#39;approbation",
        "Empêche l&#39;envoi à la signature",
        "<h3>À vérifier</h3>",
        "Pour information",
    ]
    places = [page.index(title) for title in titles]
    assert places == sorted(places)
    assert "CGCT, art. L2131-1" in page
    assert "Demandez une copie." in page
    assert marks((await browser.get(f"/conventions/{id_}?fait=constat-1")).text) == ["DÉLIBÈRE"]


async def test_a_source_that_cannot_be_had_leaves_the_facts(browser: Browser, memory: Memory, opened: str) -> None:
    memory.conventions[opened] = memory.conventions[opened].model_copy(update={"text": None})
    await browser.log_in()
    page = await browser.get(f"/conventions/{opened}?fait=amount")
    assert page.status_code == 200
    assert "ne peut pas être montré" in page.text
    assert "«\u00a050 000 euros\u00a0»" in page.text


async def test_programs_correct_too(api: httpx.AsyncClient, memory: Memory, opened: str) -> None:
    text = (await api.get(f"/conventions/{opened}/text")).json()["text"]
    assert text == WORDS
    start = text.index("52 000 euros")
    body = {"fact": "amount", "start": start, "end": start + 12, "seen": 0}
    answer = await api.post(f"/conventions/{opened}/corrections", json=body)
    assert answer.status_code == 200
    assert answer.json()["corrections"][0]["value"] == "52000.00"
    refused = await api.post(f"/conventions/{opened}/corrections", json=body | {"seen": 0, "fact": "number"})
    assert (refused.status_code, refused.json()["code"]) == (409, "identity_fixed")
    assert (await api.post(f"/conventions/{opened}/corrections", json=body | {"by": "moi"})).status_code == 422
