"""One convention, from the facts to the archive: an entity workflow per award.

People decide by Updates, each checked by its validator against the pure lifecycle. The main loop does the work of the
stage that the lifecycle is in, and nothing else moves it on. What happens is entered in the register's evidence.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.calendar import add_working_days

    from domain import lifecycle as life
    from domain import tasks
    from domain.convention import SYSTEM, Actor, AwardKey, Draft, Role, Signatory, SuppliedFacts
    from domain.deliberation import Euros
    from domain.documents import DocumentRef, WireModel
    from domain.errors import ActionRefused, ParapheError, PowerMissing
    from domain.executory import PARIS
    from domain.facts import Finding
    from domain.lifecycle import Lifecycle, Stage
    from domain.parties import Person, Staff
    from domain.powers import PowerQuestion, Resolution
    from domain.tasks import ArchiveAnswer, MailKind, SignatureRecord, SigningPolicy
    from workflows import messages as say
    from workflows import search
    from workflows.views import ConventionView, MailStatus, SignatoryStatus, SigningState, SigningView
    from workflows.world import Refused, World, failure

SERVED = (Stage.SIGNING_BENEFICIARY, Stage.SIGNING_AUTHORITY)


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


class ConventionEnd(WireModel):
    """How it ended."""

    convention_id: str
    stage: Stage
    archive: ArchiveAnswer | None = None


class _Accepted(WireModel):
    """A signature that was accepted and is to be made."""

    message: say.SignMessage
    signatory: Signatory
    at: datetime


@workflow.defn(name="Convention")
class ConventionWorkflow:
    """See the module."""

    @workflow.init
    def __init__(self, start: ConventionStart) -> None:
        self._start = start
        self._life = Lifecycle(session_date=start.award.session_date, order=start.policy.order)
        self._world = World(self._trouble)
        self._number = ""
        self._supplied: SuppliedFacts | None = None
        self._supplied_by: Staff | None = None
        self._supplied_at: datetime | None = None
        self._facts_version = 0
        self._rendered_version = 0
        self._draft: Draft | None = None
        self._findings: tuple[Finding, ...] = ()
        self._asked: list[SignatoryStatus] = []
        self._signatures: list[SignatureRecord] = []
        self._mails: list[MailStatus] = []
        self._accepted: _Accepted | None = None
        self._signing_problem: Refused | None = None
        self._preferred: str = ""
        self._power_ended: set[int] = set()
        self._candidates: tuple[Person, ...] = ()
        self._due_at: datetime | None = None
        self._attention = ""
        self._reason = ""
        self._report: DocumentRef | None = None
        self._archive: ArchiveAnswer | None = None
        self._pending: list[tasks.Event] = []
        self._events = 0
        self._registered: tuple[object, ...] = ()
        self._recording = asyncio.Lock()
        self._event("opened", Actor.of(start.opened_by), {"deliberation": start.deliberation.sha256})

    @workflow.run
    async def run(self, start: ConventionStart) -> ConventionEnd:
        while not self._life.ended:
            await self._record()
            match self._life.stage:
                case Stage.DRAFTING:
                    await self._drafting()
                case Stage.REVIEW | Stage.APPROVED:
                    await self._until_change()
                case Stage.SIGNING_BENEFICIARY | Stage.SIGNING_AUTHORITY:
                    await self._collect_signature()
                case Stage.SEALING:
                    await self._seal()
                case Stage.ARCHIVING:
                    await self._archiving()
                case Stage.DELIVERING:
                    await self._deliver()
        await self._tell_ending()
        self._due_at = None
        await self._record()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return ConventionEnd(convention_id=start.convention_id, stage=self._life.stage, archive=self._archive)

    # Queries

    @workflow.query
    def view(self) -> ConventionView:
        """For the desk."""
        return ConventionView(
            convention_id=self._start.convention_id,
            stage=self._life.stage,
            lifecycle=self._life,
            award=self._start.award,
            act_index=self._start.act_index,
            title=self._start.title,
            beneficiary=self._beneficiary(),
            amount=self._amount(),
            deliberation=self._start.deliberation,
            reading=self._start.reading,
            supplied=self._supplied,
            supplied_by=self._supplied_by,
            convention_number=self._number,
            draft=self._draft,
            findings=self._findings,
            proof=self._life.proof,
            signatories=tuple(self._asked),
            signatures=tuple(self._signatures),
            due_at=self._due_at,
            attention=self._attention,
            reason=self._reason,
            archive=self._archive,
            mails=tuple(self._mails),
        )

    @workflow.query
    def signing_view(self, asked: say.SignatoryMessage) -> SigningView:
        """For the person who was sent the link of ``asked.round``."""
        status = next((s for s in self._asked if s.round == asked.round and s.signatory.role is asked.role), None)
        if status is None or self._draft is None or self._supplied is None:
            raise failure(ActionRefused("link_unknown", "Ce lien ne correspond à aucune demande de signature."))
        final = self._signatures[-1].document if self._signatures else None
        completed = self._life.stage in {Stage.DELIVERING, Stage.COMPLETED}
        return SigningView(
            state=self._state_for(status),
            stage=self._life.stage,
            round=status.round,
            document=status.document or self._draft.pdf,
            pages=self._draft.pages,
            convention_number=self._number,
            deliberation_number=self._start.award.number,
            deliberation_date=self._start.award.session_date,
            deliberation_title=self._start.title,
            authority=self._supplied.authority.name,
            beneficiary=self._supplied.beneficiary.name,
            amount=self._amount_due(),
            signatory=status.signatory,
            due_at=self._due_at,
            candidates=self._candidates if status.signatory.role is Role.AUTHORITY else (),
            signed_document=final if completed else None,
            completed=completed,
        )

    # Updates: what legal affairs decide

    @workflow.update
    async def supply_facts(self, message: say.SupplyFactsMessage) -> None:
        self._apply(life.SupplyFacts())
        self._supplied, self._supplied_by, self._supplied_at = message.facts, message.by, workflow.now()
        self._facts_version += 1
        self._findings = ()
        self._event("facts_supplied", Actor.of(message.by), {"version": str(self._facts_version)})

    @supply_facts.validator
    def _check_supply_facts(self, message: say.SupplyFactsMessage) -> None:
        self._check(life.SupplyFacts())

    @workflow.update
    async def request_changes(self, message: say.RequestChangesMessage) -> None:
        self._apply(life.RequestChanges())
        self._event("changes_requested", Actor.of(message.by), {"reason": message.reason})

    @request_changes.validator
    def _check_request_changes(self, message: say.RequestChangesMessage) -> None:
        self._check(life.RequestChanges())

    @workflow.update
    async def approve(self, message: say.ApproveMessage) -> None:
        self._apply(life.Approve(document=message.document))
        self._event("approved", Actor.of(message.by), {"document": message.document})

    @approve.validator
    def _check_approve(self, message: say.ApproveMessage) -> None:
        self._check(life.Approve(document=message.document))

    @workflow.update
    async def record_receipt(self, message: say.RecordReceiptMessage) -> None:
        self._apply(life.RecordReceipt(proof=message.proof))
        proof = message.proof
        self._event(
            "receipt_recorded",
            Actor.of(message.by),
            {
                "receipt_id": proof.receipt_id,
                "received_at": proof.received_at.isoformat(),
                "published_at": proof.published_at.isoformat(),
            },
        )

    @record_receipt.validator
    def _check_record_receipt(self, message: say.RecordReceiptMessage) -> None:
        self._check(life.RecordReceipt(proof=message.proof))

    @workflow.update
    async def send(self, message: say.SendMessage) -> None:
        """Ask for the signatures. Refused while nobody holds the power to sign for the authority."""
        resolution = await self._resolve()
        if not resolution.candidates:
            raise failure(PowerMissing("nobody_may_sign", resolution.reason))
        self._apply(life.Send())
        self._event("sent_for_signature", Actor.of(message.by), {"document": self._life.document or ""})

    @send.validator
    def _check_send(self, message: say.SendMessage) -> None:
        self._check(life.Send())

    @workflow.update
    async def withdraw(self, message: say.WithdrawMessage) -> None:
        self._apply(life.Withdraw())
        self._reason = message.reason
        self._event("withdrawn", Actor.of(message.by), {"reason": message.reason})

    @withdraw.validator
    def _check_withdraw(self, message: say.WithdrawMessage) -> None:
        self._check(life.Withdraw())

    @workflow.update
    async def correct_address(self, message: say.CorrectAddressMessage) -> None:
        """Send the request of the beneficiary's representative to another address."""
        self._apply(life.HandOver(role=Role.BENEFICIARY, round=self._life.round))
        assert self._supplied is not None
        person = self._supplied.beneficiary.representative.model_copy(update={"email": message.email})
        beneficiary = self._supplied.beneficiary.model_copy(update={"representative": person})
        self._supplied = self._supplied.model_copy(update={"beneficiary": beneficiary})
        self._event("address_corrected", Actor.of(message.by), {})

    @correct_address.validator
    def _check_correct_address(self, message: say.CorrectAddressMessage) -> None:
        self._check(life.HandOver(role=Role.BENEFICIARY, round=self._life.round))

    # Updates: what signatories decide

    @workflow.update
    async def sign(self, message: say.SignMessage) -> SigningState:
        """Sign; answers when the signature is made and validated, or refuses with the reason."""
        signatory = self._called(message).signatory
        self._apply(self._signing(message))
        self._signing_problem = None
        if message.role is Role.AUTHORITY and not await self._still_in_power(signatory, message.round):
            raise failure(
                PowerMissing(
                    "power_ended",
                    "Votre pouvoir de signer cette convention n'est plus en vigueur : rien n'a été signé. La demande"
                    " est transmise à la personne désormais compétente.",
                )
            )
        accepted = _Accepted(message=message, signatory=signatory, at=workflow.now())
        self._event(
            "signature_accepted",
            Actor(kind="signatory", name=signatory.person.full_name),
            {"role": message.role.value, "document": message.document, "challenge": message.challenge_id}
            | message.evidence,
        )
        self._accepted = accepted
        await workflow.wait_condition(lambda: self._accepted is not accepted)
        if self._signing_problem is not None:
            raise failure(self._signing_problem)
        return SigningState.SIGNED

    @sign.validator
    def _check_sign(self, message: say.SignMessage) -> None:
        self._called(message)
        self._check(self._signing(message))

    @workflow.update
    async def refuse(self, message: say.RefuseMessage) -> None:
        signatory = self._called(message).signatory
        self._apply(life.Refuse(role=message.role, round=message.round))
        self._reason = message.reason
        self._event(
            "refused",
            Actor(kind="signatory", name=signatory.person.full_name),
            {"role": message.role.value, "reason": message.reason, "challenge": message.challenge_id}
            | message.evidence,
        )

    @refuse.validator
    def _check_refuse(self, message: say.RefuseMessage) -> None:
        self._called(message)
        self._check(life.Refuse(role=message.role, round=message.round))

    @workflow.update
    async def hand_over(self, message: say.HandOverMessage) -> None:
        """Let somebody else who holds the power sign instead."""
        signatory = self._called(message).signatory
        resolution = await self._resolve()
        others = {c.person.email for c in resolution.candidates} - {signatory.person.email}
        if message.email not in others:
            raise failure(
                PowerMissing("no_power", "Cette personne ne détient pas le pouvoir de signer cette convention.")
            )
        self._apply(life.HandOver(role=message.role, round=message.round))
        self._preferred = message.email
        self._event(
            "handed_over",
            Actor(kind="signatory", name=signatory.person.full_name),
            {"challenge": message.challenge_id} | message.evidence,
        )

    @hand_over.validator
    def _check_hand_over(self, message: say.HandOverMessage) -> None:
        self._called(message)
        if message.role is not Role.AUTHORITY:
            raise failure(
                ActionRefused("hand_over_not_allowed", "Seule la collectivité peut transmettre la signature.")
            )
        self._check(life.HandOver(role=message.role, round=message.round))

    # Stages

    async def _drafting(self) -> None:
        await workflow.wait_condition(
            lambda: (
                self._life.stage is not Stage.DRAFTING
                or self._facts_version > self._rendered_version
                or bool(self._pending)
            )
        )
        if self._life.stage is not Stage.DRAFTING or self._facts_version == self._rendered_version:
            return
        version = self._facts_version
        await self._record()
        try:
            draft = await self._make_draft(version)
        except Refused as refusal:
            draft = None
            self._attention = refusal.message
        if self._life.stage is not Stage.DRAFTING:
            return
        self._rendered_version = version
        if draft is not None and version == self._facts_version:
            self._draft = draft
            self._attention = ""
            self._advance(life.DraftReady(document=draft.pdf.sha256))
            self._event(
                "drafted",
                SYSTEM,
                {"version": str(version), "docx": draft.docx.sha256, "pdf": draft.pdf.sha256},
            )

    async def _make_draft(self, version: int) -> Draft | None:
        assert self._supplied is not None
        assert self._supplied_by is not None
        assert self._supplied_at is not None
        supplied, by, at = self._supplied, self._supplied_by, self._supplied_at
        if not self._number:
            allocated = await self._world.ask(
                tasks.ALLOCATE_NUMBER,
                tasks.AllocateNumberRequest(
                    convention_id=self._start.convention_id, year=workflow.now().astimezone(PARIS).year
                ),
            )
            self._number = allocated.number
        rendered = await self._world.ask(
            tasks.RENDER,
            tasks.RenderRequest(
                convention_id=self._start.convention_id,
                convention_number=self._number,
                version=version,
                award=self._start.award,
                reading=self._start.reading,
                act_index=self._start.act_index,
                supplied=supplied,
                supplied_by=by,
                supplied_at=at,
            ),
        )
        self._findings = rendered.findings
        if rendered.docx is None or rendered.facts is None or rendered.template is None:
            return None
        converted = await self._world.ask(
            tasks.CONVERT,
            tasks.ConvertRequest(docx=rendered.docx, title=f"Convention de subvention n° {self._number}"),
        )
        return Draft(
            version=version,
            docx=rendered.docx,
            pdf=converted.pdf,
            facts=rendered.facts,
            template=rendered.template,
            pages=converted.pages,
        )

    async def _until_change(self) -> None:
        stage = self._life.stage
        await workflow.wait_condition(lambda: bool(self._pending) or self._life.stage is not stage)

    async def _collect_signature(self) -> None:
        """Ask the person whose turn it is, remind, and sign when she decides; one pass per round."""
        round_, role = self._life.round, self._life.turn
        assert role is not None
        signatory = await self._who_signs(role, round_)
        if signatory is None:
            return
        asked_at = workflow.now()
        policy = self._start.policy
        self._due_at = self._after(asked_at, policy.expiry_days)
        reminders = [self._after(asked_at, days) for days in sorted(policy.reminder_days)]
        self._asked.append(
            SignatoryStatus(signatory=signatory, round=round_, document=self._current(), asked_at=asked_at)
        )
        await self._record()
        kind = MailKind.HAND_OVER if self._preferred == signatory.person.email else MailKind.REQUEST
        await self._mail(kind, signatory, round_)
        sent = 0
        while self._life.round == round_ and self._life.stage in SERVED:
            if self._accepted is not None:
                await self._make_signature(self._accepted)
                continue
            await self._record()
            upcoming = reminders[sent] if sent < len(reminders) else self._due_at
            try:
                await workflow.wait_condition(
                    lambda: (
                        self._accepted is not None
                        or self._life.round != round_
                        or self._life.stage not in SERVED
                        or bool(self._pending)
                    ),
                    timeout=max(upcoming - workflow.now(), timedelta()),
                )
            except TimeoutError:
                if self._life.signing:
                    await workflow.wait_condition(lambda: self._accepted is not None or not self._life.signing)
                elif sent < len(reminders):
                    sent += 1
                    await self._mail(MailKind.REMINDER, signatory, round_, sequence=sent)
                else:
                    self._advance(life.Expire())
                    self._reason = "Le délai de signature est dépassé."
                    self._event("expired", SYSTEM, {})

    def _after(self, start: datetime, days: int) -> datetime:
        rehearsal = self._start.policy.rehearsal_day
        if rehearsal is not None:
            return start + timedelta(seconds=rehearsal * days)
        # The calendar is a pure function; its library reads its own translations, which the sandbox would stop.
        with workflow.unsafe.sandbox_unrestricted():
            return add_working_days(start, days)

    async def _who_signs(self, role: Role, round_: int) -> Signatory | None:
        """The person to ask; waits, visibly, while nobody holds the power. None: the round ended meanwhile."""
        assert self._supplied is not None
        if role is Role.BENEFICIARY:
            person = self._supplied.beneficiary.representative
            return Signatory(
                role=role,
                person=person,
                capacity_line=f"{person.capacity}, {self._supplied.beneficiary.name}",
                ground="Représentant du bénéficiaire, désigné par le service instructeur",
            )
        minutes = 1
        while True:
            resolution = await self._resolve()
            self._candidates = tuple(c.person for c in resolution.candidates)
            if resolution.candidates:
                self._trouble("")
                chosen = next(
                    (c for c in resolution.candidates if c.person.email == self._preferred),
                    resolution.candidates[0],
                )
                return Signatory(
                    role=role,
                    person=chosen.person,
                    capacity_line=chosen.capacity_line,
                    ground=chosen.ground,
                )
            self._trouble(resolution.reason)
            await self._record()
            try:
                await workflow.wait_condition(
                    lambda: self._life.round != round_ or self._life.stage not in SERVED,
                    timeout=minutes * 60,
                )
            except TimeoutError:
                minutes = min(minutes * 2, 240)
            else:
                return None

    async def _make_signature(self, accepted: _Accepted) -> None:
        message = accepted.message
        assert self._draft is not None
        try:
            await self._record()
            made = await self._world.ask(
                tasks.SIGN,
                tasks.SignRequest(
                    convention_id=self._start.convention_id,
                    convention_number=self._number,
                    role=message.role,
                    signatory=accepted.signatory,
                    document=self._current(),
                    approved=self._draft.pdf.sha256,
                    accepted_at=accepted.at,
                    evidence=message.evidence,
                ),
            )
        except Refused as refusal:
            self._advance(life.SignatureFailed(role=message.role))
            self._attention = refusal.message
            self._signing_problem = refusal
            self._event("signature_failed", SYSTEM, {"code": refusal.code})
            self._accepted = None
            return
        record = SignatureRecord(
            role=message.role,
            signatory=accepted.signatory,
            signed_at=made.signed_at,
            level=made.level,
            document=made.document,
        )
        self._signatures.append(record)
        self._asked = [
            s.model_copy(update={"signed_at": made.signed_at, "level": made.level}) if s.round == message.round else s
            for s in self._asked
        ]
        self._preferred = ""
        self._advance(life.SignatureMade(role=message.role, document=made.document.sha256))
        self._event(
            "signed",
            Actor(kind="signatory", name=accepted.signatory.person.full_name),
            {
                "role": message.role.value,
                "before": message.document,
                "after": made.document.sha256,
                "level": made.level,
                "signed_at": made.signed_at.isoformat(),
                "timestamp_authority": made.timestamp_authority,
                "certificate": made.certificate,
                "capacity": accepted.signatory.capacity_line,
                "ground": accepted.signatory.ground,
            },
        )
        self._accepted = None

    async def _seal(self) -> None:
        assert self._draft is not None
        try:
            sealed = await self._world.ask(
                tasks.SEAL,
                tasks.SealRequest(
                    convention_id=self._start.convention_id,
                    document=self._current(),
                    approved=self._draft.pdf.sha256,
                    roles=self._life.signed,
                ),
            )
        except Refused as refusal:
            # Any doubt on a signed file stops the circuit in sight of everyone; both files are kept.
            self._trouble(refusal.message)
            await self._record()
            await workflow.sleep(3600)
            return
        self._report = sealed.report
        self._advance(life.Sealed())
        self._event("validated", SYSTEM, {role.value: level for role, level in sealed.levels.items()})

    async def _archiving(self) -> None:
        archived_at = workflow.now()
        self._due_at = None
        await self._record()
        self._archive = await self._world.ask(
            tasks.ARCHIVE,
            tasks.ArchiveRequest(
                convention_id=self._start.convention_id,
                award=self._start.award,
                convention_number=self._number,
                ending=self._life.ending or Stage.COMPLETED,
                deliberation=self._start.deliberation,
                reading=self._start.reading,
                draft=self._draft,
                proof=self._life.proof,
                signatures=tuple(self._signatures),
                report=self._report,
                beneficiary=self._beneficiary() or "",
                amount=self._amount(),
                archived_at=archived_at,
            ),
        )
        self._advance(life.Archived())
        self._event(
            "archived",
            SYSTEM,
            {
                "object": self._archive.object_id,
                "version": self._archive.version,
                "manifest": self._archive.manifest_digest,
            },
        )

    async def _deliver(self) -> None:
        for record in self._signatures:
            await self._mail(MailKind.COMPLETION, record.signatory, self._life.round)
        self._advance(life.Delivered())
        self._event("delivered", SYSTEM, {})

    async def _tell_ending(self) -> None:
        """Those who were asked learn that it ended without them."""
        kinds = {
            Stage.REFUSED: MailKind.REFUSAL,
            Stage.WITHDRAWN: MailKind.WITHDRAWAL,
            Stage.EXPIRED: MailKind.EXPIRY,
        }
        kind = kinds.get(self._life.stage)
        if kind is None:
            return
        told: set[tuple[Role, str]] = set()
        for status in self._asked:
            recipient = (status.signatory.role, status.signatory.person.email)
            if recipient not in told:
                told.add(recipient)
                await self._mail(kind, status.signatory, self._life.round)

    # Powers

    async def _resolve(self) -> Resolution:
        assert self._supplied is not None
        settled = self._supplied.settled
        answer = await self._world.ask(
            tasks.RESOLVE,
            tasks.ResolveRequest(
                delegate_first=self._start.policy.delegate_first,
                question=PowerQuestion(
                    authority=self._start.award.authority,
                    matter=self._supplied.matter,
                    amount=self._amount_due(),
                    beneficiary_siret=self._supplied.beneficiary.siret,
                    signing_authority=settled.signing_authority or self._start.signing_authority or "",
                    instant=workflow.now(),
                ),
            ),
        )
        return answer.resolution

    async def _still_in_power(self, signatory: Signatory, round_: int) -> bool:
        resolution = await self._resolve()
        if any(c.person.email == signatory.person.email for c in resolution.candidates):
            return True
        self._power_ended.add(round_)
        self._advance(life.SignatureFailed(role=Role.AUTHORITY))
        self._advance(life.HandOver(role=Role.AUTHORITY, round=round_))
        self._event("power_ended", SYSTEM, {"ground": signatory.ground})
        return False

    # Mail

    async def _mail(self, kind: MailKind, recipient: Signatory, round_: int, sequence: int = 0) -> None:
        assert self._supplied is not None
        try:
            sent = await self._world.ask(
                tasks.SEND_MAIL,
                tasks.MailRequest(
                    kind=kind,
                    convention_id=self._start.convention_id,
                    round=round_,
                    sequence=sequence,
                    recipient=recipient,
                    convention_number=self._number,
                    deliberation_number=self._start.award.number,
                    subject_line=self._start.title,
                    beneficiary=self._supplied.beneficiary.name,
                    authority=self._supplied.authority.name,
                    amount=self._amount_due(),
                    document=self._current(),
                    reason=self._reason,
                    due_at=self._due_at,
                ),
            )
        except Refused as refusal:
            self._mails.append(MailStatus(kind=kind, recipient=recipient.person.email, problem=refusal.message))
            self._attention = refusal.message
            self._event("mail_refused", SYSTEM, {"kind": kind.value, "code": refusal.code})
            return
        self._mails.append(
            MailStatus(kind=kind, recipient=recipient.person.email, sent_at=sent.sent_at, smtp_reply=sent.smtp_reply)
        )
        self._event(
            "mail_sent",
            SYSTEM,
            {"kind": kind.value, "role": recipient.role.value, "message_id": sent.message_id, "reply": sent.smtp_reply},
        )

    # The record

    def _event(self, kind: str, actor: Actor, detail: dict[str, str]) -> None:
        self._events += 1
        self._pending.append(
            tasks.Event(key=f"{self._events:04d}", kind=kind, at=workflow.now(), actor=actor, detail=detail)
        )

    async def _record(self) -> None:
        """Bring the register and the search attributes up to date, if anything changed."""
        async with self._recording:
            state = (self._life.stage, self._life.round, self._attention, self._due_at)
            if not self._pending and state == self._registered:
                return
            events, self._pending = tuple(self._pending), []
            await self._world.ask(
                tasks.RECORD,
                tasks.RecordRequest(
                    convention_id=self._start.convention_id,
                    stage=self._life.stage,
                    round=self._life.round,
                    needs_attention=self._attention,
                    due_at=self._due_at,
                    events=events,
                    dead_links=True,
                ),
            )
            self._registered = state
            self._publish()

    def _publish(self) -> None:
        amount = self._amount()
        workflow.upsert_search_attributes(
            [
                search.STAGE.value_set(self._life.stage.value),
                search.DELIBERATION.value_set(self._start.award.number),
                search.NEEDS_ATTENTION.value_set(bool(self._attention)),
                search.AMOUNT.value_set(int(amount * 100)) if amount is not None else search.AMOUNT.value_unset(),
                search.DUE_AT.value_set(self._due_at) if self._due_at else search.DUE_AT.value_unset(),
            ]
        )

    def _trouble(self, sentence: str) -> None:
        self._attention = sentence

    # Small questions

    def _apply(self, action: life.Action) -> None:
        """Do what a person decided, or refuse it to her."""
        try:
            self._life = life.apply(self._life, action, workflow.now())
        except ParapheError as refusal:
            raise failure(refusal) from refusal

    def _advance(self, action: life.Action) -> None:
        """Move on by ourselves. A refusal here is a defect: the workflow task fails and waits for the mend."""
        self._life = life.apply(self._life, action, workflow.now())

    def _check(self, action: life.Action) -> None:
        try:
            life.apply(self._life, action, workflow.now())
        except ParapheError as refusal:
            raise failure(refusal) from refusal

    def _signing(self, message: say.SignMessage) -> life.Sign:
        return life.Sign(role=message.role, round=message.round, document=message.document)

    def _called(self, message: say.SignatoryMessage) -> SignatoryStatus:
        for status in self._asked:
            if status.round == message.round and status.signatory.role is message.role:
                return status
        raise failure(ActionRefused("link_unknown", "Ce lien ne correspond à aucune demande de signature."))

    def _state_for(self, status: SignatoryStatus) -> SigningState:
        if status.signed_at is not None:
            return SigningState.SIGNED
        if status.round in self._power_ended:
            return SigningState.POWER_ENDED
        ends = {
            Stage.REFUSED: SigningState.REFUSED,
            Stage.WITHDRAWN: SigningState.WITHDRAWN,
            Stage.EXPIRED: SigningState.EXPIRED,
        }
        ending = self._life.ending or self._life.stage
        if ending in ends:
            return ends[ending]
        if status.round != self._life.round:
            return SigningState.REPLACED
        return SigningState.IN_PROGRESS if self._life.signing else SigningState.READY

    def _current(self) -> DocumentRef:
        assert self._draft is not None
        return self._signatures[-1].document if self._signatures else self._draft.pdf

    def _beneficiary(self) -> str | None:
        return self._supplied.beneficiary.name if self._supplied else self._start.beneficiary

    def _amount(self) -> Euros | None:
        if self._supplied is not None:
            return self._supplied.settled.amount or self._start.amount
        return self._start.amount

    def _amount_due(self) -> Euros:
        amount = self._amount()
        assert amount is not None
        return amount
