"""The rules of law, each both ways: what makes it speak, and the nearest case in which it is silent."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError
from rule_cases import (
    ACT,
    AWARD,
    NAME,
    PRESIDENT,
    QUIET,
    acting,
    awarding,
    becoming,
    codes,
    fact,
    granting,
    knowing,
    others,
    registered,
    settling,
    supplying,
)

from domain.companies import CompanyState
from domain.convention import SettledFacts, Term
from domain.deliberation import Annex, Article, Attendance, Outcome, Proxy, ReceiptStamp, Vote
from domain.facts import Fact, FactStatus, Severity
from domain.grants import MatchedBy
from domain.parties import Beneficiary, LegalKind
from domain.rules.case import RuleCase
from domain.rules.catalogue import BY_CODE, RULES, acknowledgeable, examine, superseded
from domain.rules.settings import ProofNeeded, RuleSettings


def budgeting(**facts: Any) -> RuleCase:
    return acting(budget=ACT.budget.model_copy(update=facts))


def deciding(case: RuleCase, **settings: Any) -> RuleCase:
    """With other choices of the authority."""
    return knowing(case, settings=RuleSettings(**settings))


def silent(*names: str) -> RuleCase:
    return acting(not_voting=tuple(fact(name) for name in names))


REPRESENTATIVE = QUIET.supplied.beneficiary.representative if QUIET.supplied else PRESIDENT

SPEAKS_AND_NOT: list[tuple[str, RuleCase, RuleCase]] = [
    ("not_adopted", acting(outcome=fact(Outcome.REJECTED)), QUIET),
    ("not_adopted", acting(outcome=Fact[Outcome]()), settling(acting(outcome=Fact[Outcome]()), adopted=True)),
    (
        "majority_not_met",
        acting(vote=Vote(for_=fact(12), against=fact(12))),
        acting(vote=Vote(for_=fact(13), against=fact(12))),
    ),
    (
        "quorum_not_met",
        acting(attendance=Attendance(present_count=fact(16), in_office=fact(32))),
        acting(attendance=Attendance(present_count=fact(17), in_office=fact(32))),
    ),
    ("convention_required", granting("23000.01"), granting("23000.00")),
    ("convention_required", granting("23000.01"), granting("23000.01", LegalKind.PUBLIC_BODY)),
    (
        "convention_required",
        deciding(granting("10000.01"), convention_threshold="10000"),
        deciding(granting("10000.00"), convention_threshold="10000"),
    ),
    ("convention_not_approved", acting(convention_approved=Fact[bool]()), QUIET),
    (
        "required_convention_not_approved",
        knowing(acting(convention_approved=Fact[bool]()), others=others("3000.01")),
        knowing(acting(convention_approved=Fact[bool]()), others=others("3000.00")),
    ),
    (
        "signature_not_authorised",
        settling(acting(signing_authority=Fact[str]()), signing_authority="Présidente"),
        settling(QUIET, signing_authority="Présidente"),
    ),
    ("nobody_may_sign", knowing(candidates=()), knowing(candidates=None)),
    ("executory_proof_missing", knowing(proof=None), QUIET),
    (
        "receipt_before_session",
        acting(receipt=ReceiptStamp(received_at=fact(date(2024, 6, 26)))),
        acting(receipt=ReceiptStamp(received_at=fact(date(2024, 6, 27)))),
    ),
    (
        "announced_annex_absent",
        acting(annexes=(Annex(words=fact("la convention ci-annexée"), enclosed=fact(False)),)),
        acting(annexes=(Annex(words=fact("la convention ci-annexée"), enclosed=fact(True)),)),
    ),
    ("legal_kind_vague", becoming(legal_kind=LegalKind.OTHER), QUIET),
    ("amount_missing", awarding(amount=Fact[Decimal]()), settling(awarding(amount=Fact[Decimal]()), amount="20000")),
    ("amount_missing", awarding(amount=fact(None)), QUIET),
    ("amount_ambiguous", awarding(amount=fact(None, FactStatus.AMBIGUOUS)), QUIET),
    ("amount_conflicting", awarding(amount=fact(Decimal(1), FactStatus.CONFLICTING)), QUIET),
    ("amount_malformed", awarding(amount=fact(None, FactStatus.MALFORMED)), QUIET),
    ("amount_not_positive", granting("0.00"), granting("0.01")),
    ("amount_not_positive", granting("-50.00"), QUIET),
    ("amount_implausible", granting("5000000.01"), granting("5000000.00")),
    (
        "amount_above_credit",
        acting(articles=(Article(number="3", text=fact("Les crédits, soit 19 999,99 €, sont inscrits.")),)),
        acting(articles=(Article(number="3", text=fact("Les crédits, soit 20 000 €, sont inscrits.")),)),
    ),
    ("award_repeated", acting(awards=(AWARD, AWARD)), acting(awards=(AWARD, awarding(purpose=fact("x")).award))),
    ("threshold_by_cumulation", knowing(others=others("3000.01")), knowing(others=others("3000.00"))),
    (
        "threshold_by_cumulation",
        knowing(others=others("3000.01")),
        deciding(knowing(others=others("3000.01")), cumulate=False),
    ),
    ("budget_line_missing", budgeting(nature=Fact[str]()), QUIET),
    ("budget_nature_mismatch", budgeting(nature=fact("657381")), budgeting(nature=fact("6574"))),
    ("budget_nature_mismatch", becoming(legal_kind=LegalKind.PUBLIC_BODY), becoming(legal_kind=LegalKind.COMPANY)),
    ("budget_nature_mismatch", budgeting(nature=fact("204181")), budgeting(nature=fact("20422"))),
    ("budget_chapter_mismatch", budgeting(chapter=fact("011")), budgeting(chapter=fact("933"))),
    ("budget_chapter_mismatch", budgeting(nature=fact("20422")), budgeting(nature=fact("20422"), chapter=fact("204"))),
    ("investment_subsidy", budgeting(nature=fact("20422"), chapter=fact("204")), QUIET),
    ("fiscal_year_differs", budgeting(fiscal_year=fact(2023)), QUIET),
    ("several_years", supplying(term=Term(end=date(2025, 1, 1))), supplying(term=Term(end=date(2024, 12, 31)))),
    ("members_not_voting", silent("M. Paul EXEMPLE"), acting(not_voting=(fact(None, FactStatus.AMBIGUOUS),))),
    ("signatory_not_voting", silent("Mme Camille MOREAU-ROCHE"), silent("M. Jean MOREAU-ROCHE")),
    (
        "signatory_not_voting",
        silent("Mme Moreau Roche"),
        deciding(silent("Mme Moreau Roche"), signature_by_non_voter=False),
    ),
    (
        "interested_member_voted",
        acting(attendance=Attendance(present=(fact(f"Mme {REPRESENTATIVE.full_name}"),))),
        acting(
            attendance=Attendance(present=(fact(f"Mme {REPRESENTATIVE.full_name}"),)),
            not_voting=(fact(REPRESENTATIVE.full_name),),
        ),
    ),
    (
        "interested_member_voted",
        acting(attendance=Attendance(represented=(Proxy(member=fact(REPRESENTATIVE.full_name)),))),
        acting(attendance=Attendance(represented=(Proxy(by=fact(REPRESENTATIVE.full_name)),))),
    ),
    ("beneficiary_ambiguous", awarding(beneficiary=fact("x", FactStatus.AMBIGUOUS)), QUIET),
    ("beneficiary_conflicting", awarding(beneficiary=fact("x", FactStatus.CONFLICTING)), QUIET),
    (
        "beneficiary_malformed",
        awarding(beneficiary=fact("x", FactStatus.MALFORMED)),
        settling(awarding(beneficiary=fact("x", FactStatus.MALFORMED)), beneficiary=NAME),
    ),
    ("beneficiary_missing", awarding(beneficiary=Fact[str]()), QUIET),
    (
        "beneficiary_differs",
        supplying(awarding(beneficiary=fact("Les Amis du livre")), company=None),
        supplying(awarding(beneficiary=fact("L'association exemple-oeuvre (A.E.O.)")), company=None),
    ),
    (
        "beneficiary_renamed",
        awarding(beneficiary=fact("Exemple Ancien")),
        supplying(awarding(beneficiary=fact("Exemple Ancien")), company=None),
    ),
    ("beneficiary_is_authority", becoming(siret="20005480700017"), QUIET),
    ("company_unverified", supplying(company=None), QUIET),
    ("company_unknown", registered(state=CompanyState.ABSENT), QUIET),
    ("company_ceased", registered(state=CompanyState.CEASED), QUIET),
    ("establishment_closed", registered(establishment=CompanyState.CEASED), registered(establishment=None)),
    ("company_name_differs", registered(name="LES AMIS DU LIVRE"), registered(name="EXEMPLE OEUVRE (AEO)")),
    ("company_kind_differs", registered(legal_category="7344"), registered(legal_category="9230")),
    ("company_kind_differs", registered(legal_category="5710"), registered(legal_category="")),
    ("company_address_differs", registered(address="1 RUE X 75001 PARIS"), registered(address="")),
    (
        "account_abroad",
        becoming(iban="DE89370400440532013000"),
        becoming(iban="FR7630006000011234567890189"),
    ),
    ("request_date_missing", supplying(request_date=None), becoming(legal_kind=LegalKind.COMPANY)),
    (
        "republican_commitment_due",
        supplying(request_date=date(2022, 1, 2)),
        supplying(request_date=date(2022, 1, 1)),
    ),
    ("request_after_session", supplying(request_date=date(2024, 6, 28)), supplying(request_date=date(2024, 6, 27))),
    ("de_minimis_exceeded", granting("300000.01", LegalKind.COMPANY), granting("300000.00", LegalKind.COMPANY)),
    ("essential_data_due", granting("23000.01"), granting("23000.00")),
    (
        "essential_data_due",
        deciding(granting("23000.01", LegalKind.PUBLIC_BODY), publish_public_bodies=True),
        granting("23000.01", LegalKind.PUBLIC_BODY),
    ),
    ("accounts_deposit_due", granting("153000.01"), granting("153000.00")),
]


@pytest.mark.parametrize(("code", "speaks", "is_silent"), SPEAKS_AND_NOT, ids=[item[0] for item in SPEAKS_AND_NOT])
def test_a_rule_speaks_when_it_must_and_only_then(code: str, speaks: RuleCase, is_silent: RuleCase) -> None:
    assert code in codes(speaks)
    assert code not in codes(is_silent)


def test_every_rule_is_tried_both_ways() -> None:
    assert {code for code, _, _ in SPEAKS_AND_NOT} == {rule.code for rule in RULES}
    assert len(BY_CODE) == len(RULES)


def test_an_ordinary_case_is_left_alone() -> None:
    assert codes(QUIET) == set()


def test_a_finding_says_what_where_why_and_what_to_do() -> None:
    for code, speaks, _ in SPEAKS_AND_NOT:
        for finding in examine(speaks).findings:
            if finding.code == code:
                assert finding.message[0].isupper(), code
                assert finding.message.endswith("."), code
                assert finding.mend.endswith("."), code
                assert finding.article == BY_CODE[code].article
                assert finding.severity is BY_CODE[code].severity


def test_a_finding_on_the_act_shows_the_words_of_the_act() -> None:
    (finding,) = (f for f in examine(budgeting(nature=fact("657381"))).findings if f.code == "budget_nature_mismatch")
    assert [evidence.text for evidence in finding.evidence] == ["mot"]
    assert "657381" in finding.message


def test_the_gravest_comes_first() -> None:
    case = registered(state=CompanyState.CEASED, address="1 RUE X 75001 PARIS")
    case = case.model_copy(update={"award": awarding(amount=fact(Decimal("0.00"))).award})
    severities = [finding.severity for finding in examine(case).findings]
    assert severities == [Severity.BLOCKING, Severity.BLOCKING_SIGNATURE, Severity.INFO]


ATTESTABLE = [
    ("required_convention_not_approved", knowing(acting(convention_approved=Fact[bool]()), others=others("9000.00"))),
    (
        "signature_not_authorised",
        settling(acting(signing_authority=Fact[str]()), signing_authority="Présidente"),
    ),
    ("amount_implausible", granting("9000000.00")),
    ("signatory_not_voting", silent("C. Moreau-Roche")),
    ("company_ceased", registered(state=CompanyState.CEASED)),
]


@pytest.mark.parametrize(("code", "case"), ATTESTABLE, ids=[code for code, _ in ATTESTABLE])
def test_some_blocking_findings_are_answered_by_a_person_s_word(code: str, case: RuleCase) -> None:
    settled = case.settled.model_copy(update={"acknowledged": (code,)})
    answered = examine(supplying(case, settled=settled))
    assert code not in {finding.code for finding in answered.findings}
    assert code in {finding.code for finding in answered.answered}


def test_no_other_blocking_finding_can_be_talked_away() -> None:
    assert {rule.code for rule in RULES if rule.acknowledgeable} == {code for code, _ in ATTESTABLE}
    every = SettledFacts(acknowledged=tuple(rule.code for rule in RULES)[:40])
    assert "not_adopted" in codes(supplying(acting(outcome=fact(Outcome.REJECTED)), settled=every))
    assert "amount_not_positive" in codes(supplying(granting("0.00"), settled=every))
    assert not acknowledgeable("several_acts")


def test_the_cumulation_shows_each_other_subsidy_and_how_it_was_found() -> None:
    case = knowing(others=others("2000.00", "1500.00", matched_by=MatchedBy.NAME))
    (finding,) = (f for f in examine(case).findings if f.code == "threshold_by_cumulation")
    for words in ("23\u202f500,00\u00a0€", "2\u202f000,00\u00a0€", "ECO 0/24/BM", "ECO 1/24/BM", "par le nom lu"):
        assert words in finding.message


def test_both_names_of_a_renamed_body_are_shown_and_a_person_decides() -> None:
    (finding,) = (f for f in examine(awarding(beneficiary=fact("Exemple Ancien"))).findings)
    assert finding.code == "beneficiary_renamed"
    assert finding.severity is Severity.WARNING
    assert "« Exemple Ancien »" in finding.message
    assert "« ASSOCIATION EXEMPLE OEUVRE »" in finding.message


def test_what_the_register_said_of_another_siret_says_nothing_of_this_one() -> None:
    case = registered(siret="35600000000048", siren="356000000", state=CompanyState.CEASED)
    assert codes(case) == {"company_unverified"}


def test_the_proof_may_be_asked_for_before_approval() -> None:
    case = deciding(knowing(proof=None), proof_needed_before=ProofNeeded.APPROVAL)
    (finding,) = examine(case).findings
    assert (finding.code, finding.severity) == ("executory_proof_missing", Severity.BLOCKING)
    assert codes(deciding(QUIET, proof_needed_before=ProofNeeded.APPROVAL)) == set()


def test_the_ceiling_of_aid_is_the_one_of_the_day_it_is_granted() -> None:
    old = granting("200000.01", LegalKind.COMPANY)
    old = old.model_copy(update={"act": old.act.model_copy(update={"session_date": fact(date(2023, 12, 31))})})
    assert "de_minimis_exceeded" in codes(old)
    assert "de_minimis_exceeded" not in codes(granting("200000.01", LegalKind.COMPANY))


def test_an_act_alone_is_examined_before_anything_is_supplied() -> None:
    case = acting(outcome=fact(Outcome.REJECTED)).model_copy(update={"supplied": None})
    assert "not_adopted" in codes(case)


def test_the_reader_s_note_gives_way_to_the_rule_that_says_it_again() -> None:
    findings = examine(acting(annexes=(Annex(words=fact("ci-annexée"), enclosed=fact(False)),))).findings
    assert superseded(findings) == {"annex_absent"}
    assert superseded(()) == frozenset()


def test_no_setting_raises_a_threshold_of_the_law() -> None:
    with pytest.raises(ValidationError):
        RuleSettings(convention_threshold=Decimal("23000.01"))
    with pytest.raises(ValidationError):
        RuleSettings(deposit_threshold=Decimal("153000.01"))


@pytest.mark.parametrize("iban", ["FR7630006000011234567890188", "FR76", "ZZ7630006000011234567890189", "x" * 70])
def test_a_false_account_number_is_refused_at_the_door_and_not_repeated(iban: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Beneficiary.model_validate(QUIET.supplied.beneficiary.model_dump() | {"iban": iban})  # type: ignore[union-attr]
    assert all(iban not in problem["msg"] for problem in refusal.value.errors())


def test_an_account_number_is_kept_without_its_spaces_and_never_shown_in_a_log() -> None:
    case = becoming(iban="")
    assert case.supplied is not None
    typed = case.supplied.beneficiary.model_dump() | {"iban": "FR76 3000 6000 0112 3456 7890 189"}
    beneficiary = Beneficiary.model_validate(typed)
    assert beneficiary.iban == "FR7630006000011234567890189"
    assert "3000600001" not in repr(beneficiary)


@pytest.mark.parametrize(
    ("siret", "valid"), [("35600000000048", True), ("35600000049837", True), ("35600000049838", False)]
)
def test_la_poste_s_establishments_have_their_own_key(siret: str, valid: bool) -> None:
    data = QUIET.supplied.beneficiary.model_dump() | {"siret": siret}  # type: ignore[union-attr]
    if valid:
        assert Beneficiary.model_validate(data).siret == siret
    else:
        with pytest.raises(ValidationError):
            Beneficiary.model_validate(data)
