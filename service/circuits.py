"""The running conventions as the portal sees them: updates and queries of the workflows, and the register's rows."""

import asyncio
import secrets
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar

from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.documents import Documents
from activities.reading.activity import summaries
from activities.register.register import Register
from domain import errors
from domain.admission import admissible
from domain.convention import SuppliedFacts
from domain.correcting import Asked, correction_of
from domain.corrections import Correction, apply_corrections
from domain.deliberation import Reading
from domain.documents import digest
from domain.evidence import EvidenceEntry
from domain.executory import ExecutoryProof
from domain.links import Link
from domain.parties import Staff
from domain.tasks import SigningPolicy
from portal.history import line
from portal.ports import ConventionFilters, Deposit, EventLine, Sources, Unavailable
from workflows import messages as say
from workflows.convention import ConventionWorkflow
from workflows.deliberation import DeliberationStart, DeliberationWorkflow, workflow_id
from workflows.views import ConventionRow, ConventionView, SigningState, SigningView, Submission
from workflows.world import WORKFLOW_TASK

T = TypeVar("T")

ANSWER_SECONDS = 25.0
"""How long a person is kept waiting for an update."""
QUERY_SECONDS = 10
SUBMIT_SECONDS = 120.0

KINDS: dict[str, type[errors.ParapheError]] = {
    "document_unknown": errors.NotFound,
    "convention_unknown": errors.NotFound,
    "link_unknown": errors.LinkRefused,
    "link_replaced": errors.LinkRefused,
    "challenge_unproved": errors.LinkRefused,
    "power_ended": errors.PowerMissing,
    "nobody_may_sign": errors.PowerMissing,
    "no_power": errors.PowerMissing,
}
"""Refusals that are not just an action refused, by code."""


