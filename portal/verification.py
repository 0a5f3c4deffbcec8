"""The public pages by which anybody checks a signed convention, years later."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.errors import ParapheError
from domain.verification import VerificationReport
from portal.access import client_of, posted
from portal.failures import status_of
from portal.limits import Lane, RateLimit
from portal.pages import Pages
from portal.ports import ArchivedEntry, Ports
from portal.settings import PortalSettings
from portal.typed import uploaded


def verification(ports: Ports, pages: Pages, settings: PortalSettings) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    pace = RateLimit(calls=30, seconds=300)
    lane = Lane()

    def show(
        status: int = 200,
        *,
        report: VerificationReport | None = None,
        number: str = "",
        entries: tuple[ArchivedEntry, ...] | None = None,
        refusal: ParapheError | None = None,
    ) -> Response:
        return pages.render(
            "verify.html",
            status,
            None,
            report=report,
            number=number,
            entries=entries,
            refusal=refusal,
            limit=settings.max_upload_bytes,
        )

    @router.get("/verify")
    async def verify_page(request: Request) -> Response:
        number = request.query_params.get("numero", "").strip()[:100]
        if not number:
            return show()
        pace.take(client_of(request))
        return show(number=number, entries=await run_in_threadpool(ports.verifier.by_number, number))

    @router.post("/verify")
    async def verify(request: Request) -> Response:
        # Nothing is kept or changed, so the form needs no token: it may be sent from anywhere.
        try:
            pace.take(client_of(request))
            file = uploaded(await posted(request))
            report = await lane.run(ports.verifier.verify, file.content)
        except ParapheError as refusal:
            return show(status_of(refusal), refusal=refusal)
        return show(report=report)

    return router
