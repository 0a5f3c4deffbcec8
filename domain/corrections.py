"""What a person corrected of a reading: which fact, from what to what, by whose hand, on which words, when.

A correction never erases: the reading that was corrected is kept in the store, and each correction remembers the
value that it replaced. Applying the same corrections twice gives the same reading.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter

from domain.amounts import in_figures
from domain.convention import SettledFacts, SourceKind, ValueSource
from domain.deliberation import Act, Award, Euros, Reading
from domain.documents import WireModel
from domain.facts import Evidence, Fact, FactStatus, Finding, Severity
from domain.parties import Staff


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    """A day, or a day and an hour."""
    AMOUNT = "amount"
    YEAR = "year"


class CorrectableFact(NamedTuple):
    """A fact that a person may correct."""

    path: tuple[str, ...]
    """Where it is in the act, or in the award."""
    kind: Kind = Kind.TEXT
    of_award: bool = False
    draft_path: str = ""
    """Its path in the draft's sources, when the draft prints it."""


CORRECTABLE: dict[str, CorrectableFact] = {
    "authority": CorrectableFact(("authority",), draft_path="deliberation.authority"),
    "assembly": CorrectableFact(("assembly",), draft_path="deliberation.assembly"),
    "number": CorrectableFact(("number",), draft_path="deliberation.number"),
    "session_date": CorrectableFact(("session_date",), Kind.DATE, draft_path="deliberation.session_date"),
    "title": CorrectableFact(("title",), draft_path="deliberation.title"),
    "beneficiary": CorrectableFact(("beneficiary",), of_award=True),
    "amount": CorrectableFact(("amount",), Kind.AMOUNT, of_award=True, draft_path="amount"),
    "purpose": CorrectableFact(("purpose",), of_award=True, draft_path="purpose"),
    "signing_authority": CorrectableFact(("signing_authority",), draft_path="deliberation.signing_authority"),
    "fiscal_year": CorrectableFact(("budget", "fiscal_year"), Kind.YEAR, draft_path="deliberation.fiscal_year"),
    "chapter": CorrectableFact(("budget", "chapter"), draft_path="deliberation.chapter"),
    "nature": CorrectableFact(("budget", "nature"), draft_path="deliberation.nature"),
    "function": CorrectableFact(("budget", "function"), draft_path="deliberation.function"),
    "other": CorrectableFact(("budget", "other"), draft_path="deliberation.other"),
    "receipt_id": CorrectableFact(("receipt", "id")),
    "sent_at": CorrectableFact(("receipt", "sent_at"), Kind.MOMENT),
    "received_at": CorrectableFact(("receipt", "received_at"), Kind.MOMENT),
    "published_at": CorrectableFact(("receipt", "published_at"), Kind.MOMENT),
}

IDENTITY = ("authority", "number", "session_date")
"""What an award's key is made of: an open convention keeps them."""

FactName = Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]


class Correction(WireModel):
    """One fact, corrected by one person at one instant."""

    act: Annotated[int, Field(ge=0)]
    """Index of the act in the reading."""
    award: Annotated[int, Field(ge=1)] | None = None
    """Rank of the award, for a fact of an award."""
    fact: FactName
    """A name of :data:`CORRECTABLE`."""
    value: Annotated[str, Field(min_length=1, max_length=500)]
    """ISO 8601 for days and instants, two decimals for euros, the very words otherwise."""
    evidence: tuple[Evidence, ...] = ()
    """The words that the person selected or quoted; none when it was typed from elsewhere."""
    before: str = ""
    """The value replaced, written as ``value`` is; empty when there was none."""
    before_status: FactStatus = FactStatus.MISSING
    before_evidence: tuple[Evidence, ...] = ()
    attested: bool = False
    """The person says that the value is the one of the register of deliberations."""
    by: Staff
    at: datetime


_MOMENT: TypeAdapter[datetime | date] = TypeAdapter(datetime | date)
_EUROS: TypeAdapter[Decimal] = TypeAdapter(Euros)


def parsed(kind: Kind, text: str) -> Any:
    """The value that ``text`` writes, as its fact holds it.

    :raises ValueError: it writes no such value.
    """
    match kind:
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.MOMENT:
            return date.fromisoformat(text) if len(text) == len("2026-01-01") else _MOMENT.validate_python(text)
        case Kind.AMOUNT:
            return _EUROS.validate_python(text)
        case Kind.YEAR:
            return int(text)
        case Kind.TEXT:
            return text


