"""The legal affairs desk: the list, a new deliberation, and each convention with what can be decided about it."""

from collections.abc import Awaitable
from datetime import date, datetime, time

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from domain.convention import SettledFacts
from domain.errors import ParapheError, UnreadableDocument
from domain.executory import PARIS, ExecutoryProof
from domain.lifecycle import LABELS, Stage
from portal import convention_page, facts_form
from portal.access import Access, Posted, Session, convention_id
from portal.facts_table import doubtful
from portal.failures import Incomplete, status_of
from portal.forms import Typed, read
from portal.pages import Pages
from portal.ports import ConventionFilters, Ports
from portal.sentences import sentence
from portal.settings import PortalSettings

NOTICES = {
    "nouvelle": "La délibération est lue : une convention est ouverte.",
    "existante": "Cette délibération a déjà été déposée : voici sa convention. Rien n'a été ouvert une seconde fois.",
    "informations": "Les informations sont enregistrées. Le projet de convention se prépare.",
    "corrections": "La version est écartée : les informations peuvent être modifiées.",
    "approbation": "Cette version est approuvée.",
    "preuve": "La preuve du caractère exécutoire est enregistrée.",
    "envoi": "La convention est envoyée à la signature.",
    "retrait": "La convention est retirée.",
}

REFRESHES = 20
"""A page that waits reloads itself that many times, then leaves it to the person."""


def desk(ports: Ports, access: Access, pages: Pages, settings: PortalSettings) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    circuits = ports.circuits

    async def show(
        request: Request, session: Session, id_: str, status: int = 200, *, refusal: ParapheError | None = None
    ) -> Response:
        view = await circuits.view(id_)
        context = await convention_page.context(ports.files, view)
        return pages.render(
            "convention.html",
            status,
            None,
            **context,
            staff=session.staff,
            csrf=session.csrf,
            notice=NOTICES.get(request.query_params.get("fait", "")),
            refusal=refusal,
            refresh=next_refresh(request, f"/conventions/{id_}", context["working"]),
        )

    async def decide(request: Request, session: Session, id_: str, done: str, decision: Awaitable[None]) -> Response:
        """Carry out a decision: back to the page when taken, the page with the refusal when not."""
        try:
            await decision
        except ParapheError as refusal:
            return await show(request, session, id_, status_of(refusal), refusal=refusal)
        return RedirectResponse(f"/conventions/{id_}?fait={done}", 303)

    @router.get("/")
    async def list_conventions(request: Request) -> Response:
        session = await access.person(request)
        query = request.query_params
        stage = query.get("etape", "")
        filters = ConventionFilters(
            stage=next((known for known in Stage if known.value == stage), None),
            text=query.get("q", "")[:200].strip(),
            attention=query.get("attention") == "1",
        )
        rows = await circuits.list(filters)
        return pages.render(
            "desk.html",
            rows=rows,
            filters=filters,
            stages=LABELS,
            truncated=len(rows) >= filters.limit,
            staff=session.staff,
            csrf=session.csrf,
        )

    @router.get("/deliberations/nouvelle")
    async def new(request: Request) -> Response:
        session = await access.person(request)
        return pages.render(
            "new.html",
            staff=session.staff,
            csrf=session.csrf,
            refusal=None,
            limit=settings.max_upload_bytes,
        )

    @router.post("/deliberations/nouvelle")
    async def submit(request: Request) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)
        try:
            content, name = await uploaded(form)
            submission = await circuits.submit(content, name, session.staff)
        except ParapheError as refusal:
            return pages.render(
                "new.html",
                status_of(refusal),
                None,
                staff=session.staff,
                csrf=session.csrf,
                refusal=refusal,
                limit=settings.max_upload_bytes,
            )
        if len(submission.conventions) == 1:
            [started] = submission.conventions
            done = "existante" if started.existing else "nouvelle"
            return RedirectResponse(f"/conventions/{started.convention_id}?fait={done}", 303)
        views = [await circuits.view(started.convention_id) for started in submission.conventions]
        return pages.render(
            "submitted.html",
            201,
            None,
            started=list(zip(submission.conventions, views, strict=True)),
            staff=session.staff,
            csrf=session.csrf,
        )

    @router.get("/conventions/{id}")
    async def convention(request: Request, id: str) -> Response:
        session = await access.person(request)
        return await show(request, session, convention_id(id))

    async def facts_page(session: Session, id_: str, typed: Typed | None, status: int = 200) -> Response:
        view = await circuits.view(id_)
        act, award = await convention_page.reading_of(ports.files, view)
        settled = view.supplied.settled if view.supplied else SettledFacts()
        if typed is None:
            found = {"beneficiary.name": award.beneficiary.usable, "authority.name": act.authority.usable}
            typed = Typed(
                facts_form.starting_values(
                    view.supplied, settings.authority, {name: value for name, value in found.items() if value}
                )
            )
        return pages.render(
            "facts.html",
            status,
            None,
            view=view,
            groups=facts_form.GROUPS,
            row_fields=facts_form.ROW,
            row_count=facts_form.row_count(typed.values),
            max_rows=facts_form.MAX_ROWS,
            settleable=doubtful(act, award, settled),
            settled_kind=facts_form.SETTLED_KIND,
            typed=typed,
            labels=facts_form.labels(),
            staff=session.staff,
            csrf=session.csrf,
        )

    @router.get("/conventions/{id}/informations")
    async def facts(request: Request, id: str) -> Response:
        session = await access.person(request)
        return await facts_page(session, convention_id(id), None)

    @router.post("/conventions/{id}/informations")
    async def supply(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)
        view = await circuits.view(convention_id(id))
        act, award = await convention_page.reading_of(ports.files, view)
        if form.text("action") == "rows":
            # One more row of instalments: nothing is saved, the page comes back with all that was typed.
            return await facts_page(session, id, Typed(dict(form.fields)))
        settled = view.supplied.settled if view.supplied else SettledFacts()
        supplied, typed = facts_form.supplied_facts(form.fields, doubtful(act, award, settled))
        if supplied is None:
            return await facts_page(session, id, typed, 422)
        return await decide(request, session, id, "informations", circuits.supply_facts(id, supplied, session.staff))

    @router.post("/conventions/{id}/corrections")
    async def request_changes(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)

        async def decision() -> None:
            await circuits.request_changes(convention_id(id), reason_of(form), session.staff)

        return await decide(request, session, id, "corrections", decision())

    @router.post("/conventions/{id}/approbation")
    async def approve(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)
        return await decide(
            request,
            session,
            id,
            "approbation",
            circuits.approve(convention_id(id), form.text("document_sha256"), session.staff),
        )

    @router.post("/conventions/{id}/preuve")
    async def receipt(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)

        async def decision() -> None:
            await circuits.record_receipt(convention_id(id), proof_of(form), session.staff)

        return await decide(request, session, id, "preuve", decision())

    @router.post("/conventions/{id}/envoi")
    async def send(request: Request, id: str) -> Response:
        session = await access.person(request)
        await access.form(request, session)
        return await decide(request, session, id, "envoi", circuits.send(convention_id(id), session.staff))

    @router.post("/conventions/{id}/retrait")
    async def withdraw(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)

        async def decision() -> None:
            await circuits.withdraw(convention_id(id), reason_of(form), session.staff)

        return await decide(request, session, id, "retrait", decision())

    @router.get("/conventions/{id}/documents/{kind}")
    async def download(request: Request, id: str, kind: str) -> Response:
        await access.person(request)
        view = await circuits.view(convention_id(id))
        ref = convention_page.document(view, kind)
        content = await run_in_threadpool(ports.files.get, ref)
        name = f"{kind}-{view.convention_number or view.award.number}"
        return convention_page.attachment(content, ref.media_type, name)

    @router.get("/conventions/{id}/pages/{page}.png")
    async def page(request: Request, id: str, page: str) -> Response:
        await access.person(request)
        view = await circuits.view(convention_id(id))
        pdf = convention_page.current_pdf(view)
        number = convention_page.page_number(page, view.draft.pages if view.draft and pdf else 0)
        assert pdf is not None
        return convention_page.picture(await run_in_threadpool(ports.files.page_png, pdf, number))

    return router


