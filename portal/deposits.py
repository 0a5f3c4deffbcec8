"""A new deliberation: the file is read, and what must be corrected or chosen first is shown beside its text.

A file that holds one act which can become a convention opens it at once. Otherwise, or when the person asks to look
first, the page of the deposit shows each act, what was read of it, and why it cannot be opened.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from domain.admission import CORRECTABLE_REFUSALS, judged
from domain.convention import SettledFacts
from domain.correcting import Asked
from domain.corrections import IDENTITY
from domain.deliberation import Act, Award, Reading
from domain.errors import NotADeliberation, NotFound, ParapheError
from domain.facts import Fact
from domain.parties import Staff
from domain.tasks import ActSummary
from portal import facts_table
from portal.access import Access, Posted, Session
from portal.beside import asked_of, beside, grouped, named, recognised_pages, source_picture
from portal.facts_table import FactRow
from portal.failures import Incomplete, status_of
from portal.headers import WITH_OUR_SCRIPT
from portal.pages import Pages
from portal.ports import Deposit, Ports
from portal.settings import PortalSettings
from portal.typed import uploaded
from workflows.views import ConventionView, StartedConvention, Submission

SHOWN_ACTS = 40
"""Acts whose form is on one page; a register of more is cut by who deposits it."""


@dataclass(frozen=True)
class ShownAct:
    """One act of the file, and what stops it."""

    summary: ActSummary
    refusal: NotADeliberation | None
    identity: tuple[FactRow, ...]

    @property
    def mendable(self) -> bool:
        return self.refusal is not None and self.refusal.code in CORRECTABLE_REFUSALS

    @property
    def offered(self) -> bool:
        """A convention can come of it, perhaps once corrected."""
        return self.refusal is None or self.mendable


def deposits(ports: Ports, access: Access, pages: Pages, settings: PortalSettings) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    def blank(session: Session, status: int = 200, refusal: ParapheError | None = None) -> Response:
        return pages.render(
            "new.html",
            status,
            None,
            staff=session.staff,
            csrf=session.csrf,
            refusal=refusal,
            limit=settings.max_upload_bytes,
        )

    @router.get("/deliberations/nouvelle")
    async def new(request: Request) -> Response:
        return blank(await access.person(request))

    @router.post("/deliberations/nouvelle")
    async def submit(request: Request) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)
        try:
            file = uploaded(form)
            key, deposit = await run_in_threadpool(ports.sources.examine, file.content, file.name)
            if form.text("look") or not _plain(deposit):
                return RedirectResponse(f"/deliberations/{key}", 303)
            return await opened(session, deposit, await ports.circuits.open(deposit, session.staff))
        except ParapheError as refusal:
            return blank(session, status_of(refusal), refusal)

    async def opened(session: Session, deposit: Deposit, submission: Submission) -> Response:
        if len(submission.conventions) == 1 and len(submission.acts) == 1:
            [started] = submission.conventions
            done = "existante" if started.existing else "nouvelle"
            return RedirectResponse(f"/conventions/{started.convention_id}?fait={done}", 303)
        views = [await ports.circuits.view(started.convention_id) for started in submission.conventions]
        return pages.render(
            "submitted.html",
            201,
            None,
            name=deposit.name,
            acts=_opened_acts(submission, views),
            count=len(views),
            staff=session.staff,
            csrf=session.csrf,
        )

    async def show(
        request: Request,
        session: Session,
        key: str,
        status: int = 200,
        *,
        refusal: ParapheError | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        deposit = await run_in_threadpool(ports.sources.deposit, key)
        reading = Reading.model_validate_json(await run_in_threadpool(ports.files.get, deposit.reading))
        acts = _shown(deposit, reading)
        asked = request.query_params.get("acte", "")
        index = int(asked) if re.fullmatch(r"[0-9]{1,3}", asked) and int(asked) < len(reading.acts) else 0
        act = reading.acts[index]
        award = act.awards[0] if act.awards else Award()
        rows = facts_table.rows(act, award, SettledFacts())
        findings = named(act.findings, "constat")
        return pages.render(
            "deposit.html",
            status,
            {"Content-Security-Policy": WITH_OUR_SCRIPT},
            **await beside(
                ports.sources,
                deposit.document,
                deposit.text,
                request.query_params,
                rows,
                findings,
                recognised=recognised_pages(reading.source),
            ),
            script=True,
            key=key,
            deposit=deposit,
            acts=acts,
            hidden=len(reading.acts) - len(acts),
            index=index,
            facts=rows,
            awards=act.awards,
            findings=grouped(findings),
            address=f"/deliberations/{key}?acte={index}&",
            ready=any(item.offered for item in acts),
            staff=session.staff,
            csrf=session.csrf,
            refusal=refusal,
            typed=typed,
        )

    @router.get("/deliberations/{key}")
    async def examined(request: Request, key: str) -> Response:
        session = await access.person(request)
        return await show(request, session, _key(key))

    @router.post("/deliberations/{key}")
    async def open_chosen(request: Request, key: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)
        deposit = await run_in_threadpool(ports.sources.deposit, _key(key))
        try:
            submission = await _open(ports, deposit, form, session.staff)
        except ParapheError as refusal:
            return await show(request, session, key, status_of(refusal), refusal=refusal, typed=form.fields)
        return await opened(session, deposit, submission)

    @router.get("/deliberations/{key}/source/{page}.png")
    async def picture(request: Request, key: str, page: str) -> Response:
        await access.person(request)
        deposit = await run_in_threadpool(ports.sources.deposit, _key(key))
        return await source_picture(ports.sources, deposit.document, page)

    return router


async def _open(ports: Ports, deposit: Deposit, form: Posted, by: Staff) -> Submission:
    chosen = tuple(act.index for act in deposit.acts if form.text(f"acte-{act.index}"))
    if not chosen:
        raise Incomplete(
            "act_not_chosen", "Aucune délibération n'est choisie : cochez celles qui deviennent des conventions."
        )
    corrections = tuple(
        asked for index in chosen for fact in IDENTITY if (asked := _asked(form, index, fact)) is not None
    )
    # All that can be, as a program would ask for it: the same submission, whoever makes it.
    every = {act.index for act, refusal in judged(deposit.acts) if refusal is None}
    return await ports.circuits.open(
        deposit, by, corrections, None if set(chosen) == every and not corrections else chosen
    )


def _asked(form: Posted, index: int, fact: str) -> Asked | None:
    prefix = f"acte-{index}.{fact}"
    asked = asked_of(form, prefix, fact, act=index)
    if not asked.value and not asked.quote and asked.start is None:
        return None
    return asked.model_copy(update={"attested": bool(form.text(f"acte-{index}.attested"))})


def _plain(deposit: Deposit) -> bool:
    """One act, which can become a convention: nothing to choose or to correct."""
    every = judged(deposit.acts)
    return len(every) == 1 and every[0][1] is None


def _key(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise NotFound("deposit_unknown", "Ce dépôt n'existe pas. Vérifiez l'adresse.")
    return text


def _shown(deposit: Deposit, reading: Reading) -> tuple[ShownAct, ...]:
    return tuple(
        ShownAct(summary, refusal, _identity(reading.acts[summary.index]))
        for summary, refusal in judged(deposit.acts)[:SHOWN_ACTS]
    )


def _identity(act: Act) -> tuple[FactRow, ...]:
    labels = {"authority": "Collectivité", "number": "Numéro de la délibération", "session_date": "Date de la séance"}

    def row(name: str, fact: Fact[object]) -> FactRow:
        return FactRow(name, labels[name], facts_table.show(fact.value), fact.status, fact.evidence, correctable=True)

    return tuple(row(name, getattr(act, name)) for name in ("number", "session_date", "authority"))


def _opened_acts(
    submission: Submission, views: list[ConventionView]
) -> list[tuple[ActSummary, str, list[tuple[StartedConvention, ConventionView]]]]:
    """Each act, why nothing was opened of it, and its conventions."""
    started = list(zip(submission.conventions, views, strict=True))
    reasons = {act.index: refusal.message if refusal else "" for act, refusal in judged(submission.acts)}
    left = "Vous ne l'avez pas choisie."
    return [
        (
            act,
            "" if any(item.act_index == act.index for item, _ in started) else reasons[act.index] or left,
            [(item, view) for item, view in started if item.act_index == act.index],
        )
        for act in submission.acts
    ]
