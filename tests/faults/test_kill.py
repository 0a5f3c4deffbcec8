"""Kill any part at any moment: the journey completes, and everything happens once.

The short form takes each kind of fault; with PARAPHE_FAULTS=long, every point, each alone and many times.
"""

import os
import random
import threading

import pytest
from killing_worker import INSIDE
from scene import LONG, POINTS, Scene

from domain.tasks import TASKS

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice, pytest.mark.timeout(1800 if LONG else 300)]

SEED = int(os.environ.get("PARAPHE_SEED") or random.SystemRandom().randrange(1_000_000))
"""Printed by every test that draws from it: give it back to see the same again."""
ROUNDS = 5 if LONG else 1
WORST = INSIDE + tuple(f"{task.name}.after" for task in TASKS if f"{task.name}.inside" not in INSIDE)
"""The latest moment of each effect at which nobody knows of it."""
PARTS = ("portal", "companions", "temporal", "worker")
STEPS = 5
"""Of :meth:`Scene.journey`."""
PLANS = (
    [(part,) * STEPS for part in PARTS[:3]] if LONG else [("portal", "companions", "temporal", "portal", "companions")]
)
"""Which part is killed during each step."""


@pytest.mark.parametrize("moment", ["worst", "before", "after"] if LONG else ["worst"])
def test_nothing_is_lost_or_done_twice_when_the_worker_dies_at_each_effect(paraphe: Scene, moment: str) -> None:
    points = WORST if moment == "worst" else tuple(f"{task.name}.{moment}" for task in TASKS)
    with paraphe.faults("at activities") as tried:
        tried.extend(points)
        for point in points:
            paraphe.arm(point)
        births = paraphe.births()
        account = paraphe.journey()
        assert paraphe.armed() == [], "every point was come to"
        assert paraphe.births() == births + len(points)
        account.require_once()
        if "send_mail.inside" in points:
            assert max(paraphe.deliveries().values()) == 2, "delivered again, under the same Message-ID"


if LONG:  # rather than a skip: where everything is required, nothing may be skipped

    @pytest.mark.parametrize("calls", range(3))
    @pytest.mark.parametrize("point", POINTS)
    def test_nothing_is_lost_or_done_twice_when_the_worker_dies_at_one_point(
        paraphe: Scene, point: str, calls: int
    ) -> None:
        """The first time that the activity runs, and the second and third, where it runs as often."""
        with paraphe.faults("one point") as tried:
            paraphe.arm(point, calls)
            account = paraphe.journey()
            account.require_once()
            if not paraphe.armed():
                tried.append(f"{point}, call {calls + 1}")
            else:
                assert calls, "every point is come to once"


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
    """Seconds, drawn from the seed; the first is early enough for a journey that nothing delays (about 5 s)."""
    print(f"PARAPHE_SEED={SEED} {what}")
    draw = random.Random(f"{SEED}/{what}")
    first = draw.uniform(0.2, min(within, 3))
    return sorted(round(instant, 2) for instant in (first, *(draw.uniform(0.2, within) for _ in range(count - 1))))
