"""The activity that renders a draft."""

import re
from datetime import date
from pathlib import Path
from typing import Protocol

from temporalio import activity

from activities.documents import Documents
from activities.drafting.lint import lint
from activities.drafting.rendering import render
from activities.refusals import refusing
from domain.calendar import paris_day
from domain.convention import fold
from domain.deliberation import Act, Reading
from domain.documents import DOCX, JSON
from domain.drafting import build_draft_facts
from domain.errors import Actor, DraftRefused
from domain.facts import Finding, Severity
from domain.parties import Person
from domain.tasks import RENDER, RenderAnswer, RenderRequest

DEFAULT_TEMPLATE = "fonctionnement-affecte"


class ExecutiveInOffice(Protocol):
    """What drafting needs of the register of powers."""

    def executive(self, authority: str, day: date) -> tuple[Person, str] | None:
        """Who heads ``authority`` on ``day``, and the entry that says so; none when the register does not say."""
        ...


class DraftingActivities:
    """Renders drafts. A retry gives the same documents: everything is a function of the request and the template."""

    def __init__(self, store: Documents, powers: ExecutiveInOffice, templates: Path) -> None:
        """:param templates: folder of the Word templates, one ``<name>.docx`` each."""
        self._store = store
        self._powers = powers
        self._templates = templates

    @activity.defn(name=RENDER.name, no_thread_cancel_exception=True)
    @refusing
    def render_draft(self, request: RenderRequest) -> RenderAnswer:
        """A Word file, or the findings that stop it (``docx`` is then none). Warnings come with a Word file too.

        :raises DraftRefused: ``award_mismatch``, ``template_unknown`` and those of
            :func:`activities.drafting.rendering.render`.
        """
        act = self._act(request)
        authority = request.supplied.authority.name
        # The day on which the facts were given, not today: a retry after midnight must print the same person.
        executive = self._powers.executive(authority, paris_day(request.supplied_at))
        if executive is None:
            return RenderAnswer(
                findings=(
                    Finding(
                        code="executive_unknown",
                        severity=Severity.BLOCKING,
                        message=f"Le registre ne dit pas qui dirige « {authority} » : inscrivez ce mandat.",
                    ),
                )
            )
        drafting = build_draft_facts(
            act,
            request.award.ordinal - 1,
            request.supplied,
            request.supplied_by,
            request.supplied_at,
            *executive,
            request.convention_number,
        )
        if drafting.facts is None:
            return RenderAnswer(findings=drafting.findings)
        template = self._template(request.template or DEFAULT_TEMPLATE)
        docx = render(template, drafting.facts)
        faults = lint(docx, drafting.facts)
        if faults:
            return RenderAnswer(findings=drafting.findings + faults)
        return RenderAnswer(
            docx=self._store.put(docx, DOCX),
            facts=self._store.put(drafting.facts.model_dump_json(indent=2).encode(), JSON),
            template=self._store.put(template, DOCX),
            findings=drafting.findings,
        )

    def _act(self, request: RenderRequest) -> Act:
        reading = Reading.model_validate_json(self._store.get(request.reading))
        if not 0 <= request.act_index < len(reading.acts):
            raise _mismatch()
        act = reading.acts[request.act_index]
        number, session = act.number.usable, act.session_date.usable
        if (number is not None and fold(number) != fold(request.award.number)) or (
            session is not None and session != request.award.session_date
        ):
            raise _mismatch()
        return act

    def _template(self, name: str) -> bytes:
        path = self._templates / f"{name}.docx"
        if not re.fullmatch(r"[a-z0-9-]{1,60}", name) or not path.is_file():
            raise DraftRefused(
                "template_unknown",
                f"Le modèle de convention « {name[:60]} » n'existe pas.",
                next_actor=Actor.OPERATOR,
            )
        return path.read_bytes()


def _mismatch() -> DraftRefused:
    return DraftRefused("award_mismatch", "La subvention demandée n'est pas celle que cette délibération attribue.")
