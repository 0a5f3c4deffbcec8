"""How a workflow asks something of the world, and what it does while the world does not answer.

A refusal comes back at once as a :class:`Refused`. An outage is retried a few times by Temporal, then shown to the
desk, and retried for as long as it takes: the convention waits visibly and never goes on with less (invariant 7).
"""

from collections.abc import Callable
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


class World:
    """The world, as one convention sees it."""

    def __init__(self, trouble: Callable[[str], None]) -> None:
        """:param trouble: told the French sentence when an outage lasts, and an empty one when it is over."""
        self._trouble = trouble

    async def ask(self, task: Task[I, O], request: I) -> O:
        """The answer to ``request``, however long it takes.

        :raises Refused: the activity refused.
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
                self._trouble(WAITING.get(task.name, "Le registre ne répond pas : nouvel essai en cours."))
                await workflow.sleep(PAUSE)
            else:
                if troubled:
                    self._trouble("")
                return answer


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
