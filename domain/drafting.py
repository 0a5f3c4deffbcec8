"""From what was read and what people supplied to the facts of a draft, or to the findings that stop it.

Invariant 1: every value printed has a source. Invariant 2: a fact that is missing or in doubt is never used before a
named person settles it; a fact that the act states plainly cannot be replaced by another amount.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from domain.calendar import paris_day
from domain.clauses import clauses_for
from domain.convention import (
    DeliberationFacts,
    DraftFacts,
    SourceKind,
    SuppliedFacts,
    ValueSource,
    fold,
)
from domain.corrections import CORRECTABLE, Correction, answering, source_of, told, without_corrected
from domain.deliberation import Act, Award, Outcome
from domain.doubts import doubts
from domain.draft_checks import blocking, check_placeholders, check_schedule, check_term, warning
from domain.facts import Evidence, Fact, FactStatus, Finding, Severity
from domain.parties import Person, Staff
from domain.rules.case import RuleCase, Surroundings
from domain.rules.catalogue import examine

T = TypeVar("T")

_IN_DOUBT = {
    FactStatus.MISSING: "n'a pas été trouvé dans la délibération",
    FactStatus.AMBIGUOUS: "est ambigu dans la délibération",
    FactStatus.CONFLICTING: "est contradictoire d'un passage à l'autre de la délibération",
    FactStatus.MALFORMED: "est mal écrit dans la délibération",
}


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
    corrections: Sequence[Correction] = (),
    around: Surroundings | None = None,
) -> Drafting:
    """Everything the template may print for the award at ``award_index`` (from 0), with the source of each value.

    :param supplied_at: aware instant at which ``supplied_by`` gave or settled the facts.
    :param executive_source: the entry of the register that says ``executive`` is in office.
    :param around: what the registers know, for the rules of law; none: nothing is known, and the rules say so.
    :param corrections: those of this act, already applied to ``act``: they say whose hand each value comes from.
    """
    if not 0 <= award_index < len(act.awards):
        return Drafting(None, (blocking("award_unknown", "La délibération n'attribue pas cette subvention."),))
    standing = {c.fact: c for c in corrections if c.award in {None, award_index + 1}}
    return _Build(act, act.awards[award_index], supplied, supplied_by, supplied_at, standing, around).run(
        executive, executive_source, convention_number
    )


class _Build:
    def __init__(
        self,
        act: Act,
        award: Award,
        supplied: SuppliedFacts,
        supplied_by: Staff,
        supplied_at: datetime,
        standing: dict[str, Correction],
        around: Surroundings | None,
    ) -> None:
        self.act = act
        self.award = award
        self.supplied = supplied
        self.standing = standing
        # A correction, which looks at the words, prevails over what was typed beside them.
        self.settled = without_corrected(supplied.settled, standing)
        self.corrected = {CORRECTABLE[name].draft_path: source_of(made) for name, made in standing.items()}
        self.person = ValueSource(kind=SourceKind.PERSON, detail=supplied_by.name, at=supplied_at)
        self.today = paris_day(supplied_at)
        self.case = RuleCase(
            act=act,
            award=award,
            supplied=supplied.model_copy(update={"settled": self.settled}),
            today=self.today,
            around=around or Surroundings(),
        )
        self.findings: list[Finding] = []
        self.sources: dict[str, ValueSource] = {}

    def run(self, executive: Person, executive_source: str, convention_number: str) -> Drafting:
        act, award, supplied, settled = self.act, self.award, self.supplied, self.settled
        self._check_law()
        self.findings += told(self.standing, self.supplied.settled)
        number = self._required(
            "deliberation.number", "deliberation_number", "le numéro de la délibération", act.number
        )
        session = self._required("deliberation.session_date", "session_date", "la date de la séance", act.session_date)
        amount = self._settled_or_found("amount", award.amount, settled.amount)
        purpose = self._required("purpose", "purpose", "l'objet de la subvention", award.purpose, settled.purpose)
        signing = self._required(
            "deliberation.signing_authority",
            "signing_authority",
            "l'autorité habilitée à signer",
            act.signing_authority,
            settled.signing_authority,
        )
        year = self._optional("deliberation.fiscal_year", "fiscal_year", act.budget.fiscal_year, settled.fiscal_year)
        if award.amount.usable is not None and settled.amount not in (None, award.amount.usable):
            self._block(
                "amount_replaced",
                "Le montant saisi diffère de celui que la délibération fixe sans ambiguïté : seule une nouvelle"
                " délibération"
                " peut le changer.",
                award.amount.evidence,
            )
        if amount is not None:
            self.findings += check_schedule(supplied, amount, award.amount.evidence)
        self.findings += check_placeholders(supplied)
        if session is not None:
            self.findings += check_term(supplied, session, self.today)
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
        if (
            any(f.severity is Severity.BLOCKING for f in self.findings)
            or number is None
            or session is None
            or amount is None
            or purpose is None
            or signing is None
        ):
            return Drafting(None, tuple(self.findings))

        clauses = clauses_for(
            supplied.beneficiary.legal_kind,
            amount,
            session,
            supplied.request_date,
            yearly_total=self.case.yearly_total,
            settings=self.case.settings,
        )
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
            self.sources[path] = self.corrected.get(path) or ValueSource(
                kind=SourceKind.DELIBERATION, evidence=fact.evidence
            )
        return fact.usable

    def _supplied_sources(self) -> None:
        for path in ("project_summary", "schedule", "term", "report_due", "place"):
            self.sources[path] = self.person
        for party in ("authority", "beneficiary"):
            for name in type(getattr(self.supplied, party)).model_fields:
                self.sources[f"{party}.{name}"] = self.person

    # Checks

    def _check_law(self) -> None:
        """The rules of law. What a person answered for is not held against the draft, and its source is that person."""
        examined = examine(self.case)
        self.findings += examined.findings
        self.sources |= {
            f"acknowledged.{finding.code}": self.person.model_copy(update={"evidence": finding.evidence})
            for finding in examined.answered
        }
        if self.settled.adopted and self.act.outcome.usable is not Outcome.ADOPTED:
            self.sources["deliberation.outcome"] = self.person

    def _check_reading(self) -> None:
        """What the reading held against the act stops the draft until a person has answered it."""
        settled = answering(self.settled, self.standing)
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

    def _block(self, code: str, message: str, evidence: tuple[Evidence, ...] = ()) -> None:
        self.findings.append(blocking(code, message, evidence))

    def _warn(self, code: str, message: str, evidence: tuple[Evidence, ...] = ()) -> None:
        self.findings.append(warning(code, message, evidence))


def _agree(name: str, predicate: str) -> str:
    """Make the past participle and adjectives of ``predicate`` agree with a feminine ``name``."""
    if name.startswith("la ") or name == "l'autorité habilitée à signer":
        return predicate.replace("trouvé", "trouvée").replace("ambigu ", "ambiguë ").replace("écrit", "écrite")
    return predicate


def _same_body(one: str, other: str) -> bool:
    return fold(one) == fold(other) or fold(one) in fold(other) or fold(other) in fold(one)
