"""The facts of a deliberation beside its source: what was chosen in the address, and all that the template shows of it.

``fait`` names a fact or a finding, ``vue`` the text or the pictures of the pages, ``feuille`` a part of a long text.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from domain.correcting import Asked
from domain.corrections import CORRECTABLE, Correction
from domain.documents import DocumentRef
from domain.errors import NotFound, ParapheError
from domain.facts import Evidence, FactStatus, Finding
from portal.access import Posted
from portal.facts_table import FactRow
from portal.failures import Incomplete
from portal.french import SEVERITY_GROUP
from portal.ports import Sources
from portal.source_pane import Pane, leaf_asked, pane, passages_of

VIEWS = ("page", "texte")


@dataclass(frozen=True)
class Named:
    """A finding, with the name by which its place is chosen."""

    name: str
    finding: Finding


def named(findings: Iterable[Finding], prefix: str) -> list[Named]:
    return [Named(f"{prefix}-{rank}", finding) for rank, finding in enumerate(findings, 1)]


def grouped(items: Sequence[Named], answered: Collection[Finding] = ()) -> list[tuple[str, list[Named]]]:
    """By what they stop, the gravest first; each said once; those that a person answered come last."""
    said: list[Finding] = []
    open_: list[Named] = []
    closed: list[Named] = []
    for item in items:
        if item.finding not in said:
            said.append(item.finding)
            (closed if item.finding in answered else open_).append(item)
    groups = [
        (title, [item for item in open_ if item.finding.severity is severity])
        for severity, title in SEVERITY_GROUP.items()
    ]
    return [(title, found) for title, found in (*groups, ("Déjà vérifiés", closed)) if found]


async def beside(
    sources: Sources,
    document: DocumentRef,
    kept: DocumentRef | None,
    query: Mapping[str, str],
    rows: Sequence[FactRow],
    findings: Sequence[Named],
    *,
    recognised: Sequence[int] = (),
    chosen: str = "",
) -> dict[str, Any]:
    """What the template needs.

    :param kept: the text that the evidence counts in, when it was kept.
    :param chosen: the fact to show, whatever the address says.
    """
    asked = chosen or query.get("fait", "")
    evidence: tuple[Evidence, ...] = ()
    before: tuple[Evidence, ...] = ()
    label, name = "", ""
    for row in rows:
        if row.name == asked:
            name, label, evidence = row.name, row.label, row.evidence
            before = row.correction.before_evidence if row.correction else ()
    for item in findings:
        if item.name == asked:
            name, label, evidence = item.name, "Point relevé", item.finding.evidence

    def made() -> Pane:
        text = sources.text(kept, document)
        return pane(
            sources,
            document,
            text,
            passages_of(evidence, text, before),
            asked=leaf_asked(query.get("feuille", "")),
            recognised=recognised,
        )

    try:
        shown = await run_in_threadpool(made)
    except (ParapheError, OSError, RuntimeError):
        # The facts and their words are on the page all the same.
        shown = Pane((), (), paged=False, pictures=False, count=0, lost=True)
    view = query.get("vue", "")
    return {
        "pane": shown,
        "chosen": name,
        "chosen_label": label,
        "vue": view if view in VIEWS else VIEWS[0] if shown.pictures else VIEWS[1],
    }


def stated(row: FactRow, corrections: Sequence[Correction]) -> bool:
    """Whether the act states this amount plainly: then it is only corrected by its words."""
    if row.name != "amount":
        return False
    first = next((made for made in corrections if made.fact == "amount"), None)
    return (first.before_status if first else row.status) is FactStatus.FOUND


def asked_of(form: Posted, prefix: str, fact: str, *, act: int = 0, award: int | None = None) -> Asked:
    """The correction that a form asks for.

    :raises Incomplete: ``fact_unknown`` or ``value_too_long``.
    """
    if fact not in CORRECTABLE:
        raise Incomplete("fact_unknown", "Ce formulaire est incomplet : rechargez la page et recommencez.")
    value, quote = form.text(f"{prefix}.value"), form.text(f"{prefix}.quote")
    if len(value) > 500 or len(quote) > 2000:
        raise Incomplete(
            "value_too_long", "Cette saisie est trop longue : 500 caractères au plus, 2 000 pour les mots."
        )
    start, end = _offset(form, f"{prefix}.start"), _offset(form, f"{prefix}.end")
    return Asked(
        act=act,
        award=award,
        fact=fact,
        value=value,
        quote=quote,
        start=start if end is not None else None,
        end=end if start is not None else None,
        attested=bool(form.text(f"{prefix}.attested")),
    )


def _offset(form: Posted, name: str) -> int | None:
    text = form.text(name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def seen_of(form: Posted) -> int:
    """How many corrections the page showed. :raises Incomplete: ``seen_missing``."""
    seen = _offset(form, "seen")
    if seen is None:
        raise Incomplete("seen_missing", "Ce formulaire est incomplet : rechargez la page et recommencez.")
    return seen


async def source_picture(sources: Sources, document: DocumentRef, page: str) -> Response:
    """A page as a picture, for this person's browser only.

    :raises NotFound: ``page_unknown``.
    """
    if not (page.isascii() and page.isdigit() and len(page) < 5 and int(page)):
        raise NotFound("page_unknown", "Ce document n'a pas cette page.")
    content = await run_in_threadpool(sources.page_png, document, int(page))
    return Response(content, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


def recognised_pages(source: object) -> tuple[int, ...]:
    """Pages of a source whose text comes from character recognition."""
    return tuple(getattr(source, "ocr_pages", ()))
