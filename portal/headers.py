"""What browsers are told about every answer, and HEAD as a GET without a body."""

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script at all, nothing from elsewhere, in no frame (W3C CSP 3)."""

WITH_OUR_SCRIPT = f"{CONTENT_SECURITY_POLICY}; script-src 'self'"
"""Of the pages where words of a source document are selected: our own file, and still nothing inline."""

_ALWAYS = (
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-frame-options", "DENY"),
    # Signing links carry their secret in the path: no site linked to may learn it.
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ("x-robots-tag", "noindex, nofollow"),
)


class SecurityHeaders:
    """ASGI middleware. Nothing is cached unless the answer says so itself."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self._headers: Iterable[tuple[str, str]] = _ALWAYS
        if secure:
            self._headers = (*_ALWAYS, ("strict-transport-security", "max-age=31536000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                scripted = headers.get("content-security-policy") == WITH_OUR_SCRIPT
                for name, value in self._headers:
                    headers[name] = value
                if scripted:
                    headers["content-security-policy"] = WITH_OUR_SCRIPT
                # The sheet's address changes with its content.
                static = scope["path"].startswith("/static/") and message["status"] == 200
                headers.setdefault("cache-control", "public, max-age=86400" if static else "no-store")
            await send(message)

        await self.app(scope, receive, told)


class HeadAsGet:
    """ASGI middleware: link scanners send HEAD; they get what GET would say, and change as little (RFC 9110, 9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        scope["method"] = "GET"
        await self.app(scope, receive, bodiless)
