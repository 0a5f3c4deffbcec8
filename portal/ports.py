"""What the portal needs of the world, as Protocols. ``service`` brings the implementations.

``Circuits`` and ``Health`` are asynchronous (they speak to Temporal). The other ports may block: the portal calls
them in a thread. Every method may raise a :class:`domain.errors.ParapheError`, which is shown to the person, or any
other exception, which is an outage.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.companies import CompanyRecord
from domain.convention import SuppliedFacts
from domain.correcting import Asked
from domain.deliberation import Euros
from domain.documents import DocumentRef, WireModel
from domain.executory import ExecutoryProof
from domain.facts import Evidence
from domain.lifecycle import Stage
from domain.links import Link
from domain.parties import Staff
from domain.powers import Delegation, Mandate, PowerRegister, PowerTrace, Recusal
from domain.source import SourceText
from domain.tasks import ActSummary
from domain.verification import VerificationReport
from workflows.views import ConventionRow, ConventionView, SigningState, SigningView, Submission


class Unavailable(Exception):
    """A part does not answer now. Nothing is lost, and trying again is right: the portal answers 503."""


class ConventionFilters(WireModel):
    """What the desk's list is narrowed to; all the conditions hold together."""

    stage: Stage | None = None
    text: str = ""
    """Part of a number, of a title or of a beneficiary's name, compared folded."""
    attention: bool = False
    """Only what needs somebody."""
    limit: int = 200


class EventLine(WireModel):
    """One line of a convention's evidence, for a person."""

    at: datetime
    kind: str
    """Stable, snake_case."""
    actor: str
    label: str
    """French."""
    detail: str = ""
    """French: what was said or done exactly."""


class Deposit(WireModel):
    """A document that was read and kept, and from which nothing has been opened yet."""

    document: DocumentRef
    name: str
    """File name as received; shown, never used as a path."""
    reading: DocumentRef
    text: DocumentRef
    """The :class:`domain.source.SourceText` that the reading counts in."""
    acts: tuple[ActSummary, ...]


class Circuits(Protocol):
    """The running conventions."""

    async def submit(
        self,
        content: bytes,
        name: str,
        by: Staff,
        corrections: tuple[Asked, ...] = (),
        chosen: tuple[int, ...] | None = None,
    ) -> Submission:
        """Read a deliberation and open one circuit per award; submitting it again finds the first.

        :param name: file name as received; shown, never used as a path.
        """
        ...

    async def open(
        self,
        deposit: Deposit,
        by: Staff,
        corrections: tuple[Asked, ...] = (),
        chosen: tuple[int, ...] | None = None,
    ) -> Submission:
        """The same, of a document that was read already.

        :param corrections: what the person corrects of the reading first.
        :param chosen: indices of the acts that become conventions; none: all that can.
        :raises NotADeliberation: no convention can come of what was chosen (see :mod:`domain.admission`).
        :raises ActionRefused: a correction is refused (see :func:`domain.correcting.correction_of`), or somebody else
            opened the document meanwhile (``submission_overtaken``).
        """
        ...

    async def correct(self, convention_id: str, asked: Asked, seen: int, by: Staff) -> None:
        """Correct a fact of the reading.

        :param seen: how many corrections the person knew of.
        :raises ActionRefused: as :func:`domain.correcting.correction_of`, or ``correction_overtaken``.
        """
        ...

    async def view(self, convention_id: str) -> ConventionView:
        """:raises NotFound: no such convention."""
        ...

    async def events(self, convention_id: str) -> tuple[EventLine, ...]:
        """What happened, the newest last. :raises NotFound: no such convention."""
        ...

    async def list(self, filters: ConventionFilters) -> list[ConventionRow]: ...

    async def supply_facts(self, convention_id: str, facts: SuppliedFacts, by: Staff) -> None: ...

    async def request_changes(self, convention_id: str, reason: str, by: Staff) -> None: ...

    async def approve(self, convention_id: str, document_sha256: str, by: Staff) -> None: ...

    async def record_receipt(self, convention_id: str, proof: ExecutoryProof, by: Staff) -> None: ...

    async def send(self, convention_id: str, by: Staff) -> None: ...

    async def correct_address(self, convention_id: str, email: str, by: Staff) -> None:
        """Send the awaited request of the beneficiary's representative to another address, by a new link."""
        ...

    async def withdraw(self, convention_id: str, reason: str, by: Staff) -> None: ...

    async def sign(
        self, link: Link, document_sha256: str, challenge_id: str, evidence: dict[str, str]
    ) -> SigningState: ...

    async def refuse(self, link: Link, reason: str, challenge_id: str, evidence: dict[str, str]) -> None: ...

    async def hand_over(
        self, link: Link, candidate_email: str, challenge_id: str, evidence: dict[str, str]
    ) -> None: ...

    async def signing_view(self, link: Link) -> SigningView:
        """What this link finds now. Reads only (invariant 5)."""
        ...


