"""What one convention's workflow remembers, and the pages that are made of it. Nothing here waits or acts."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain import lifecycle as life
    from domain.assurance import Assurance, required_assurance
    from domain.convention import AwardKey, Draft, Role, Signatory, SuppliedFacts
    from domain.corrections import Correction, latest
    from domain.deliberation import Euros
    from domain.documents import DocumentRef, WireModel
    from domain.errors import ActionRefused, ParapheError
    from domain.facts import Finding, Severity
    from domain.lifecycle import Lifecycle, Stage
    from domain.parties import Person, Staff
    from domain.tasks import ArchiveAnswer, SignatureRecord, SigningPolicy
    from workflows import messages as say
    from workflows.views import ConventionView, MailStatus, SignatoryStatus, SigningState, SigningView
    from workflows.world import Refused, failure


class ConventionStart(WireModel):
    """What a convention is born with."""

    convention_id: str
    award: AwardKey
    act_index: int
    title: str
    beneficiary: str | None = None
    amount: Euros | None = None
    signing_authority: str | None = None
    deliberation: DocumentRef
    reading: DocumentRef
    opened_by: Staff
    opened_at: datetime
    policy: SigningPolicy = SigningPolicy()
    corrections: tuple[Correction, ...] = ()
    """What was corrected before it opened; already in the reading."""
    text: DocumentRef | None = None
    """The text that the evidence counts in."""


class Accepted(WireModel):
    """A signature that was accepted and is to be made."""

    message: say.SignMessage
    signatory: Signatory
    at: datetime


ENDINGS = {
    Stage.REFUSED: SigningState.REFUSED,
    Stage.WITHDRAWN: SigningState.WITHDRAWN,
    Stage.EXPIRED: SigningState.EXPIRED,
}


class Case:
    """The file of one convention."""

    def __init__(self, start: ConventionStart) -> None:
        self.start = start
        self.life = Lifecycle(session_date=start.award.session_date, order=start.policy.order)
        self.number = ""
        self.supplied: SuppliedFacts | None = None
        self.supplied_by: Staff | None = None
        self.supplied_at: datetime | None = None
        self.corrections: tuple[Correction, ...] = start.corrections
        self.facts_version = 0
        self.rendered_version = 0
        self.draft: Draft | None = None
        self.findings: tuple[Finding, ...] = ()
        self.not_voting: tuple[str, ...] = ()
        """Members who took no part in the vote, and whom nobody answered for."""
        self.asked: list[SignatoryStatus] = []
        self.signatures: list[SignatureRecord] = []
        self.mails: list[MailStatus] = []
        self.accepted: Accepted | None = None
        self.signing_problem: Refused | None = None
        self.preferred = ""
        """E-mail of whom the signature was handed over to."""
        self.power_ended: set[int] = set()
        """Rounds stopped because the signatory's power had ended."""
        self.candidates: tuple[Person, ...] = ()
        self.due_at: datetime | None = None
        self.attention = ""
        self.reason = ""
        self.report: DocumentRef | None = None
        self.archive: ArchiveAnswer | None = None

    # Moving the lifecycle

    def decide(self, action: life.Action) -> None:
        """Do what a person decided, or refuse it to her."""
        try:
            self.life = life.apply(self.life, action, workflow.now())
        except ParapheError as refusal:
            raise failure(refusal) from refusal

    def check(self, action: life.Action) -> None:
        """Refuse to a person what :meth:`decide` would refuse; change nothing."""
        try:
            life.apply(self.life, action, workflow.now())
        except ParapheError as refusal:
            raise failure(refusal) from refusal

    def advance(self, action: life.Action) -> None:
        """Move on by ourselves. A refusal here is a defect: the workflow task fails and waits for the mend."""
        self.life = life.apply(self.life, action, workflow.now())

    def check_law(self) -> None:
        """Refuse to ask for a signature that a rule of law forbids, while nobody has answered it."""
        stopping = [finding for finding in self.findings if finding.severity is Severity.BLOCKING_SIGNATURE]
        if stopping:
            raise failure(
                ActionRefused(
                    "signature_blocked",
                    "L'envoi à la signature est refusé. "
                    + " ".join(f"{finding.message} {finding.mend}".strip() for finding in stopping)
                    + " Pour y répondre, demandez des corrections et complétez les informations.",
                )
            )

    # Questions

    def called(self, message: say.SignatoryMessage) -> SignatoryStatus:
        """Whom the link of ``message`` was sent to."""
        for status in self.asked:
            if status.round == message.round and status.signatory.role is message.role:
                return status
        raise failure(ActionRefused("link_unknown", "Ce lien ne correspond à aucune demande de signature."))

    def in_round(self, round_: int) -> Callable[[], bool]:
        """Whether the signature of that round is still awaited, whenever it is asked."""
        return lambda: self.life.round == round_ and self.life.stage in life.SIGNING

    @property
    def facts(self) -> SuppliedFacts:
        assert self.supplied is not None
        return self.supplied

    @property
    def document(self) -> DocumentRef:
        """The PDF as it is now: the draft, or it with the signatures made so far."""
        assert self.draft is not None
        return self.signatures[-1].document if self.signatures else self.draft.pdf

    @property
    def standing(self) -> dict[str, Correction]:
        """The last correction of each fact of this award and of its act."""
        return latest(self.corrections, self.start.act_index, self.start.award.ordinal)

    def corrected(self, fact: str) -> str | None:
        """The value that a person gave back to a fact of the reading, as she wrote it."""
        made = self.standing.get(fact)
        return made.value if made else None

    @property
    def beneficiary(self) -> str | None:
        read = self.corrected("beneficiary") or self.start.beneficiary
        return self.supplied.beneficiary.name if self.supplied else read

    @property
    def amount(self) -> Euros | None:
        if corrected := self.corrected("amount"):
            return Decimal(corrected)
        settled = self.supplied.settled.amount if self.supplied else None
        return settled or self.start.amount

    @property
    def title(self) -> str:
        return self.corrected("title") or self.start.title

    @property
    def signing_authority(self) -> str:
        """Whom the act authorises to sign, as corrected, settled or read."""
        settled = self.supplied.settled.signing_authority if self.supplied else None
        return self.corrected("signing_authority") or settled or self.start.signing_authority or ""

    @property
    def amount_due(self) -> Euros:
        assert self.amount is not None
        return self.amount

    def assurance(self, role: Role) -> Assurance:
        """The level that this side's signature must reach."""
        return required_assurance(self.start.policy.assurance, role, self.amount_due)

    # Pages

    def view(self) -> ConventionView:
        """For the desk."""
        return ConventionView(
            convention_id=self.start.convention_id,
            stage=self.life.stage,
            lifecycle=self.life,
            award=self.start.award,
            act_index=self.start.act_index,
            title=self.title,
            beneficiary=self.beneficiary,
            amount=self.amount,
            deliberation=self.start.deliberation,
            reading=self.start.reading,
            text=self.start.text,
            corrections=self.corrections,
            supplied=self.supplied,
            supplied_by=self.supplied_by,
            convention_number=self.number,
            draft=self.draft,
            findings=self.findings,
            proof=self.life.proof,
            signatories=tuple(self.asked),
            signatures=tuple(self.signatures),
            due_at=self.due_at,
            attention=self.attention,
            reason=self.reason,
            archive=self.archive,
            mails=tuple(self.mails),
        )

    def signing_view(self, message: say.SignatoryMessage) -> SigningView:
        """For whoever was sent the link of ``message``."""
        status = self.called(message)
        assert self.draft is not None
        completed = self.life.stage in {Stage.DELIVERING, Stage.COMPLETED}
        return SigningView(
            state=self._state_for(status),
            stage=self.life.stage,
            round=status.round,
            document=status.document or self.draft.pdf,
            pages=self.draft.pages,
            convention_number=self.number,
            deliberation_number=self.start.award.number,
            deliberation_date=self.start.award.session_date,
            deliberation_title=self.title,
            authority=self.facts.authority.name,
            beneficiary=self.facts.beneficiary.name,
            amount=self.amount_due,
            signatory=status.signatory,
            due_at=self.due_at,
            candidates=self.candidates if status.signatory.role is Role.AUTHORITY else (),
            signed_document=self.document if completed else None,
            completed=completed,
            assurance=self.assurance(status.signatory.role),
        )

    def _state_for(self, status: SignatoryStatus) -> SigningState:
        if status.signed_at is not None:
            return SigningState.SIGNED
        if status.round in self.power_ended:
            return SigningState.POWER_ENDED
        if any(later.round > status.round and later.signatory.role is status.signatory.role for later in self.asked):
            # Also after the end: whoever was asked by mistake learns nothing more.
            return SigningState.REPLACED
        ending = self.life.ending or self.life.stage
        if ending in ENDINGS:
            return ENDINGS[ending]
        if status.round != self.life.round:
            return SigningState.REPLACED
        return SigningState.IN_PROGRESS if self.life.signing else SigningState.READY
