"""How much, and how often: the size of request bodies and the pace of attempts."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import ParapheError

A = TypeVar("A")
T = TypeVar("T")

FORM_BYTES = 256 * 1024
"""Largest body of a request that uploads nothing."""

_DRAIN_BYTES = 512 * 1024 * 1024
"""How much of a refused upload is read and thrown away for a browser."""


class BodyTooLarge(HTTPException):
    """The body is over the limit. An HTTPException, so that form parsers let it through."""

    def __init__(self, limit: int) -> None:
        super().__init__(status_code=413)
        self.limit = limit


class TooManyAttempts(ParapheError):
    """This person, or this address, must wait."""

    def __init__(self, seconds: int) -> None:
        minutes = math.ceil(seconds / 60)
        super().__init__(
            "too_many_attempts",
            f"Trop d'essais en peu de temps. Réessayez dans {minutes} minute{'s' if minutes > 1 else ''}.",
        )
        self.retry_after = seconds


class BodyLimit:
    """ASGI middleware: refuses a body over its limit as soon as this is known, holding none of it.

    ``respond`` makes the refusal. A browser shows an answer only once its upload was taken, so what a browser sends
    is read and dropped first; a program gets its answer at once.
    """

    def __init__(self, app: ASGIApp, limit_of: Callable[[str], int], respond: Callable[[Scope, int], ASGIApp]) -> None:
        self.app = app
        self._limit_of = limit_of
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "")
        if announced.isascii() and announced.isdigit() and int(announced) > limit:
            await self._refuse(scope, receive, send, limit)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit:
                    raise BodyTooLarge(limit)
            return message

        try:
            await self.app(scope, counted, send)
        except BodyTooLarge:
            await self._refuse(scope, receive, send, limit)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        if "text/html" in Headers(scope=scope).get("accept", ""):
            dropped = 0
            while dropped < _DRAIN_BYTES:
                message = await receive()
                dropped += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    break
        await self._respond(scope, limit)(scope, receive, send)


class Lane:
    """A few threads of its own for slow work that anybody may ask for: it never takes those of the other pages."""

    def __init__(self, threads: int = 2) -> None:
        self._limiter = CapacityLimiter(threads)

    async def run(self, work: Callable[[A], T], argument: A) -> T:
        return await to_thread.run_sync(partial(work, argument), limiter=self._limiter)


class RateLimit:
    """At most ``calls`` in any ``seconds``, by key; kept in memory, per process.

    The last word on codes and keys is the register's, which counts for all processes: this spares it a flood.
    """

    def __init__(
        self, calls: int, seconds: float, *, clock: Callable[[], float] = time.monotonic, keys: int = 20_000
    ) -> None:
        self._calls = calls
        self._seconds = seconds
        self._clock = clock
        self._keys = keys
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, key: str) -> None:
        """:raises TooManyAttempts: ``key`` has no call left."""
        now = self._clock()
        calls = self._seen.get(key)
        if calls is None:
            return
        while calls and calls[0] <= now - self._seconds:
            calls.popleft()
        if len(calls) >= self._calls:
            raise TooManyAttempts(max(1, math.ceil(calls[0] + self._seconds - now)))

    def count(self, key: str) -> None:
        self._seen.setdefault(key, deque(maxlen=self._calls)).append(self._clock())
        self._seen.move_to_end(key)
        while len(self._seen) > self._keys:
            self._seen.popitem(last=False)

    def take(self, key: str) -> None:
        """Check, then count."""
        self.check(key)
        self.count(key)
