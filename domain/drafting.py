"""From what was read and what people supplied to the facts of a draft, or to the findings that stop it.

Invariant 1: every value printed has a source. Invariant 2: a fact that is missing or in doubt is never used before a
named person settles it; a fact that the act states plainly cannot be replaced by another amount.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from domain.calendar import paris_day
from domain.clauses import clauses_for, legal_findings
from domain.convention import (
    DeliberationFacts,
    DraftFacts,
    SourceKind,
    SuppliedFacts,
    ValueSource,
    fold,
)
from domain.deliberation import Act, Award, Outcome
from domain.doubts import doubts, may_be_certified
from domain.facts import Evidence, Fact, FactStatus, Finding, Severity
from domain.parties import Person, Staff

T = TypeVar("T")

PLACEHOLDER = re.compile(
    r"X{4,}|_{3,}|\.{4,}|…\s*[./…]|\[\s*(?:…|\.{2,}|à\s|a\s+completer|nom|date|montant)[^\]]*\]|à\s+(?:compléter|préciser|définir)"
    r"|n°\s*(?:…|\.{2,}|$)|-{3,}|\{\{|\}\}|\{%|%\}|\{#|lorem ipsum|\bTODO\b|\bTBD\b",
    re.IGNORECASE,
)
"""What real conventions were published with, for want of somebody who looked; and template delimiters."""

_IN_DOUBT = {
    FactStatus.MISSING: "n'a pas été trouvé dans la délibération",
    FactStatus.AMBIGUOUS: "est ambigu dans la délibération",
    FactStatus.CONFLICTING: "est contradictoire d'un passage à l'autre de la délibération",
    FactStatus.MALFORMED: "est mal écrit dans la délibération",
}

_REPORT_MONTHS = 6
"""Loi n° 2000-321, art. 10: the financial report is due within six months."""
_USUAL_YEARS = 4
"""Circulaire 5811-SG of 29 September 2015: conventions of up to four years."""


class Drafting(NamedTuple):
    """Either the facts of a draft, or none and the blocking findings; warnings come with both."""

    facts: DraftFacts | None
    findings: tuple[Finding, ...]


def build_draft_facts(
    act: Act,
    award_index: int,
    supplied: SuppliedFacts,
    supplied_by: Staff,
    supplied_at: datetime,
    executive: Person,
    executive_source: str,
    convention_number: str,
) -> Drafting:
    """Everything the template may print for the award at ``award_index`` (from 0), with the source of each value.

    :param supplied_at: aware instant at which ``supplied_by`` gave or settled the facts.
    :param executive_source: the entry of the register that says ``executive`` is in office.
    """
    if not 0 <= award_index < len(act.awards):
        return Drafting(None, (_blocking("award_unknown", "La délibération n'attribue pas cette subvention."),))
    return _Build(act, act.awards[award_index], supplied, supplied_by, supplied_at).run(
        executive, executive_source, convention_number
    )


class _Build:
    def __init__(
        self, act: Act, award: Award, supplied: SuppliedFacts, supplied_by: Staff, supplied_at: datetime
    ) -> None:
        self.act = act
        self.award = award
        self.supplied = supplied
        self.person = ValueSource(kind=SourceKind.PERSON, detail=supplied_by.name, at=supplied_at)
        self.findings: list[Finding] = []
        self.sources: dict[str, ValueSource] = {}

    def run(self, executive: Person, executive_source: str, convention_number: str) -> Drafting:
        act, award, supplied, settled = self.act, self.award, self.supplied, self.supplied.settled
        self._check_outcome()
        number = self._required(
            "deliberation.number", "deliberation_number", "le numéro de la délibération", act.number
        )
        session = self._required("deliberation.session_date", "session_date", "la date de la séance", act.session_date)
        amount = self._required("amount", "amount", "le montant de la subvention", award.amount, settled.amount)
        purpose = self._required("purpose", "purpose", "l'objet de la subvention", award.purpose, settled.purpose)
        signing = self._required(
            "deliberation.signing_authority",
            "signing_authority",
            "l'autorité habilitée à signer",
            act.signing_authority,
            settled.signing_authority,
        )
        year = self._optional("deliberation.fiscal_year", "fiscal_year", act.budget.fiscal_year, settled.fiscal_year)
        self._check_beneficiary()
        if award.amount.usable is not None and settled.amount not in (None, award.amount.usable):
            self._block(
                "amount_replaced",
                "Le montant saisi diffère de celui que la délibération fixe sans ambiguïté : seule une nouvelle"
                " délibération"
                " peut le changer.",
                award.amount.evidence,
            )
        if amount is not None and amount <= 0:
            self._block("amount_not_positive", "Le montant de la subvention doit être supérieur à zéro.")
        if amount is not None and supplied.schedule.total != amount:
            self._block(
                "schedule_total_differs",
                f"L'échéancier totalise {_euros(supplied.schedule.total)}, mais la subvention est de {_euros(amount)} :"
                " corrigez les versements.",
                award.amount.evidence,
            )
        self._check_placeholders()
        if session is not None:
            self._check_term(session)
        if act.convention_approved.usable is not True:
            self._warn(
                "convention_not_approved",
                "La délibération ne dit pas clairement qu'elle approuve la convention : vérifiez-le avant d'aller"
                " plus loin.",
            )
        budget = {
            name: self._optional(f"deliberation.{name}", f"budget_{name}", fact) or ""
            for name, fact in (
                ("chapter", act.budget.chapter),
                ("nature", act.budget.nature),
                ("function", act.budget.function),
                ("other", act.budget.other),
            )
        }
        authority = self._optional("deliberation.authority", "authority", act.authority)
        if authority is None:
            authority = supplied.authority.name
            self.sources["deliberation.authority"] = self.person
        elif not _same_body(authority, supplied.authority.name):
            self._warn(
                "authority_differs",
                f"La délibération est de « {authority} », mais la convention est au nom de «"
                f" {supplied.authority.name} ».",
                act.authority.evidence,
            )
        assembly = self._optional("deliberation.assembly", "assembly", act.assembly) or ""
        title = self._optional("deliberation.title", "title", act.title) or ""
        self._check_reading()
        if session is not None and amount is not None:
            kind = supplied.beneficiary.legal_kind
            self.findings += legal_findings(kind, amount, budget["nature"], session, supplied.request_date)
        if (
            any(f.severity is Severity.BLOCKING for f in self.findings)
            or number is None
            or session is None
            or amount is None
            or purpose is None
            or signing is None
        ):
            return Drafting(None, tuple(self.findings))

        clauses = clauses_for(supplied.beneficiary.legal_kind, amount, session, supplied.request_date)
        self.sources |= {
            f"clauses.{clause.code}": ValueSource(kind=SourceKind.RULE, detail=clause.article) for clause in clauses
        }
        self.sources["convention_number"] = ValueSource(kind=SourceKind.REGISTER, detail="registre des conventions")
        register = ValueSource(kind=SourceKind.REGISTER, detail=executive_source)
        self.sources |= {f"executive.{name}": register for name in Person.model_fields}
        self._supplied_sources()
        facts = DraftFacts(
            convention_number=convention_number,
            deliberation=DeliberationFacts(
                authority=authority,
                assembly=assembly,
                number=number,
                session_date=session,
                title=title,
                signing_authority=signing,
                fiscal_year=year,
                **budget,
            ),
            authority=supplied.authority,
            executive=executive,
            beneficiary=supplied.beneficiary,
            amount=amount,
            purpose=purpose,
            project_summary=supplied.project_summary,
            schedule=supplied.schedule,
            term=supplied.term,
            report_due=supplied.report_due,
            place=supplied.place,
            clauses=tuple(clause.code for clause in clauses),
            sources=dict(sorted(self.sources.items())),
        )
        return Drafting(facts, tuple(self.findings))

    # Facts

    def _required(self, path: str, code: str, name: str, fact: Fact[T], settled: T | None = None) -> T | None:
        value = self._settled_or_found(path, fact, settled)
        if value is None:
            status = fact.status if fact.status is not FactStatus.FOUND else FactStatus.MISSING
            self._block(
                f"{code}_{status.value}",
                f"{name[0].upper()}{name[1:]} {_agree(name, _IN_DOUBT[status])} : indiquez la valeur à retenir.",
                fact.evidence,
            )
        return value

    def _optional(self, path: str, code: str, fact: Fact[T], settled: T | None = None) -> T | None:
        """The value if it may be used; a fact in doubt is left out, and said."""
        value = self._settled_or_found(path, fact, settled)
        if value is None and fact.status not in (FactStatus.MISSING, FactStatus.FOUND):
            self._warn(
                f"{code}_{fact.status.value}",
                "Une mention de la délibération est douteuse : elle ne sera pas reprise dans la convention.",
                fact.evidence,
            )
        return value

    def _settled_or_found(self, path: str, fact: Fact[T], settled: T | None) -> T | None:
        if settled is not None:
            self.sources[path] = self.person
            return settled
        if fact.usable is not None:
            self.sources[path] = ValueSource(kind=SourceKind.DELIBERATION, evidence=fact.evidence)
        return fact.usable

    def _supplied_sources(self) -> None:
        for path in ("project_summary", "schedule", "term", "report_due", "place"):
            self.sources[path] = self.person
        for party in ("authority", "beneficiary"):
            for name in type(getattr(self.supplied, party)).model_fields:
                self.sources[f"{party}.{name}"] = self.person

    # Checks

    def _check_outcome(self) -> None:
        outcome = self.act.outcome
        if outcome.usable is Outcome.ADOPTED:
            return
        if not may_be_certified(self.act):
            self._block(
                "not_adopted",
                "La délibération n'a pas été adoptée : aucune convention ne peut en découler.",
                outcome.evidence,
            )
        elif self.supplied.settled.adopted:
            self.sources["deliberation.outcome"] = self.person
        else:
            self._block(
                "not_adopted",
                "La délibération ne dit pas avec certitude qu'elle a été adoptée : vérifiez le registre des"
                " délibérations et certifiez-le, sinon aucune convention ne peut en découler.",
                outcome.evidence,
            )

    def _check_reading(self) -> None:
        """What the reading held against the act stops the draft until a person has answered it."""
        settled = self.supplied.settled
        said = {finding.code for finding in self.findings}
        for doubt in doubts(self.act, self.award):
            code = doubt.finding.code
            if not doubt.answered(settled):
                # A fact in doubt was already said, with what to do about it.
                if code not in said:
                    self.findings.append(doubt.finding)
            elif code in settled.acknowledged:
                self.sources[f"acknowledged.{code}"] = self.person.model_copy(
                    update={"evidence": doubt.finding.evidence}
                )

    def _check_beneficiary(self) -> None:
        fact, settled = self.award.beneficiary, self.supplied.settled.beneficiary
        if settled is None and fact.status not in (FactStatus.FOUND, FactStatus.MISSING):
            self._block(
                f"beneficiary_{fact.status.value}",
                f"Le bénéficiaire {_IN_DOUBT[fact.status]} : indiquez le nom à retenir.",
                fact.evidence,
            )
        read, named = settled or fact.usable, self.supplied.beneficiary.name
        if read is None and fact.status is FactStatus.MISSING:
            self._warn(
                "beneficiary_missing",
                f"Le bénéficiaire n'a pas été trouvé dans la délibération : « {named} » vient de la seule saisie.",
            )
        elif read is not None and fold(read) != fold(named):
            self._warn(
                "beneficiary_differs",
                f"La délibération nomme « {read} », la convention « {named} » : vérifiez qu'il s'agit du même"
                f" organisme.",
                fact.evidence,
            )

    def _check_term(self, session: date) -> None:
        term, report_due = self.supplied.term, self.supplied.report_due
        # From the notification, which comes after the facts are given: their day is the nearest that is known.
        start = term.start or (paris_day(self.person.at) if self.person.at else session)
        if term.end <= session:
            self._block("term_ended", "La convention prendrait fin avant la séance qui l'a approuvée.")
        if term.start is not None and term.start < session:
            self._warn("term_before_session", "La convention prend effet avant la séance qui l'a approuvée.")
        if term.end > _months_after(start, 12 * _USUAL_YEARS):
            self._warn("term_long", "La convention dure plus de quatre ans : vérifiez la date de fin.")
        if report_due <= start:
            self._block(
                "report_due_before_start", "Le compte rendu financier serait dû avant le début de la convention."
            )
        elif report_due > _months_after(term.end, _REPORT_MONTHS):
            self._warn(
                "report_due_late",
                "Le compte rendu financier est demandé plus de six mois après la fin de la convention (loi n° 2000-321,"
                " art. 10).",
            )

    def _check_placeholders(self) -> None:
        for path, text in _texts(self.supplied.model_dump(mode="json"), ""):
            if match := PLACEHOLDER.search(text):
                self._block(
                    "placeholder_text",
                    f"Le champ « {path} » contient un blanc à compléter (« {match.group().strip()} ») : donnez sa"
                    f" valeur.",
                )

    def _block(self, code: str, message: str, evidence: tuple[Evidence, ...] = ()) -> None:
        self.findings.append(_blocking(code, message, evidence))

    def _warn(self, code: str, message: str, evidence: tuple[Evidence, ...] = ()) -> None:
        self.findings.append(Finding(code=code, severity=Severity.WARNING, message=message, evidence=evidence))


def _blocking(code: str, message: str, evidence: tuple[Evidence, ...] = ()) -> Finding:
    return Finding(code=code, severity=Severity.BLOCKING, message=message, evidence=evidence)


def _agree(name: str, predicate: str) -> str:
    """Make the past participle and adjectives of ``predicate`` agree with a feminine ``name``."""
    if name.startswith("la ") or name == "l'autorité habilitée à signer":
        return predicate.replace("trouvé", "trouvée").replace("ambigu ", "ambiguë ").replace("écrit", "écrite")
    return predicate


def _same_body(one: str, other: str) -> bool:
    return fold(one) == fold(other) or fold(one) in fold(other) or fold(other) in fold(one)


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for rank, item in enumerate(value, start=1):
            yield from _texts(item, f"{path}.{rank}")


def _months_after(day: date, months: int) -> date:
    """``day`` plus ``months``; on a month that is too short, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _euros(amount: Any) -> str:
    return f"{amount:,.2f} €".replace(",", "\u202f").replace(".", ",").replace(" €", "\u00a0€")
