"""The register of powers at the desk: who may sign, and new entries."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from domain.errors import NotFound, ParapheError
from domain.parties import Staff
from domain.powers import Delegation, Mandate, PowerKind, Recusal
from portal.access import Access, Session
from portal.facts_form import CIVILITIES
from portal.failures import status_of
from portal.forms import Field, Typed, nested, validate
from portal.french import POWER_KIND
from portal.pages import Pages
from portal.ports import Ports, Powers
from portal.typed import day_of

M = TypeVar("M", bound=BaseModel)

_HOLDER = (
    Field("holder.civility", "Civilité", kind="select", options=CIVILITIES),
    Field("holder.first_name", "Prénom"),
    Field("holder.last_name", "Nom"),
    Field("holder.capacity", "Qualité"),
    Field("holder.email", "Adresse électronique", kind="email"),
)
_AUTHORITY = Field("authority", "Collectivité", "Son nom complet.", wide=True)
_START = Field("start", "Début", kind="date")
_END = Field("end", "Fin", "Facultatif.", "date", required=False)


@dataclass(frozen=True)
class Entry(Generic[M]):
    """A kind of entry: its form, how it is added and how it is ended."""

    path: str
    title: str
    help: str
    model: type[M]
    fields: tuple[Field, ...]
    add: Callable[[Powers, M, Staff], None]
    end: Callable[[Powers, str, date, Staff], M]

    def of(self, values: dict[str, str]) -> tuple[M | None, Typed]:
        data: dict[str, Any] = nested(self.fields, values)
        # The same entry sent twice has the same id, and is added once; a name would not belong in an id.
        identity = repr(sorted((f.name, values.get(f.name, "").strip()) for f in self.fields))
        data["id"] = f"{self.path[:-1]}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
        entry, errors = validate(self.model, data, {})
        return entry, Typed(dict(values), errors)


MANDATES = Entry(
    "mandats",
    "Ajouter un mandat",
    "Le mandat de l'exécutif : la personne qui préside la collectivité, ou le maire.",
    Mandate,
    (_AUTHORITY, *_HOLDER, _START, _END),
    lambda powers, entry, by: powers.add_mandate(entry, by),
    lambda powers, id_, day, by: powers.end_mandate(id_, day, by),
)
DELEGATIONS = Entry(
    "delegations",
    "Ajouter une délégation",
    "Un arrêté par lequel l'exécutif laisse quelqu'un signer. Il ne vaut qu'une fois transmis et publié.",
    Delegation,
    (
        _AUTHORITY,
        Field(
            "kind",
            "Nature",
            kind="select",
            options=tuple((k.value, label) for k, label in POWER_KIND.items() if k is not PowerKind.EXECUTIVE),
        ),
        *_HOLDER,
        Field("order_number", "Numéro de l'arrêté"),
        Field("order_date", "Date de l'arrêté", kind="date"),
        Field("transmitted_on", "Transmis le", "Au représentant de l'État.", "date", required=False),
        Field("published_on", "Publié le", kind="date", required=False),
        Field("matters", "Matières couvertes", "Séparées par des virgules : subventions, culture.", "list"),
        Field("ceiling", "Plafond en euros", "Facultatif : montant le plus haut.", "amount", required=False),
        _START,
        _END,
        Field("revoked_on", "Abrogée le", "Facultatif.", "date", required=False),
    ),
    lambda powers, entry, by: powers.add_delegation(entry, by),
    lambda powers, id_, day, by: powers.revoke_delegation(id_, day, by),
)
RECUSALS = Entry(
    "deports",
    "Ajouter un déport",
    "Cette personne ne signe rien pour ce bénéficiaire (décret 2014-90, art. 5).",
    Recusal,
    (
        _AUTHORITY,
        Field("person_email", "Adresse électronique de la personne", kind="email"),
        Field("beneficiary_siret", "SIRET du bénéficiaire", "14 chiffres, espaces permis."),
        Field("order_number", "Numéro de l'arrêté"),
        _START,
        _END,
    ),
    lambda powers, entry, by: powers.add_recusal(entry, by),
    lambda powers, id_, day, by: powers.end_recusal(id_, day, by),
)

NOTICES = {"ajout": "L'entrée est enregistrée.", "fin": "La fin est enregistrée."}

ENTRIES: dict[str, Entry[Any]] = {entry.path: entry for entry in (MANDATES, DELEGATIONS, RECUSALS)}


def powers_pages(ports: Ports, access: Access, pages: Pages) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    async def show(
        session: Session,
        status: int = 200,
        *,
        typed: dict[str, Typed] | None = None,
        refusal: ParapheError | None = None,
        done: str = "",
    ) -> Response:
        register = await run_in_threadpool(ports.powers.entries)
        traces = await run_in_threadpool(ports.powers.traces)
        return pages.render(
            "powers.html",
            status,
            None,
            register=register,
            traces={trace.entry_id: trace for trace in traces},
            entries=ENTRIES.values(),
            typed={path: Typed() for path in ENTRIES} | (typed or {}),
            refusal=refusal,
            notice=NOTICES.get(done),
            staff=session.staff,
            csrf=session.csrf,
        )

    @router.get("/pouvoirs")
    async def powers(request: Request) -> Response:
        session = await access.person(request)
        return await show(session, done=request.query_params.get("fait", ""))

    @router.post("/pouvoirs/{kind}")
    async def add(request: Request, kind: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)
        if kind not in ENTRIES:
            raise NotFound("power_kind_unknown", "Ce registre n'existe pas.")
        entry, typed = ENTRIES[kind].of(dict(form.fields))
        if entry is None:
            return await show(session, 422, typed={kind: typed})
        try:
            await run_in_threadpool(ENTRIES[kind].add, ports.powers, entry, session.staff)
        except ParapheError as refusal:
            return await show(session, status_of(refusal), typed={kind: typed}, refusal=refusal)
        return RedirectResponse("/pouvoirs?fait=ajout", 303)

    @router.post("/pouvoirs/{kind}/{entry}/fin")
    async def end(request: Request, kind: str, entry: str) -> Response:
        session = await access.person(request)
        form = await access.form(request, session)
        if kind not in ENTRIES:
            raise NotFound("power_kind_unknown", "Ce registre n'existe pas.")
        try:
            day = day_of(form)
            await run_in_threadpool(ENTRIES[kind].end, ports.powers, entry, day, session.staff)
        except ParapheError as refusal:
            return await show(session, status_of(refusal), refusal=refusal)
        return RedirectResponse("/pouvoirs?fait=fin", 303)

    return router