def written(value: Any) -> str:
    """``value`` as a correction writes it; empty for none."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def fact_of(act: Act, award: Award | None, name: str) -> Fact[Any]:
    """The fact of that name. :raises KeyError: no such fact, or one of an award without the award."""
    item = CORRECTABLE[name]
    holder: Any = act
    if item.of_award:
        if award is None:
            raise KeyError(name)
        holder = award
    for step in item.path:
        holder = getattr(holder, step)
    fact: Fact[Any] = holder
    return fact


def apply_corrections(reading: Reading, corrections: Iterable[Correction]) -> Reading:
    """The reading with each corrected fact found, on the words that the person chose.

    Corrections of acts or awards that the reading does not have are of another reading: they change nothing here.
    """
    acts = list(reading.acts)
    for correction in corrections:
        if correction.act < len(acts) and correction.fact in CORRECTABLE:
            acts[correction.act] = _corrected(acts[correction.act], correction)
    return reading.model_copy(update={"acts": tuple(acts)})


def _corrected(act: Act, correction: Correction) -> Act:
    item = CORRECTABLE[correction.fact]
    if not item.of_award:
        corrected: Act = _with(act, item.path, correction)
        return corrected
    rank = correction.award or 0
    if not 1 <= rank <= len(act.awards):
        return act
    awards = list(act.awards)
    awards[rank - 1] = _with(awards[rank - 1], item.path, correction)
    return act.model_copy(update={"awards": tuple(awards)})


def _with(holder: Any, path: Sequence[str], correction: Correction) -> Any:
    name, *rest = path
    part = getattr(holder, name)
    if rest:
        return holder.model_copy(update={name: _with(part, rest, correction)})
    kind = CORRECTABLE[correction.fact].kind
    # The field's own type, so that what is not a value of this fact cannot become one.
    kept = type(holder).model_fields[name].annotation
    assert kept is not None
    fact = kept(value=parsed(kind, correction.value), status=FactStatus.FOUND, evidence=correction.evidence)
    return holder.model_copy(update={name: fact})


def same_fact(one: Correction, other: Correction) -> bool:
    """Whether both are about one fact."""
    return (one.act, one.award, one.fact) == (other.act, other.award, other.fact)


def latest(corrections: Iterable[Correction], act: int, award: int) -> dict[str, Correction]:
    """The standing correction of each fact of an award and of its act, by name."""
    return {c.fact: c for c in corrections if c.act == act and c.award in {None, award}}


def source_of(correction: Correction) -> ValueSource:
    """Where a corrected value comes from: the person, the instant, and the words chosen."""
    return ValueSource(
        kind=SourceKind.PERSON, detail=correction.by.name, at=correction.at, evidence=correction.evidence
    )


SETTLED = ("beneficiary", "amount", "purpose", "signing_authority", "fiscal_year")
"""The facts that the older :class:`SettledFacts` can hold too: a correction of one of them prevails."""


def without_corrected(settled: SettledFacts, standing: Mapping[str, Correction]) -> SettledFacts:
    """``settled`` without the facts that a correction decides."""
    return settled.model_copy(update={name: None for name in SETTLED if name in standing})


def answering(settled: SettledFacts, standing: Mapping[str, Correction]) -> SettledFacts:
    """``settled`` with the corrected facts: a finding about a fact is answered by either."""
    values = {name: parsed(CORRECTABLE[name].kind, standing[name].value) for name in SETTLED if name in standing}
    return settled.model_copy(update=values)


def told(standing: Mapping[str, Correction], settled: SettledFacts) -> tuple[Finding, ...]:
    """What whoever approves must see: an amount that is not the one read, and what was typed and is set aside."""
    findings = []
    if made := standing.get("amount"):
        read = f" à la place de {in_figures(Decimal(made.before))}" if made.before else ""
        how = "d'après les mots choisis dans l'acte" if made.evidence else "par une saisie"
        findings.append(
            Finding(
                code="amount_corrected",
                severity=Severity.WARNING,
                message=f"{made.by.name} a retenu le montant {in_figures(Decimal(made.value))}{read}, {how} :"
                " vérifiez-le avant d'approuver.",
                evidence=(*made.evidence, *made.before_evidence),
            )
        )
    for name in SETTLED:
        typed, corrected = getattr(settled, name), standing.get(name)
        if typed is not None and corrected is not None and written(typed) != corrected.value:
            findings.append(
                Finding(
                    code=f"{name}_settled_otherwise",
                    severity=Severity.WARNING,
                    message=f"Une valeur saisie est écartée (« {typed} ») : ce fait a été corrigé par"
                    f" {corrected.by.name}, qui a retenu « {corrected.value} ».",
                )
            )
    return tuple(findings)
