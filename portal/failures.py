"""What a person or a program is told when something is refused, or fails.

Refusals (:class:`ParapheError`) keep their code, their sentence and who must act next. Anything else is an outage:
the person learns that nothing was decided and gets a reference to quote; the log holds the trace.
"""

import logging
import secrets
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.errors import (
    Actor,
    ArchiveDamaged,
    DraftRefused,
    LinkRefused,
    NotADeliberation,
    NotFound,
    ParapheError,
    UnreadableDocument,
)
from portal.accesslog import template_of
from portal.french import size
from portal.limits import BodyTooLarge, TooManyAttempts
from portal.pages import Pages
from portal.ports import Unavailable
from portal.sentences import sentence

log = logging.getLogger("paraphe.portal")

API = "/api/"


class LoginNeeded(Exception):
    """No desk session: the person is sent to the login page, then back to ``path``."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class Unauthorised(ParapheError):
    """A desk action without a key, or with a wrong one."""


class FormRefused(ParapheError):
    """A form that did not come from our page, or whose session has changed."""


class Incomplete(ParapheError):
    """A short form lacks something; the sentence says what."""


_STATUS_BY_CODE = {
    "wrong_type": 415,
    "unsupported_type": 415,
    "unknown_type": 415,
    "too_large": 413,
    "code_too_soon": 429,
    "too_many_codes": 429,
    "link_unknown": 404,
    "link_dead": 410,
    "link_expired": 410,
}

_STATUS_BY_KIND: tuple[tuple[type[ParapheError], int], ...] = (
    (TooManyAttempts, 429),
    (Unauthorised, 401),
    (FormRefused, 403),
    (Incomplete, 422),
    (NotFound, 404),
    (UnreadableDocument, 422),
    (NotADeliberation, 422),
    (DraftRefused, 422),
    (LinkRefused, 403),
    (ArchiveDamaged, 500),
)


def status_of(error: ParapheError) -> int:
    """HTTP status of a refusal; 409 where the state of the convention or the law forbids."""
    if isinstance(error, UnreadableDocument) and ("type" in error.code or "format" in error.code):
        return 415
    if error.code in _STATUS_BY_CODE:
        return _STATUS_BY_CODE[error.code]
    return next((status for kind, status in _STATUS_BY_KIND if isinstance(error, kind)), 409)


def problem(error: ParapheError) -> dict[str, Any]:
    """The JSON of a refusal: ``{code, message, next_actor, findings?}``."""
    told: dict[str, Any] = {"code": error.code, "message": error.message, "next_actor": error.next_actor.value}
    findings = getattr(error, "findings", ())
    if findings:
        told["findings"] = [f.model_dump(mode="json") for f in findings]
    return told


def problem_response(error: ParapheError) -> JSONResponse:
    headers = {}
    if isinstance(error, Unauthorised):
        headers["WWW-Authenticate"] = 'Bearer realm="paraphe"'
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse(problem(error), status_of(error), headers, media_type="application/problem+json")


_HTTP = {
    400: ("bad_request", "La demande ne se lit pas. Revenez à la page précédente et recommencez."),
    404: ("not_found", "Cette page n'existe pas. Vérifiez l'adresse."),
    405: ("method_not_allowed", "Cette adresse ne s'utilise pas de cette façon."),
}


def _http_refusal(error: HTTPException) -> ParapheError:
    if isinstance(error, BodyTooLarge):
        return too_large(error.limit)
    code, message = _HTTP.get(error.status_code, ("refused", "La demande est refusée."))
    return ParapheError(code, message)


def too_large(limit: int) -> UnreadableDocument:
    return UnreadableDocument(
        "too_large",
        f"Ce fichier est trop volumineux : la limite est de {size(limit)}. Rien n'a été conservé. Réduisez la"
        " numérisation ou n'envoyez que la délibération, puis recommencez.",
    )


def answer(pages: Pages, scope: Scope, error: ParapheError, status: int | None = None) -> Response:
    """A refusal as JSON for the API, as a page otherwise."""
    status = status or status_of(error)
    if scope["path"].startswith(API):
        response = problem_response(error)
        response.status_code = status
        return response
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyAttempts) else None
    return pages.render("refus.html", status, headers, refusal=error)


def install(app: FastAPI, pages: Pages) -> None:
    """Register how each failure is answered."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ParapheError)
        return answer(pages, request.scope, error)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        response = answer(pages, request.scope, _http_refusal(error), error.status_code)
        if error.headers:
            response.headers.update(error.headers)
        return response

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        # Only the API has typed parameters; the pages check their own forms.
        return JSONResponse(
            {
                "code": "invalid",
                "message": "Certaines informations manquent ou ne sont pas valables.",
                "next_actor": Actor.LEGAL_AFFAIRS.value,
                "errors": [
                    {"place": ".".join(str(p) for p in e["loc"] if p != "body"), "message": sentence(e)}
                    for e in error.errors()
                ],
            },
            422,
            media_type="application/problem+json",
        )

    async def login(_request: Request, error: Exception) -> Response:
        assert isinstance(error, LoginNeeded)
        return RedirectResponse(pages.login_url(error.path), 303)

    app.add_exception_handler(ParapheError, refused)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(LoginNeeded, login)


class Outages:
    """ASGI middleware: what nobody foresaw becomes a calm answer and a trace in the log."""

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self.app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except BodyTooLarge:
            raise
        except Exception as error:
            if scope["type"] != "http":
                raise
            incident = secrets.token_hex(4)
            log.exception("incident %s on %s %s", incident, scope["method"], template_of(scope))
            if started:
                raise
            waiting = isinstance(error, Unavailable | OSError | TimeoutError)
            refusal = ParapheError(
                "outage",
                "Le service ne répond pas pour le moment. Votre demande n'a peut-être pas été prise en compte :"
                f" revenez sur la page dans quelques minutes pour le vérifier. Référence de l'incident : {incident}.",
                next_actor=Actor.OPERATOR,
            )
            await answer(self._pages, scope, refusal, 503 if waiting else 500)(scope, receive, send)
