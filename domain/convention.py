"""A subsidy convention: which award it carries out, what people supplied, and what its draft is made of."""

import hashlib
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.companies import CompanyRecord
from domain.deliberation import Euros
from domain.documents import DocumentRef, Model
from domain.facts import Evidence
from domain.parties import Beneficiary, GrantingAuthority, Person, Staff, Text


def fold(value: str) -> str:
    """``value`` without accents, case, punctuation or spacing: two spellings of one name or number fold alike."""
    plain = unicodedata.normalize("NFKD", value.replace("œ", "oe").replace("Œ", "OE"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^0-9A-Z]+", "-", plain.upper()).strip("-")


class AwardKey(Model):
    """What makes an award one and the same, whatever file it was read from."""

    authority: str
    number: str
    """Number of the deliberation, verbatim."""
    session_date: date
    ordinal: Annotated[int, Field(ge=1)]
    """Rank of the award in the operative part, from 1."""

    @property
    def id(self) -> str:
        """16 hexadecimal characters, safe in a URL, a path or a workflow id; carries no name."""
        identity = f"{fold(self.authority)}|{fold(self.number)}|{self.session_date.isoformat()}|{self.ordinal}"
        return hashlib.sha256(identity.encode()).hexdigest()[:16]


class Instalment(Model):
    """One payment."""

    label: Text
    """E.g. "Acompte" or "Solde"."""
    amount: Annotated[Euros, Field(gt=0)]
    trigger: Text
    """What makes it due, as the convention says it: "à la notification de la convention"."""


class PaymentSchedule(Model):
    instalments: Annotated[tuple[Instalment, ...], Field(min_length=1, max_length=24)]

    @property
    def total(self) -> Decimal:
        return sum((i.amount for i in self.instalments), Decimal(0))


class Term(Model):
    """How long the convention lasts."""

    start: date | None = None
    """None: from the notification to the beneficiary."""
    end: date

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.start is not None and self.end <= self.start:
            raise ValueError("la convention doit finir après avoir commencé")
        return self


FindingCode = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,60}$")]


class SettledFacts(Model):
    """Facts a person settled because the reading did not find them, or found them in doubt."""

    beneficiary: Text | None = None
    amount: Annotated[Euros, Field(gt=0)] | None = None
    purpose: Text | None = None
    signing_authority: Text | None = None
    fiscal_year: Annotated[int, Field(ge=1980, le=2200)] | None = None
    adopted: Literal[True] | None = None
    """The person certifies, from the register of deliberations, that an act that does not say so was adopted."""
    acknowledged: Annotated[tuple[FindingCode, ...], Field(max_length=40)] = ()
    """Codes of the blocking findings of the reading that the person has looked into."""


class SuppliedFacts(Model):
    """What the deliberation does not say, from a named person (invariant 1)."""

    beneficiary: Beneficiary
    authority: GrantingAuthority
    schedule: PaymentSchedule
    term: Term
    report_due: date
    """Day by which the beneficiary files the financial report (compte rendu financier)."""
    project_summary: Text
    """What the beneficiary undertakes to do, in one or two sentences."""
    matter: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,60}$")] = "subventions"
    """Matter of the delegation that must cover the signature."""
    request_date: date | None = None
    """When the beneficiary applied; decides on the contrat d'engagement républicain (décret 2021-1947)."""
    place: Text
    """Place of signature."""
    settled: SettledFacts = SettledFacts()
    company: CompanyRecord | None = None
    """What the public register of companies said of the beneficiary's SIRET; none when it was not reached."""


class SourceKind(StrEnum):
    DELIBERATION = "deliberation"
    REGISTER = "register"
    PERSON = "person"
    RULE = "rule"


class ValueSource(Model):
    """Where a value printed in the draft comes from."""

    kind: SourceKind
    evidence: tuple[Evidence, ...] = ()
    """For a deliberation: the spans."""
    detail: str = ""
    """For a person: the name; for the register: the entry; for a rule: the article."""
    at: datetime | None = None


class DeliberationFacts(Model):
    """What the draft prints of the deliberation."""

    authority: str
    assembly: str
    number: str
    session_date: date
    title: str
    signing_authority: str
    fiscal_year: int | None = None
    chapter: str = ""
    nature: str = ""
    function: str = ""
    other: str = ""


class DraftFacts(Model):
    """Every value a template may print. The draft is a function of this and of the template."""

    convention_number: str
    deliberation: DeliberationFacts
    authority: GrantingAuthority
    executive: Person
    """The executive in office (the President, the Mayor), from the register of mandates."""
    beneficiary: Beneficiary
    amount: Euros
    purpose: str
    project_summary: str
    schedule: PaymentSchedule
    term: Term
    report_due: date
    place: str
    clauses: tuple[str, ...]
    """Codes of the conditional clauses that the rules bring in, e.g. ``republican_commitment``."""
    sources: dict[str, ValueSource]
    """Path of the value (``amount``, ``beneficiary.siret``) to its source."""


class Draft(Model):
    """One version of a convention: the Word file and the PDF made from it, ready to be signed."""

    version: Annotated[int, Field(ge=1)]
    docx: DocumentRef
    pdf: DocumentRef
    """PDF/A with the signature fields; every signature is appended to these very bytes."""
    facts: DocumentRef
    """The :class:`DraftFacts` as JSON."""
    template: DocumentRef
    pages: int


class Role(StrEnum):
    """The side a signatory signs for."""

    BENEFICIARY = "beneficiary"
    AUTHORITY = "authority"


class Signatory(Model):
    """A person called to sign, and by what power."""

    role: Role
    person: Person
    capacity_line: str
    """What is printed: "Pour la Présidente et par délégation, la Vice-présidente déléguée"."""
    ground: str
    """The power relied upon, in French: the order, its date, its publication."""


class Actor(Model):
    """Who did something, for the record."""

    kind: Annotated[str, Field(pattern=r"^(staff|signatory|system)$")]
    name: str

    @classmethod
    def of(cls, staff: Staff) -> "Actor":
        return cls(kind="staff", name=staff.name)


SYSTEM = Actor(kind="system", name="Paraphe")
