"""The legal affairs desk: the list, a new deliberation, and each convention with what can be decided about it."""

from collections.abc import Awaitable, Mapping

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from domain.convention import SettledFacts
from domain.corrections import answering
from domain.errors import ParapheError
from domain.lifecycle import LABELS, Stage
from portal import convention_page, facts_form
from portal.access import Access, Posted, Session, convention_id
from portal.attachments import keep
from portal.beside import asked_of, seen_of, source_picture
from portal.companies import looked_up
from portal.failures import status_of
from portal.forms import Typed
from portal.headers import WITH_OUR_SCRIPT
from portal.law import rule_checks
from portal.pages import Pages
from portal.ports import ConventionFilters, Ports
from portal.settings import PortalSettings
from portal.typed import address_of, next_refresh, proof_of, reason_of, shown_digest

NOTICES = {
    "nouvelle": "La délibération est lue : une convention est ouverte.",
    "existante": "Cette délibération a déjà été déposée : voici sa convention. Rien n'a été ouvert une seconde fois.",
    "informations": "Les informations sont enregistrées. Le projet de convention se prépare.",
    "lecture": "La correction est enregistrée, avec votre nom et les mots choisis.",
    "corrections": "La version est écartée : les informations peuvent être modifiées.",
    "approbation": "Cette version est approuvée.",
    "preuve": "La preuve du caractère exécutoire est enregistrée.",
    "envoi": "La convention est envoyée à la signature.",
    "adresse": "L'adresse est corrigée : un nouveau lien est envoyé, l'ancien ne sert plus.",
    "retrait": "La convention est retirée.",
}


def desk(ports: Ports, access: Access, pages: Pages, settings: PortalSettings) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    circuits = ports.circuits

    async def show(
        request: Request,
        session: Session,
        id_: str,
        status: int = 200,
        *,
        refusal: ParapheError | None = None,
        tried: str = "",
        typed: Mapping[str, str] | None = None,
        chosen: str = "",
    ) -> Response:
        view = await circuits.view(id_)
        context = await convention_page.context(
            ports.files, ports.sources, view, await circuits.events(id_), request.query_params, chosen
        )
        return pages.render(
            "convention.html",
            status,
            {"Content-Security-Policy": WITH_OUR_SCRIPT},
            **context,
            script=True,
            staff=session.staff,
            csrf=session.csrf,
            notice=NOTICES.get(request.query_params.get("note") or request.query_params.get("fait", "")),
            refusal=refusal,
            # What was typed in the form that was refused comes back with the refusal.
            tried=tried,
            typed=typed or {},
            refresh=next_refresh(request, f"/conventions/{id_}", context["working"]),
        )

    async def decide(
        request: Request, session: Session, id_: str, done: str, form: Posted, decision: Awaitable[None]
    ) -> Response:
        """Carry out a decision: back to the page when taken, the page with the refusal when not."""
        try:
            await decision
        except ParapheError as refusal:
            return await show(request, session, id_, status_of(refusal), refusal=refusal, tried=done, typed=form.fields)
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

    @router.get("/conventions/{id}")
    async def convention(request: Request, id: str) -> Response:
        session = await access.person(request)
        return await show(request, session, convention_id(id))

    async def facts_page(session: Session, id_: str, typed: Typed | None, status: int = 200) -> Response:
        view = await circuits.view(id_)
        act, award = await convention_page.reading_of(ports.files, view)
        corrected = convention_page.standing(view)
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
            doubts=facts_form.doubtful(act, award, view.supplied, corrected),
            checks=(
                *facts_form.checks(act, award, answering(SettledFacts(), corrected)),
                *rule_checks(view.findings, view.supplied.settled if view.supplied else SettledFacts()),
            ),
            ticked=facts_form.TICKED,
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
        boxes = (*facts_form.checks(act, award), *rule_checks(view.findings, settled))
        supplied, typed = facts_form.supplied_facts(form.fields, settled, boxes)
        if supplied is None:
            return await facts_page(session, id, typed, 422)
        supplied = await looked_up(ports.companies, supplied)
        return await decide(
            request, session, id, "informations", form, circuits.supply_facts(id, supplied, session.staff)
        )

    @router.post("/conventions/{id}/lecture")
    async def correct(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)
        fact = form.text("fact")
        try:
            asked = asked_of(form, "correction", fact)
            await circuits.correct(convention_id(id), asked, seen_of(form), session.staff)
        except ParapheError as refusal:
            return await show(
                request,
                session,
                id,
                status_of(refusal),
                refusal=refusal,
                tried="lecture",
                typed=form.fields,
                chosen=fact,
            )
        return RedirectResponse(f"/conventions/{id}?fait={asked.fact}&note=lecture#fait-{asked.fact}", 303)

    @router.get("/conventions/{id}/source/{page}.png")
    async def source_page(request: Request, id: str, page: str) -> Response:
        await access.person(request)
        view = await circuits.view(convention_id(id))
        return await source_picture(ports.sources, view.deliberation, page)

    @router.post("/conventions/{id}/corrections")
    async def request_changes(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)

        async def decision() -> None:
            await circuits.request_changes(convention_id(id), reason_of(form), session.staff)

        return await decide(request, session, id, "corrections", form, decision())

    @router.post("/conventions/{id}/approbation")
    async def approve(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)

        async def decision() -> None:
            await circuits.approve(convention_id(id), shown_digest(form), session.staff)

        return await decide(request, session, id, "approbation", form, decision())

    @router.post("/conventions/{id}/preuve")
    async def receipt(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)

        async def decision() -> None:
            before = (await circuits.view(convention_id(id))).proof
            proof, document = proof_of(form), before.document if before else None
            if form.file is not None and form.file.name:
                document = await keep(ports.files, form.file)
            await circuits.record_receipt(id, proof.model_copy(update={"document": document}), session.staff)

        return await decide(request, session, id, "preuve", form, decision())

    @router.post("/conventions/{id}/envoi")
    async def send(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)
        return await decide(request, session, id, "envoi", form, circuits.send(convention_id(id), session.staff))

    @router.post("/conventions/{id}/adresse")
    async def correct_address(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)

        async def decision() -> None:
            await circuits.correct_address(convention_id(id), address_of(form), session.staff)

        return await decide(request, session, id, "adresse", form, decision())

    @router.post("/conventions/{id}/retrait")
    async def withdraw(request: Request, id: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)

        async def decision() -> None:
            await circuits.withdraw(convention_id(id), reason_of(form), session.staff)

        return await decide(request, session, id, "retrait", form, decision())

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
