"""One line per request, with the route's template instead of the path: a path may hold a signing link's secret.

The server's own access log must be off (``uvicorn --no-access-log``): it writes paths.
"""

import logging
import re
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("paraphe.access")

_MACHINE = re.compile(r"bot|crawl|spider|preview|scan|curl|wget|python|urlguard|safelinks|proofpoint|mimecast", re.I)


class AccessLog:
    """ASGI middleware. Neither addresses nor paths nor queries are written."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start = time.perf_counter()
        method = scope["method"]
        status = 500
        size = 0

        async def measured(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, measured)
        finally:
            log.info(
                "%s %s %d %d bytes %d ms %s",
                method,
                template_of(scope),
                status,
                size,
                round((time.perf_counter() - start) * 1000),
                "machine" if _by_a_machine(method, Headers(scope=scope)) else "person",
            )


def template_of(scope: Scope) -> str:
    """``/s/{token}`` for ``/s/xyz``; ``(static)`` or ``(unknown)`` where no route of ours answered."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str):
        return path
    return "(static)" if scope["path"].startswith("/static/") else "(unknown)"


def _by_a_machine(method: str, headers: Headers) -> bool:
    # A hint for whoever reads the log, and no evidence: openings prove nothing either way (invariant 5).
    purpose = headers.get("sec-purpose", "") + headers.get("purpose", "")
    return method == "HEAD" or "prefetch" in purpose or bool(_MACHINE.search(headers.get("user-agent", "bot")))
