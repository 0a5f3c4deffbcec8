"""From the reading and what people supplied to the facts of a draft (invariants 1 and 2)."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from domain.convention import DraftFacts, SettledFacts, SourceKind, SuppliedFacts, Term
from domain.deliberation import Act, Award, BudgetLine, Outcome
from domain.doubts import doubts
from domain.drafting import Drafting, build_draft_facts
from domain.facts import Evidence, Fact, FactStatus, Finding, Severity
from domain.parties import Civility, Person, Staff

SAMPLES = Path(__file__).parents[2] / "service" / "samples"
SUPPLIED = SuppliedFacts.model_validate_json((SAMPLES / "supplied.json").read_text("utf-8"))
AT = datetime(2019, 10, 1, 9, tzinfo=UTC)
STAFF = Staff(id="a.martin", name="Alix Martin")
EXECUTIVE = Person(
    civility=Civility.MADAME,
    first_name="Camille",
    last_name="Moreau",
    capacity="Présidente",
    email="presidence@example.org",
)


def fact(value: Any, status: FactStatus = FactStatus.FOUND) -> Fact:  # type: ignore[type-arg]
    return Fact(value=value, status=status, evidence=(Evidence(start=0, end=3, text="mot", page=1),))


AWARD = Award(
    beneficiary=fact("Chambre de Commerce et d’Industrie  Marseille Provence"),
    amount=fact(Decimal("50000.00")),
    purpose=fact("phase 2 de la démarche Smart Port"),
)
ACT = Act(
    authority=fact("Métropole Aix-Marseille-Provence"),
    assembly=fact("Bureau de la Métropole"),
    session_date=fact(date(2019, 9, 26)),
    number=fact("ECO 010-6552/19/BM"),
    title=fact("Attribution d'une subvention"),
    outcome=fact(Outcome.ADOPTED),
    awards=(AWARD,),
    convention_approved=fact(True),
    signing_authority=fact("Présidente ou son représentant"),
    budget=BudgetLine(
        fiscal_year=fact(2019), chapter=fact("65"), nature=fact("657381"), function=fact("61"), other=fact("B320")
    ),
)


def build(act: Act = ACT, supplied: SuppliedFacts = SUPPLIED, index: int = 0) -> Drafting:
    """The draft and what is held against it; notes, which hold nothing against anybody, have their own tests."""
    drafting = build_draft_facts(act, index, supplied, STAFF, AT, EXECUTIVE, "mandat presidente-2018", "2019-0001")
    return drafting._replace(findings=tuple(f for f in drafting.findings if f.severity is not Severity.INFO))


def built(act: Act = ACT, supplied: SuppliedFacts = SUPPLIED) -> DraftFacts:
    drafting = build(act, supplied)
    assert drafting.facts is not None, drafting.findings
    return drafting.facts


def stopped_by(drafting: Drafting) -> set[str]:
    assert drafting.facts is None
    return {finding.code for finding in drafting.findings if finding.severity is Severity.BLOCKING}


def awarding(**facts: Any) -> Act:
    return ACT.model_copy(update={"awards": (AWARD.model_copy(update=facts),)})


def supplying(**values: Any) -> SuppliedFacts:
    return SUPPLIED.model_copy(update=values)


def settling(**values: Any) -> SuppliedFacts:
    return supplying(settled=SettledFacts(**values))


def test_the_reference_case_gives_the_facts_of_its_draft_without_a_finding() -> None:
    drafting = build()
    assert drafting.findings == ()
    assert drafting.facts is not None
    assert drafting.facts.amount == Decimal("50000.00")
    assert drafting.facts.deliberation.number == "ECO 010-6552/19/BM"
    assert drafting.facts.deliberation.other == "B320"


def test_invariant_1_every_value_has_a_source() -> None:
    facts = built()
    printed = facts.model_dump(exclude={"sources", "clauses"})
    paths: set[str] = set()
    for name, value in printed.items():
        grouped = name in {"deliberation", "authority", "executive", "beneficiary"}
        paths |= {f"{name}.{key}" for key in value} if grouped else {name}
    assert paths | {f"clauses.{code}" for code in facts.clauses} == set(facts.sources)
    assert facts.sources["amount"].evidence[0].text == "mot"
    assert facts.sources["beneficiary.siret"].detail == "Alix Martin"
    assert facts.sources["beneficiary.siret"].at == AT
    assert facts.sources["executive.last_name"].detail == "mandat presidente-2018"
    assert facts.sources["clauses.no_regranting"].kind is SourceKind.RULE


@pytest.mark.parametrize(
    "status", [FactStatus.MISSING, FactStatus.AMBIGUOUS, FactStatus.CONFLICTING, FactStatus.MALFORMED]
)
def test_invariant_2_an_amount_in_doubt_is_never_used_before_a_person_settles_it(status: FactStatus) -> None:
    act = awarding(amount=fact(Decimal("850000.00"), status))
    assert stopped_by(build(act)) == {f"amount_{status.value}"}
    facts = built(act, settling(amount=Decimal("50000.00")))
    assert facts.amount == Decimal("50000.00")
    assert facts.sources["amount"].kind is SourceKind.PERSON


@pytest.mark.parametrize(
    ("name", "value"),
    [("purpose", "phase 2"), ("beneficiary", "Chambre de Commerce et d'Industrie Marseille Provence")],
)
def test_invariant_2_holds_for_the_purpose_and_the_beneficiary(name: str, value: str) -> None:
    act = awarding(**{name: fact("deux lectures", FactStatus.AMBIGUOUS)})
    assert stopped_by(build(act)) == {f"{name}_ambiguous"}
    assert build(act, settling(**{name: value})).findings == ()


def test_invariant_2_holds_for_who_may_sign() -> None:
    act = ACT.model_copy(update={"signing_authority": Fact[str]()})
    assert stopped_by(build(act)) == {"signing_authority_missing"}
    assert built(act, settling(signing_authority="Présidente")).deliberation.signing_authority == "Présidente"


def test_a_doubtful_budget_segment_is_left_out_and_said() -> None:
    budget = ACT.budget.model_copy(update={"nature": fact("65738I", FactStatus.MALFORMED)})
    drafting = build(ACT.model_copy(update={"budget": budget}))
    assert drafting.facts is not None
    assert drafting.facts.deliberation.nature == ""
    assert [finding.code for finding in drafting.findings] == ["budget_nature_malformed"]


def test_an_amount_that_the_act_states_plainly_cannot_be_replaced() -> None:
    assert "amount_replaced" in stopped_by(build(supplied=settling(amount=Decimal("60000.00"))))
    assert build(supplied=settling(amount=Decimal("50000.00"))).findings == ()


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.POSTPONED, Outcome.UNKNOWN])
def test_only_an_adopted_deliberation_gives_a_convention(outcome: Outcome) -> None:
    assert stopped_by(build(ACT.model_copy(update={"outcome": fact(outcome)}))) == {"not_adopted"}


def test_a_person_may_certify_an_adoption_that_the_act_does_not_say() -> None:
    for outcome in (Fact[Outcome](value=Outcome.UNKNOWN), fact(None, FactStatus.AMBIGUOUS), fact(Outcome.UNKNOWN)):
        act = ACT.model_copy(update={"outcome": outcome})
        assert stopped_by(build(act)) == {"not_adopted"}
        source = built(act, settling(adopted=True)).sources["deliberation.outcome"]
        assert (source.kind, source.detail, source.at) == (SourceKind.PERSON, "Alix Martin", AT)


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.POSTPONED])
def test_nobody_can_certify_the_adoption_of_an_act_that_was_turned_down(outcome: Outcome) -> None:
    act = ACT.model_copy(update={"outcome": fact(outcome)})
    assert stopped_by(build(act, settling(adopted=True))) == {"not_adopted"}


def test_only_an_adoption_can_be_certified() -> None:
    with pytest.raises(ValidationError):
        SettledFacts.model_validate({"adopted": False})


def noted(*codes: str, act: Act = ACT) -> Act:
    """The act, with blocking findings of the reading."""
    evidence = (Evidence(start=7, end=9, text="là", page=2),)
    findings = tuple(
        Finding(code=code, severity=Severity.BLOCKING, message=f"Vérifiez {code}.", evidence=evidence) for code in codes
    )
    return act.model_copy(update={"findings": findings})


ACKNOWLEDGEABLE = ["several_acts", "minutes_not_split", "operative_part_missing", "beneficiaries_not_named"]


@pytest.mark.parametrize("code", [*ACKNOWLEDGEABLE, "amount_in_francs", "amount_conflict", "beneficiary_conflict", "x"])
def test_invariant_2_a_blocking_finding_stops_the_draft_until_a_person_has_looked_into_it(code: str) -> None:
    act = noted(code)
    drafting = build(act)
    assert (drafting.facts, drafting.findings) == (None, act.findings)
    assert stopped_by(build(act, settling(acknowledged=("another",)))) == {code}
    drafting = build(act, settling(acknowledged=(code,)))
    assert drafting.findings == ()
    assert drafting.facts is not None
    source = drafting.facts.sources[f"acknowledged.{code}"]
    assert (source.kind, source.detail, source.at) == (SourceKind.PERSON, "Alix Martin", AT)
    assert source.evidence == act.findings[0].evidence


@pytest.mark.parametrize("code", ["vote_rejected", "vote_postponed", "no_award"])
def test_some_findings_can_never_be_answered(code: str) -> None:
    answers = settling(acknowledged=(code,), adopted=True, amount=Decimal("50000.00"), beneficiary="Association")
    assert code in stopped_by(build(noted(code), answers))


def test_every_blocking_finding_needs_its_own_answer() -> None:
    act = noted("several_acts", "beneficiaries_not_named")
    assert stopped_by(build(act, settling(acknowledged=("several_acts",)))) == {"beneficiaries_not_named"}
    assert build(act, settling(acknowledged=("several_acts", "beneficiaries_not_named"))).findings == ()


@pytest.mark.parametrize(
    ("code", "doubtful", "answer"),
    [
        ("amount_conflict", {"amount": fact(Decimal("50000.00"), FactStatus.CONFLICTING)}, {"amount": "50000.00"}),
        ("amount_in_francs", {"amount": Fact[Decimal]()}, {"amount": "50000.00"}),
        ("beneficiary_conflict", {"beneficiary": fact("A", FactStatus.CONFLICTING)}, {"beneficiary": "B"}),
    ],
)
def test_a_finding_about_a_fact_in_doubt_is_answered_by_its_value_alone(
    code: str, doubtful: dict[str, Any], answer: dict[str, str]
) -> None:
    act = noted(code, act=awarding(**doubtful))
    assert code in stopped_by(build(act, settling(acknowledged=(code,))))
    settled = SettledFacts.model_validate(answer)
    facts = built(act, supplying(settled=settled))
    assert f"acknowledged.{code}" not in facts.sources


def test_a_contradiction_on_the_vote_is_answered_by_the_certified_adoption_alone() -> None:
    act = noted("outcome_ambiguous", act=ACT.model_copy(update={"outcome": fact(None, FactStatus.AMBIGUOUS)}))
    stopped = stopped_by(build(act, settling(acknowledged=("outcome_ambiguous",))))
    assert stopped == {"not_adopted", "outcome_ambiguous"}
    assert built(act, settling(adopted=True)).sources["deliberation.outcome"].kind is SourceKind.PERSON


def test_the_same_doubt_is_said_once() -> None:
    act = noted("amount_malformed", act=awarding(amount=fact(None, FactStatus.MALFORMED)))
    assert [finding.code for finding in build(act).findings] == ["amount_malformed"]


def test_a_doubt_on_another_award_does_not_stop_this_one() -> None:
    other = AWARD.model_copy(update={"amount": fact(None, FactStatus.MALFORMED)})
    act = noted("amount_malformed", act=ACT.model_copy(update={"awards": (AWARD, other)}))
    assert build(act, index=0).facts is not None
    assert stopped_by(build(act, index=1)) == {"amount_malformed"}


def test_a_person_is_asked_to_acknowledge_only_what_a_word_can_answer() -> None:
    act = noted("several_acts", "no_award", "amount_conflict", "beneficiary_conflict")
    award = AWARD.model_copy(update={"amount": fact(Decimal("1.00"), FactStatus.CONFLICTING)})
    asked = [doubt.finding.code for doubt in doubts(act, award) if doubt.acknowledgeable]
    assert asked == ["several_acts", "beneficiary_conflict"]


def test_what_is_no_blocking_finding_is_acknowledged_in_vain_and_leaves_no_source() -> None:
    assert not [path for path in built(supplied=settling(acknowledged=("x",))).sources if path.startswith("ack")]


def test_the_payments_must_add_up_to_the_amount() -> None:
    act = awarding(amount=fact(Decimal("49999.99")))
    drafting = build(act)
    assert stopped_by(drafting) == {"schedule_total_differs"}
    assert "50\u202f000,00\u00a0€" in drafting.findings[0].message


def test_an_amount_of_zero_is_refused() -> None:
    assert "amount_not_positive" in stopped_by(build(awarding(amount=fact(Decimal("0.00")))))


def test_a_beneficiary_under_another_name_is_a_warning_that_shows_both_names() -> None:
    supplied = supplying(beneficiary=SUPPLIED.beneficiary.model_copy(update={"name": "CCI métropolitaine"}))
    (finding,) = build(supplied=supplied).findings
    assert finding.code == "beneficiary_differs"
    assert finding.severity is Severity.WARNING
    assert "CCI métropolitaine" in finding.message
    assert "Marseille Provence" in finding.message


def test_apostrophes_and_spaces_do_not_make_another_beneficiary() -> None:
    assert AWARD.beneficiary.value != SUPPLIED.beneficiary.name
    assert build().findings == ()


@pytest.mark.parametrize(
    "text",
    ["XXXX", "délibération n°…", "[à compléter]", "le ___", "....", "2020---", "à préciser", "{{ amount }}", "n° "],
)
def test_a_blank_typed_by_a_person_is_refused_with_its_place(text: str) -> None:
    drafting = build(supplied=supplying(project_summary=f"Animer le réseau {text}"))
    assert stopped_by(drafting) == {"placeholder_text"}
    assert "project_summary" in drafting.findings[0].message


def test_ordinary_text_is_no_blank() -> None:
    text = (
        "Porter l'action n° 12 (2019-2020) : concours, essais… puis bilan « à Marseille » ; 30 % au XXXe anniversaire"
    )
    assert build(supplied=supplying(project_summary=text)).findings == ()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"term": Term(end=date(2019, 9, 26))}, "term_ended"),
        ({"report_due": date(2019, 10, 15)}, "report_due_before_start"),
    ],
)
def test_impossible_dates_are_refused(values: dict[str, Any], code: str) -> None:
    assert stopped_by(build(supplied=supplying(**values))) == {code}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"term": Term(start=date(2019, 9, 1), end=date(2020, 12, 31))}, "term_before_session"),
        ({"term": Term(start=date(2019, 10, 1), end=date(2023, 10, 2))}, "term_long"),
        ({"report_due": date(2021, 7, 1)}, "report_due_late"),
    ],
)
def test_unusual_dates_are_warnings(values: dict[str, Any], code: str) -> None:
    drafting = build(supplied=supplying(**values))
    assert drafting.facts is not None
    assert [finding.code for finding in drafting.findings] == [code]


def test_the_last_day_of_six_months_is_in_time() -> None:
    assert build(supplied=supplying(report_due=date(2021, 6, 30))).findings == ()


def test_another_authority_is_a_warning() -> None:
    act = ACT.model_copy(update={"authority": fact("Ville d'Exemple")})
    assert [finding.code for finding in build(act).findings] == ["authority_differs"]


def test_an_award_that_the_act_does_not_make_is_refused() -> None:
    assert stopped_by(build(index=1)) == {"award_unknown"}
    assert stopped_by(build(index=-1)) == {"award_unknown"}
