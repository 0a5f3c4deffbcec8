"""Invented deliberations of many houses and styles, each with what a careful person reads in it."""

import pytest
from deliberation_noise import NOISES, UNKNOWABLE
from deliberation_strategies import Deliberation

from activities.reading import read_document
from domain.errors import ParapheError
from service.evaluate import HELD_OUT, VARIANTS, entries, evaluate, report
from service.evaluation import CRITICAL, ENOUGH, Verdict, found_share, judge, wrongs


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    return evaluate(VARIANTS)


def test_there_are_many_variants_and_each_has_its_text() -> None:
    for folder, least in ((VARIANTS, 40), (HELD_OUT, 15)):
        named = [truth["file"] for _, truth in entries(folder)]
        assert len(named) == len(set(named)) >= least
        assert {path.name for path in folder.glob("*.txt")} == set(named)


def test_nothing_false_is_read_in_any_variant(verdicts: list[Verdict]) -> None:
    assert wrongs(verdicts) == []


def test_what_the_variants_state_is_found(verdicts: list[Verdict]) -> None:
    assert found_share(verdicts) >= ENOUGH, report(verdicts)


@pytest.mark.parametrize("noise", NOISES)
def test_nothing_false_that_a_convention_would_carry_is_read_in_a_damaged_variant(noise: str) -> None:
    false = []
    for path, truth in entries(VARIANTS):
        damaged = NOISES[noise](Deliberation(path.read_text("utf-8"), truth)).encode()
        try:
            acts = read_document(damaged, path.name).acts
        except ParapheError:
            continue
        judged = [field for field in CRITICAL if field not in UNKNOWABLE.get(noise, ())]
        false += [verdict for verdict in wrongs(judge(acts, truth)) if verdict.field in judged]
    assert false == []
