"""The vocabulary of refusals.

    ParapheError            something a person must know: a stable code, a French sentence, who acts next
    ├── UnreadableDocument  the file cannot be taken in (wrong type, empty, protected, too large, a scan)
    ├── NotADeliberation    the file is readable but holds no act of an assembly, or one that grants nothing
    ├── ActionRefused       the lifecycle or a rule of law forbids the action now
    ├── PowerMissing        nobody, or not this person, holds the power to sign
    ├── DraftRefused        the draft cannot be made from these facts or this template
    ├── SignatureRefused    the signature could not be made, or what was made does not validate
    ├── LinkRefused         a signing link or a one-time code is unknown, dead, expired or wrong
    ├── DeliveryRefused     the mail server refused a message for good (wrong address, for instance)
    ├── ArchiveDamaged      an archived object does not match its digests
    └── NotFound            no such document, convention or entry

Outages (a server that does not answer) are not in this tree: they are ordinary exceptions, retried by Temporal.
"""

from enum import StrEnum


class Actor(StrEnum):
    """Who must act next when something is refused."""

    LEGAL_AFFAIRS = "legal_affairs"
    SIGNATORY = "signatory"
    AUTHORITY = "authority"
    OPERATOR = "operator"


class ParapheError(Exception):
    """A refusal with a stable ``code``, a French sentence for the person, and who must act next."""

    default_next = Actor.LEGAL_AFFAIRS

    def __init__(self, code: str, message: str, *, next_actor: Actor | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_actor = next_actor or self.default_next

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code!r}, {self.message!r})"


class UnreadableDocument(ParapheError):
    """The file cannot be taken in."""


class NotADeliberation(ParapheError):
    """The file is readable, but no convention can come from it."""


class ActionRefused(ParapheError):
    """The lifecycle, or a rule of law, forbids this action now."""


class PowerMissing(ParapheError):
    """Nobody, or not this person, holds the power to sign."""


class DraftRefused(ParapheError):
    """The draft cannot be made from these facts or this template."""


class SignatureRefused(ParapheError):
    """The signature could not be made, or does not validate."""

    default_next = Actor.OPERATOR


class LinkRefused(ParapheError):
    """A signing link or a one-time code is unknown, dead, expired or wrong."""

    default_next = Actor.SIGNATORY


class DeliveryRefused(ParapheError):
    """The mail server refused a message for good."""


class ArchiveDamaged(ParapheError):
    """An archived object does not match its digests."""

    default_next = Actor.OPERATOR


class NotFound(ParapheError):
    """No such document, convention or entry."""
