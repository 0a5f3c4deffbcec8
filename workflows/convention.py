"""One convention, from the facts to the archive: an entity workflow per award.

People decide by Updates, each checked by its validator against the pure lifecycle. The main loop does the work of the
stage that the lifecycle is in, and nothing else moves it on. What happens is entered in the register's evidence.
"""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain import lifecycle as life
    from domain import tasks
    from domain.convention import SYSTEM, Actor, Draft, Role
    from domain.correcting import keep_identity
    from domain.corrections import IDENTITY, same_fact
    from domain.documents import WireModel
    from domain.errors import ActionRefused, ParapheError, PowerMissing
    from domain.executory import PARIS
    from domain.lifecycle import Stage
    from domain.parties import same_mailbox
    from domain.tasks import ArchiveAnswer, MailKind
    from workflows import messages as say
    from workflows.case import Accepted, Case, ConventionStart
    from workflows.journal import Journal
    from workflows.letters import Letters
    from workflows.signing import Signing
    from workflows.views import ConventionView, SigningState, SigningView
    from workflows.world import Refused, World, failure

SECONDS_BEFORE_ANOTHER_LOOK = 3600
"""At a signed file that did not validate: an operator must act."""


class ConventionEnd(WireModel):
    """How it ended."""

    convention_id: str
    stage: Stage
    archive: ArchiveAnswer | None = None


