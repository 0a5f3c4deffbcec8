"""The clauses that the law brings into a convention."""

from datetime import date
from decimal import Decimal

import pytest

from domain.clauses import clauses_for, de_minimis_regulation
from domain.parties import LegalKind
from domain.rules.settings import RuleSettings

BEFORE, AFTER = date(2019, 9, 26), date(2024, 6, 27)


def codes(kind: LegalKind, amount: str = "50000", day: date = AFTER, request: date | None = None) -> set[str]:
    return {clause.code for clause in clauses_for(kind, Decimal(amount), day, request)}


def test_the_reference_case_a_public_body_in_2019_has_only_the_clauses_the_parties_choose() -> None:
    assert codes(LegalKind.PUBLIC_BODY, day=BEFORE) == {"no_regranting", "financial_report", "communication"}


@pytest.mark.parametrize("kind", list(LegalKind))
def test_only_associations_and_foundations_sign_the_republican_commitment(kind: LegalKind) -> None:
    expected = kind in {LegalKind.ASSOCIATION, LegalKind.FOUNDATION}
    assert ("republican_commitment" in codes(kind, request=date(2024, 1, 5))) is expected


@pytest.mark.parametrize(("request_date", "expected"), [(date(2022, 1, 1), False), (date(2022, 1, 2), True)])
def test_the_republican_commitment_depends_on_the_day_of_the_request(request_date: date, expected: bool) -> None:
    found = codes(LegalKind.ASSOCIATION, day=date(2022, 3, 1), request=request_date)
    assert ("republican_commitment" in found) is expected


def test_an_unknown_request_date_keeps_the_commitment() -> None:
    assert "republican_commitment" in codes(LegalKind.ASSOCIATION)
    assert "republican_commitment" not in codes(LegalKind.ASSOCIATION, day=BEFORE)


@pytest.mark.parametrize(("amount", "expected"), [("23000.00", False), ("23000.01", True)])
def test_exactly_23000_euros_is_not_above_the_threshold(amount: str, expected: bool) -> None:
    assert ("convention_mandatory" in codes(LegalKind.ASSOCIATION, amount)) is expected
    assert "convention_mandatory" not in codes(LegalKind.PUBLIC_BODY, amount)


@pytest.mark.parametrize(("amount", "expected"), [("153000.00", False), ("153000.01", True)])
def test_accounts_are_deposited_above_153000_euros(amount: str, expected: bool) -> None:
    assert ("accounts_deposit" in codes(LegalKind.FOUNDATION, amount)) is expected


@pytest.mark.parametrize(("day", "expected"), [(date(2021, 6, 30), False), (date(2021, 7, 1), True)])
def test_non_profits_may_keep_an_unspent_share_since_july_2021(day: date, expected: bool) -> None:
    assert ("unspent_share" in codes(LegalKind.ASSOCIATION, day=day)) is expected
    assert "unspent_share" not in codes(LegalKind.COMPANY, day=day)


def test_the_de_minimis_regulation_is_the_one_in_force_when_the_aid_is_granted() -> None:
    assert "de_minimis" in codes(LegalKind.COMPANY)
    assert "1407/2013" in de_minimis_regulation(date(2023, 12, 31))
    assert "2023/2831" in de_minimis_regulation(date(2024, 1, 1))


def test_every_clause_cites_its_text_and_says_why() -> None:
    for kind in LegalKind:
        for clause in clauses_for(kind, Decimal(200_000), AFTER, date(2024, 1, 5)):
            assert clause.article
            assert clause.reason.endswith(".")


@pytest.mark.parametrize(("total", "expected"), [("23000.00", False), ("23000.01", True)])
def test_the_threshold_is_yearly_and_counts_the_other_subsidies_to_the_beneficiary(total: str, expected: bool) -> None:
    clauses = clauses_for(LegalKind.ASSOCIATION, Decimal(10_000), AFTER, yearly_total=Decimal(total))
    assert ("convention_mandatory" in {clause.code for clause in clauses}) is expected
    assert ("essential_data" in {clause.code for clause in clauses}) is expected


def test_an_authority_may_set_itself_a_lower_threshold() -> None:
    settings = RuleSettings(convention_threshold=Decimal(10_000))
    clauses = clauses_for(LegalKind.ASSOCIATION, Decimal("10000.01"), AFTER, settings=settings)
    assert "convention_mandatory" in {clause.code for clause in clauses}
    assert "10\u202f000,00\u00a0€" in clauses[0].reason
