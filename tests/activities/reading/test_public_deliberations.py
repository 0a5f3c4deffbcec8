"""Real deliberations of several authorities: facts may be missed, none may be false."""

from pathlib import Path

import pytest

from activities.reading import read_document
from domain.errors import NotADeliberation
from service.evaluate import entries, evaluate, report
from service.evaluation import ENOUGH, found_share, wrongs


def test_no_false_fact_is_read_from_any_public_deliberation(shared: Path) -> None:
    verdicts = evaluate(shared / "deliberations")
    assert wrongs(verdicts) == []
    # A reader that reads nothing says nothing false: hold what it reaches.
    assert found_share(verdicts) >= ENOUGH, report(verdicts)


def test_an_act_that_grants_nothing_has_no_award_and_says_so(shared: Path) -> None:
    for path, truth in entries(shared / "deliberations"):
        if not truth["grants_subsidy"] and truth["complete"]:
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
