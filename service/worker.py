"""The worker: runs the workflows and their activities until it is told to stop."""

import asyncio
import logging
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from activities.heartbeats import Heartbeats
from activities.register.migrate import upgrade
from domain.calendar import add_working_days
from domain.tasks import Queue
from service.histories import TemporalHistories
from service.settings import Settings
from service.temporal_server import register_search_attributes, wait_until_ready
from service.wiring import Parts, conversion_activities, main_activities
from workflows.convention import ConventionWorkflow
from workflows.deliberation import DeliberationWorkflow
from workflows.sandbox import RUNNER

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=10)
"""What a running activity is given to finish when the worker is asked to stop."""
THREADS = 16
BEAT = timedelta(seconds=1.5)
"""How often a running activity is told to be alive; see :data:`domain.tasks.HEARTBEAT`."""
STICKY = timedelta(seconds=3)
"""How long a step of a workflow waits for the worker that knows it, before any other may take it: a worker that was
killed leaves people waiting for no longer."""


async def connect(settings: Settings) -> Client:
    """A client of the settings' Temporal server and namespace.

    :raises RuntimeError: the server does not answer.
    """
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
    )


def workers(client: Client, parts: Parts) -> list[Worker]:
    """The two workers of a process: everything, and conversions with few slots."""
    settings = parts.settings
    # The first question loads the holidays of the whole world: too long for a workflow's own thread (deadlock guard).
    add_working_days(datetime.now(UTC), 1)
    main = Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[ConventionWorkflow, DeliberationWorkflow],
        workflow_runner=RUNNER,
        activities=main_activities(parts, TemporalHistories(client, asyncio.get_running_loop())),
        activity_executor=ThreadPoolExecutor(THREADS, thread_name_prefix="activity"),
        max_concurrent_activities=THREADS,
        interceptors=[Heartbeats(BEAT)],
        max_heartbeat_throttle_interval=BEAT,
        sticky_queue_schedule_to_start_timeout=STICKY,
        graceful_shutdown_timeout=GRACE,
    )
    conversion = Worker(
        client,
        task_queue=settings.task_queue + Queue.CONVERSION.value,
        activities=conversion_activities(parts),
        activity_executor=ThreadPoolExecutor(settings.conversions, thread_name_prefix="conversion"),
        max_concurrent_activities=settings.conversions,
        interceptors=[Heartbeats(BEAT)],
        max_heartbeat_throttle_interval=BEAT,
        graceful_shutdown_timeout=GRACE,
    )
    return [main, conversion]


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    upgrade(settings.database)
    parts = Parts(settings)
    client = await wait_until_ready(lambda: connect(settings))
    await register_search_attributes(client)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    running = workers(client, parts)
    async with running[0], running[1]:
        log.info("worker ready on task queue %s", settings.task_queue)
        await stop.wait()
    parts.close()
