"""Facts corrected by people, on real parts: before a convention is opened, after, by two at once, up to the archive."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from world import OFFICER, Shared, World, world

from domain.correcting import Asked
from domain.deliberation import Reading
from domain.errors import ActionRefused, NotADeliberation
from domain.parties import Staff
from domain.source import SourceText
from portal.ports import ConventionFilters
from workflows.views import ConventionView

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice]

COLLEAGUE = Staff(id="colleague", name="Dominique Exemple")


def text_of(paraphe: World, view: ConventionView) -> SourceText:
    assert view.text is not None
    return SourceText.model_validate_json(paraphe.parts.store.get(view.text))


def unnumbered(paraphe: World) -> bytes:
    """The sample, whose number was lost."""
    text = paraphe.deliberation().decode()
    lost = re.sub(r"ECO 010-\d+/19/BM", "illisible", text)
    assert lost != text
    return lost.encode()


async def test_every_evidence_counts_in_the_text_that_is_kept(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        view = await paraphe.circuits.view(await paraphe.submit())
        text = text_of(paraphe, view)
        reading = Reading.model_validate_json(paraphe.parts.store.get(view.reading))
        amount = reading.acts[0].awards[0].amount
        assert amount.evidence
        assert all(text.holds(words) for words in amount.evidence)


async def test_selected_words_are_in_the_draft_with_the_person_and_in_the_archive(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        view = await paraphe.draft(convention)
        text = text_of(paraphe, view)
        start = text.text.index("la phase 2 de la")
        asked = Asked(fact="purpose", start=start, end=start + len("la phase 2 de la"))
        await paraphe.circuits.correct(convention, asked, 0, COLLEAGUE)
        view = await paraphe.until(convention, lambda v: v.stage == "review" and v.draft.version == 2)
        assert view.draft is not None
        facts = json.loads(paraphe.parts.store.get(view.draft.facts))
        assert facts["purpose"] == "la phase 2 de la"
        source = facts["sources"]["purpose"]
        assert (source["kind"], source["detail"]) == ("person", COLLEAGUE.name)
        assert source["evidence"][0]["text"] == "la phase 2 de la"
        [corrected] = [e for e in await paraphe.circuits.events(convention) if e.kind == "fact_corrected"]
        assert corrected.actor == COLLEAGUE.name
        assert "la phase 2 de la" in corrected.detail
        await paraphe.circuits.withdraw(convention, "Essai.", OFFICER)
        view = await paraphe.until(convention, lambda v: v.archive is not None)
        assert view.archive is not None
        evidence = json.loads(paraphe.parts.store.get(view.archive.evidence))
        kinds = {entry["event"]["kind"]: entry["event"]["detail"] for entry in evidence["entries"]}
        assert kinds["fact_corrected"]["after"] == "la phase 2 de la"


async def test_an_amount_that_the_act_states_is_not_typed_over_and_a_new_one_is_flagged(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        content = paraphe.deliberation().decode()
        content = content.replace("Article 2 :", "Article 2 :\nUn acompte de 20 000 euros est versé.\n", 1)
        convention = await paraphe.submit(content.encode())
        view = await paraphe.circuits.view(convention)
        if view.amount is None:
            pytest.fail("the sample states its amount")
        with pytest.raises(ActionRefused) as refusal:
            await paraphe.circuits.correct(convention, Asked(fact="amount", value="60 000"), 0, OFFICER)
        assert refusal.value.code == "amount_replaced"
        await paraphe.circuits.correct(convention, Asked(fact="amount", quote="acompte de 20 000 euros"), 0, OFFICER)
        view = await paraphe.draft(convention)
        assert view.amount == 20_000
        assert "amount_corrected" in {finding.code for finding in view.findings}


async def test_the_second_of_two_people_sees_what_the_first_corrected(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        answers = await asyncio.gather(
            paraphe.circuits.correct(convention, Asked(fact="title", value="Le projet d'Alix"), 0, OFFICER),
            paraphe.circuits.correct(convention, Asked(fact="title", value="Le projet de Dominique"), 0, COLLEAGUE),
            return_exceptions=True,
        )
        [refusal] = [answer for answer in answers if answer is not None]
        assert isinstance(refusal, ActionRefused)
        assert refusal.code == "correction_overtaken"
        view = await paraphe.circuits.view(convention)
        assert len(view.corrections) == 1
        assert view.corrections[0].value in refusal.message, "the second is told what the first chose"
        # Another fact is nobody's concern, and whoever has seen the correction may correct it again.
        await paraphe.circuits.correct(convention, Asked(fact="assembly", value="Le Bureau"), 0, COLLEAGUE)
        await paraphe.circuits.correct(convention, Asked(fact="title", value="Le projet commun"), 2, COLLEAGUE)
        assert (await paraphe.circuits.view(convention)).title == "Le projet commun"


async def test_the_identity_of_an_open_convention_stays(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        for fact, value in (("number", "99"), ("session_date", "2019-01-01"), ("authority", "Commune d'Exemple")):
            with pytest.raises(ActionRefused) as refusal:
                await paraphe.circuits.correct(convention, Asked(fact=fact, value=value, attested=True), 0, OFFICER)
            assert refusal.value.code == "identity_fixed"
        assert (await paraphe.circuits.view(convention)).corrections == ()


async def test_a_deliberation_without_its_number_opens_once_it_is_typed_and_only_once(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        content = unnumbered(paraphe)
        with pytest.raises(NotADeliberation) as missing:
            await paraphe.circuits.submit(content, "d.txt", OFFICER)
        assert missing.value.code == "identity_missing"
        number = f"ECO {paraphe.settings.task_queue}"
        typed = (Asked(fact="number", value=number, attested=True),)
        unattested = (Asked(fact="number", value=number),)
        with pytest.raises(ActionRefused) as refusal:
            await paraphe.circuits.submit(content, "d.txt", OFFICER, unattested)
        assert refusal.value.code == "attestation_missing"
        first = await paraphe.circuits.submit(content, "d.txt", OFFICER, typed)
        again = await paraphe.circuits.submit(content, "copie.txt", COLLEAGUE, typed)
        assert again.conventions[0].convention_id == first.conventions[0].convention_id
        assert again.conventions[0].existing
        other = (Asked(fact="number", value=f"{number} bis", attested=True),)
        with pytest.raises(ActionRefused) as refusal:
            await paraphe.circuits.submit(content, "d.txt", COLLEAGUE, other)
        assert refusal.value.code == "opened_otherwise"
        assert len(await paraphe.circuits.list(ConventionFilters())) == 1
        convention = first.conventions[0].convention_id
        view = await paraphe.draft(convention)
        assert view.award.number == number
        assert view.draft is not None
        sources = json.loads(paraphe.parts.store.get(view.draft.facts))["sources"]
        assert sources["deliberation.number"]["detail"] == OFFICER.name
        corrected = [e for e in await paraphe.circuits.events(convention) if e.kind == "fact_corrected"]
        assert len(corrected) == 1
        assert "registre des délibérations" in corrected[0].detail
        reading = Reading.model_validate_json(paraphe.parts.store.get(view.reading))
        assert reading.acts[0].number.usable == number, "all that follows reads the corrected document"
