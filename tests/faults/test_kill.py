"""Kill any part at any moment: the journey completes, and everything happens once.

The short form takes each kind of fault; with PARAPHE_FAULTS=long, every point, each alone and many times.
"""

import os
import random
import threading

import pytest
from scene import LONG, POINTS, Scene

from domain.tasks import TASKS

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice, pytest.mark.timeout(1800 if LONG else 300)]

SEED = int(os.environ.get("PARAPHE_SEED") or random.SystemRandom().randrange(1_000_000))
"""Printed by every test that draws from it: give it back to see the same again."""
ROUNDS = 5 if LONG else 1
AFTER = tuple(point for point in POINTS if point.endswith(".after"))
BEFORE = tuple(f"{task.name}.before" for task in TASKS if LONG or not task.local)
PARTS = ("portal", "companions", "temporal", "worker")
STEPS = 5
"""Of :meth:`Scene.journey`."""
PLANS = (
    [(part,) * STEPS for part in PARTS[:3]] if LONG else [("portal", "companions", "temporal", "portal", "companions")]
)
"""Which part is killed during each step."""


def test_nothing_is_lost_or_done_twice_when_the_worker_dies_after_each_effect(paraphe: Scene) -> None:
    _die_at(paraphe, AFTER)


def test_nothing_is_lost_when_the_worker_dies_before_each_effect(paraphe: Scene) -> None:
    _die_at(paraphe, BEFORE)


@pytest.mark.skipif(not LONG, reason="part of the long form: make faults")
@pytest.mark.parametrize("calls", range(3))
@pytest.mark.parametrize("point", POINTS)
def test_nothing_is_lost_or_done_twice_when_the_worker_dies_at_one_point(
    paraphe: Scene, point: str, calls: int
) -> None:
    """The second and third time that the activity runs, too, where it runs as often."""
    with paraphe.faults("one point") as tried:
        paraphe.arm(point, calls)
        account = paraphe.journey()
        account.require_once()
        if not paraphe.armed():
            tried.append(f"{point}, call {calls + 1}")
        else:
            assert calls, "every point is come to once"


def _die_at(paraphe: Scene, points: tuple[str, ...]) -> None:
    with paraphe.faults("at activities") as tried:
        tried.extend(points)
        for point in points:
            paraphe.arm(point)
        births = paraphe.births()
        account = paraphe.journey()
        assert paraphe.armed() == [], "every point was come to"
        assert paraphe.births() == births + len(points)
        account.require_once()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_the_worker_may_be_killed_at_any_instant(paraphe: Scene, round_: int) -> None:
    instants = _instants(f"worker/{round_}", 12 if LONG else 4, 40 if LONG else 18)
    with paraphe.faults("worker at random") as tried:
        with paraphe.killing(instants, "worker") as done:
            account = paraphe.journey()
        tried.extend(f"worker at {instant} s" for instant in done)
        assert done, "it was killed at least once"
        account.require_once()


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("plan", PLANS, ids="-".join)
def test_any_other_part_may_be_killed_during_each_step(paraphe: Scene, plan: tuple[str, ...], round_: int) -> None:
    """The portal under the hands of people, mail and timestamps under a signature, the Temporal server at any time."""
    parts = iter(plan)
    timers: list[threading.Timer] = []

    with paraphe.faults("other parts") as tried:

        def kill_soon(step: str) -> None:
            part, (instant,) = next(parts), _instants(f"{plan}/{round_}/{step}", 1, 1.5)
            timers.append(threading.Timer(instant, paraphe.kill, [part]))
            timers[-1].start()
            tried.append(f"{part} {instant} s into {step}")

        account = paraphe.journey(kill_soon)
        for timer in timers:
            timer.join()
        account.require_once(codes=None)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_parts_may_be_killed_at_once_at_any_instant(paraphe: Scene, round_: int) -> None:
    draw = random.Random(f"{SEED}/pair/{round_}")
    pair = draw.sample(PARTS, 2)
    with paraphe.faults("two at once") as tried:
        with paraphe.killing(_instants(f"two/{round_}", 6 if LONG else 2, 40 if LONG else 12), *pair) as done:
            account = paraphe.journey()
        tried.extend(f"{' and '.join(pair)} at {instant} s" for instant in done)
        assert done
        account.require_once(codes=None)


def _instants(what: str, count: int, within: float) -> list[float]:
    """Seconds, drawn from the seed."""
    print(f"PARAPHE_SEED={SEED} {what}")
    draw = random.Random(f"{SEED}/{what}")
    return sorted(round(draw.uniform(0.2, within), 2) for _ in range(count))
