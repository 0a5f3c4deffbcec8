"""What the desk's page of one convention shows, and what it lets a person do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.convention import Role, SettledFacts
from domain.corrections import IDENTITY, Correction, answering, latest
from domain.deliberation import Act, Award, Reading
from domain.documents import DOCX, JPEG, JSON, PDF, PNG, TEXT, XML, DocumentRef
from domain.doubts import doubts
from domain.errors import NotFound
from domain.executory import executory_from
from domain.facts import FactStatus, Severity
from domain.lifecycle import SIGNING, Stage
from portal.beside import beside, grouped, named, recognised_pages, stated
from portal.facts_form import ACKNOWLEDGED, CERTIFIED, checks
from portal.facts_table import act_of, rows
from portal.law import attested, notes_left
from portal.ports import EventLine, Files, Sources
from workflows.views import ConventionView

_BEFORE_SIGNING = (Stage.DRAFTING, Stage.REVIEW, Stage.APPROVED)
_AUTOMATIC = (Stage.SEALING, Stage.ARCHIVING, Stage.DELIVERING)

_DOCUMENTS = {
    "docx": "Projet, Word",
    "pdf": "Projet, PDF",
    "signed": "Convention signée, PDF",
    "evidence": "Dossier de preuve",
    "proof": "Justificatif du caractère exécutoire",
    "reading": "Lecture de la délibération",
    "deliberation": "Délibération déposée",
}

_SUFFIX = {PDF: "pdf", DOCX: "docx", TEXT: "txt", JSON: "json", XML: "xml", PNG: "png", JPEG: "jpg"}


@dataclass(frozen=True)
class Step:
    label: str
    state: str
    """``done``, ``current`` or ``todo``."""
    note: str = ""


async def stored_reading(files: Files, view: ConventionView) -> Reading:
    """The reading, as it was when the convention opened."""
    return Reading.model_validate_json(await run_in_threadpool(files.get, view.reading))


async def reading_of(files: Files, view: ConventionView) -> tuple[Act, Award]:
    """The act and the award, from the stored reading and its corrections."""
    return act_of(view, await stored_reading(files, view))


def standing(view: ConventionView) -> dict[str, Correction]:
    """The last correction of each fact."""
    return latest(view.corrections, view.act_index, view.award.ordinal)


def current_pdf(view: ConventionView) -> DocumentRef | None:
    """The latest state of the PDF: with the signatures made so far, or the draft."""
    if view.signatures:
        return view.signatures[-1].document
    return view.draft.pdf if view.draft else None


def document(view: ConventionView, kind: str) -> DocumentRef:
    """:raises NotFound: no such document yet, or no such kind."""
    refs = {
        "docx": view.draft.docx if view.draft else None,
        "pdf": view.draft.pdf if view.draft else None,
        "signed": view.signatures[-1].document if view.signatures else None,
        "evidence": view.archive.evidence if view.archive else None,
        "proof": view.proof.document if view.proof else None,
        "reading": view.reading,
        "deliberation": view.deliberation,
    }
    ref = refs.get(kind)
    if ref is None:
        name = _DOCUMENTS.get(kind, "Ce document").lower()
        raise NotFound("document_missing", f"Ce document n'existe pas encore pour cette convention : {name}.")
    return ref


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """A download under a name of ours; what was uploaded is never shown in the portal's own origin."""
    suffix = _SUFFIX.get(media_type)
    return Response(
        content,
        media_type=media_type if suffix else "application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{file_name(name)}.{suffix or "bin"}"'},
    )


def file_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:80] or "document"


def picture(content: bytes) -> Response:
    return Response(content, media_type="image/png")


