"""The portal as one ASGI application."""

import logging
import re

from fastapi import APIRouter, FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from portal.access import Access
from portal.accesslog import AccessLog
from portal.api import api
from portal.attachments import ATTACHMENT_BYTES
from portal.deposits import deposits
from portal.desk import desk
from portal.entry import entry
from portal.failures import Outages, answer, install, too_large
from portal.headers import HeadAsGet, SecurityHeaders
from portal.limits import FORM_BYTES, BodyLimit
from portal.pages import STATIC, Pages
from portal.ports import Health, Ports
from portal.powers import powers_pages
from portal.settings import PortalSettings
from portal.signing import signing
from portal.verification import verification

log = logging.getLogger("paraphe.portal")

UPLOADS = frozenset(
    {
        "/deliberations/nouvelle",
        "/verify",
        "/api/v1/deliberations",
        "/api/v1/deliberations/examination",
        "/api/v1/verify",
    }
)
"""Where a file is sent; everywhere else a body is small."""

ATTACHED = re.compile(r"(?:/api/v1)?/conventions/[0-9a-f-]{1,40}/(?:preuve|receipt-document)")
"""Where the proof that a deliberation is executory may be attached."""

_MULTIPART_BYTES = 16 * 1024
"""What a form adds around its file."""


def create_app(ports: Ports, settings: PortalSettings) -> FastAPI:
    """The pages and the API over ``ports``. Serve it with the server's own access log off."""
    app = FastAPI(
        title=settings.product_name,
        description="Conventions de subvention : de la délibération à l'archive.",
        version="1",
        openapi_url="/api/v1/openapi.json",
        # The usual viewers load scripts from elsewhere, which our policy forbids.
        docs_url=None,
        redoc_url=None,
    )
    pages = Pages(settings)
    access = Access(ports.staff, settings)
    install(app, pages)
    app.include_router(entry(access, pages, settings))
    app.include_router(deposits(ports, access, pages, settings))
    app.include_router(desk(ports, access, pages, settings))
    app.include_router(powers_pages(ports, access, pages))
    app.include_router(signing(ports, access, pages, settings))
    app.include_router(verification(ports, pages, settings))
    app.include_router(api(ports, access))
    app.include_router(_machines(ports.health))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")

    def file_limit(path: str) -> int:
        """Largest file taken at ``path``; 0 where none is."""
        if path in UPLOADS:
            return settings.max_upload_bytes
        return ATTACHMENT_BYTES if ATTACHED.fullmatch(path) else 0

    def limit_of(path: str) -> int:
        largest = file_limit(path)
        return largest + _MULTIPART_BYTES if largest else FORM_BYTES

    def refuse(scope: Scope, limit: int) -> ASGIApp:
        return answer(pages, scope, too_large(file_limit(scope["path"]) or limit))

    # Added last, called first.
    app.add_middleware(Outages, pages=pages)
    app.add_middleware(BodyLimit, limit_of=limit_of, respond=refuse)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.trusted_hosts), www_redirect=False)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SecurityHeaders, secure=settings.secure_cookies)
    app.add_middleware(AccessLog)
    return app


def _machines(health: Health) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def alive() -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n")

    @router.get("/readyz")
    async def ready() -> Response:
        """Every part answers. What is wrong goes to the log: this page is public."""
        parts = await health.ready()
        for name, state in parts.items():
            if state is not True:
                log.warning("%s is not ready: %s", name, state)
        told = {name: state is True for name, state in parts.items()}
        return JSONResponse(told, 200 if all(told.values()) else 503)

    @router.get("/robots.txt")
    async def robots() -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    return router