@workflow.defn(name="Convention")
class ConventionWorkflow:
    """See the module."""

    @workflow.init
    def __init__(self, start: ConventionStart) -> None:
        self._case = Case(start)
        self._journal = Journal(self._case)
        self._world = World(self._journal.trouble)
        self._letters = Letters(self._case, self._world, self._journal)
        self._signing = Signing(self._case, self._world, self._journal, self._letters)
        self._journal.event("opened", Actor.of(start.opened_by), {"deliberation": start.deliberation.sha256})
        for made in start.corrections:
            self._journal.correction(made)

    @workflow.run
    async def run(self, start: ConventionStart) -> ConventionEnd:
        case = self._case
        while not case.life.ended:
            if case.life.stage is not Stage.SEALING:
                await self._journal.record()
            match case.life.stage:
                case Stage.DRAFTING:
                    await self._drafting()
                case Stage.REVIEW | Stage.APPROVED:
                    await self._until_change()
                case Stage.SIGNING_BENEFICIARY | Stage.SIGNING_AUTHORITY:
                    await self._signing.collect()
                case Stage.SEALING:
                    await self._seal()
                case Stage.ARCHIVING:
                    await self._archiving()
                case Stage.DELIVERING:
                    await self._deliver()
        await self._letters.tell_ending()
        await self._journal.record()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return ConventionEnd(convention_id=start.convention_id, stage=case.life.stage, archive=case.archive)

    # Queries

    @workflow.query
    def view(self) -> ConventionView:
        """For the desk."""
        return self._case.view()

    @workflow.query
    def signing_view(self, asked: say.SignatoryMessage) -> SigningView:
        """For the person who was sent the link of ``asked.round``."""
        return self._case.signing_view(asked)

    # Updates: what legal affairs decide

    @workflow.update
    async def supply_facts(self, message: say.SupplyFactsMessage) -> None:
        case = self._case
        case.decide(life.SupplyFacts())
        case.supplied, case.supplied_by, case.supplied_at = message.facts, message.by, workflow.now()
        case.facts_version += 1
        case.findings = ()
        self._journal.event("facts_supplied", Actor.of(message.by), {"version": str(case.facts_version)})

    @supply_facts.validator
    def _check_supply_facts(self, message: say.SupplyFactsMessage) -> None:
        self._case.check(life.SupplyFacts())

    @workflow.update
    async def correct_fact(self, message: say.CorrectFactMessage) -> None:
        """A fact of the deliberation takes another value; a draft that was made is made again."""
        case = self._case
        case.decide(life.SupplyFacts())
        made = message.correction.model_copy(update={"at": workflow.now()})
        case.corrections = (*case.corrections, made)
        if case.supplied is not None:
            case.facts_version += 1
            case.findings = ()
        self._journal.correction(made)

    @correct_fact.validator
    def _check_correct_fact(self, message: say.CorrectFactMessage) -> None:
        case, made = self._case, message.correction
        case.check(life.SupplyFacts())
        if made.act != case.start.act_index or made.award not in {None, case.start.award.ordinal}:
            raise failure(ActionRefused("fact_unknown", "Ce fait est celui d'une autre subvention."))
        if made.fact in IDENTITY:
            try:
                keep_identity(case.start.award, made.fact, made.value)
            except ParapheError as refusal:
                raise failure(refusal) from refusal
        for other in case.corrections[message.seen :]:
            if same_fact(made, other):
                raise failure(
                    ActionRefused(
                        "correction_overtaken",
                        f"{other.by.name} a corrigé ce fait pendant que vous le lisiez, et a retenu « {other.value} » :"
                        " relisez la page avant de le corriger encore.",
                    )
                )

    @workflow.update
    async def request_changes(self, message: say.RequestChangesMessage) -> None:
        self._case.decide(life.RequestChanges())
        self._journal.event("changes_requested", Actor.of(message.by), {"reason": message.reason})

    @request_changes.validator
    def _check_request_changes(self, message: say.RequestChangesMessage) -> None:
        self._case.check(life.RequestChanges())

    @workflow.update
    async def approve(self, message: say.ApproveMessage) -> None:
        self._case.decide(life.Approve(document=message.document))
        self._journal.event("approved", Actor.of(message.by), {"document": message.document})

    @approve.validator
    def _check_approve(self, message: say.ApproveMessage) -> None:
        self._case.check(life.Approve(document=message.document))

    @workflow.update
    async def record_receipt(self, message: say.RecordReceiptMessage) -> None:
        proof = message.proof
        self._case.decide(life.RecordReceipt(proof=proof))
        self._journal.event(
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
        self._case.check(life.RecordReceipt(proof=message.proof))

    @workflow.update
    async def send(self, message: say.SendMessage) -> None:
        """Ask for the signatures. Refused while nobody holds the power to sign for the authority."""
        resolution = await self._signing.resolve()
        if not resolution.candidates:
            raise failure(PowerMissing("nobody_may_sign", resolution.reason))
        self._case.decide(life.Send())
        self._journal.event("sent_for_signature", Actor.of(message.by), {"document": self._case.life.document or ""})

    @send.validator
    def _check_send(self, message: say.SendMessage) -> None:
        self._case.check(life.Send())
        self._case.check_law()

    @workflow.update
    async def withdraw(self, message: say.WithdrawMessage) -> None:
        self._case.decide(life.Withdraw())
        self._case.reason = message.reason
        self._journal.event("withdrawn", Actor.of(message.by), {"reason": message.reason})

    @withdraw.validator
    def _check_withdraw(self, message: say.WithdrawMessage) -> None:
        self._case.check(life.Withdraw())

    @workflow.update
    async def correct_address(self, message: say.CorrectAddressMessage) -> None:
        """Send the request of the beneficiary's representative to another address."""
        case = self._case
        case.decide(life.HandOver(role=Role.BENEFICIARY, round=case.life.round))
        before = case.facts.beneficiary.representative
        person = before.model_copy(update={"email": message.email})
        beneficiary = case.facts.beneficiary.model_copy(update={"representative": person})
        case.supplied = case.facts.model_copy(update={"beneficiary": beneficiary})
        case.attention = ""
        # Both addresses: whoever may redirect a link could sign in somebody's name, and must be seen to have done it.
        self._journal.event(
            "address_corrected", Actor.of(message.by), {"before": str(before.email), "after": message.email}
        )

    @correct_address.validator
    def _check_correct_address(self, message: say.CorrectAddressMessage) -> None:
        self._case.check(life.HandOver(role=Role.BENEFICIARY, round=self._case.life.round))

    # Updates: what signatories decide

    @workflow.update
    async def sign(self, message: say.SignMessage) -> SigningState:
        """Sign; answers when the signature is made and validated, or refuses with the reason."""
        case = self._case
        signatory = case.called(message).signatory
        case.decide(_signature(message))
        case.signing_problem = None
        if message.role is Role.AUTHORITY and not await self._signing.still_in_power(signatory, message.round):
            raise failure(
                PowerMissing(
                    "power_ended",
                    "Votre pouvoir de signer cette convention n'est plus en vigueur : rien n'a été signé. La demande"
                    " est transmise à la personne désormais compétente.",
                )
            )
        accepted = Accepted(message=message, signatory=signatory, at=workflow.now())
        self._by_signatory("signature_accepted", message, {"document": message.document})
        case.accepted = accepted
        await workflow.wait_condition(lambda: case.accepted is not accepted)
        if case.signing_problem is not None:
            raise failure(case.signing_problem)
        return SigningState.SIGNED

    @sign.validator
    def _check_sign(self, message: say.SignMessage) -> None:
        self._case.called(message)
        self._case.check(_signature(message))

    @workflow.update
    async def refuse(self, message: say.RefuseMessage) -> None:
        self._case.decide(life.Refuse(role=message.role, round=message.round))
        self._case.reason = message.reason
        self._by_signatory("refused", message, {"reason": message.reason})

    @refuse.validator
    def _check_refuse(self, message: say.RefuseMessage) -> None:
        self._case.called(message)
        self._case.check(life.Refuse(role=message.role, round=message.round))

    @workflow.update
    async def hand_over(self, message: say.HandOverMessage) -> None:
        """Let somebody else who holds the power sign instead."""
        case = self._case
        resolution = await self._signing.resolve()
        own = case.called(message).signatory.person
        others = {c.person.email for c in resolution.candidates if not same_mailbox(c.person, own)}
        if message.email not in others:
            raise failure(
                PowerMissing("no_power", "Cette personne ne détient pas le pouvoir de signer cette convention.")
            )
        case.decide(life.HandOver(role=message.role, round=message.round))
        case.preferred = message.email
        self._by_signatory("handed_over", message, {"to": message.email})

    @hand_over.validator
    def _check_hand_over(self, message: say.HandOverMessage) -> None:
        self._case.called(message)
        if message.role is not Role.AUTHORITY:
            raise failure(
                ActionRefused("hand_over_not_allowed", "Seule la collectivité peut transmettre la signature.")
            )
        self._case.check(life.HandOver(role=message.role, round=message.round))

    # Stages

    async def _drafting(self) -> None:
        case = self._case
        await workflow.wait_condition(
            lambda: (
                case.life.stage is not Stage.DRAFTING
                or case.facts_version > case.rendered_version
                or self._journal.behind
            )
        )
        if case.life.stage is not Stage.DRAFTING or case.facts_version == case.rendered_version:
            return
        version = case.facts_version
        try:
            draft = await self._make_draft(version)
        except Refused as refusal:
            draft = None
            case.attention = refusal.message
        if case.life.stage is not Stage.DRAFTING:
            return
        case.rendered_version = version
        if draft is not None and version == case.facts_version:
            case.draft = draft
            case.attention = ""
            case.advance(life.DraftReady(document=draft.pdf.sha256))
            self._journal.event(
                "drafted",
                SYSTEM,
                {"version": str(version), "docx": draft.docx.sha256, "pdf": draft.pdf.sha256},
            )

    async def _make_draft(self, version: int) -> Draft | None:
        case = self._case
        assert case.supplied_by is not None
        assert case.supplied_at is not None
        supplied, by, at = case.facts, case.supplied_by, case.supplied_at
        if not case.number:
            year = workflow.now().astimezone(PARIS).year
            allocated = await self._world.ask(
                tasks.ALLOCATE_NUMBER,
                tasks.AllocateNumberRequest(convention_id=case.start.convention_id, year=year),
            )
            case.number = allocated.number
        rendered = await self._world.ask(
            tasks.RENDER,
            tasks.RenderRequest(
                convention_id=case.start.convention_id,
                convention_number=case.number,
                version=version,
                award=case.start.award,
                reading=case.start.reading,
                act_index=case.start.act_index,
                supplied=supplied,
                supplied_by=by,
                supplied_at=at,
                corrections=case.corrections,
                text=case.start.text,
                proof=case.life.proof,
            ),
        )
        case.findings = rendered.findings
        case.not_voting = rendered.not_voting
        if rendered.docx is None or rendered.facts is None or rendered.template is None:
            return None
        converted = await self._world.ask(
            tasks.CONVERT,
            tasks.ConvertRequest(docx=rendered.docx, title=f"Convention de subvention n° {case.number}"),
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
        stage = self._case.life.stage
        await workflow.wait_condition(lambda: self._journal.behind or self._case.life.stage is not stage)

    async def _seal(self) -> None:
        case = self._case
        assert case.draft is not None
        try:
            sealed = await self._world.ask(
                tasks.SEAL,
                tasks.SealRequest(
                    convention_id=case.start.convention_id,
                    document=case.document,
                    approved=case.draft.pdf.sha256,
                    roles=case.life.signed,
                ),
            )
        except Refused as refusal:
            # Any doubt on a signed file stops the circuit in sight of everyone; both files are kept.
            await self._journal.trouble(refusal.message)
            await workflow.sleep(SECONDS_BEFORE_ANOTHER_LOOK)
            return
        case.report = sealed.report
        case.advance(life.Sealed())
        self._journal.event("validated", SYSTEM, {role.value: level for role, level in sealed.levels.items()})

    async def _archiving(self) -> None:
        case = self._case
        case.due_at = None
        archived = await self._world.ask(
            tasks.ARCHIVE,
            tasks.ArchiveRequest(
                convention_id=case.start.convention_id,
                award=case.start.award,
                convention_number=case.number,
                ending=case.life.ending or Stage.COMPLETED,
                deliberation=case.start.deliberation,
                reading=case.start.reading,
                draft=case.draft,
                proof=case.life.proof,
                signatures=tuple(case.signatures),
                report=case.report,
                beneficiary=case.beneficiary or "",
                amount=case.amount,
                archived_at=workflow.now(),
            ),
        )
        case.archive = archived
        case.advance(life.Archived())
        self._journal.event(
            "archived",
            SYSTEM,
            {"object": archived.object_id, "version": archived.version, "manifest": archived.manifest_digest},
        )

    async def _deliver(self) -> None:
        case = self._case
        await asyncio.gather(
            *(self._letters.send(MailKind.COMPLETION, s.signatory, case.life.round) for s in case.signatures)
        )
        case.advance(life.Delivered())
        self._journal.event("delivered", SYSTEM, {})

    def _by_signatory(self, kind: str, message: say.SignatoryMessage, detail: dict[str, str]) -> None:
        person = self._case.called(message).signatory.person
        self._journal.event(
            kind,
            Actor(kind="signatory", name=person.full_name),
            {"role": message.role.value, "challenge": message.challenge_id} | detail | message.evidence,
        )


def _signature(message: say.SignMessage) -> life.Sign:
    return life.Sign(role=message.role, round=message.round, document=message.document)
