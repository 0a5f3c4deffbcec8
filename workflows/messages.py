"""What people decide, as the workflow receives it: one model per Update."""

from pydantic import Field

from domain.convention import Role, SuppliedFacts
from domain.corrections import Correction
from domain.documents import Sha256, WireModel
from domain.executory import ExecutoryProof
from domain.parties import Staff


class SupplyFactsMessage(WireModel):
    facts: SuppliedFacts
    by: Staff


class CorrectFactMessage(WireModel):
    """A fact of the deliberation was read wrongly, or not at all."""

    correction: Correction
    """Already judged against the reading and its text; the instant kept is the workflow's own."""
    seen: int = Field(ge=0)
    """How many corrections the person's page showed."""


class RequestChangesMessage(WireModel):
    reason: str = Field(min_length=1, max_length=2000)
    by: Staff


class ApproveMessage(WireModel):
    document: Sha256
    """The exact version approved: digest of its PDF."""
    by: Staff


class RecordReceiptMessage(WireModel):
    proof: ExecutoryProof
    by: Staff


class SendMessage(WireModel):
    by: Staff


class WithdrawMessage(WireModel):
    reason: str = Field(min_length=1, max_length=2000)
    by: Staff


class CorrectAddressMessage(WireModel):
    """The awaited signatory's address was wrong."""

    email: str = Field(min_length=3, max_length=254)
    by: Staff


class SignatoryMessage(WireModel):
    """What every decision of a signatory carries: who, on which link, having proved which code."""

    role: Role
    round: int
    document: Sha256
    """The digest of what was shown."""
    challenge_id: str
    """The one-time code's challenge that was met; makes the decision unique."""
    evidence: dict[str, str] = {}
    """Address and agent, for the record."""


class SignMessage(SignatoryMessage):
    """The signatory signs."""


class RefuseMessage(SignatoryMessage):
    reason: str = Field(min_length=1, max_length=2000)


class HandOverMessage(SignatoryMessage):
    email: str
    """Of the person, among those who hold the power, who is to sign instead."""
