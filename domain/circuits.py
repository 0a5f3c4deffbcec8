"""Rows of the register as the desk reads them: circuits of signature, and what was archived."""

from datetime import date, datetime

from domain.convention import AwardKey
from domain.deliberation import Euros
from domain.documents import DocumentRef, Sha256, WireModel
from domain.lifecycle import ENDED, Stage
from domain.parties import Staff


class Circuit(WireModel):
    """One circuit of one award: a convention on its way, or arrived."""

    convention_id: str
    award: AwardKey
    title: str
    beneficiary: str | None
    amount: Euros | None
    document: DocumentRef
    """The deliberation as received."""
    reading: DocumentRef
    act_index: int
    stage: Stage
    round: int
    needs_attention: str
    """French sentence; empty when nothing is wrong."""
    due_at: datetime | None
    number: str | None
    """Number of the convention, once allocated."""
    opened_by: Staff
    opened_at: datetime
    updated_at: datetime
    archive_object: str | None = None
    archive_path: str | None = None
    """Of the object, relative to the storage root of the archive."""

    @property
    def ended(self) -> bool:
        return self.stage in ENDED

    @property
    def session_date(self) -> date:
        return self.award.session_date


class Archived(WireModel):
    """An entry of the archive's catalogue."""

    convention_id: str
    award_id: str
    object_id: str
    version: str
    path: str
    manifest_digest: str
    evidence: DocumentRef
    document: Sha256 | None
    """Digest of the signed PDF; none when the circuit ended before any signature."""
    archived_at: datetime
