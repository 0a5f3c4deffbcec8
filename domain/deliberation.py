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


class AwardKind(StrEnum):
    """What an award adds to what was granted before."""

    GRANT = "grant"
    RENEWAL = "renewal"
    ADDITIONAL = "additional"
    """On top of an earlier award of the same year (subvention complémentaire)."""
    CARRIED_OVER = "carried_over"
    """Credits of an earlier year (report, reliquat)."""
    IN_KIND = "in_kind"
    """A subsidy in kind (subvention en nature): the amount is what it is valued at, nothing is paid."""


class YearAmount(Model):
    """What a multi-year award gives in one year."""

    year: int
    amount: Fact[Euros] = Fact[Euros]()


class Award(Model):
    """A subsidy granted to one beneficiary by the operative part (dispositif)."""

    beneficiary: Fact[str] = Fact[str]()
    amount: Fact[Euros] = Fact[Euros]()
    purpose: Fact[str] = Fact[str]()
    kind: Fact[AwardKind] = Fact[AwardKind]()
    """Missing when read before kinds were."""
    is_maximum: Fact[bool] = Fact[bool]()
    """True when the act says that the amount is a ceiling ("dans la limite de"); missing when it does not."""
    years: tuple[YearAmount, ...] = ()
    """Amounts by year, when the act states them and they add up to ``amount``."""
    beneficiary_siret: Fact[str] = Fact[str]()
    """14 digits, with a true check digit; malformed otherwise."""
    beneficiary_rna: Fact[str] = Fact[str]()
    """Number of the register of associations: W and 9 digits."""
    beneficiary_address: Fact[str] = Fact[str]()
    beneficiary_acronym: Fact[str] = Fact[str]()


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


class TextSpan(Model):
    """A part of the extracted text, in code points."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    """Exclusive."""


class Proxy(Model):
    """A member who was away and gave his vote to another (pouvoir, CGCT L2121-20)."""

    member: Fact[str] = Fact[str]()
    by: Fact[str] = Fact[str]()
    """Who votes in his name."""


class Attendance(Model):
    """Who sat, as the act says. Lists are complete or empty: a list that could not be cut into names is left out."""

    present: tuple[Fact[str], ...] = ()
    represented: tuple[Proxy, ...] = ()
    excused: tuple[Fact[str], ...] = ()
    absent: tuple[Fact[str], ...] = ()
    """Absent, without being said excused nor represented."""
    in_office: Fact[int] = Fact[int]()
    """Members in office (en exercice): what the quorum is counted on (CGCT L2121-17)."""
    present_count: Fact[int] = Fact[int]()
    represented_count: Fact[int] = Fact[int]()
    absent_count: Fact[int] = Fact[int]()
    voting: Fact[int] = Fact[int]()
    """Voters (votants): present and represented."""
    quorum: Fact[int] = Fact[int]()


class Article(Model):
    """An article, or a numbered or bulleted point, of the operative part."""

    number: str
    """As the act numbers it (``1``, ``2``…); its rank when it bears none."""
    text: Fact[str] = Fact[str]()
    """Its words, as one line."""


class LinkedConvention(Model):
    """An earlier convention that the act cites (convention cadre, convention triennale…), and the day it bears."""

    words: Fact[str] = Fact[str]()
    number: Fact[str] = Fact[str]()
    on: Fact[date] = Fact[date]()


class Annex(Model):
    """A document that the act says it is annexed by."""

    words: Fact[str] = Fact[str]()
    enclosed: Fact[bool] = Fact[bool]()
    """Whether the file received seems to hold it."""


class Act(Model):
    """One act of a deliberative assembly."""

    span: TextSpan | None = None
    """Where it stands in the extracted text; facts of the session (assembly, date, attendance) may stand before it."""
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
    attendance: Attendance = Attendance()
    president: Fact[str] = Fact[str]()
    """Who presided over the session."""
    secretary: Fact[str] = Fact[str]()
    """Secretary of the session (CGCT L2121-15)."""
    rapporteur: Fact[str] = Fact[str]()
    commission: Fact[str] = Fact[str]()
    """Commission that gave its opinion."""
    visas: tuple[Fact[str], ...] = ()
    recitals: tuple[Fact[str], ...] = ()
    """Considérants."""
    articles: tuple[Article, ...] = ()
    linked_conventions: tuple[LinkedConvention, ...] = ()
    annexes: tuple[Annex, ...] = ()
    not_voting: tuple[Fact[str], ...] = ()
    """Members said to take no part in the vote, or to leave the room: a sign of recusal (CGCT L2131-11)."""
    findings: tuple[Finding, ...] = ()


class Source(Model):
    name: str
    sha256: Sha256
    media_type: str
    pages: int
    """Number of pages; 1 for sources without pages."""
    ocr_pages: tuple[int, ...] = ()
    """Pages whose text comes from character recognition (OCR), ours or the scanner's."""


class Reading(Model):
    """All that was read from one document."""

    source: Source
    acts: tuple[Act, ...]
