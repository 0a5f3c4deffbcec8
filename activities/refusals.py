"""How a refusal crosses Temporal: a ParapheError becomes a final failure that keeps its code and sentence.

Everything else that an activity raises is an outage, which Temporal retries.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from temporalio.exceptions import ApplicationError

from domain.errors import ParapheError

P = ParamSpec("P")
R = TypeVar("R")


def refusing(function: Callable[P, R]) -> Callable[P, R]:
    """Wrap an activity so that its refusals are not retried. Goes under ``@activity.defn``."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ParapheError as refusal:
            raise ApplicationError(
                refusal.message, refusal.next_actor.value, type=refusal.code, non_retryable=True
            ) from refusal

    return wrapped