class TemporalCircuits:
    """Implements :class:`portal.ports.Circuits`."""

    def __init__(
        self,
        client: Client,
        task_queue: str,
        register: Register,
        store: Documents,
        policy: SigningPolicy,
        sources: Sources,
    ) -> None:
        self._client = client
        self._task_queue = task_queue
        self._register = register
        self._store = store
        self._policy = policy
        self._sources = sources

    async def submit(
        self,
        content: bytes,
        name: str,
        by: Staff,
        corrections: tuple[Asked, ...] = (),
        chosen: tuple[int, ...] | None = None,
    ) -> Submission:
        """Read at the door, in a process that can be lost: what is refused for good leaves nothing behind."""
        _, deposit = await asyncio.to_thread(self._sources.examine, content, name)
        return await self.open(deposit, by, corrections, chosen)

    async def open(
        self,
        deposit: Deposit,
        by: Staff,
        corrections: tuple[Asked, ...] = (),
        chosen: tuple[int, ...] | None = None,
    ) -> Submission:
        made = await asyncio.to_thread(self._judge, deposit, corrections, chosen, by)
        running = self._client.execute_workflow(
            DeliberationWorkflow.run,
            DeliberationStart(
                document=deposit.document,
                name=deposit.name,
                by=by,
                policy=self._policy,
                corrections=made,
                chosen=chosen,
            ),
            id=f"deliberation-{deposit.document.sha256[:32]}",
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            run_timeout=timedelta(days=7),
            task_timeout=WORKFLOW_TASK,
        )
        try:
            submission = await self._within(running, SUBMIT_SECONDS)
        except WorkflowFailureError as failure:
            _refuse(failure.cause, failure)
        if submission.chosen != chosen or not _same(submission.corrections, made):
            raise errors.ActionRefused(
                "submission_overtaken",
                "Une autre personne vient de déposer ce même fichier avec d'autres choix : voyez dans la liste ce"
                " qu'elle a ouvert, puis recommencez s'il manque une convention.",
            )
        return submission

    def _judge(
        self, deposit: Deposit, asked: tuple[Asked, ...], chosen: tuple[int, ...] | None, by: Staff
    ) -> tuple[Correction, ...]:
        """The corrections asked for, once each was judged, and what they give was found admissible."""
        made: tuple[Correction, ...] = ()
        acts = deposit.acts
        if asked:
            reading = Reading.model_validate_json(self._store.get(deposit.reading))
            text = self._sources.text(deposit.text, deposit.document)
            for one in asked:
                correction = correction_of(reading, text, one, made, by, datetime.now(UTC))
                made = (*made, correction)
                reading = apply_corrections(reading, (correction,))
            acts = summaries(reading)
        admissible(acts, chosen)
        return made

    async def correct(self, convention_id: str, asked: Asked, seen: int, by: Staff) -> None:
        view = await self.view(convention_id)

        def judged() -> Correction:
            reading = apply_corrections(Reading.model_validate_json(self._store.get(view.reading)), view.corrections)
            text = self._sources.text(view.text, view.deliberation)
            mine = asked.model_copy(update={"act": view.act_index, "award": view.award.ordinal})
            return correction_of(reading, text, mine, view.corrections, by, datetime.now(UTC), view.award)

        message = say.CorrectFactMessage(correction=await asyncio.to_thread(judged), seen=seen)
        await self._do(convention_id, ConventionWorkflow.correct_fact, message)

    async def view(self, convention_id: str) -> ConventionView:
        view: ConventionView = await self._ask(convention_id, ConventionWorkflow.view)
        return view

    async def events(self, convention_id: str) -> tuple[EventLine, ...]:
        def recorded() -> list[EvidenceEntry]:
            self._register.convention(convention_id)  # an unknown one is refused, not shown as empty
            return self._register.events(convention_id)

        return tuple(line(entry.event) for entry in await asyncio.to_thread(recorded))

    async def list(self, filters: ConventionFilters) -> list[ConventionRow]:
        found = await asyncio.to_thread(
            lambda: self._register.conventions(
                stages=[filters.stage] if filters.stage else None,
                needs_attention=filters.attention,
                search=filters.text,
                limit=filters.limit,
            )
        )
        return [
            ConventionRow(
                convention_id=circuit.convention_id,
                stage=circuit.stage,
                deliberation_number=circuit.award.number,
                convention_number=circuit.number or "",
                title=circuit.title,
                beneficiary=circuit.beneficiary or "",
                amount=circuit.amount,
                due_at=circuit.due_at,
                updated_at=circuit.updated_at,
                attention=circuit.needs_attention,
            )
            for circuit in found
        ]

    async def supply_facts(self, convention_id: str, facts: SuppliedFacts, by: Staff) -> None:
        await self._do(convention_id, ConventionWorkflow.supply_facts, say.SupplyFactsMessage(facts=facts, by=by))

    async def request_changes(self, convention_id: str, reason: str, by: Staff) -> None:
        message = say.RequestChangesMessage(reason=reason, by=by)
        await self._do(convention_id, ConventionWorkflow.request_changes, message)

    async def approve(self, convention_id: str, document_sha256: str, by: Staff) -> None:
        await self._do(convention_id, ConventionWorkflow.approve, say.ApproveMessage(document=document_sha256, by=by))

    async def record_receipt(self, convention_id: str, proof: ExecutoryProof, by: Staff) -> None:
        message = say.RecordReceiptMessage(proof=proof, by=by)
        await self._do(convention_id, ConventionWorkflow.record_receipt, message)

    async def send(self, convention_id: str, by: Staff) -> None:
        await self._do(convention_id, ConventionWorkflow.send, say.SendMessage(by=by))

    async def withdraw(self, convention_id: str, reason: str, by: Staff) -> None:
        await self._do(convention_id, ConventionWorkflow.withdraw, say.WithdrawMessage(reason=reason, by=by))

    async def correct_address(self, convention_id: str, email: str, by: Staff) -> None:
        message = say.CorrectAddressMessage(email=email, by=by)
        await self._do(convention_id, ConventionWorkflow.correct_address, message)

    async def sign(self, link: Link, document_sha256: str, challenge_id: str, evidence: dict[str, str]) -> SigningState:
        message = say.SignMessage(**_signatory(link, document_sha256, challenge_id, evidence))
        try:
            state: SigningState = await self._do(
                link.convention_id, ConventionWorkflow.sign, message, f"sign-{challenge_id}"
            )
        except Unavailable:
            # Accepted or not, the page that follows asks the workflow, and so tells the truth.
            return SigningState.IN_PROGRESS
        return state

    async def refuse(self, link: Link, reason: str, challenge_id: str, evidence: dict[str, str]) -> None:
        message = say.RefuseMessage(reason=reason, **_signatory(link, link.document, challenge_id, evidence))
        await self._do(link.convention_id, ConventionWorkflow.refuse, message, f"refuse-{challenge_id}")

    async def hand_over(self, link: Link, candidate_email: str, challenge_id: str, evidence: dict[str, str]) -> None:
        # One code, several tries: an answer about one person must not be given again about another.
        whom = digest(candidate_email.encode())[:16]
        message = say.HandOverMessage(email=candidate_email, **_signatory(link, link.document, challenge_id, evidence))
        await self._do(link.convention_id, ConventionWorkflow.hand_over, message, f"hand-over-{challenge_id}-{whom}")

    async def signing_view(self, link: Link) -> SigningView:
        asked = say.SignatoryMessage(**_signatory(link, link.document, "", {}))
        view: SigningView = await self._ask(link.convention_id, ConventionWorkflow.signing_view, asked)
        return view

    async def _do(self, convention_id: str, update: Any, message: Any, update_id: str = "") -> Any:
        handle = self._client.get_workflow_handle(workflow_id(convention_id))
        try:
            return await self._within(
                handle.execute_update(update, message, id=update_id or secrets.token_hex(16)), ANSWER_SECONDS
            )
        except WorkflowUpdateFailedError as failure:
            _refuse(failure.cause, failure)
        except WorkflowUpdateRPCTimeoutOrCancelledError as failure:
            raise Unavailable from failure
        except RPCError as error:
            _unknown_or_unavailable(error)

    async def _ask(self, convention_id: str, query: Any, *arguments: Any) -> Any:
        handle = self._client.get_workflow_handle(workflow_id(convention_id))
        try:
            return await handle.query(query, *arguments, rpc_timeout=timedelta(seconds=QUERY_SECONDS))
        except WorkflowQueryFailedError as failure:
            raise errors.LinkRefused(
                "link_unknown", "Ce lien ne correspond à aucune demande de signature."
            ) from failure
        except RPCError as error:
            _unknown_or_unavailable(error)

    async def _within(self, answer: Awaitable[T], seconds: float) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError as error:
            raise Unavailable from error