class CodeSent(Protocol):
    """A one-time code that the mail server accepted."""

    @property
    def expires_at(self) -> datetime: ...


class Links(Protocol):
    """Signing links and one-time codes. A token is never kept, logged or passed on."""

    def find(self, token: str) -> Link | None:
        """Reads only."""
        ...

    def send_code(self, link: Link) -> CodeSent:
        """:raises LinkRefused: dead link, or too many codes asked.
        :raises DeliveryRefused: the mail server refused the address.
        """
        ...

    def check_code(self, link: Link, code: str) -> str:
        """The nonce of the session that a right code opens; a code serves once.

        :raises LinkRefused: wrong, expired or exhausted code.
        """
        ...

    def check_session(self, link: Link, nonce: str) -> str:
        """The id of the challenge that ``nonce`` proves. Reads only.

        :raises LinkRefused: unknown or expired session.
        """
        ...


class Files(Protocol):
    """Documents of the store, and what can be seen of them."""

    def put(self, content: bytes, media_type: str) -> DocumentRef:
        """Keep ``content``; the same bytes twice are kept once."""
        ...

    def get(self, ref: DocumentRef) -> bytes:
        """:raises NotFound: ``document_unknown``."""
        ...

    def page_png(self, pdf: DocumentRef, page: int) -> bytes:
        """Picture of a page, from 1."""
        ...

    def page_text(self, pdf: DocumentRef, page: int) -> str:
        """Text of a page, from 1: what a screen reader reads instead of the picture."""
        ...


Rectangle = tuple[float, float, float, float]
"""Left, top, right, bottom, as fractions (0 to 1) of the page as it is shown."""


class Sources(Protocol):
    """The documents that people submit: hostile until proved otherwise, opened only in processes of their own."""

    def examine(self, content: bytes, name: str) -> tuple[str, Deposit]:
        """Read a file, and keep it when a convention can come from it, perhaps once corrected; and its key.

        :raises UnreadableDocument: the file cannot be taken in.
        :raises NotADeliberation: no correction would make a convention of it; nothing is kept.
        """
        ...

    def deposit(self, key: str) -> Deposit:
        """:raises NotFound: ``deposit_unknown``."""
        ...

    def text(self, text: DocumentRef | None, document: DocumentRef) -> SourceText:
        """The text that a reading's evidence counts in, read again from ``document`` when none was kept."""
        ...

    def page_png(self, document: DocumentRef, page: int) -> bytes:
        """Picture of a page of a PDF, from 1. :raises NotFound: ``page_unknown``."""
        ...

    def places(self, document: DocumentRef, evidence: Evidence, text: SourceText) -> list[tuple[int, list[Rectangle]]]:
        """Where words stand on the pages: number of each page, and one rectangle a line; empty when not known."""
        ...


