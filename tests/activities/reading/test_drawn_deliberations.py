"""Deliberations drawn at random: each fact is recovered or not called found, and clean ones are read."""

import os

import pytest
from deliberation_noise import NOISES, UNKNOWABLE
from deliberation_strategies import Deliberation, deliberations
from hypothesis import HealthCheck, Phase, given, note, settings

from activities.reading import read_document
from domain.errors import NotADeliberation
from service.evaluate import report
from service.evaluation import ENOUGH, Verdict, found_share, judge, wrongs

LONG = "PARAPHE_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("PARAPHE_EXAMPLES", "200"))
drawn = settings(
    max_examples=EXAMPLES,
    # The same draws on every machine, unless many are asked for: then each run looks elsewhere.
    derandomize=not LONG,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow],
)


def verdicts(text: str, drawing: Deliberation) -> list[Verdict]:
    try:
        acts = read_document(text.encode(), "drawn.txt").acts
    except NotADeliberation:
        acts = ()
    return judge(acts, drawing.truth)


@drawn
@given(deliberations())
def test_nothing_false_is_read_in_a_clean_deliberation(drawing: Deliberation) -> None:
    note(drawing.text)
    assert wrongs(verdicts(drawing.text, drawing)) == []


@pytest.mark.parametrize("noise", NOISES)
@settings(drawn, max_examples=EXAMPLES // 5)
@given(drawing=deliberations())
def test_nothing_false_is_read_in_a_damaged_deliberation(noise: str, drawing: Deliberation) -> None:
    text = NOISES[noise](drawing)
    note(text)
    assert [v for v in wrongs(verdicts(text, drawing)) if v.field not in UNKNOWABLE.get(noise, ())] == []


def test_what_a_clean_deliberation_states_is_found() -> None:
    read: list[Verdict] = []

    @settings(drawn, phases=[Phase.generate])
    @given(deliberations())
    def collect(drawing: Deliberation) -> None:
        read.extend(verdicts(drawing.text, drawing))

    collect()
    assert found_share(read) >= ENOUGH, report(read)