def _same(found: tuple[Correction, ...], made: tuple[Correction, ...]) -> bool:
    """Whether two submissions say the same of a document, whoever says it and when."""

    def said(corrections: tuple[Correction, ...]) -> list[tuple[object, ...]]:
        return [(c.act, c.award, c.fact, c.value, c.evidence) for c in corrections]

    return said(found) == said(made)


def _signatory(link: Link, document: str, challenge_id: str, evidence: dict[str, str]) -> dict[str, Any]:
    return {
        "role": link.role,
        "round": link.round,
        "document": document,
        "challenge_id": challenge_id,
        "evidence": evidence,
    }


def _refuse(cause: BaseException | None, failure: Exception) -> NoReturn:
    """Give back the refusal that crossed Temporal."""
    if isinstance(cause, ApplicationError) and cause.type is not None and cause.details:
        kind = KINDS.get(cause.type, errors.ActionRefused)
        raise kind(cause.type, cause.message, next_actor=errors.Actor(cause.details[0])) from failure
    raise failure


def _unknown_or_unavailable(error: RPCError) -> NoReturn:
    if error.status is RPCStatusCode.NOT_FOUND:
        raise errors.NotFound(
            "convention_unknown", "Cette convention n'existe pas, ou elle est terminée et se consulte aux archives."
        ) from error
    raise Unavailable from error
