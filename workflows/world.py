"""How a workflow asks something of the world, and what it does while the world does not answer.

A refusal comes back at once as a :class:`Refused`. An outage is retried a few times by Temporal, then shown to the
desk, and retried for as long as it takes: the convention waits visibly and never goes on with less (invariant 7).
"""

import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar, cast

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain import tasks
    from domain.documents import WireModel
    from domain.errors import ParapheError
    from domain.tasks import Task

I = TypeVar("I", bound=WireModel)  # noqa: E741
O = TypeVar("O", bound=WireModel)  # noqa: E741

RETRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=20),
    maximum_attempts=5,
)
PAUSE = timedelta(seconds=60)
"""Between two series of attempts."""
WORKFLOW_TASK = timedelta(seconds=5)
"""What a worker is given for one step of a workflow. When it dies, the step (and the local activity in it) waits for
this long; a step that lives but takes more than 2 s is a deadlock to the SDK, and a long local activity renews it."""

WAITING = {
    tasks.READ.name: "La lecture du document n'aboutit pas : nouvel essai en cours.",
    tasks.RENDER.name: "La rédaction du projet n'aboutit pas : nouvel essai en cours.",
    tasks.CONVERT.name: "La conversion en PDF n'aboutit pas : nouvel essai en cours.",
    tasks.SEND_MAIL.name: "Le serveur de messagerie ne prend pas les messages : nouvel essai en cours.",
    tasks.SIGN.name: "La signature attend l'horodatage ou le certificat : nouvel essai en cours.",
    tasks.SEAL.name: "Le contrôle des signatures n'aboutit pas : nouvel essai en cours.",
    tasks.ARCHIVE.name: "L'archivage n'aboutit pas : nouvel essai en cours.",
}
"""What the desk reads while an outage lasts."""


class Refused(Exception):
    """The world answered no, for good."""

    def __init__(self, code: str, message: str, next_actor: str = "legal_affairs") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_actor = next_actor


class Abandoned(Exception):
    """What was asked is not wanted any more."""


class World:
    """The world, as one convention sees it."""

    def __init__(self, trouble: Callable[[str], Awaitable[None]]) -> None:
        """:param trouble: told the French sentence when an outage lasts, and an empty one when it is over."""
        self._trouble = trouble

    async def ask(self, task: Task[I, O], request: I, wanted: Callable[[], bool] = lambda: True) -> O:
        """The answer to ``request``, however long it takes.

        :param wanted: asked between two series of attempts.
        :raises Refused: the activity refused.
        :raises Abandoned: it did not answer, and the answer is not wanted any more.
        """
        troubled = False
        while True:
            try:
                answer = await _attempt(task, request)
            except ActivityError as failure:
                cause = failure.cause
                if isinstance(cause, ApplicationError) and cause.non_retryable:
                    raise _refused(cause) from failure
                troubled = True
                await self._tell(task, WAITING.get(task.name, "Le registre ne répond pas : nouvel essai en cours."))
                await _pause(wanted)
                if not wanted():
                    await self._tell(task, "")
                    raise Abandoned from failure
            else:
                if troubled:
                    await self._tell(task, "")
                return answer

    async def _tell(self, task: Task[I, O], sentence: str) -> None:
        # Telling is recording: when it is the record that fails, there is nowhere to tell it.
        if task is not tasks.RECORD:
            await self._trouble(sentence)


async def _pause(wanted: Callable[[], bool]) -> None:
    with contextlib.suppress(TimeoutError):
        await workflow.wait_condition(lambda: not wanted(), timeout=PAUSE)


async def _attempt(task: Task[I, O], request: I) -> O:
    if task.local:
        answer = await workflow.execute_local_activity(
            task.name,
            request,
            result_type=task.answer,
            start_to_close_timeout=task.timeout,
            retry_policy=RETRIES,
        )
    else:
        answer = await workflow.execute_activity(
            task.name,
            request,
            result_type=task.answer,
            task_queue=workflow.info().task_queue + task.queue.value,
            start_to_close_timeout=task.timeout,
            heartbeat_timeout=task.heartbeat,
            retry_policy=RETRIES,
        )
    return cast(O, answer)


def _refused(cause: ApplicationError) -> Refused:
    next_actor = str(cause.details[0]) if cause.details else "legal_affairs"
    return Refused(cause.type or "refused", cause.message, next_actor)


def failure(refusal: ParapheError | Refused) -> ApplicationError:
    """The refusal as an Update or a workflow gives it to its caller: code, sentence, who must act."""
    next_actor = refusal.next_actor
    return ApplicationError(
        refusal.message, getattr(next_actor, "value", next_actor), type=refusal.code, non_retryable=True
    )