def next_refresh(request: Request, path: str, working: bool) -> str | None:
    """Where a page that waits for the machine reloads itself, a bounded number of times."""
    text = request.query_params.get("attente", "0")
    seen = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else REFRESHES
    return f"{path}?attente={seen + 1}" if working and seen < REFRESHES else None


async def uploaded(form: Posted) -> tuple[bytes, str]:
    """Content and name of the file sent.

    :raises UnreadableDocument: ``no_file`` or ``empty``.
    """
    if form.file is None or not form.file.filename:
        raise UnreadableDocument("no_file", "Aucun fichier n'a été choisi : choisissez un fichier, puis recommencez.")
    content = await form.file.read()
    if not content:
        raise UnreadableDocument("empty", "Ce fichier est vide : vérifiez le fichier, puis recommencez.")
    return content, form.file.filename[-200:]


def reason_of(form: Posted) -> str:
    """:raises Incomplete: ``reason_missing`` or ``reason_too_long``."""
    reason = form.text("reason")
    if not reason:
        raise Incomplete("reason_missing", "Un motif est nécessaire : écrivez-le, puis recommencez.")
    if len(reason) > 2000:
        raise Incomplete("reason_too_long", "Ce motif est trop long : 2 000 caractères au plus.")
    return reason


_PROOF_LABELS = {
    "receipt_id": "Identifiant de l'acte",
    "sent_at": "Date d'envoi",
    "received_at": "Date de réception",
    "published_at": "Date de publication",
}


def proof_of(form: Posted) -> ExecutoryProof:
    """:raises Incomplete: ``receipt_invalid``, with what is wrong."""
    try:
        typed = {name: _moment(form, name, label) for name, label in _PROOF_LABELS.items() if name != "receipt_id"}
        return ExecutoryProof.model_validate(
            {"receipt_id": form.text("receipt_id")} | {name: value for name, value in typed.items() if value}
        )
    except ValidationError as refused:
        said = []
        for error in refused.errors():
            label = _PROOF_LABELS.get(str(error["loc"][0])) if error["loc"] else None
            line = f"{label} : {sentence(error)}" if label else sentence(error)
            if line not in said:
                said.append(line)
        raise Incomplete("receipt_invalid", " ".join(said)) from refused


def _moment(form: Posted, name: str, label: str) -> date | datetime | None:
    text = form.text(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(read("date", text))
        hour = form.text(f"{name}_time")
        return datetime.combine(day, time.fromisoformat(hour), PARIS) if hour else day
    except ValueError as error:
        raise Incomplete("receipt_invalid", f"{label} : cette date ou cette heure n'existe pas.") from error
