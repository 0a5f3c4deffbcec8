"""What was read from a deliberation. The JSON shape of ``paraphe read --json`` is this module, kept stable."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, PlainSerializer

from domain.documents import Model, Sha256
from domain.facts import Fact, Finding

Euros = Annotated[
    Decimal,
    Field(max_digits=15, decimal_places=2),
    PlainSerializer(lambda amount: f"{amount:.2f}", return_type=str, when_used="json"),
]
"""Euros, two decimals; a decimal string in JSON, never a float."""


class Outcome(StrEnum):
    ADOPTED = "adopted"
    REJECTED = "rejected"
    POSTPONED = "postponed"
    UNKNOWN = "unknown"


class Vote(Model):
    """Counts of the vote. ``unanimous`` is missing, not true, when the text says only "adoptée"."""

    for_: Annotated[Fact[int], Field(alias="for")] = Fact[int]()
    against: Fact[int] = Fact[int]()
    abstentions: Fact[int] = Fact[int]()
    unanimous: Fact[bool] = Fact[bool]()


class Award(Model):
    """A subsidy granted to one beneficiary by the operative part (dispositif)."""

    beneficiary: Fact[str] = Fact[str]()
    amount: Fact[Euros] = Fact[Euros]()
    purpose: Fact[str] = Fact[str]()


class BudgetLine(Model):
    """The budget line (imputation) that bears the expense."""

    fiscal_year: Fact[int] = Fact[int]()
    chapter: Fact[str] = Fact[str]()
    nature: Fact[str] = Fact[str]()
    function: Fact[str] = Fact[str]()
    other: Fact[str] = Fact[str]()
    """Further segments, verbatim, e.g. ``B320`` (sous-politique)."""


class ReceiptStamp(Model):
    """The executory stamp, if the document bears one (CGCT L2131-1)."""

    id: Fact[str] = Fact[str]()
    """Identifier of the act at the State's control of legality, verbatim."""
    sent_at: Fact[datetime | date] = Fact[datetime | date]()
    received_at: Fact[datetime | date] = Fact[datetime | date]()
    published_at: Fact[datetime | date] = Fact[datetime | date]()


class Act(Model):
    """One act of a deliberative assembly."""

    authority: Fact[str] = Fact[str]()
    assembly: Fact[str] = Fact[str]()
    session_date: Fact[date] = Fact[date]()
    number: Fact[str] = Fact[str]()
    other_numbers: tuple[Fact[str], ...] = ()
    title: Fact[str] = Fact[str]()
    outcome: Fact[Outcome] = Fact[Outcome]()
    vote: Vote = Vote()
    awards: tuple[Award, ...] = ()
    convention_approved: Fact[bool] = Fact[bool]()
    signing_authority: Fact[str] = Fact[str]()
    """Who the act authorises to sign, in its words reduced to the office: "Présidente ou son représentant"."""
    budget: BudgetLine = BudgetLine()
    receipt: ReceiptStamp = ReceiptStamp()
    certified_by: Fact[str] = Fact[str]()
    """Who certified the extract. Never the signatory of the convention."""
    references: tuple[Fact[str], ...] = ()
    """Other deliberations and texts cited; never taken for this act's number."""
    findings: tuple[Finding, ...] = ()


class Source(Model):
    name: str
    sha256: Sha256
    media_type: str
    pages: int
    """Number of pages; 1 for sources without pages."""


class Reading(Model):
    """All that was read from one document."""

    source: Source
    acts: tuple[Act, ...]
