"""No act, however it was read, and nothing that can be supplied, makes a rule of law fail."""

from datetime import UTC, date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rule_cases import FACTS

from domain.companies import CompanyRecord, CompanyState
from domain.convention import SettledFacts, SuppliedFacts
from domain.deliberation import (
    Act,
    Annex,
    Article,
    Attendance,
    Award,
    BudgetLine,
    Outcome,
    Proxy,
    ReceiptStamp,
    Vote,
)
from domain.doubts import doubts
from domain.draft_checks import check_placeholders, check_schedule, check_term
from domain.executory import ExecutoryProof
from domain.facts import Fact, FactStatus, Finding, Severity
from domain.grants import MatchedBy, OtherAward
from domain.parties import LegalKind
from domain.rules.case import RuleCase, Surroundings
from domain.rules.catalogue import BY_CODE, examine
from domain.rules.settings import RuleSettings

TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["65748", "657381", "204", "Mme Camille MOREAU-ROCHE", "M.", "-", "()", "((((", "crédits 5 €", "n°"]
    ),
)
AMOUNTS = st.decimals("-1000000000", "9000000000", places=2)
PROOF = ExecutoryProof(receipt_id="x", received_at=date(2024, 1, 1), published_at=date(2024, 1, 1))


def facts(values: st.SearchStrategy[object]) -> st.SearchStrategy[Fact]:  # type: ignore[type-arg]
    """A fact in any state, those that make no sense included: found without a value, missing with one."""
    return st.builds(Fact, value=st.none() | values, status=st.sampled_from(FactStatus))


AWARDS = st.builds(Award, beneficiary=facts(TEXTS), amount=facts(AMOUNTS), purpose=facts(TEXTS))
BUDGETS = st.builds(
    BudgetLine,
    fiscal_year=facts(st.integers(-1, 10_000)),
    chapter=facts(TEXTS),
    nature=facts(TEXTS),
    function=facts(TEXTS),
    other=facts(TEXTS),
)


COUNTS = facts(st.integers(-5, 100))
NAMES = st.lists(facts(TEXTS), max_size=2).map(tuple)
MOMENTS = facts(st.dates() | st.datetimes())
ACTS = st.builds(
    Act,
    authority=facts(TEXTS),
    session_date=facts(st.dates()),
    number=facts(TEXTS),
    outcome=facts(st.sampled_from(Outcome)),
    vote=st.builds(lambda one, two: Vote(for_=one, against=two), COUNTS, COUNTS),
    awards=st.lists(AWARDS, max_size=3).map(tuple),
    convention_approved=facts(st.booleans()),
    signing_authority=facts(TEXTS),
    budget=BUDGETS,
    receipt=st.builds(ReceiptStamp, id=facts(TEXTS), sent_at=MOMENTS, received_at=MOMENTS, published_at=MOMENTS),
    attendance=st.builds(
        Attendance,
        present=NAMES,
        represented=st.lists(st.builds(Proxy, member=facts(TEXTS)), max_size=1).map(tuple),
        present_count=COUNTS,
        in_office=COUNTS,
    ),
    articles=st.lists(st.builds(Article, number=st.just("1"), text=facts(TEXTS)), max_size=2).map(tuple),
    annexes=st.lists(st.builds(Annex, words=facts(TEXTS), enclosed=facts(st.booleans())), max_size=2).map(tuple),
    not_voting=NAMES,
    findings=st.lists(
        st.builds(
            Finding,
            code=st.sampled_from(["amount_malformed", "several_acts", "outcome_ambiguous", "no_award"]),
            severity=st.sampled_from(Severity),
            message=st.just("Constat."),
        ),
        max_size=2,
    ).map(tuple),
)
"""Acts of any shape, those that make no sense included."""
SETTLED = st.builds(
    SettledFacts,
    amount=st.none() | st.just(Decimal(20_000)),
    beneficiary=st.none() | st.just("Exemple"),
    signing_authority=st.none() | st.just("Présidente"),
    fiscal_year=st.none() | st.integers(1980, 2200),
    adopted=st.none() | st.just(True),
    acknowledged=st.lists(st.sampled_from(sorted(BY_CODE)), max_size=5).map(tuple),
)
COMPANIES = st.builds(
    CompanyRecord,
    siren=st.just(FACTS.beneficiary.siret[:9]),
    siret=st.just(FACTS.beneficiary.siret),
    state=st.sampled_from(CompanyState),
    establishment=st.none() | st.sampled_from(CompanyState),
    name=TEXTS,
    short_name=TEXTS,
    legal_category=st.sampled_from(["", "9", "9220", "7344", "5710", "0000"]),
    address=TEXTS,
    fetched_at=st.datetimes(timezones=st.just(UTC)),
    source=TEXTS,
)


@st.composite
def supplied(draw: st.DrawFn) -> SuppliedFacts:
    ends = draw(st.dates())
    starts = draw(st.none() | st.dates())
    term = FACTS.term.model_copy(update={"start": starts, "end": ends})
    person = FACTS.beneficiary.representative.model_copy(update={"first_name": draw(TEXTS), "last_name": draw(TEXTS)})
    beneficiary = FACTS.beneficiary.model_copy(
        update={
            "name": draw(TEXTS),
            "legal_kind": draw(st.sampled_from(LegalKind)),
            "representative": person,
            "iban": draw(st.sampled_from(["", "FR7630006000011234567890189", "XX"])),
        }
    )
    return FACTS.model_copy(
        update={
            "beneficiary": beneficiary,
            "term": term,
            "report_due": draw(st.dates()),
            "request_date": draw(st.none() | st.dates()),
            "settled": draw(SETTLED),
            "company": draw(st.none() | COMPANIES),
        }
    )


PERSONS = st.builds(
    lambda first, last: FACTS.beneficiary.representative.model_copy(update={"first_name": first, "last_name": last}),
    TEXTS,
    TEXTS,
)
AROUND = st.builds(
    Surroundings,
    settings=st.just(RuleSettings())
    | st.builds(RuleSettings, cumulate=st.booleans(), publish_public_bodies=st.just(True)),
    others=st.lists(
        st.builds(OtherAward, convention_id=TEXTS, number=TEXTS, amount=AMOUNTS, matched_by=st.sampled_from(MatchedBy)),
        max_size=2,
    ).map(tuple),
    candidates=st.none() | st.lists(PERSONS, max_size=2).map(tuple),
    proof=st.none() | st.just(PROOF),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(act=ACTS, loose=AWARDS, facts_=st.none() | supplied(), around=AROUND, today=st.dates())
def test_no_rule_ever_fails(
    act: Act, loose: Award, facts_: SuppliedFacts | None, around: Surroundings, today: date
) -> None:
    for award in (*act.awards, loose):
        case = RuleCase(act=act, award=award, supplied=facts_, today=today, around=around)
        examined = examine(case)
        assert examine(case) == examined
        for finding in (*examined.findings, *examined.answered):
            assert isinstance(finding, Finding)
            assert finding.code in BY_CODE
            assert finding.message
        assert all(doubt.finding in act.findings for doubt in doubts(act, award))
        if facts_ is not None:
            if case.session is not None:
                list(check_term(facts_, case.session, case.today))
            if case.amount is not None:
                list(check_schedule(facts_, case.amount, ()))
            list(check_placeholders(facts_))
