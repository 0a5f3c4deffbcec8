"""The year's subsidies to one beneficiary, on both databases."""

from datetime import date
from decimal import Decimal

from register_samples import AUTHORITY, OFFICER, opening, recording

from activities.register import Register
from domain.convention import AwardKey
from domain.documents import PDF, reference
from domain.grants import Grant, MatchedBy
from domain.lifecycle import Stage

SIREN = "130998875"
NAME = "Association Exemple Œuvre & Cie"


def opened(
    register: Register,
    number: str,
    *,
    year: int = 2019,
    authority: str = AUTHORITY,
    beneficiary: str | None = NAME,
    amount: str | None = "9000.00",
) -> str:
    key = AwardKey(authority=authority, number=number, session_date=date(year, 9, 26), ordinal=1)
    request = opening(key).model_copy(
        update={
            "beneficiary": beneficiary,
            "amount": Decimal(amount) if amount else None,
            "document": reference(number.encode(), PDF),
            "by": OFFICER,
        }
    )
    return register.open_circuit(request).convention_id


def grant(
    convention_id: str, amount: str = "15000.00", siren: str = SIREN, year: int = 2019, name: str = NAME
) -> Grant:
    return Grant(
        convention_id=convention_id,
        authority=AUTHORITY,
        siren=siren,
        beneficiary=name,
        fiscal_year=year,
        amount=Decimal(amount),
    )


def test_the_other_subsidies_of_the_year_to_the_same_body_are_counted(register: Register) -> None:
    mine, second, third = (opened(register, f"ECO {n}/19") for n in (1, 2, 3))
    register.record_grant(grant(second, "15000.00", name="Sous un tout autre nom"))
    found = register.other_awards(grant(mine))
    assert [(o.convention_id, o.number, o.amount, o.matched_by) for o in found] == [
        (second, "ECO 2/19", Decimal("15000.00"), MatchedBy.SIREN),
        (third, "ECO 3/19", Decimal("9000.00"), MatchedBy.NAME),
    ]


def test_another_year_another_body_and_another_authority_are_not(register: Register) -> None:
    mine = opened(register, "ECO 1/19")
    register.record_grant(grant(opened(register, "ECO 2/19"), year=2020))
    register.record_grant(grant(opened(register, "ECO 3/19"), siren="356000000"))
    opened(register, "ECO 4/18", year=2018)
    opened(register, "ECO 5/19", beneficiary="Une autre")
    opened(register, "ECO 6/19", beneficiary=None)
    opened(register, "ECO 7/19", amount=None)
    opened(register, "ECO 8/19", authority="Ville d'Exemple")
    assert register.other_awards(grant(mine)) == ()


def test_what_was_refused_withdrawn_or_expired_does_not_count(register: Register) -> None:
    mine = opened(register, "ECO 1/19")
    for rank, ending in enumerate((Stage.REFUSED, Stage.WITHDRAWN, Stage.EXPIRED), 2):
        other = opened(register, f"ECO {rank}/19")
        register.record_grant(grant(other))
        register.record(recording(other, ending))
    assert register.other_awards(grant(mine)) == ()
    completed = opened(register, "ECO 9/19")
    register.record_grant(grant(completed))
    register.record(recording(completed, Stage.COMPLETED))
    assert [other.convention_id for other in register.other_awards(grant(mine))] == [completed]


def test_a_body_is_found_under_the_name_that_the_deliberation_gives(register: Register) -> None:
    mine = opened(register, "ECO 1/19")
    opened(register, "ECO 2/19", beneficiary="ASSOCIATION  EXEMPLE-OEUVRE ET CIE")
    known = grant(mine, name="CCI métropolitaine")
    assert register.other_awards(known) == ()
    assert len(register.other_awards(known, ("Association Exemple Œuvre et Cie",))) == 1


def test_recorded_again_the_latest_facts_stand(register: Register) -> None:
    mine, other = opened(register, "ECO 1/19"), opened(register, "ECO 2/19")
    for amount in ("15000.00", "15000.00", "16000.50"):
        register.record_grant(grant(other, amount))
    assert [found.amount for found in register.other_awards(grant(mine))] == [Decimal("16000.50")]


def test_a_convention_does_not_count_itself(register: Register) -> None:
    mine = opened(register, "ECO 1/19")
    register.record_grant(grant(mine))
    assert register.other_awards(grant(mine)) == ()
