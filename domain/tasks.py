"""What a workflow asks of the world: one request, one answer per activity, and the name each answers to.

Both sides import this module; neither imports the other. Requests carry references, never bytes (invariant 8).
Every request has, or is, a business key: asked twice, the activity answers the same (invariant 6).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import Field

from domain.assurance import Assurance, AssuranceStep
from domain.convention import Actor, AwardKey, Draft, Role, Signatory, SuppliedFacts
from domain.corrections import Correction
from domain.deliberation import Euros, Outcome
from domain.documents import DocumentRef, Sha256, WireModel
from domain.executory import ExecutoryProof
from domain.facts import Finding
from domain.lifecycle import Stage
from domain.parties import Staff
from domain.powers import PowerQuestion, Resolution

I = TypeVar("I", bound=WireModel)  # noqa: E741
O = TypeVar("O", bound=WireModel)  # noqa: E741


HEARTBEAT = timedelta(seconds=6)
"""Long for a worker that lives (it beats every second or so), short for a person who waits while it is replaced."""


class Queue(StrEnum):
    """Which workers do it: a suffix to the task queue that the workflow itself is on."""

    MAIN = ""
    CONVERSION = "-conversion"
    """Few slots: LibreOffice is what is scarce."""


@dataclass(frozen=True)
class Task(Generic[I, O]):
    """The contract of one activity."""

    name: str
    request: type[I]
    answer: type[O]
    timeout: timedelta = timedelta(seconds=20)
    """One attempt, however it goes."""
    heartbeat: timedelta = HEARTBEAT
    """Silence after which the worker of an attempt is taken for dead; of no use to a local task."""
    queue: Queue = Queue.MAIN
    local: bool = False
    """A short look at the register: done beside the workflow, as one event of its history."""


# Reading


class ReadRequest(WireModel):
    document: DocumentRef
    name: str
    """File name as received; shown, never used as a path."""
    corrections: tuple[Correction, ...] = ()
    """What a person corrected before any convention was opened."""


class AwardSummary(WireModel):
    ordinal: int
    beneficiary: str | None
    amount: Euros | None


class ActSummary(WireModel):
    index: int
    authority: str | None
    number: str | None
    session_date: date | None
    title: str | None
    outcome: Outcome
    awards: tuple[AwardSummary, ...]
    signing_authority: str | None = None
    """All these are the values that may be used as they are (``Fact.usable``), else none."""


class ReadAnswer(WireModel):
    reading: DocumentRef
    """The whole :class:`domain.deliberation.Reading`, as JSON, corrections included."""
    acts: tuple[ActSummary, ...]
    text: DocumentRef | None = None
    """The :class:`domain.source.SourceText` that its evidence counts in, as JSON."""


READ = Task("read_deliberation", ReadRequest, ReadAnswer, timeout=timedelta(seconds=180))


# Register


class OpenCircuitRequest(WireModel):
    award: AwardKey
    document: DocumentRef
    reading: DocumentRef
    act_index: int
    title: str
    beneficiary: str | None
    amount: Euros | None
    by: Staff


class OpenCircuitAnswer(WireModel):
    convention_id: str
    """``{award id}-{circuit}``, e.g. ``3f2a…-1``; the workflow's id is ``convention-{convention_id}``."""
    existing: bool
    """The award already had a live or completed circuit: this is it."""
    completed: bool = False
    """That circuit ended well: nothing may be started again for this award."""


OPEN_CIRCUIT = Task("open_circuit", OpenCircuitRequest, OpenCircuitAnswer, local=True)


class AllocateNumberRequest(WireModel):
    convention_id: str
    year: int


class AllocateNumberAnswer(WireModel):
    number: str
    """E.g. ``2026-0001``: gap-free per year, one per convention for ever."""


ALLOCATE_NUMBER = Task("allocate_number", AllocateNumberRequest, AllocateNumberAnswer, local=True)


class Event(WireModel):
    """One line of the evidence: what happened, who did it, when."""

    key: str
    """Unique within the convention: recording it twice records it once."""
    kind: str
    """Stable snake_case: ``facts_supplied``, ``approved``, ``receipt_recorded``, ``signed``…"""
    at: datetime
    actor: Actor
    detail: dict[str, str] = {}
    """Digests, dates, codes; no secret."""


class RecordRequest(WireModel):
    """Append events to the evidence and bring the register's row up to date."""

    convention_id: str
    stage: Stage
    round: int
    needs_attention: str = ""
    """French sentence shown at the desk; empty when nothing is wrong."""
    due_at: datetime | None = None
    events: tuple[Event, ...] = ()
    dead_links: bool = False
    """Kill every signing link of rounds before ``round``."""


class Done(WireModel):
    """Nothing to say but that it is done."""


RECORD = Task("record", RecordRequest, Done, local=True)


class ResolveRequest(WireModel):
    question: PowerQuestion
    delegate_first: bool = True


class ResolveAnswer(WireModel):
    resolution: Resolution


RESOLVE = Task("resolve_powers", ResolveRequest, ResolveAnswer, local=True)


# Drafting


class RenderRequest(WireModel):
    convention_id: str
    convention_number: str
    version: int
    award: AwardKey
    reading: DocumentRef
    act_index: int
    supplied: SuppliedFacts
    supplied_by: Staff
    supplied_at: datetime
    proof: ExecutoryProof | None = None
    """The proof recorded so far: the rules of law say whether it is wanting."""
    corrections: tuple[Correction, ...] = ()
    """Oldest first."""
    text: DocumentRef | None = None
    """The text that the evidence counts in; none for conventions opened before it was kept."""
    template: str = ""
    """Name of the template; empty: the authority's default."""


