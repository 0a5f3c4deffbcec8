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
from domain.facts import FactStatus, Finding, Severity
from domain.parties import Person, Staff
from domain.tasks import RenderRequest

TEMPLATES = Path(__file__).parents[3] / "templates" / "conventions"


class Mandates:
    """One mandate, in the place of the register."""

    def __init__(self, holder: Person, end: date = date(2026, 1, 1)) -> None:
        self._holder, self._end = holder, end

    def executive(self, authority: str, day: date) -> tuple[Person, str] | None:
        return (self._holder, "mandat presidente-2018") if day < self._end else None


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


def test_a_retry_answers_with_the_same_documents(
    activities: DraftingActivities, store: DocumentStore, act: Act, supplied: SuppliedFacts
) -> None:
    request = asked(kept(store, act), supplied)
    answer = activities.render_draft(request)
    assert answer.findings == ()
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
    assert [finding.code for finding in answer.findings] == ["amount_malformed"]
    settled = supplied.model_copy(update={"settled": SettledFacts(amount=Decimal("50000.00"))})
    assert activities.render_draft(asked(reading, settled)).docx is not None


def test_a_blocking_finding_of_the_reading_comes_back_until_somebody_answered_it(
    activities: DraftingActivities, store: DocumentStore, act: Act, supplied: SuppliedFacts
) -> None:
    finding = Finding(code="several_acts", severity=Severity.BLOCKING, message="Plusieurs délibérations.")
    reading = kept(store, act.model_copy(update={"findings": (finding,)}))
    answer = activities.render_draft(asked(reading, supplied))
    assert (answer.docx, answer.findings) == (None, (finding,))
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
