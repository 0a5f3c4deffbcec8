"""Signs of life of running activities, so that a worker that dies is noticed in seconds.

Our activities block in threads and have nothing to say on the way. The worker's event loop says for them that the
process is alive; an activity that hangs in a process that lives still ends by its own timeout.

An attempt that the server has given up (its heartbeats were lost for a while) goes on to its end all the same: our
activities are declared with ``no_thread_cancel_exception``, because an exception thrown into the middle of a talk with
LibreOffice or a mail server would leave the talk half-way, and another attempt would read the rest of it.
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.worker import (
    ActivityInboundInterceptor,
    ActivityOutboundInterceptor,
    ExecuteActivityInput,
    Interceptor,
)


class Heartbeats(Interceptor):
    """A worker's interceptor: every activity that is not local beats while it runs."""

    def __init__(self, every: timedelta) -> None:
        """:param every: well under the heartbeat timeout; the worker's throttle must not be longer."""
        self._every = every

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Beating(next, self._every)


class _Beating(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, every: timedelta) -> None:
        super().__init__(following)
        self._every = every

    def init(self, outbound: ActivityOutboundInterceptor) -> None:
        # Kept, because activity.heartbeat() of a sync activity waits for the event loop, in which we are.
        self._outbound = outbound
        super().init(outbound)

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        if activity.info().is_local:
            return await super().execute_activity(input)
        beating = asyncio.create_task(self._beat())
        try:
            return await super().execute_activity(input)
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            self._outbound.heartbeat()
            await asyncio.sleep(self._every.total_seconds())