class Powers(Protocol):
    """The register of powers to sign. Adding the same entry twice adds it once."""

    def entries(self) -> PowerRegister: ...

    def traces(self) -> tuple[PowerTrace, ...]:
        """Who entered and who ended each entry."""
        ...

    def add_mandate(self, mandate: Mandate, by: Staff) -> None: ...

    def add_delegation(self, delegation: Delegation, by: Staff) -> None: ...

    def add_recusal(self, recusal: Recusal, by: Staff) -> None: ...

    def end_mandate(self, entry_id: str, last_day: date, by: Staff) -> Mandate:
        """:raises NotFound: ``power_unknown``.
        :raises ActionRefused: ``ends_before_start``, ``already_ended``.
        """
        ...

    def revoke_delegation(self, entry_id: str, day: date, by: Staff) -> Delegation:
        """It gives no power from ``day`` on; raises like the others."""
        ...

    def end_recusal(self, entry_id: str, last_day: date, by: Staff) -> Recusal: ...


class StaffDirectory(Protocol):
    """Who works at the desk. Keys and session tokens are compared by digest."""

    def by_key(self, key: str) -> Staff | None: ...

    def open_session(self, staff: Staff) -> str:
        """A new session's token."""
        ...

    def by_session(self, token: str) -> Staff | None: ...

    def close_session(self, token: str) -> None:
        """Ends the session; closing an unknown one does nothing."""
        ...


class ArchivedEntry(WireModel):
    """What anybody may know of an archived convention: bodies and figures, no person."""

    deliberation_number: str
    convention_number: str
    beneficiary: str
    amount: Euros | None = None
    ending: Stage
    archived_at: datetime
    signed_sha256: str | None = None
    """Digest of the countersigned PDF, to compare with one's own copy."""


class Verifier(Protocol):
    def verify(self, content: bytes) -> VerificationReport:
        """What the signatures of a PDF prove. Keeps nothing.

        :raises UnreadableDocument: not a PDF.
        """
        ...

    def by_number(self, number: str) -> tuple[ArchivedEntry, ...]:
        """Archived conventions that bear this convention or deliberation number, compared folded."""
        ...


class ProviderStep(WireModel):
    """What the person must give at the provider of remote signatures."""

    code: bool
    """A one-time code that the provider sent."""
    pin: bool
    """The secret code of the person's certificate."""


class Provider(Protocol):
    """A service that holds people's own certificates (advanced and qualified signatures)."""

    def begin(self, link: Link, challenge: str, document: DocumentRef) -> ProviderStep:
        """Prepare the signature of ``document``, and have the provider send its code. Beginning again is right.

        :raises SignatureRefused: no certificate to this person's name…
        :raises Unavailable: the provider does not answer.
        """
        ...

    def begun(self, challenge: str) -> ProviderStep | None:
        """What was begun in the session of this challenge. Reads only."""
        ...

    def agree(self, link: Link, challenge: str, document: str, code: str, pin: str) -> None:
        """Have the provider take the person's agreement. Neither ``code`` nor ``pin`` is kept or logged.

        :raises SignatureRefused: ``remote_not_authorised``, ``remote_not_begun``…
        :raises Unavailable: the provider does not answer.
        """
        ...


class Companies(Protocol):
    """The public register of companies."""

    def look_up(self, siret: str) -> CompanyRecord | None:
        """What it says of ``siret``; none when it cannot be asked now. Bounded in time; never raises."""
        ...


class Health(Protocol):
    async def ready(self) -> dict[str, str | bool]:
        """Each part by its name: True when it answers, False or what is wrong when it does not."""
        ...


@dataclass(frozen=True)
class Ports:
    """All of them, as ``service`` wires them."""

    circuits: Circuits
    links: Links
    files: Files
    sources: Sources
    powers: Powers
    staff: StaffDirectory
    verifier: Verifier
    health: Health
    provider: Provider | None = None
    """None: signatures of the simple level only."""
    companies: Companies | None = None
    """None: no register is asked."""
