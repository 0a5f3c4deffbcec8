"""A worker that lives says so while its activities block; one that is silent is taken for dead in seconds."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from archive_samples import KeptHistory
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, TimeoutError
from temporalio.worker import Interceptor, UnsandboxedWorkflowRunner, Worker
from world import Shared

from activities.heartbeats import Heartbeats
from domain.tasks import TASKS
from service import first_run
from service.settings import Settings
from service.wiring import Parts, conversion_activities, main_activities
from service.worker import BEAT

pytestmark = pytest.mark.temporal

SILENCE = timedelta(seconds=1)


@activity.defn
def block() -> str:
    """Blocks its thread for longer than a silence may last."""
    threading.Event().wait(2.5)
    return "done"


@workflow.defn
class Blocking:
    @workflow.run
    async def run(self) -> str:
        return await workflow.execute_activity(
            block,
            start_to_close_timeout=timedelta(seconds=30),
            heartbeat_timeout=SILENCE,
            retry_policy=RetryPolicy(maximum_attempts=1),
        )


async def outcome(shared: Shared, *interceptors: Interceptor) -> str:
    client = await Client.connect(shared.temporal_address)
    name = f"heartbeats-{len(interceptors)}"
    every = timedelta(seconds=0.2)
    async with Worker(
        client,
        task_queue=name,
        workflows=[Blocking],
        workflow_runner=UnsandboxedWorkflowRunner(),
        activities=[block],
        activity_executor=ThreadPoolExecutor(2),
        interceptors=interceptors,
        max_heartbeat_throttle_interval=every,
    ):
        return await client.execute_workflow(Blocking.run, id=name, task_queue=name)


async def test_an_activity_that_blocks_is_not_taken_for_dead(shared: Shared) -> None:
    assert await outcome(shared, Heartbeats(timedelta(seconds=0.2))) == "done"


async def test_without_heartbeats_it_would_be(shared: Shared) -> None:
    with pytest.raises(WorkflowFailureError) as failure:
        await outcome(shared)
    assert isinstance(failure.value.cause, ActivityError)
    assert isinstance(failure.value.cause.cause, TimeoutError)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_several_heartbeats_fit_in_the_silence_that_a_task_allows(task) -> None:  # type: ignore[no-untyped-def]
    assert task.heartbeat >= 3 * BEAT
    assert task.heartbeat < task.timeout


def test_no_activity_is_cut_short_by_an_exception_thrown_into_its_thread(tmp_path: Path) -> None:
    """Another attempt would read the rest of a talk with LibreOffice that was left half-way."""
    settings = Settings(data_dir=tmp_path)
    first_run.prepare(settings)
    parts = Parts(settings)
    activities = main_activities(parts, KeptHistory()) + conversion_activities(parts)
    declared = [activity._Definition.from_callable(f) for f in activities]
    parts.close()
    assert {one.name for one in declared if one} == {task.name for task in TASKS}
    assert all(one and one.no_thread_cancel_exception for one in declared)
