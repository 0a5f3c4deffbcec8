"""The sample award: an act with the reference's facts, and what the desk supplies."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.convention import DraftFacts, SuppliedFacts
from domain.deliberation import Act, Award, BudgetLine, Outcome
from domain.drafting import build_draft_facts
from domain.facts import Evidence, Fact, FactStatus
from domain.parties import Civility, Person, Staff

ROOT = Path(__file__).parents[2]
WORDS = (Evidence(start=10, end=20, text="dix lettres", page=2),)


def found(value: object) -> Fact:  # type: ignore[type-arg]
    return Fact(value=value, status=FactStatus.FOUND, evidence=WORDS)


@pytest.fixture
def template() -> bytes:
    return (ROOT / "templates" / "conventions" / "fonctionnement-affecte.docx").read_bytes()


@pytest.fixture
def supplied() -> SuppliedFacts:
    return SuppliedFacts.model_validate_json((ROOT / "service" / "samples" / "supplied.json").read_text("utf-8"))


@pytest.fixture
def act() -> Act:
    return Act(
        authority=found("Métropole Aix-Marseille-Provence"),
        assembly=found("Bureau de la Métropole"),
        session_date=found(date(2019, 9, 26)),
        number=found("ECO 010-6552/19/BM"),
        title=found(
            "Attribution d'une subvention à la Chambre de Commerce et d'Industrie Marseille Provence pour la mise en"
            " œuvre de la phase 2 de la démarche Smart Port - Approbation d'une convention"
        ),
        outcome=found(Outcome.ADOPTED),
        awards=(
            Award(
                beneficiary=found("Chambre de Commerce et d'Industrie Marseille Provence"),
                amount=found(Decimal("50000.00")),
                purpose=found("la mise en œuvre de la phase 2 de la démarche Smart Port"),
            ),
        ),
        convention_approved=found(True),
        signing_authority=found("Présidente ou son représentant"),
        budget=BudgetLine(
            fiscal_year=found(2019),
            chapter=found("65"),
            nature=found("657381"),
            function=found("61"),
            other=found("B320"),
        ),
    )


@pytest.fixture
def executive() -> Person:
    return Person(
        civility=Civility.MADAME,
        first_name="Camille",
        last_name="Moreau",
        capacity="Présidente",
        email="presidence@example.org",
    )


@pytest.fixture
def facts(act: Act, supplied: SuppliedFacts, executive: Person) -> DraftFacts:
    drafting = build_draft_facts(
        act,
        0,
        supplied,
        Staff(id="a.martin", name="Alix Martin"),
        datetime(2019, 10, 1, 9, tzinfo=UTC),
        executive,
        "mandat presidente-2018",
        "2019-0001",
    )
    assert drafting.facts is not None, drafting.findings
    return drafting.facts
