"""The JSON API, ``/api/v1``: all that the desk's pages do, for programs. Described by ``/api/v1/openapi.json``."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response, UploadFile
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import EmailStr, Field
from starlette.concurrency import run_in_threadpool

from domain.convention import SuppliedFacts
from domain.documents import DocumentRef, Model, Sha256
from domain.errors import UnreadableDocument
from domain.executory import ExecutoryProof
from domain.facts import Finding
from domain.lifecycle import Stage
from domain.parties import Staff
from domain.powers import Delegation, Mandate, PowerTrace, Recusal
from domain.verification import VerificationReport
from portal import convention_page
from portal.access import Access, Upload, client_of, convention_id
from portal.api_reading import reading_api
from portal.attachments import keep, require_kept
from portal.companies import looked_up
from portal.limits import Lane, RateLimit
from portal.ports import ArchivedEntry, ConventionFilters, EventLine, Ports
from workflows.views import ConventionRow, ConventionView, Submission


class Place(Model):
    place: str
    message: str


class Problem(Model):
    """Why a request was refused (served as ``application/problem+json``)."""

    code: str
    """Stable, snake_case."""
    message: str
    """French, for a person."""
    next_actor: str
    """Who must act: ``legal_affairs``, ``signatory``, ``authority`` or ``operator``."""
    findings: tuple[Finding, ...] = ()
    errors: tuple[Place, ...] = ()
    """For ``invalid``: the fields that are wrong."""


class Reason(Model):
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Approval(Model):
    document_sha256: Sha256
    """Digest of the PDF that was read and is approved."""


class Address(Model):
    email: EmailStr


class Ending(Model):
    day: date
    """Last day of a mandate or a recusal; first day without a delegation."""


class Conventions(Model):
    conventions: tuple[ConventionRow, ...]


REFUSALS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "description": description}
    for status, description in (
        (400, "The request cannot be read."),
        (401, "No key, or a wrong one."),
        (404, "No such convention, document or page."),
        (409, "The state of the convention, or a rule of law, forbids this now."),
        (413, "The file is too large."),
        (415, "The file is not of a type that is read."),
        (422, "The file or the fields cannot be used."),
        (429, "Too many attempts."),
    )
}


def api(ports: Ports, access: Access) -> APIRouter:
    router = APIRouter(prefix="/api/v1", responses=REFUSALS)
    circuits = ports.circuits
    scheme = HTTPBearer(auto_error=False, description="A desk access key.")
    pace = RateLimit(calls=30, seconds=300)
    lane = Lane()

    async def staff(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(scheme)]
    ) -> Staff:
        return await access.bearer(request, credentials.credentials if credentials else None)

    def known(id: Annotated[str, Path(description="E.g. 3f2a9c0d1e2b4a5f-1")]) -> str:
        return convention_id(id)

    By = Annotated[Staff, Depends(staff)]
    Id = Annotated[str, Depends(known)]
    EntryId = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")]

    async def content_of(file: UploadFile) -> tuple[bytes, str]:
        content = await file.read()
        if not content:
            raise UnreadableDocument("empty_file", "Ce fichier est vide : vérifiez le fichier, puis recommencez.")
        return content, (file.filename or "document")[-200:]

    @router.post("/deliberations", status_code=201, tags=["conventions"])
    async def submit_deliberation(by: By, file: UploadFile, response: Response) -> Submission:
        """Submit a deliberation (PDF, DOCX or text). 201 when a convention was opened, 200 when all existed."""
        content, name = await content_of(file)
        submission = await circuits.submit(content, name, by)
        if submission.conventions and all(started.existing for started in submission.conventions):
            response.status_code = 200
        return submission

    router.include_router(reading_api(ports, staff, known))

    @router.get("/conventions", tags=["conventions"])
    async def list_conventions(
        by: By,
        stage: Stage | None = None,
        q: Annotated[str, Query(max_length=200)] = "",
        attention: bool = False,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> Conventions:
        filters = ConventionFilters(stage=stage, text=q, attention=attention, limit=limit)
        return Conventions(conventions=tuple(await circuits.list(filters)))

    @router.get("/conventions/{id}", tags=["conventions"])
    async def get_convention(by: By, id: Id) -> ConventionView:
        return await circuits.view(id)

    @router.put("/conventions/{id}/facts", tags=["conventions"])
    async def supply_facts(by: By, id: Id, facts: SuppliedFacts) -> ConventionView:
        """Supply what the deliberation does not say; a draft is then made. ``company`` is ours to fill."""
        await circuits.supply_facts(id, await looked_up(ports.companies, facts), by)
        return await circuits.view(id)

    @router.post("/conventions/{id}/changes", tags=["conventions"])
    async def request_changes(by: By, id: Id, body: Reason) -> ConventionView:
        await circuits.request_changes(id, body.reason, by)
        return await circuits.view(id)

    @router.post("/conventions/{id}/approval", tags=["conventions"])
    async def approve(by: By, id: Id, body: Approval) -> ConventionView:
        """Approve one exact version."""
        await circuits.approve(id, body.document_sha256, by)
        return await circuits.view(id)

    @router.post("/conventions/{id}/receipt", tags=["conventions"])
    async def record_receipt(by: By, id: Id, proof: ExecutoryProof) -> ConventionView:
        """Record the proof that the deliberation is executory. A time without a zone is Paris time.

        ``document`` is what ``receipt-document`` answered, if a file is attached.
        """
        if proof.document is not None:
            await require_kept(ports.files, proof.document)
        await circuits.record_receipt(id, proof, by)
        return await circuits.view(id)

    @router.put("/conventions/{id}/receipt-document", tags=["conventions"])
    async def keep_receipt_document(by: By, id: Id, file: UploadFile) -> DocumentRef:
        """Store the stamped copy or the acknowledgement (PDF, PNG, JPEG or XML, 10 MB): the reference to put in the
        receipt's ``document``. Nothing is recorded yet."""
        await circuits.view(id)
        content, name = await content_of(file)
        return await keep(ports.files, Upload(name, content))

    @router.get("/conventions/{id}/events", tags=["conventions"])
    async def list_events(by: By, id: Id) -> tuple[EventLine, ...]:
        """What happened to it, the newest last. The whole evidence is the document ``evidence``."""
        return await circuits.events(id)

    @router.post("/conventions/{id}/sending", tags=["conventions"])
    async def send(by: By, id: Id) -> ConventionView:
        """Ask the first party to sign; refused before the deliberation is executory."""
        await circuits.send(id, by)
        return await circuits.view(id)

    @router.put("/conventions/{id}/address", tags=["conventions"])
    async def correct_address(by: By, id: Id, body: Address) -> ConventionView:
        """While the beneficiary's signature is awaited: send the request to another address, by a new link."""
        await circuits.correct_address(id, body.email, by)
        return await circuits.view(id)

    @router.post("/conventions/{id}/withdrawal", tags=["conventions"])
    async def withdraw(by: By, id: Id, body: Reason) -> ConventionView:
        await circuits.withdraw(id, body.reason, by)
        return await circuits.view(id)

    @router.get("/conventions/{id}/documents/{kind}", tags=["documents"], response_class=Response)
    async def get_document(by: By, id: Id, kind: str) -> Response:
        """``docx``, ``pdf``, ``signed``, ``evidence``, ``proof``, ``reading`` or ``deliberation``."""
        view = await circuits.view(id)
        ref = convention_page.document(view, kind)
        content = await run_in_threadpool(ports.files.get, ref)
        return convention_page.attachment(
            content, ref.media_type, f"{kind}-{view.convention_number or view.award.number}"
        )

    @router.get("/conventions/{id}/pages/{page}.png", tags=["documents"], response_class=Response)
    async def get_page(by: By, id: Id, page: str) -> Response:
        """Picture of a page, from 1."""
        view = await circuits.view(id)
        pdf = convention_page.current_pdf(view)
        number = convention_page.page_number(page, view.draft.pages if view.draft and pdf else 0)
        assert pdf is not None
        return convention_page.picture(await run_in_threadpool(ports.files.page_png, pdf, number))

    @router.get("/powers/mandates", tags=["powers"])
    async def list_mandates(by: By) -> tuple[Mandate, ...]:
        return (await run_in_threadpool(ports.powers.entries)).mandates

    @router.post("/powers/mandates", status_code=201, tags=["powers"])
    async def add_mandate(by: By, mandate: Mandate) -> Mandate:
        await run_in_threadpool(ports.powers.add_mandate, mandate, by)
        return mandate

    @router.get("/powers/delegations", tags=["powers"])
    async def list_delegations(by: By) -> tuple[Delegation, ...]:
        return (await run_in_threadpool(ports.powers.entries)).delegations

    @router.post("/powers/delegations", status_code=201, tags=["powers"])
    async def add_delegation(by: By, delegation: Delegation) -> Delegation:
        await run_in_threadpool(ports.powers.add_delegation, delegation, by)
        return delegation

    @router.get("/powers/recusals", tags=["powers"])
    async def list_recusals(by: By) -> tuple[Recusal, ...]:
        return (await run_in_threadpool(ports.powers.entries)).recusals

    @router.post("/powers/recusals", status_code=201, tags=["powers"])
    async def add_recusal(by: By, recusal: Recusal) -> Recusal:
        await run_in_threadpool(ports.powers.add_recusal, recusal, by)
        return recusal

    @router.post("/powers/mandates/{id}/end", tags=["powers"])
    async def end_mandate(by: By, id: EntryId, body: Ending) -> Mandate:
        """An end is never put off: a power is not given back."""
        return await run_in_threadpool(ports.powers.end_mandate, id, body.day, by)

    @router.post("/powers/delegations/{id}/end", tags=["powers"])
    async def revoke_delegation(by: By, id: EntryId, body: Ending) -> Delegation:
        """It gives no power from that day on."""
        return await run_in_threadpool(ports.powers.revoke_delegation, id, body.day, by)

    @router.post("/powers/recusals/{id}/end", tags=["powers"])
    async def end_recusal(by: By, id: EntryId, body: Ending) -> Recusal:
        return await run_in_threadpool(ports.powers.end_recusal, id, body.day, by)

    @router.get("/powers/traces", tags=["powers"])
    async def list_traces(by: By) -> tuple[PowerTrace, ...]:
        """Who entered and who ended each entry."""
        return await run_in_threadpool(ports.powers.traces)

    @router.post("/verify", tags=["verification"])
    async def verify(request: Request, file: UploadFile) -> VerificationReport:
        """What the signatures of a PDF prove. Public; keeps nothing."""
        pace.take(client_of(request))
        content, _ = await content_of(file)
        return await lane.run(ports.verifier.verify, content)

    @router.get("/archive", tags=["verification"])
    async def by_number(
        request: Request, number: Annotated[str, Query(min_length=1, max_length=100)]
    ) -> tuple[ArchivedEntry, ...]:
        """What is public of the archived conventions that bear this number."""
        pace.take(client_of(request))
        return await run_in_threadpool(ports.verifier.by_number, number)

    return router
