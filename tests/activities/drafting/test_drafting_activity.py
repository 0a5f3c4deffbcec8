"""The activity: what it stores, what it answers, and that a retry answers the same."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError

from activities.documents import DocumentStore
from activities.drafting.activity import DraftingActivities
from domain.convention import AwardKey, DraftFacts, SettledFacts, SourceKind, SuppliedFacts
from domain.deliberation import Act, Reading, Source
from domain.documents import JSON, DocumentRef
from domain.executory import ExecutoryProof
from domain.facts import Fact, FactStatus, Finding, Severity
from domain.grants import Grant, MatchedBy, OtherAward
from domain.parties import LegalKind, Person, Staff
from domain.powers import Mandate, PowerRegister
from domain.rules.settings import ProofNeeded, RuleSettings
from domain.tasks import RenderAnswer, RenderRequest

TEMPLATES = Path(__file__).parents[3] / "templates" / "conventions"


class Mandates:
    """One mandate, in the place of the register."""

    def __init__(self, holder: Person, end: date = date(2026, 1, 1)) -> None:
        self._holder, self._end = holder, end

        self.grants: dict[str, Grant] = {}
        self.others: tuple[OtherAward, ...] = ()

    def executive(self, authority: str, day: date) -> tuple[Person, str] | None:
        return (self._holder, "mandat presidente-2018") if day < self._end else None

    def power_register(self, authority: str) -> PowerRegister:
        return PowerRegister(
            mandates=(
                Mandate(
                    id="presidente-2018",
                    authority=authority,
                    holder=self._holder,
                    start=date(2018, 1, 1),
                    end=self._end,
                ),
            )
        )

    def record_grant(self, grant: Grant) -> None:
        self.grants[grant.convention_id] = grant

    def other_awards(self, grant: Grant, names: tuple[str, ...] = ()) -> tuple[OtherAward, ...]:
        return self.others


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(str(tmp_path))


@pytest.fixture
def activities(store: DocumentStore, executive: Person) -> DraftingActivities:
    return DraftingActivities(store, Mandates(executive), TEMPLATES)


def kept(store: DocumentStore, act: Act) -> DocumentRef:
    source = Source(name="deliberation.pdf", sha256="0" * 64, media_type="application/pdf", pages=2)
    return store.put(Reading(source=source, acts=(act,)).model_dump_json(by_alias=True).encode(), JSON)


def asked(reading: DocumentRef, supplied: SuppliedFacts, **changes: object) -> RenderRequest:
    request = RenderRequest(
        convention_id="0123456789abcdef-1",
        convention_number="2019-0001",
        version=1,
        award=AwardKey(
            authority="Métropole Aix-Marseille-Provence",
            number="ECO 010-6552/19/BM",
            session_date=date(2019, 9, 26),
            ordinal=1,
        ),
        reading=reading,
        act_index=0,
        supplied=supplied,
        supplied_by=Staff(id="a.martin", name="Alix Martin"),
        supplied_at=datetime(2019, 10, 1, 9, tzinfo=UTC),
    )
    return request.model_copy(update=changes)


def held(answer: RenderAnswer) -> list[str]:
    """Codes of what is held against the draft; notes hold nothing against anybody."""
    return [finding.code for finding in answer.findings if finding.severity is not Severity.INFO]


def test_a_retry_answers_with_the_same_documents(
    activities: DraftingActivities, store: DocumentStore, act: Act, supplied: SuppliedFacts
) -> None:
    request = asked(kept(store, act), supplied)
    answer = activities.render_draft(request)
    assert held(answer) == []
    assert answer.docx is not None
    assert activities.render_draft(request) == answer
    assert store.get(answer.docx).startswith(b"PK")


def test_the_facts_kept_beside_the_draft_are_those_that_were_printed(
    activities: DraftingActivities, store: DocumentStore, act: Act, supplied: SuppliedFacts
) -> None:
    answer = activities.render_draft(asked(kept(store, act), supplied))
    assert answer.facts is not None
    assert answer.template is not None
    facts = DraftFacts.model_validate_json(store.get(answer.facts))
    assert facts.amount == Decimal("50000.00")
    assert facts.sources["amount"].evidence[0].text == "dix lettres"
    assert store.get(answer.template) == (TEMPLATES / "fonctionnement-affecte.docx").read_bytes()


def test_facts_that_stop_the_draft_are_answered_not_raised(
    activities: DraftingActivities, store: DocumentStore, act: Act, supplied: SuppliedFacts
) -> None:
    award = act.awards[0]
    doubtful = award.model_copy(update={"amount": award.amount.model_copy(update={"status": FactStatus.MALFORMED})})
    reading = kept(store, act.model_copy(update={"awards": (doubtful,)}))
    answer = activities.render_draft(asked(reading, supplied))
    assert answer.docx is None
    assert held(answer) == ["amount_malformed"]
    settled = supplied.model_copy(update={"settled": SettledFacts(amount=Decimal("50000.00"))})
    assert activities.render_draft(asked(reading, settled)).docx is not None


def test_a_blocking_finding_of_the_reading_comes_back_until_somebody_answered_it(
    activities: DraftingActivities, store: DocumentStore, act: Act, supplied: SuppliedFacts
) -> None:
    finding = Finding(code="several_acts", severity=Severity.BLOCKING, message="Plusieurs délibérations.")
    reading = kept(store, act.model_copy(update={"findings": (finding,)}))
    answer = activities.render_draft(asked(reading, supplied))
    assert (answer.docx, held(answer)) == (None, ["several_acts"])
    seen = supplied.model_copy(update={"settled": SettledFacts(acknowledged=("several_acts",))})
    answer = activities.render_draft(asked(reading, seen))
    assert answer.docx is not None
    assert answer.facts is not None
    source = DraftFacts.model_validate_json(store.get(answer.facts)).sources["acknowledged.several_acts"]
    assert (source.kind, source.detail) == (SourceKind.PERSON, "Alix Martin")


def test_no_executive_in_the_register_is_a_finding(
    store: DocumentStore, act: Act, supplied: SuppliedFacts, executive: Person
) -> None:
    activities = DraftingActivities(store, Mandates(executive, end=date(2019, 1, 1)), TEMPLATES)
    answer = activities.render_draft(asked(kept(store, act), supplied))
    assert [finding.code for finding in answer.findings] == ["executive_unknown"]


@pytest.mark.parametrize("name", ["absent", "../../secret", "A", "fonctionnement-affecte.docx"])
def test_an_unknown_template_is_refused_for_good(
    activities: DraftingActivities, store: DocumentStore, act: Act, supplied: SuppliedFacts, name: str
) -> None:
    with pytest.raises(ApplicationError) as refusal:
        activities.render_draft(asked(kept(store, act), supplied, template=name))
    assert refusal.value.type == "template_unknown"
    assert refusal.value.non_retryable


def test_the_award_of_another_deliberation_is_refused(
    activities: DraftingActivities, store: DocumentStore, act: Act, supplied: SuppliedFacts
) -> None:
    other = AwardKey(authority="Métropole", number="ECO 001-6036/19/BM", session_date=date(2019, 6, 20), ordinal=1)
    with pytest.raises(ApplicationError) as refusal:
        activities.render_draft(asked(kept(store, act), supplied, award=other))
    assert refusal.value.type == "award_mismatch"


def test_the_year_s_other_subsidies_bring_in_the_clauses_of_the_threshold(
    store: DocumentStore, act: Act, supplied: SuppliedFacts, executive: Person
) -> None:
    register = Mandates(executive)
    activities = DraftingActivities(store, register, TEMPLATES)
    private = supplied.model_copy(
        update={"beneficiary": supplied.beneficiary.model_copy(update={"legal_kind": LegalKind.COMPANY})}
    )
    answer = activities.render_draft(asked(kept(store, act), private))
    assert answer.facts is not None
    assert "accounts_deposit" not in DraftFacts.model_validate_json(store.get(answer.facts)).clauses
    (recorded,) = register.grants.values()
    assert (recorded.siren, recorded.fiscal_year, recorded.amount) == ("130998875", 2019, Decimal("50000.00"))
    register.others = (
        OtherAward(convention_id="x-1", number="ECO 2/19", amount=Decimal("103000.01"), matched_by=MatchedBy.SIREN),
    )
    answer = activities.render_draft(asked(kept(store, act), private))
    assert answer.facts is not None
    assert "accounts_deposit" in DraftFacts.model_validate_json(store.get(answer.facts)).clauses
    assert "accounts_deposit_due" in {finding.code for finding in answer.findings}


def test_who_took_no_part_in_the_vote_is_told_to_the_workflow_until_somebody_answers(
    activities: DraftingActivities, store: DocumentStore, act: Act, supplied: SuppliedFacts, executive: Person
) -> None:
    name = Fact[str](value=f"Mme {executive.full_name}", status=FactStatus.FOUND)
    reading = kept(store, act.model_copy(update={"not_voting": (name,)}))
    answer = activities.render_draft(asked(reading, supplied))
    assert answer.docx is not None, "the draft is made: only its signature is stopped"
    (stopping,) = (f for f in answer.findings if f.severity is Severity.BLOCKING_SIGNATURE)
    assert stopping.code == "signatory_not_voting"
    assert answer.not_voting == (f"Mme {executive.full_name}",)
    seen = supplied.model_copy(update={"settled": SettledFacts(acknowledged=("signatory_not_voting",))})
    answer = activities.render_draft(asked(reading, seen))
    assert answer.not_voting == ()
    assert answer.facts is not None
    sources = DraftFacts.model_validate_json(store.get(answer.facts)).sources
    assert sources["acknowledged.signatory_not_voting"].detail == "Alix Martin"


def test_the_authority_s_own_choices_are_followed(
    store: DocumentStore, act: Act, supplied: SuppliedFacts, executive: Person
) -> None:
    strict = RuleSettings(proof_needed_before=ProofNeeded.APPROVAL)
    activities = DraftingActivities(store, Mandates(executive), TEMPLATES, strict)
    request = asked(kept(store, act), supplied)
    assert held(activities.render_draft(request)) == ["executory_proof_missing"]
    proof = ExecutoryProof(receipt_id="013-X-DE", received_at=date(2019, 10, 1), published_at=date(2019, 10, 1))
    assert activities.render_draft(request.model_copy(update={"proof": proof})).docx is not None
