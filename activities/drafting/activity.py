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
from domain.correcting import recheck
from domain.corrections import apply_corrections
from domain.deliberation import Act, Award, Reading
from domain.documents import DOCX, JSON
from domain.drafting import build_draft_facts
from domain.errors import ActionRefused, Actor, DraftRefused
from domain.facts import Finding, Severity
from domain.grants import Grant, OtherAward
from domain.parties import Person
from domain.powers import PowerQuestion, PowerRegister
from domain.resolver import resolve
from domain.rules.case import Surroundings, fiscal_year_of
from domain.rules.settings import RuleSettings
from domain.source import SourceText
from domain.tasks import RENDER, RenderAnswer, RenderRequest

DEFAULT_TEMPLATE = "fonctionnement-affecte"


class DraftingRegister(Protocol):
    """What drafting, and the rules of law, need of the register."""

    def executive(self, authority: str, day: date) -> tuple[Person, str] | None:
        """Who heads ``authority`` on ``day``, and the entry that says so; none when the register does not say."""
        ...

    def power_register(self, authority: str) -> PowerRegister: ...

    def record_grant(self, grant: Grant) -> None:
        """Keep what a convention grants; recorded again, the latest facts stand."""
        ...

    def other_awards(self, grant: Grant, names: tuple[str, ...] = ()) -> tuple[OtherAward, ...]:
        """The authority's other subsidies of that year to the same beneficiary."""
        ...


class DraftingActivities:
    """Renders drafts. A retry gives the same documents: everything is a function of the request and the template."""

    def __init__(
        self, store: Documents, register: DraftingRegister, templates: Path, rules: RuleSettings | None = None
    ) -> None:
        """:param templates: folder of the Word templates, one ``<name>.docx`` each.
        :param rules: the points of law that the authority decides; none: their defaults.
        """
        self._store = store
        self._register = register
        self._templates = templates
        self._rules = rules or RuleSettings()

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
        executive = self._register.executive(authority, paris_day(request.supplied_at))
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
        corrections = [made for made in request.corrections if made.act == request.act_index]
        drafting = build_draft_facts(
            act,
            request.award.ordinal - 1,
            request.supplied,
            request.supplied_by,
            request.supplied_at,
            *executive,
            request.convention_number,
            corrections,
            self._around(act, request),
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
            not_voting=self._silent(act, request),
        )

    def _silent(self, act: Act, request: RenderRequest) -> tuple[str, ...]:
        """The members that the rule ``signatory_not_voting`` keeps from signing, unless a person answered it."""
        answered = "signatory_not_voting" in request.supplied.settled.acknowledged
        if answered or not self._rules.signature_by_non_voter:
            return ()
        return tuple(fact.usable for fact in act.not_voting if fact.usable)

    def _around(self, act: Act, request: RenderRequest) -> Surroundings:
        """What the register knows of this award: the year's other subsidies, and who may sign."""
        supplied, settled = request.supplied, request.supplied.settled
        ordinal = request.award.ordinal
        award = act.awards[ordinal - 1] if 1 <= ordinal <= len(act.awards) else Award()
        amount = award.amount.usable if award.amount.usable is not None else settled.amount
        year = fiscal_year_of(act, settled)
        if amount is None or amount <= 0 or year is None:
            # Nothing can be counted or signed of it, and the draft is stopped for that.
            return Surroundings(settings=self._rules, proof=request.proof)
        grant = Grant(
            convention_id=request.convention_id,
            authority=request.award.authority,
            siren=supplied.beneficiary.siret[:9],
            beneficiary=supplied.beneficiary.name,
            fiscal_year=year,
            amount=amount,
        )
        self._register.record_grant(grant)
        read = award.beneficiary.usable or settled.beneficiary
        question = PowerQuestion(
            authority=request.award.authority,
            matter=supplied.matter,
            amount=amount,
            beneficiary_siret=supplied.beneficiary.siret,
            signing_authority=act.signing_authority.usable or settled.signing_authority or "",
            instant=request.supplied_at,
            beneficiary_representative=supplied.beneficiary.representative,
        )
        resolution = resolve(self._register.power_register(request.award.authority), question)
        return Surroundings(
            settings=self._rules,
            others=self._register.other_awards(grant, (read,) if read else ()),
            candidates=tuple(candidate.person for candidate in resolution.candidates),
            proof=request.proof,
        )

    def _act(self, request: RenderRequest) -> Act:
        reading = Reading.model_validate_json(self._store.get(request.reading))
        if not 0 <= request.act_index < len(reading.acts):
            raise _mismatch()
        if request.corrections:
            reading = self._corrected(reading, request)
        act = reading.acts[request.act_index]
        number, session = act.number.usable, act.session_date.usable
        if (number is not None and fold(number) != fold(request.award.number)) or (
            session is not None and session != request.award.session_date
        ):
            raise _mismatch()
        return act

    def _corrected(self, reading: Reading, request: RenderRequest) -> Reading:
        """The reading with its corrections, judged once more: a draft is never made on somebody else's check."""
        try:
            if request.text is not None:
                text = SourceText.model_validate_json(self._store.get(request.text))
                recheck(reading, text, request.corrections, request.award)
        except ActionRefused as refusal:
            raise DraftRefused(refusal.code, refusal.message) from refusal
        return apply_corrections(reading, request.corrections)

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