class RenderAnswer(WireModel):
    """Either a Word file or the findings that stop it."""

    docx: DocumentRef | None = None
    facts: DocumentRef | None = None
    template: DocumentRef | None = None
    findings: tuple[Finding, ...] = ()
    not_voting: tuple[str, ...] = ()
    """Members who took no part in the vote and whom nobody answered for: none of them is called to sign."""


RENDER = Task("render_draft", RenderRequest, RenderAnswer, local=True)


class ConvertRequest(WireModel):
    docx: DocumentRef
    title: str
    """Title of the PDF's metadata."""


class ConvertAnswer(WireModel):
    pdf: DocumentRef
    """PDF/A-2b, tagged, with one named empty signature field per role and nothing signed."""
    pages: int


CONVERT = Task("convert_to_pdf", ConvertRequest, ConvertAnswer, timeout=timedelta(seconds=90), queue=Queue.CONVERSION)


# Mail


class MailKind(StrEnum):
    """One message of a kind per (convention, round, recipient)."""

    REQUEST = "request"
    REMINDER = "reminder"
    HAND_OVER = "hand_over"
    REFUSAL = "refusal"
    COMPLETION = "completion"
    EXPIRY = "expiry"
    WITHDRAWAL = "withdrawal"
    CODE = "code"
    """Sent by the portal itself: the code never goes through Temporal."""


class MailRequest(WireModel):
    kind: MailKind
    convention_id: str
    round: int
    sequence: int = 0
    """Distinguishes the reminders of one round."""
    recipient: Signatory
    convention_number: str
    deliberation_number: str
    subject_line: str
    """What the convention is about, for the body."""
    beneficiary: str
    authority: str
    amount: Euros
    document: DocumentRef | None = None
    """For a request: what is to be signed (the link is bound to it). For a completion: the signed copy."""
    reason: str = ""
    due_at: datetime | None = None


class MailAnswer(WireModel):
    message_id: str
    smtp_reply: str
    sent_at: datetime


SEND_MAIL = Task("send_mail", MailRequest, MailAnswer, timeout=timedelta(seconds=45))


# Signature


class SignRequest(WireModel):
    convention_id: str
    convention_number: str
    role: Role
    signatory: Signatory
    document: DocumentRef
    """What was shown and is to be signed: the approved PDF, or it with the earlier signature."""
    approved: Sha256
    """Digest of the approved PDF: the first bytes of every later file."""
    accepted_at: datetime
    round: int = 0
    challenge_id: str = ""
    """The one-time code's challenge: the activity checks for itself that it was met."""
    assurance: Assurance = Assurance.SIMPLE
    """The level that the person's signature must reach."""
    evidence: dict[str, str] = {}


class SignAnswer(WireModel):
    document: DocumentRef
    field: str
    level: str
    """PAdES level reached: ``B-T``, ``B-LT``, ``B-LTA``."""
    signed_at: datetime
    """The timestamp authority's time."""
    timestamp_authority: str
    certificate: str
    """Subject of the certificate used."""
    assurance: Assurance = Assurance.SIMPLE
    """Level of the person's signature."""


SIGN = Task("sign_document", SignRequest, SignAnswer, timeout=timedelta(seconds=60))


class SealRequest(WireModel):
    convention_id: str
    document: DocumentRef
    approved: Sha256
    roles: tuple[Role, ...]


class SealAnswer(WireModel):
    """All signatures validated on the final file."""

    report: DocumentRef
    """Validation report, JSON."""
    levels: dict[Role, str]


SEAL = Task("validate_signed", SealRequest, SealAnswer, local=True)


# Archive


class SignatureRecord(WireModel):
    role: Role
    signatory: Signatory
    signed_at: datetime
    level: str
    document: DocumentRef
    """The file just after this signature."""
    assurance: Assurance = Assurance.SIMPLE


class ArchiveRequest(WireModel):
    convention_id: str
    award: AwardKey
    convention_number: str
    ending: Stage
    """``COMPLETED``, ``REFUSED``, ``WITHDRAWN`` or ``EXPIRED``."""
    deliberation: DocumentRef
    reading: DocumentRef
    draft: Draft | None = None
    proof: ExecutoryProof | None = None
    signatures: tuple[SignatureRecord, ...] = ()
    report: DocumentRef | None = None
    beneficiary: str = ""
    amount: Euros | None = None
    archived_at: datetime


class ArchiveAnswer(WireModel):
    object_id: str
    version: str
    """OCFL version, e.g. ``v1``."""
    path: str
    """Of the object, relative to the storage root."""
    manifest_digest: str
    """Digest of the OCFL inventory."""
    evidence: DocumentRef


ARCHIVE = Task("archive_convention", ArchiveRequest, ArchiveAnswer, timeout=timedelta(seconds=120))


TASKS: tuple[Task, ...] = (  # type: ignore[type-arg]
    READ,
    OPEN_CIRCUIT,
    ALLOCATE_NUMBER,
    RECORD,
    RESOLVE,
    RENDER,
    CONVERT,
    SEND_MAIL,
    SIGN,
    SEAL,
    ARCHIVE,
)


# Settings copied into a convention


class SigningPolicy(WireModel):
    """How signing goes; a setting, copied into each convention when it opens."""

    order: tuple[Role, ...] = (Role.BENEFICIARY, Role.AUTHORITY)
    reminder_days: Annotated[tuple[int, ...], Field(max_length=5)] = (5, 10)
    """Working days after the request."""
    expiry_days: Annotated[int, Field(ge=1)] = 40
    """Working days after the request."""
    rehearsal_day: Annotated[float, Field(gt=0)] | None = None
    """For a rehearsal: a working day lasts this many seconds. None: the French calendar."""
    delegate_first: bool = True
    assurance: Annotated[tuple[AssuranceStep, ...], Field(max_length=20)] = ()
    """The level of signature asked of each side, by amount; none: simple."""
