"""Cases for the rules of law: one that nothing is held against, and short ways to change one thing in it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.companies import CompanyRecord, CompanyState
from domain.convention import SettledFacts, SuppliedFacts, Term
from domain.deliberation import Act, Award, BudgetLine, Outcome
from domain.executory import ExecutoryProof
from domain.facts import Evidence, Fact, FactStatus
from domain.grants import MatchedBy, OtherAward
from domain.parties import Beneficiary, Civility, LegalKind, Person
from domain.rules.case import RuleCase, Surroundings
from domain.rules.catalogue import examine

SAMPLES = Path(__file__).parents[2] / "service" / "samples"
SUPPLIED = SuppliedFacts.model_validate_json((SAMPLES / "supplied.json").read_text("utf-8"))
WORDS = (Evidence(start=0, end=3, text="mot", page=1),)


def fact(value: Any, status: FactStatus = FactStatus.FOUND) -> Fact:  # type: ignore[type-arg]
    return Fact(value=value, status=status, evidence=WORDS)


PRESIDENT = Person(
    civility=Civility.MADAME,
    first_name="Camille",
    last_name="Moreau-Roche",
    capacity="Présidente",
    email="presidence@example.org",
)
NAME = "Association Exemple Œuvre"
ASSOCIATION: Beneficiary = SUPPLIED.beneficiary.model_copy(
    update={"name": NAME, "short_name": "AEO", "legal_kind": LegalKind.ASSOCIATION}
)
COMPANY = CompanyRecord(
    siren=ASSOCIATION.siret[:9],
    siret=ASSOCIATION.siret,
    state=CompanyState.ACTIVE,
    establishment=CompanyState.ACTIVE,
    name="ASSOCIATION EXEMPLE OEUVRE",
    legal_category="9220",
    address="10 RUE DE L'EXEMPLE 13001 MARSEILLE",
    fetched_at=datetime(2024, 7, 1, 9, tzinfo=UTC),
    source="https://companies.example.org",
)
AWARD = Award(beneficiary=fact(NAME), amount=fact(Decimal("20000.00")), purpose=fact("la fête de l'eau"))
ACT = Act(
    authority=fact("Métropole Aix-Marseille-Provence"),
    session_date=fact(date(2024, 6, 27)),
    number=fact("ECO 001/24/BM"),
    outcome=fact(Outcome.ADOPTED),
    awards=(AWARD,),
    convention_approved=fact(True),
    signing_authority=fact("Présidente ou son représentant"),
    budget=BudgetLine(fiscal_year=fact(2024), chapter=fact("65"), nature=fact("65748")),
)
FACTS = SUPPLIED.model_copy(
    update={
        "beneficiary": ASSOCIATION,
        "request_date": date(2021, 12, 1),
        "term": Term(start=date(2024, 7, 1), end=date(2024, 12, 31)),
        "company": COMPANY,
    }
)
PROOF = ExecutoryProof(receipt_id="013-EX-DE", received_at=date(2024, 6, 30), published_at=date(2024, 6, 30))
QUIET = RuleCase(
    act=ACT,
    award=AWARD,
    supplied=FACTS,
    today=date(2024, 7, 1),
    around=Surroundings(candidates=(PRESIDENT,), proof=PROOF),
)
"""An association granted 20 000 €: no rule has anything to say."""


def acting(**changes: Any) -> RuleCase:
    """The quiet case, with another act."""
    act = ACT.model_copy(update=changes)
    return QUIET.model_copy(update={"act": act, "award": act.awards[0] if act.awards else AWARD})


def awarding(**changes: Any) -> RuleCase:
    return acting(awards=(AWARD.model_copy(update=changes),))


def granting(amount: str, kind: LegalKind = LegalKind.ASSOCIATION, **changes: Any) -> RuleCase:
    case = awarding(amount=fact(Decimal(amount)))
    return becoming(case, legal_kind=kind).model_copy(update=changes)


def supplying(case: RuleCase = QUIET, **changes: Any) -> RuleCase:
    assert case.supplied is not None
    return case.model_copy(update={"supplied": case.supplied.model_copy(update=changes)})


def becoming(case: RuleCase = QUIET, **changes: Any) -> RuleCase:
    """With another beneficiary."""
    assert case.supplied is not None
    return supplying(case, beneficiary=case.supplied.beneficiary.model_copy(update=changes))


def settling(case: RuleCase, **values: Any) -> RuleCase:
    return supplying(case, settled=SettledFacts(**values))


def knowing(case: RuleCase = QUIET, **changes: Any) -> RuleCase:
    """With other surroundings."""
    return case.model_copy(update={"around": case.around.model_copy(update=changes)})


def registered(**changes: Any) -> RuleCase:
    """With another answer of the register of companies."""
    return supplying(company=COMPANY.model_copy(update=changes))


def others(*amounts: str, matched_by: MatchedBy = MatchedBy.SIREN) -> tuple[OtherAward, ...]:
    return tuple(
        OtherAward(convention_id=f"c{rank}", number=f"ECO {rank}/24/BM", amount=Decimal(amount), matched_by=matched_by)
        for rank, amount in enumerate(amounts)
    )


def codes(case: RuleCase) -> set[str]:
    return {finding.code for finding in examine(case).findings}
