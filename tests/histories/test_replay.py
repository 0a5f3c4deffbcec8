"""Replays: every stored life of a convention must be relived, command for command, by today's code.

A failure here means that conventions under way would be stuck after an update. Keep the old path with
``workflow.patched("…")``; never record the history again.
"""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from workflows.convention import ConventionWorkflow
from workflows.deliberation import DeliberationWorkflow
from workflows.sandbox import RUNNER

HERE = Path(__file__).resolve().parent
HISTORIES = sorted(path.stem for path in HERE.glob("*.json"))
EXPECTED = {
    "signed",
    "corrected_then_signed",
    "refused",
    "withdrawn",
    "reminded_twice_then_expired",
    "handed_over",
    "power_ended",
}


def replayer() -> Replayer:
    return Replayer(
        workflows=[ConventionWorkflow, DeliberationWorkflow],
        workflow_runner=RUNNER,
        data_converter=pydantic_data_converter,
    )


def test_every_path_has_its_history() -> None:
    assert set(HISTORIES) >= EXPECTED


@pytest.mark.parametrize("name", HISTORIES)
async def test_a_stored_life_is_relived(name: str) -> None:
    history = WorkflowHistory.from_json("convention-replayed", (HERE / f"{name}.json").read_text("utf-8"))
    await replayer().replay_workflow(history)


@pytest.mark.parametrize(
    ("event", "attributes", "name", "other"),
    [
        ("EVENT_TYPE_ACTIVITY_TASK_SCHEDULED", "activityTaskScheduledEventAttributes", "convert_to_pdf", "send_mail"),
        ("EVENT_TYPE_ACTIVITY_TASK_SCHEDULED", "activityTaskScheduledEventAttributes", "sign_document", "send_mail"),
    ],
)
async def test_a_life_that_went_otherwise_is_not_relived(event: str, attributes: str, name: str, other: str) -> None:
    life = json.loads((HERE / "signed.json").read_text("utf-8"))
    altered = [
        item
        for item in life["events"]
        if item["eventType"] == event and item[attributes]["activityType"]["name"] == name
    ]
    assert altered, "the history must hold what the test alters"
    altered[0][attributes]["activityType"]["name"] = other
    with pytest.raises(Exception, match=r"[Nn]ondeterminis"):
        await replayer().replay_workflow(WorkflowHistory.from_json("convention-replayed", json.dumps(life)))


def test_no_history_tells_the_machine_it_was_made_on() -> None:
    for name in HISTORIES:
        text = (HERE / f"{name}.json").read_text("utf-8")
        assert '"identity": "worker"' in text
        assert "/home/" not in text
