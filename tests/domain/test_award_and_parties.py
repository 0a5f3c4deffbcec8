"""Keys, parties and schedules."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.admission import admissible
from domain.convention import AwardKey, Instalment, PaymentSchedule, Term, fold
from domain.deliberation import Act, Award, Outcome
from domain.errors import NotADeliberation
from domain.facts import Fact, FactStatus
from domain.parties import Beneficiary, GrantingAuthority
from domain.tasks import ActSummary, AwardSummary


def key(**changes: object) -> AwardKey:
    values: dict[str, object] = {
        "authority": "Métropole Aix-Marseille-Provence",
        "number": "ECO 010-6552/19/BM",
        "session_date": date(2019, 9, 26),
        "ordinal": 1,
    }
    return AwardKey.model_validate(values | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"authority": "METROPOLE  AIX\u2010MARSEILLE-PROVENCE"},
        {"number": "ECO 010\u20106552/19 BM"},
        {"number": "eco 010-6552/19/bm "},
    ],
)
def test_invariant_10_two_spellings_of_one_act_are_one_award(changes: dict[str, object]) -> None:
    assert key(**changes).id == key().id


@pytest.mark.parametrize(
    "changes", [{"ordinal": 2}, {"number": "ECO 010-6553/19/BM"}, {"session_date": date(2019, 9, 27)}]
)
def test_different_awards_have_different_keys(changes: dict[str, object]) -> None:
    assert key(**changes).id != key().id


@given(st.text(max_size=300))
def test_a_key_is_safe_wherever_it_goes(number: str) -> None:
    identity = key(number=number).id
    assert len(identity) == 16
    assert identity.isalnum()


@given(st.text(max_size=50))
def test_folding_twice_is_folding_once(value: str) -> None:
    assert fold(fold(value)) == fold(value)


def test_a_schedule_adds_up_in_cents() -> None:
    schedule = PaymentSchedule(
        instalments=tuple(Instalment(label="Part", amount=Decimal("0.10"), trigger="x") for _ in range(3))
    )
    assert schedule.total == Decimal("0.30")


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "NaN", "1e30"])
def test_an_instalment_that_is_no_sum_of_money_is_refused(amount: str) -> None:
    with pytest.raises(ValidationError):
        Instalment.model_validate({"label": "x", "amount": amount, "trigger": "y"})


def test_a_convention_ends_after_it_starts() -> None:
    with pytest.raises(ValidationError, match="finir après"):
        Term(start=date(2026, 1, 2), end=date(2026, 1, 2))


BENEFICIARY = {
    "name": "Association Exemple",
    "legal_kind": "association",
    "siret": "999 999 915 00013",
    "seat": {"street": "1, rue", "postal_code": "13001", "city": "Marseille"},
    "representative": {
        "civility": "Madame",
        "first_name": "Zoé",
        "last_name": "Œuvre",
        "capacity": "Présidente",
        "email": "zoe@example.org",
    },
}


def test_a_siret_is_kept_compact_and_its_key_is_checked() -> None:
    assert Beneficiary.model_validate(BENEFICIARY).siret == "99999991500013"
    for wrong in ("99999991500014", "352 629 737 0045", "", "abc"):
        with pytest.raises(ValidationError):
            Beneficiary.model_validate(BENEFICIARY | {"siret": wrong})


def test_a_title_is_written_with_its_article() -> None:
    authority = {
        "name": "Métropole d'Exemple",
        "short_name": "la Métropole",
        "legal_form": "EPCI",
        "siret": "20005480700017",
        "seat": BENEFICIARY["seat"],
        "executive_title": "Présidente",
        "court": "Marseille",
    }
    with pytest.raises(ValidationError, match="article"):
        GrantingAuthority.model_validate(authority)
    assert GrantingAuthority.model_validate(authority | {"executive_title": "la Présidente"})


def summary(**changes: object) -> ActSummary:
    values: dict[str, object] = {
        "index": 0,
        "authority": "Métropole d'Exemple",
        "number": "1",
        "session_date": date(2026, 1, 1),
        "title": "x",
        "outcome": Outcome.ADOPTED,
        "awards": (AwardSummary(ordinal=1, beneficiary="A", amount=Decimal(1)),),
    }
    return ActSummary.model_validate(values | changes)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"outcome": Outcome.REJECTED}, "deliberation_rejected"),
        ({"outcome": Outcome.POSTPONED}, "deliberation_postponed"),
        ({"awards": ()}, "no_award"),
        ({"number": None}, "identity_missing"),
        ({"authority": None, "session_date": None}, "identity_missing"),
    ],
)
def test_no_convention_comes_from_an_act_that_grants_nothing_for_sure(changes: dict[str, object], code: str) -> None:
    with pytest.raises(NotADeliberation) as refusal:
        admissible([summary(**changes)])
    assert refusal.value.code == code


def test_acts_that_grant_are_kept_beside_acts_that_do_not() -> None:
    assert admissible([summary(awards=()), summary(index=1), summary(outcome=Outcome.REJECTED)]) == (summary(index=1),)


def test_only_a_found_fact_is_usable() -> None:
    for status in FactStatus:
        fact = Fact[str](value="x", status=status)
        assert (fact.usable == "x") is (status is FactStatus.FOUND)


def test_the_published_shape_of_an_act() -> None:
    act = Act(awards=(Award(amount=Fact(value=Decimal("50000"), status=FactStatus.FOUND)),))
    shape = act.model_dump(mode="json", by_alias=True)
    assert shape["awards"][0]["amount"] == {"value": "50000.00", "status": "found", "evidence": []}
    assert set(shape["vote"]) == {"for", "against", "abstentions", "unanimous"}
    assert set(shape) == {
        "authority", "assembly", "session_date", "number", "other_numbers", "title", "outcome", "vote", "awards",
        "convention_approved", "signing_authority", "budget", "receipt", "certified_by", "references", "findings",
        "span", "attendance", "president", "secretary", "rapporteur", "commission", "visas", "recitals", "articles",
        "linked_conventions", "annexes", "not_voting",
    }  # fmt: skip
