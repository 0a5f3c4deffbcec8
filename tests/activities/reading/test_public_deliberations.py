"""Real deliberations of several authorities: facts may be missed, none may be false."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from activities.reading import read_document
from domain.convention import fold
from domain.deliberation import Act, Outcome
from domain.errors import NotADeliberation
from domain.facts import Fact, FactStatus

Oracle = dict[str, Any]
Check = tuple[str, Fact[Any], Callable[[Any], bool], bool]
"""Name, what was read, whether a value is true, whether there was something to read."""


def _plain(value: str) -> str:
    value = re.sub(r"^(?:monsieur|madame|m\.|mme) (?:le |la )|^(?:son|le|la) ", "", value.strip(), flags=re.I)
    return fold(re.sub(r"\b[dl]['’]|association ", "", value, flags=re.I))


def _is(expected: object) -> Callable[[Any], bool]:
    if isinstance(expected, str):
        return lambda value: _plain(str(value)) == _plain(expected)
    return lambda value: value == expected


def _checks(act: Act, oracle: Oracle) -> Iterator[Check]:
    for name, fact in (("authority", act.authority), ("title", act.title)):
        key = "object" if name == "title" else name
        yield name, fact, _is(oracle[key]), oracle[key] is not None
    assembly = oracle["assembly"].split(",")[0]
    yield "assembly", act.assembly, _is(assembly), True
    day = oracle["session_date"]
    yield "session_date", act.session_date, lambda v: v.isoformat() == day, day is not None
    numbers = oracle["deliberation_numbers"]
    yield "number", act.number, lambda v: fold(v) == fold(numbers[0]), bool(numbers)
    vote = oracle["vote"] or {}
    outcome = vote.get("outcome") or ""
    yield "outcome", act.outcome, lambda v: v is Outcome.ADOPTED and "adopté" in outcome, bool(outcome)
    for name, count in (("for_", "pour"), ("against", "contre"), ("abstentions", "abstention")):
        yield name, getattr(act.vote, name), _is(vote.get(count)), vote.get(count) is not None
    yield "unanimous", act.vote.unanimous, lambda v: v == ("unanimité" in outcome), "unanimité" in outcome
    approved = oracle["convention_approved"]
    yield "convention_approved", act.convention_approved, _is(approved), approved is True
    signing = oracle["signature_authorised_to"]
    yield "signing_authority", act.signing_authority, _is(signing), signing is not None
    certifier = oracle["certifier"] or ""
    yield "certified_by", act.certified_by, lambda v: fold(v) in fold(certifier), bool(certifier)
    budget = oracle["budget_line"] or {}
    year = budget.get("exercice")
    yield "fiscal_year", act.budget.fiscal_year, lambda v: str(v) == year, year is not None
    for name, key in (("chapter", "chapitre"), ("nature", "nature"), ("function", "fonction")):
        yield name, getattr(act.budget, name), _is(budget.get(key)), budget.get(key) is not None
    stamp = oracle["prefecture_stamp"] or {}
    yield "receipt.id", act.receipt.id, _is(stamp.get("id")), stamp.get("id") is not None
    for name, key in (("sent_at", "envoye"), ("received_at", "recu"), ("published_at", "affiche_ou_publie")):
        expected = stamp.get(key)
        yield name, getattr(act.receipt, name), lambda v, e=expected: v.isoformat() == e, expected is not None


def _awards_checked(act: Act, oracle: Oracle) -> Iterator[tuple[str, bool]]:
    """Each award read, and whether a beneficiary of the oracle has that name and that amount."""
    expected = [(_plain(b["name"]), b["amount_eur"]) for b in oracle["beneficiaries"]]
    for award in act.awards:
        name, amount = award.beneficiary.usable, award.amount.usable
        if name is None and amount is None:
            continue
        true = any(
            (name is None or _plain(name) == their_name)
            and (amount is None or (their_amount is not None and float(amount) == their_amount))
            for their_name, their_amount in expected
        )
        yield f"award {name!r} {amount}", true


def _entries(shared: Path) -> Iterator[tuple[Path, Oracle]]:
    folder = shared / "deliberations"
    for oracle in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        for path in (folder / oracle["file"], (folder / oracle["file"]).with_suffix(".pdf")):
            if path.exists():
                yield path, oracle


def test_no_false_fact_is_read_from_any_public_deliberation(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    false: list[str] = []
    read = to_read = 0
    for path, oracle in _entries(shared):
        [act] = read_document(path.read_bytes(), path.name).acts
        for name, fact, is_true, expected in _checks(act, oracle):
            to_read += expected
            if fact.status is FactStatus.FOUND:
                read += expected
                if not is_true(fact.value):
                    false.append(f"{path.name}: {name} = {fact.value!r}")
        to_read += len(oracle["beneficiaries"])
        for what, true in _awards_checked(act, oracle):
            read += true
            if not true:
                false.append(f"{path.name}: {what}")
    with capsys.disabled():
        print(f"\npublic deliberations: {read} of {to_read} facts read, {len(false)} false")
    assert false == []
    # A reader that reads nothing says nothing false: hold what it reaches.
    assert read / to_read > 0.85


def test_an_act_that_grants_nothing_has_no_award_and_says_so(shared: Path) -> None:
    for path, oracle in _entries(shared):
        if not oracle["grants_subsidy"] and oracle["complete"]:
            [act] = read_document(path.read_bytes(), path.name).acts
            assert act.awards == ()
            assert "no_award" in {finding.code for finding in act.findings}


def test_francs_are_reported_and_never_an_amount(shared: Path) -> None:
    path = shared / "deliberations" / "26-paris-1997-p-770-francs.txt"
    [act] = read_document(path.read_bytes(), path.name).acts
    assert "amount_in_francs" in {finding.code for finding in act.findings}
    assert all(award.amount.value is None for award in act.awards)


def test_a_list_of_seven_awards_that_does_not_add_up_is_read_and_reported(shared: Path) -> None:
    path = shared / "deliberations" / "11-corte-25-07-046-associations.txt"
    [act] = read_document(path.read_bytes(), path.name).acts
    assert len(act.awards) == 7
    assert "total_mismatch" in {finding.code for finding in act.findings}


def test_a_convention_is_not_taken_for_a_deliberation(shared: Path) -> None:
    for path in sorted((shared / "conventions").glob("*.txt")):
        with pytest.raises(NotADeliberation):
            read_document(path.read_bytes(), path.name)