def page_number(text: str, pages: int) -> int:
    """:raises NotFound: the document has no such page."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text) or int(text) > pages:
        raise NotFound("page_unknown", "Ce document n'a pas cette page.")
    return int(text)


async def texts(files: Files, pdf: DocumentRef, pages: int) -> list[str]:
    """Text of every page, in order."""
    return [await run_in_threadpool(files.page_text, pdf, page) for page in range(1, pages + 1)]


async def context(
    files: Files,
    sources: Sources,
    view: ConventionView,
    events: tuple[EventLine, ...],
    query: Mapping[str, str],
    chosen: str = "",
) -> dict[str, Any]:
    """Everything the template prints.

    :param query: of the address: what is chosen in the source document.
    :param chosen: the fact to show, whatever the address says.
    """
    reading = await stored_reading(files, view)
    act, award = act_of(view, reading)
    settled = view.supplied.settled if view.supplied else SettledFacts()
    corrected = standing(view)
    facts = rows(act, award, settled, corrected)
    findings = [*named(view.findings, "point"), *named(notes_left(act.findings, view.findings), "constat")]
    answers = answering(settled, corrected)
    answered = [doubt.finding for doubt in doubts(act, award) if doubt.answered(answers)]
    pdf = current_pdf(view)
    blocked = any(f.severity is Severity.BLOCKING for f in view.findings)
    drafting = view.stage is Stage.DRAFTING and view.supplied is not None and not blocked and not view.attention
    return {
        "view": view,
        "events": events,
        "facts": facts,
        "doubts": [row for row in facts if row.needed and row.status is not FactStatus.FOUND and not row.settled],
        "to_check": [
            check
            for check in checks(act, award, answering(SettledFacts(), corrected))
            if check.name not in _ticked(settled) and check.name != CERTIFIED
        ],
        "checked": [*(f for f in act.findings if f.code in settled.acknowledged), *attested(settled)],
        "findings": grouped(findings, answered),
        "address": f"/conventions/{view.convention_id}?",
        "identity": IDENTITY,
        "stated": next((stated(row, view.corrections) for row in facts if row.name == "amount"), False),
        "amount_corrected": corrected.get("amount"),
        **await beside(
            sources,
            view.deliberation,
            view.text,
            query,
            facts,
            findings,
            recognised=recognised_pages(reading.source),
            chosen=chosen,
        ),
        "steps": steps(view),
        "page_texts": await texts(files, pdf, view.draft.pages) if pdf and view.draft else [],
        "pdf": pdf,
        "documents": [(kind, label, document(view, kind)) for kind, label in _DOCUMENTS.items() if _has(view, kind)],
        "executory_from": executory_from(view.proof) if view.proof else None,
        "can": {
            "supply": view.stage in {Stage.DRAFTING, Stage.REVIEW},
            "approve": view.stage is Stage.REVIEW and view.draft is not None,
            "change": view.stage in {Stage.REVIEW, Stage.APPROVED},
            "receipt": view.stage in _BEFORE_SIGNING,
            "send": view.stage is Stage.APPROVED,
            "correct_address": view.stage is Stage.SIGNING_BENEFICIARY and not view.lifecycle.signing,
            "withdraw": view.stage in {*_BEFORE_SIGNING, *SIGNING} and not view.lifecycle.signing,
        },
        "working": drafting or view.stage in _AUTOMATIC or view.lifecycle.signing,
    }


def _ticked(settled: SettledFacts) -> set[str]:
    return {f"{ACKNOWLEDGED}.{code}" for code in settled.acknowledged}


def _has(view: ConventionView, kind: str) -> bool:
    try:
        document(view, kind)
    except NotFound:
        return False
    return True


def steps(view: ConventionView) -> list[Step]:
    """The way ahead, in order; an ending that is not completion closes the list."""
    signing = {
        Role.BENEFICIARY: (Stage.SIGNING_BENEFICIARY, "Signature du bénéficiaire"),
        Role.AUTHORITY: (Stage.SIGNING_AUTHORITY, "Signature de la collectivité"),
    }
    way: list[tuple[tuple[Stage, ...], str]] = [
        ((Stage.DRAFTING,), "Informations et rédaction"),
        ((Stage.REVIEW,), "Relecture"),
        ((Stage.APPROVED,), "Envoi à la signature"),
        *(((signing[role][0],), signing[role][1]) for role in view.lifecycle.order),
        ((Stage.SEALING, Stage.ARCHIVING), "Contrôle et archivage"),
        ((Stage.DELIVERING,), "Envoi des copies"),
    ]
    ending = view.lifecycle.ending or (view.stage if view.stage in _ENDINGS else None)
    if ending is not None:
        reached = _reached(view)
        done = [Step(label, "done") for stages, label in way[:reached]]
        return [*done, Step(_ENDINGS[ending], "current" if view.stage not in _ENDINGS else "done")]
    if view.stage is Stage.COMPLETED:
        return [Step(label, "done") for _, label in way]
    at = next(rank for rank, (stages, _) in enumerate(way) if view.stage in stages)
    return [
        Step(label, "done" if rank < at else "current" if rank == at else "todo") for rank, (_, label) in enumerate(way)
    ]


_ENDINGS = {
    Stage.REFUSED: "Refusée, archivée",
    Stage.WITHDRAWN: "Retirée, archivée",
    Stage.EXPIRED: "Expirée, archivée",
}


def _reached(view: ConventionView) -> int:
    """How many steps were surely done before it ended."""
    if view.draft is None:
        return 0
    if not view.signatories:
        return 1
    return 3 + len(view.signatures)
