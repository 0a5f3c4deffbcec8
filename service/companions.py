"""The companions of the embedded stack, in one process: mail catcher, its page, and the test timestamp authority."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from service import devpki, ocsp, tsa
from service.catcher import Mailbox, add_pages, listen
from service.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The pages of the mailbox at ``/``, RFC 3161 at ``/tsa``, what the test authorities publish at ``/pki``, and SMTP
    beside them while the app lives."""
    pki = devpki.ensure(settings.keys, f"http://127.0.0.1:{settings.companion_port}/pki")
    mailbox = Mailbox(settings.data_dir / "mails")

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        server = await listen(mailbox, "127.0.0.1", settings.smtp_port)
        yield
        server.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    # The loopback alone does not keep a page of the Web out: it may give its own name our address (DNS rebinding).
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    add_pages(app, mailbox, settings.templates_dir / "companion")
    app.mount("/tsa", tsa.app(tsa.TimestampAuthority(pki.tsa, pki.tsa_key, (pki.issuing,))))
    app.mount("/pki", ocsp.app(pki))
    return app


async def run(settings: Settings) -> None:
    """Serve on the loopback until told to stop."""
    config = uvicorn.Config(
        create_app(settings),
        host="127.0.0.1",
        port=settings.companion_port,
        access_log=False,
        log_level="warning",
        log_config=None,
    )
    await uvicorn.Server(config).serve()
