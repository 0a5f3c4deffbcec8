"""What the pages are shown of a convention: answers to the workflow's queries."""

from datetime import date, datetime
from enum import StrEnum

from domain.assurance import Assurance
from domain.convention import AwardKey, Draft, Signatory, SuppliedFacts
from domain.corrections import Correction
from domain.deliberation import Euros
from domain.documents import DocumentRef, WireModel
from domain.executory import ExecutoryProof
from domain.facts import Finding
from domain.lifecycle import Lifecycle, Stage
from domain.parties import Person, Staff
from domain.tasks import ActSummary, ArchiveAnswer, MailKind, SignatureRecord


class MailStatus(WireModel):
    """A message that was handed to the mail server, or could not be."""

    kind: MailKind
    recipient: str
    sent_at: datetime | None = None
    smtp_reply: str = ""
    problem: str = ""


class SignatoryStatus(WireModel):
    """Somebody who was asked to sign."""

    signatory: Signatory
    round: int
    document: DocumentRef | None = None
    """What she was shown."""
    asked_at: datetime | None = None
    signed_at: datetime | None = None
    level: str = ""


class ConventionView(WireModel):
    """All that the desk shows of one convention."""

    convention_id: str
    stage: Stage
    lifecycle: Lifecycle
    award: AwardKey
    act_index: int
    title: str
    beneficiary: str | None = None
    amount: Euros | None = None
    deliberation: DocumentRef
    reading: DocumentRef
    """As it was when the convention opened; ``corrections`` come on top of it."""
    text: DocumentRef | None = None
    """The text that its evidence counts in; none for conventions opened before it was kept."""
    corrections: tuple[Correction, ...] = ()
    """Oldest first."""
    supplied: SuppliedFacts | None = None
    supplied_by: Staff | None = None
    convention_number: str = ""
    draft: Draft | None = None
    findings: tuple[Finding, ...] = ()
    proof: ExecutoryProof | None = None
    signatories: tuple[SignatoryStatus, ...] = ()
    signatures: tuple[SignatureRecord, ...] = ()
    due_at: datetime | None = None
    attention: str = ""
    reason: str = ""
    """Why it was refused or withdrawn."""
    archive: ArchiveAnswer | None = None
    mails: tuple[MailStatus, ...] = ()


class SigningState(StrEnum):
    """What a signing link finds."""

    READY = "ready"
    IN_PROGRESS = "in_progress"
    SIGNED = "signed"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    NOT_YOUR_TURN = "not_your_turn"
    POWER_ENDED = "power_ended"


class SigningView(WireModel):
    """All that a signatory is shown."""

    state: SigningState
    stage: Stage
    round: int
    document: DocumentRef
    """What is shown and is to be signed."""
    pages: int
    convention_number: str
    deliberation_number: str
    deliberation_date: date
    deliberation_title: str
    authority: str
    beneficiary: str
    amount: Euros
    signatory: Signatory
    due_at: datetime | None = None
    candidates: tuple[Person, ...] = ()
    """To whom this signatory may hand over."""
    signed_document: DocumentRef | None = None
    """The countersigned copy, once the convention is complete."""
    completed: bool = False
    assurance: Assurance = Assurance.SIMPLE
    """The level of signature asked of this person."""


class StartedConvention(WireModel):
    convention_id: str
    act_index: int = 0
    ordinal: int = 1
    """Which award of which act it carries out."""
    existing: bool
    """The award already had a circuit: nothing new was started."""


class Submission(WireModel):
    """What came of a submitted deliberation."""

    reading: DocumentRef
    acts: tuple[ActSummary, ...]
    conventions: tuple[StartedConvention, ...]
    corrections: tuple[Correction, ...] = ()
    """What was corrected before the opening."""
    chosen: tuple[int, ...] | None = None
    """Indices of the acts that were chosen; none: all that can be."""


class ConventionRow(WireModel):
    """A line of the desk's list."""

    convention_id: str
    stage: Stage
    deliberation_number: str
    convention_number: str = ""
    title: str = ""
    beneficiary: str = ""
    amount: Euros | None = None
    due_at: datetime | None = None
    updated_at: datetime | None = None
    attention: str = ""
