"""The life of a convention, on real parts. Effects are counted in the mailbox, the register and the archive."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from world import OFFICER, Shared, world

from domain.convention import Role, SuppliedFacts
from domain.errors import ActionRefused, LinkRefused, NotFound, ParapheError, PowerMissing
from domain.executory import ExecutoryProof
from domain.powers import Delegation, Mandate, PowerKind
from portal.ports import ConventionFilters
from service import sample
from workflows.views import SigningState

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice]

BENEFICIARY = sample.representative()["email"]
DELEGATE = sample.delegate()["email"]


async def test_a_convention_goes_from_the_deliberation_to_the_archive(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        view = await paraphe.complete(convention)
        assert [record.role for record in view.signatures] == [Role.BENEFICIARY, Role.AUTHORITY]
        assert view.signatures[1].signatory.capacity_line.startswith("Pour la Présidente et par délégation")
        assert view.archive is not None
        assert (paraphe.settings.archive / view.archive.path).is_dir()
        assert len(paraphe.texts(BENEFICIARY)) == 3, "request, code, completion"
        assert len(paraphe.texts(DELEGATE)) == 3, "request, code, completion"
        assert view.draft is not None
        signed = paraphe.parts.store.get(view.signatures[1].document)
        assert signed.startswith(paraphe.parts.store.get(view.draft.pdf)), "what is signed is what was approved"
        events = paraphe.parts.register.events(convention)
        assert paraphe.parts.register.verify_chain(convention)
        kinds = [entry.event.kind for entry in events]
        assert kinds.count("signed") == 2
        assert kinds[0] == "opened"
        assert kinds[-1] == "delivered"
        told = await paraphe.circuits.events(convention)
        assert [line.kind for line in told] == kinds
        assert all(line.label != line.kind for line in told), "in French"
        history = await paraphe.history(convention)
        assert len(history.events) < 160


async def test_nothing_is_sent_for_signature_before_the_deliberation_is_executory(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        view = await paraphe.draft(convention)
        assert view.draft is not None
        await paraphe.circuits.approve(convention, view.draft.pdf.sha256, OFFICER)
        with pytest.raises(ActionRefused) as refusal:
            await paraphe.circuits.send(convention, OFFICER)
        assert refusal.value.code == "not_executory"
        today = datetime.now(UTC)
        proof = ExecutoryProof(receipt_id="013-DE", received_at=today.date(), published_at=today.date())
        await paraphe.circuits.record_receipt(convention, proof, OFFICER)
        with pytest.raises(ActionRefused) as refusal:
            await paraphe.circuits.send(convention, OFFICER)
        assert refusal.value.code == "not_executory", "a proof of today counts from tomorrow"
        assert paraphe.texts() == []


async def test_another_version_than_the_one_shown_is_never_approved(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        first = await paraphe.draft(convention)
        await paraphe.circuits.request_changes(convention, "Corriger le lieu", OFFICER)
        second = await paraphe.draft(convention, place="Aix-en-Provence")
        assert first.draft is not None
        assert second.draft is not None
        assert first.draft.pdf != second.draft.pdf
        assert first.convention_number == second.convention_number
        with pytest.raises(ActionRefused) as refusal:
            await paraphe.circuits.approve(convention, first.draft.pdf.sha256, OFFICER)
        assert refusal.value.code == "document_changed"


async def test_a_schedule_that_does_not_add_up_stops_the_draft_in_plain_french(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        act = await paraphe.act(convention)
        view = await paraphe.circuits.view(convention)
        facts = sample.supplied_facts(act, {"beneficiary": view.beneficiary, "amount": "49999.99"})
        paraphe.parts.register.add_mandate(Mandate.model_validate(sample.powers(act)[0][1]))
        await paraphe.circuits.supply_facts(convention, SuppliedFacts.model_validate(facts), OFFICER)
        view = await paraphe.until(convention, lambda v: bool(v.findings))
        assert any(finding.severity == "blocking" and "échéancier" in finding.message for finding in view.findings)
        assert view.draft is None


async def test_invariant_2_what_the_reading_stopped_at_stops_the_draft_until_a_person_answers(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        text = paraphe.deliberation().decode()
        unsaid = re.sub(r"Cette proposition[^.]*adoptée\.|[^\n]*adoptée[^\n]*", "", text)
        assert unsaid != text
        convention = await paraphe.submit(unsaid.encode())
        act = await paraphe.act(convention)
        paraphe.parts.register.add_mandate(Mandate.model_validate(sample.powers(act)[0][1]))
        read = await paraphe.circuits.view(convention)
        facts = sample.supplied_facts(act, {"beneficiary": read.beneficiary, "amount": str(read.amount)})
        await paraphe.circuits.supply_facts(convention, SuppliedFacts.model_validate(facts), OFFICER)
        view = await paraphe.until(convention, lambda v: bool(v.findings))
        assert view.draft is None
        assert "not_adopted" in {finding.code for finding in view.findings}
        settled = facts.get("settled", {}) | {"adopted": True}
        certified = SuppliedFacts.model_validate(facts | {"settled": settled})
        await paraphe.circuits.supply_facts(convention, certified, OFFICER)
        view = await paraphe.until(convention, lambda v: v.stage == "review")
        assert view.draft is not None
        sources = json.loads(paraphe.parts.store.get(view.draft.facts))["sources"]
        assert sources["deliberation.outcome"]["detail"] == OFFICER.name


async def test_the_same_deliberation_submitted_by_two_people_at_once_opens_one_convention(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        content = paraphe.deliberation()
        # A second copy differs by a byte, as two downloads of one act often do.
        copies = [content, content + b"\n", content, content + b"\n"]
        submissions = await asyncio.gather(
            *(paraphe.circuits.submit(copy, "délibération.txt", OFFICER) for copy in copies)
        )
        assert len({s.conventions[0].convention_id for s in submissions}) == 1
        assert len(await paraphe.circuits.list(ConventionFilters())) == 1


async def test_a_refusal_ends_the_circuit_archives_it_and_lets_a_new_one_open(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        link = await paraphe.link(BENEFICIARY)
        await paraphe.circuits.refuse(link, "Le calendrier ne convient pas", await paraphe.prove(link), {})
        view = await paraphe.until(convention, lambda v: v.stage == "refused")
        assert view.archive is not None
        assert (await paraphe.circuits.signing_view(link)).state is SigningState.REFUSED
        assert "Le calendrier ne convient pas" in (await paraphe.mails(BENEFICIARY, r"(?s)refusée.*", 1))[0]
        with pytest.raises(ParapheError):
            await paraphe.circuits.sign(link, link.document, "another", {})
        again = await paraphe.submit()
        assert again != convention
        assert again.startswith(convention.rsplit("-", 1)[0])


async def test_a_withdrawn_convention_kills_the_link_and_tells_whoever_had_it(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        link = await paraphe.link(BENEFICIARY)
        await paraphe.circuits.withdraw(convention, "Montant à revoir", OFFICER)
        view = await paraphe.until(convention, lambda v: v.stage == "withdrawn")
        assert view.archive is not None
        assert (await paraphe.circuits.signing_view(link)).state is SigningState.WITHDRAWN
        assert await paraphe.mails(BENEFICIARY, "retirée", 1)
        found = paraphe.parts.register.find_link((await paraphe.mails(BENEFICIARY, r"/s/(\S+)", 1))[0])
        assert found is not None
        assert found.dead


async def test_nobody_signing_is_reminded_twice_then_the_circuit_expires(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path, rehearsal_day=0.4, reminder_days=(2, 4), expiry_days=6) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        view = await paraphe.until(convention, lambda v: v.stage == "expired")
        assert view.archive is not None
        texts = await paraphe.mails(BENEFICIARY, r"délai de signature|Rappel|vous demande de signer", 4)
        assert texts[0] == "vous demande de signer"
        assert texts.count("Rappel") == 2
        links = set(await paraphe.mails(BENEFICIARY, r"/s/(\S+)", 3))
        assert len(links) == 1, "reminders bear the same link"


async def test_a_power_revoked_meanwhile_stops_the_signature_and_the_next_person_is_asked(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        await paraphe.sign(convention, Role.BENEFICIARY)
        link = await paraphe.link(DELEGATE)
        challenge = await paraphe.prove(link)
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
        paraphe.parts.register.revoke_delegation("delegation-economie", yesterday)
        with pytest.raises(PowerMissing) as refusal:
            await paraphe.circuits.sign(link, link.document, challenge, {})
        assert refusal.value.code == "power_ended"
        assert (await paraphe.circuits.signing_view(link)).state is SigningState.POWER_ENDED
        view = await paraphe.complete_authority(convention)
        assert view.signatures[-1].signatory.person.last_name == "VASSAL"
        assert [record.role for record in view.signatures] == [Role.BENEFICIARY, Role.AUTHORITY]


async def test_a_delegate_hands_over_only_to_somebody_who_holds_the_power(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        await paraphe.sign(convention, Role.BENEFICIARY)
        link = await paraphe.link(DELEGATE)
        challenge = await paraphe.prove(link)
        with pytest.raises(PowerMissing) as refusal:
            await paraphe.circuits.hand_over(link, "stranger@example.org", challenge, {})
        assert refusal.value.code == "no_power"
        executive = sample.executive(await paraphe.act(convention))["email"]
        await paraphe.circuits.hand_over(link, executive, f"{challenge}-2", {})
        assert (await paraphe.circuits.signing_view(link)).state is SigningState.REPLACED
        view = await paraphe.complete_authority(convention)
        assert str(view.signatures[-1].signatory.person.email) == executive


async def test_nobody_in_power_refuses_the_sending_and_says_why(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        view = await paraphe.draft(convention)
        assert view.draft is not None
        await paraphe.circuits.approve(convention, view.draft.pdf.sha256, OFFICER)
        act = await paraphe.act(convention)
        await paraphe.circuits.record_receipt(convention, ExecutoryProof.model_validate(sample.proof(act)), OFFICER)
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
        paraphe.parts.register.end_mandate("mandat-executif", yesterday)
        paraphe.parts.register.revoke_delegation("delegation-economie", yesterday)
        with pytest.raises(PowerMissing) as refusal:
            await paraphe.circuits.send(convention, OFFICER)
        assert refusal.value.code == "nobody_may_sign"
        assert refusal.value.message
        assert paraphe.texts() == []


async def test_two_clicks_at_once_make_one_signature(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        link = await paraphe.link(BENEFICIARY)
        challenge = await paraphe.prove(link)
        states = await asyncio.gather(
            *(paraphe.circuits.sign(link, link.document, challenge, {}) for _ in range(4)),
            return_exceptions=True,
        )
        assert SigningState.SIGNED in states
        view = await paraphe.until(convention, lambda v: v.stage == "signing_authority")
        assert len(view.signatures) == 1


async def test_invariant_5_a_code_that_nobody_proved_signs_nothing(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        link = await paraphe.link(BENEFICIARY)
        with pytest.raises(LinkRefused) as refusal:
            await paraphe.circuits.sign(link, link.document, "invented", {})
        assert refusal.value.code == "challenge_unproved"
        view = await paraphe.circuits.view(convention)
        assert view.signatures == ()
        await paraphe.complete(convention)


async def test_the_link_signs_only_the_document_it_showed(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        link = await paraphe.link(BENEFICIARY)
        with pytest.raises(ActionRefused) as refusal:
            await paraphe.circuits.sign(link, "0" * 64, await paraphe.prove(link), {})
        assert refusal.value.code == "document_changed"


async def test_a_delegation_under_its_ceiling_leaves_the_signature_to_the_executive(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        view = await paraphe.draft(convention)
        entry = sample.powers(await paraphe.act(convention))[1][1]
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
        paraphe.parts.register.revoke_delegation("delegation-economie", yesterday)
        low = Delegation.model_validate(entry | {"id": "low", "ceiling": "49999.99", "order_number": "EXEMPLE 2"})
        assert low.kind is PowerKind.FUNCTION
        paraphe.parts.register.add_delegation(low)
        assert view.draft is not None
        await paraphe.circuits.approve(convention, view.draft.pdf.sha256, OFFICER)
        proof = ExecutoryProof.model_validate(sample.proof(await paraphe.act(convention)))
        await paraphe.circuits.record_receipt(convention, proof, OFFICER)
        await paraphe.circuits.send(convention, OFFICER)
        view = await paraphe.complete(convention)
        assert view.signatures[-1].signatory.person.last_name == "VASSAL"


async def test_an_unknown_convention_is_not_found(shared: Shared, tmp_path: Path) -> None:
    async with world(shared, tmp_path) as paraphe:
        with pytest.raises(NotFound):
            await paraphe.circuits.view("0123456789abcdef-1")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"Il \xc3\xa9tait une fois un roi qui aimait les longues promenades.\n" * 30, "not_a_deliberation"),
        (b"MZ\x90\x00" + bytes(2000), None),
    ],
)
async def test_what_is_not_a_deliberation_leaves_nothing_behind(
    shared: Shared, tmp_path: Path, content: bytes, code: str | None
) -> None:
    async with world(shared, tmp_path) as paraphe:
        with pytest.raises(ParapheError) as refusal:
            await paraphe.circuits.submit(content, "delib.txt", OFFICER)
        assert code is None or refusal.value.code == code
        assert refusal.value.message
        assert await paraphe.circuits.list(ConventionFilters()) == []
        assert files_in(Path(paraphe.settings.store)) == []


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_corrected_address_is_in_the_evidence_and_the_first_mailbox_loses_sight_of_the_convention(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        wrong = await paraphe.link(BENEFICIARY)
        right = "direction@example.org"
        await paraphe.circuits.correct_address(convention, right, OFFICER)
        await paraphe.link(right)
        assert (await paraphe.circuits.signing_view(wrong)).state is SigningState.REPLACED
        await paraphe.circuits.withdraw(convention, "Montant à revoir", OFFICER)
        await paraphe.until(convention, lambda v: v.stage == "withdrawn")
        assert (await paraphe.circuits.signing_view(wrong)).state is SigningState.REPLACED, "also after the end"
        events = [entry.event for entry in paraphe.parts.register.events(convention)]
        [corrected] = [event for event in events if event.kind == "address_corrected"]
        assert corrected.actor.name == OFFICER.name
        assert corrected.detail == {"before": BENEFICIARY, "after": right}


async def test_another_power_of_the_same_person_is_asked_for_again_and_never_signed_on_the_ended_one(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        await paraphe.sign(convention, Role.BENEFICIARY)
        link = await paraphe.link(DELEGATE)
        challenge = await paraphe.prove(link)
        entry = sample.powers(await paraphe.act(convention))[1][1]
        other = Delegation.model_validate(entry | {"id": "autre", "order_number": "EXEMPLE 2"})
        paraphe.parts.register.add_delegation(other)
        yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
        paraphe.parts.register.revoke_delegation("delegation-economie", yesterday)
        with pytest.raises(PowerMissing) as refusal:
            await paraphe.circuits.sign(link, link.document, challenge, {})
        assert refusal.value.code == "power_ended"
        view = await paraphe.until(convention, lambda v: len(v.signatories) == 3)
        assert str(view.signatories[-1].signatory.person.email) == DELEGATE
        assert "EXEMPLE 2" in view.signatories[-1].signatory.ground


async def test_whoever_represents_the_beneficiary_is_not_asked_to_sign_for_the_authority(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        await paraphe.circuits.correct_address(convention, DELEGATE.capitalize(), OFFICER)
        view = await paraphe.complete(convention)
        assert view.signatures[-1].signatory.person.last_name == "VASSAL"


async def test_a_hand_over_refused_for_one_person_can_be_made_to_another_with_the_same_code(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        await paraphe.sign(convention, Role.BENEFICIARY)
        link = await paraphe.link(DELEGATE)
        challenge = await paraphe.prove(link)
        with pytest.raises(PowerMissing):
            await paraphe.circuits.hand_over(link, "stranger@example.org", challenge, {})
        executive = sample.executive(await paraphe.act(convention))["email"]
        await paraphe.circuits.hand_over(link, executive, challenge, {})
        assert (await paraphe.circuits.signing_view(link)).state is SigningState.REPLACED
