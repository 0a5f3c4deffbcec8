"""One deliberation: read the document, and start one convention for each award it makes."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from domain import tasks
    from domain.admission import admissible
    from domain.convention import AwardKey
    from domain.corrections import Correction
    from domain.documents import DocumentRef, WireModel
    from domain.errors import ParapheError
    from domain.parties import Staff
    from domain.tasks import ActSummary, AwardSummary, SigningPolicy
    from workflows.case import ConventionStart
    from workflows.convention import ConventionWorkflow
    from workflows.views import StartedConvention, Submission
    from workflows.world import WORKFLOW_TASK, Refused, World, failure


class DeliberationStart(WireModel):
    """A document that somebody submitted."""

    document: DocumentRef
    name: str
    by: Staff
    policy: SigningPolicy = SigningPolicy()
    corrections: tuple[Correction, ...] = ()
    """What a person corrected of the reading, so that the act can be known by its number, date and authority."""
    chosen: tuple[int, ...] | None = None
    """Indices of the acts that become conventions; none: all that can."""


@workflow.defn(name="Deliberation")
class DeliberationWorkflow:
    """Fails with the refusal's code when no convention can come from the document."""

    @workflow.run
    async def run(self, start: DeliberationStart) -> Submission:
        world = World(_nobody_to_tell)
        try:
            read = await world.ask(
                tasks.READ,
                tasks.ReadRequest(document=start.document, name=start.name, corrections=start.corrections),
            )
            acts = admissible(read.acts, start.chosen)
            conventions = [await self._open(world, start, read, act, award) for act in acts for award in act.awards]
        except (Refused, ParapheError) as refusal:
            raise failure(refusal) from refusal
        return Submission(
            reading=read.reading,
            acts=read.acts,
            conventions=tuple(conventions),
            corrections=start.corrections,
            chosen=start.chosen,
        )

    async def _open(
        self, world: World, start: DeliberationStart, read: tasks.ReadAnswer, act: ActSummary, award: AwardSummary
    ) -> StartedConvention:
        def started(convention_id: str, *, existing: bool) -> StartedConvention:
            return StartedConvention(
                convention_id=convention_id, existing=existing, act_index=act.index, ordinal=award.ordinal
            )

        assert act.authority is not None
        assert act.number is not None
        assert act.session_date is not None
        key = AwardKey(authority=act.authority, number=act.number, session_date=act.session_date, ordinal=award.ordinal)
        title = act.title or f"Subvention à {award.beneficiary or 'un bénéficiaire à préciser'}"
        opened = await world.ask(
            tasks.OPEN_CIRCUIT,
            tasks.OpenCircuitRequest(
                award=key,
                document=start.document,
                reading=read.reading,
                act_index=act.index,
                title=title,
                beneficiary=award.beneficiary,
                amount=award.amount,
                by=start.by,
            ),
        )
        if opened.completed:
            return started(opened.convention_id, existing=True)
        try:
            # Even for a circuit found open: whoever opened it may have been killed before starting its workflow.
            await workflow.start_child_workflow(
                ConventionWorkflow.run,
                ConventionStart(
                    convention_id=opened.convention_id,
                    award=key,
                    act_index=act.index,
                    title=title,
                    beneficiary=award.beneficiary,
                    amount=award.amount,
                    signing_authority=act.signing_authority,
                    deliberation=start.document,
                    reading=read.reading,
                    text=read.text,
                    corrections=tuple(c for c in start.corrections if c.act == act.index),
                    opened_by=start.by,
                    opened_at=workflow.now(),
                    policy=start.policy,
                ),
                id=workflow_id(opened.convention_id),
                task_timeout=WORKFLOW_TASK,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            )
        except WorkflowAlreadyStartedError:
            return started(opened.convention_id, existing=True)
        return started(opened.convention_id, existing=False)


async def _nobody_to_tell(_sentence: str) -> None:
    """A deliberation has no page of its own: who submitted it sees that the answer does not come."""


def workflow_id(convention_id: str) -> str:
    """The Temporal id of a convention: a business key without any personal data."""
    return f"convention-{convention_id}"
