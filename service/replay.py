"""Reliving an archived convention: its Temporal history against today's workflow code, without any server.

In a process of its own: Temporal's core does not survive a history that makes no sense, and waits for ever.

What the code asks to be recorded while it relives, and what it hands to the archive, must be what the evidence says.
"""

import asyncio
import functools
import json
import logging
import os
import sys
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import (
    Interceptor,
    Replayer,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from domain import tasks
from domain.calendar import add_working_days
from domain.dossier import EvidenceFile, of_workflow
from domain.tasks import ArchiveRequest, Event, RecordRequest
from domain.verification import Check, Verdict
from service import box
from workflows.convention import ConventionWorkflow
from workflows.deliberation import DeliberationWorkflow, workflow_id
from workflows.sandbox import RUNNER

LARGEST = 50 * 1024 * 1024
SECONDS = 60
MEMORY_BYTES = 4 * 1024**3
"""Of addresses: the runtime of Temporal's core reserves much more than it uses."""
_HEARD = "paraphe_heard"


class Relived(BaseModel):
    """What the code asked of the world while it relived."""

    events: list[Event] = []
    convention_ids: set[str] = set()
    archive: ArchiveRequest | None = None
    failure: str = ""
    """Why it could not be relived; empty when it was, command for command."""

    def hear(self, task: str, request: str) -> None:
        if self.archive is not None:
            # What comes after the archive is not in the package.
            return
        if task == tasks.RECORD.name:
            record = RecordRequest.model_validate_json(request)
            self.convention_ids.add(record.convention_id)
            known = {event.key for event in self.events}
            self.events += [event for event in record.events if event.key not in known]
        elif task == tasks.ARCHIVE.name:
            self.archive = ArchiveRequest.model_validate_json(request)


def relive(history: bytes, convention_id: str, *, seconds: int = SECONDS) -> Relived:
    """Replay ``history``; never raises for what it holds."""
    try:
        _, answer = box.run(__name__, (convention_id,), history, seconds=seconds, memory=MEMORY_BYTES)
    except box.TooCostly:
        return Relived(failure="l’historique n’a pas de sens, ou son rejeu est trop long")
    return Relived.model_validate_json(answer)


async def _relive(history: bytes, convention_id: str) -> Relived:
    relived = Relived()
    # The calendar's library loads itself when it is first asked: too long for a step of a workflow.
    add_working_days(datetime.now(UTC), 1)
    if len(history) > LARGEST:
        relived.failure = "l’historique est trop volumineux"
        return relived
    # A replay that fails is an answer here, and no incident: it is said in French.
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    try:
        parsed = WorkflowHistory.from_json(workflow_id(convention_id), history.decode())
        replayer = Replayer(
            workflows=[ConventionWorkflow, DeliberationWorkflow],
            workflow_runner=RUNNER,
            data_converter=pydantic_data_converter,
            interceptors=[_Listener(relived.hear)],
            runtime=_quiet(),
        )
        result = await replayer.replay_workflow(parsed, raise_on_replay_failure=False)
        if result.replay_failure is not None:
            relived.failure = "le code actuel n’aurait pas pris les mêmes décisions"
    except Exception as error:  # anything at all may come out of a file that somebody altered
        relived.failure = f"l’historique est illisible ({type(error).__name__})"
    return relived


def compare(relived: Relived, evidence: EvidenceFile, history_name: str) -> tuple[Check, ...]:
    """What the replay says of the evidence."""
    if relived.failure:
        return (_bad(history_name, f"L’historique ne se rejoue pas : {relived.failure}."),)
    checks = []
    if relived.convention_ids - {evidence.convention_id}:
        checks.append(_bad(history_name, "L’historique est celui d’une autre convention."))
    recorded = [entry.event for entry in evidence.entries if of_workflow(entry.event)]
    expected = {event.key: event for event in relived.events}
    for event in recorded:
        again = expected.pop(event.key, None)
        if again is None:
            checks.append(_bad("evidence.json", f"La ligne « {event.key} » n’a pas lieu d’être : rien ne la produit."))
        elif different := _differences(event, again):
            checks.append(
                _bad("evidence.json", f"La ligne « {event.key} » ({event.kind}) diffère du rejeu : {different}.")
            )
    if expected:
        missing = ", ".join(sorted(expected))
        checks.append(_bad("evidence.json", f"Il manque au journal des événements que le rejeu produit : {missing}."))
    checks += _outcome(relived.archive, evidence, history_name)
    if checks:
        return tuple(checks)
    decisions = len(relived.events)
    return (
        Check(
            about=history_name,
            verdict=Verdict.GOOD,
            sentence=f"L’historique, rejoué par le programme, redonne les {decisions} mêmes événements (nature, auteur,"
            " instant, empreintes) et la même issue.",
        ),
    )


def check_replay(history: bytes, evidence: EvidenceFile, history_name: str) -> tuple[Check, ...]:
    """Replay, then compare."""
    checks = compare(relive(history, evidence.convention_id), evidence, history_name)
    return (*checks, *_decisions(history, evidence, history_name))


@functools.lru_cache(1)
def _quiet() -> Runtime:
    """Temporal's core writes its warnings on the standard output, where our answer goes."""
    return Runtime(telemetry=TelemetryConfig(logging=None))


def _differences(event: Event, again: Event) -> str:
    names = {"kind": "nature", "at": "instant", "actor": "auteur", "detail": "contenu"}
    return ", ".join(name for key, name in names.items() if getattr(event, key) != getattr(again, key))


def _outcome(asked: ArchiveRequest | None, evidence: EvidenceFile, name: str) -> list[Check]:
    """What the code hands over to be archived, against what is archived."""
    if asked is None:
        return [_bad(name, "L’historique s’arrête avant l’archivage.")]
    names = {
        "ending": "l’issue",
        "convention_number": "le numéro",
        "beneficiary": "le bénéficiaire",
        "archived_at": "la date d’archivage",
        "signatures": "les signatures",
        "proof": "la preuve du caractère exécutoire",
    }
    wrong = [what for key, what in names.items() if getattr(asked, key) != getattr(evidence, key)]
    if asked.award != evidence.deliberation:
        wrong.append("la délibération")
    if (None if asked.amount is None else f"{asked.amount:.2f}") != evidence.amount:
        wrong.append("le montant")
    kept = set(evidence.documents.values())
    documents = [asked.deliberation, asked.reading, asked.report]
    documents += [asked.draft.docx, asked.draft.pdf, asked.draft.facts, asked.draft.template] if asked.draft else []
    documents += [asked.signatures[-1].document] if asked.signatures else []
    if any(document is not None and document.sha256 not in kept for document in documents):
        wrong.append("les documents")
    return [_bad("evidence.json", f"Le rejeu donne autre chose pour : {', '.join(wrong)}.")] if wrong else []


_DECIDED = {"sign": "signature_accepted", "refuse": "refused", "hand_over": "handed_over", "approve": "approved"}
"""Update to the event that it makes when it is accepted."""


def _decisions(history: bytes, evidence: EvidenceFile, name: str) -> tuple[Check, ...]:
    """The inputs of the decisions that people sent, against the lines that they made."""
    try:
        inputs = list(_inputs(json.loads(history)))
    except (ValueError, TypeError, KeyError, AttributeError):
        return ()
    lines = {
        (entry.event.kind, entry.event.detail.get("challenge", ""), entry.event.detail.get("document", ""))
        for entry in evidence.entries
    }
    for update, given in inputs:
        kind = _DECIDED.get(update)
        if kind in {None, "refused", "handed_over"}:
            continue
        if kind == "signature_accepted" and any(e.event.kind == "power_ended" for e in evidence.entries):
            # A decision that came too late made no line.
            continue
        if (kind, given.get("challenge_id", ""), given.get("document", "")) not in lines:
            return (_bad(name, f"Une décision reçue (« {update} ») n’a pas de ligne au journal de preuve."),)
    return ()


def _inputs(history: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for event in history["events"]:
        accepted = event.get("workflowExecutionUpdateAcceptedEventAttributes")
        if accepted is None:
            continue
        given = accepted["acceptedRequest"]["input"]
        [payload] = given["args"]["payloads"]
        found.append((given["name"], json.loads(b64decode(payload["data"]))))
    return found


def _bad(about: str, sentence: str) -> Check:
    return Check(about=about, verdict=Verdict.BAD, sentence=sentence)


class _Listener(Interceptor):
    """Tells what a workflow asks of the world. It runs outside the sandbox; its parts inside only pass text on."""

    def __init__(self, hear: Callable[[str, str], None]) -> None:
        self._hear = hear

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        input.unsafe_extern_functions[_HEARD] = self._hear
        return _Inbound


class _Inbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Outbound(outbound))


class _Outbound(WorkflowOutboundInterceptor):
    def start_activity(self, input: StartActivityInput) -> "workflow.ActivityHandle[Any]":
        _pass_on(input.activity, input.args[0])
        return super().start_activity(input)

    def start_local_activity(self, input: StartLocalActivityInput) -> "workflow.ActivityHandle[Any]":
        _pass_on(input.activity, input.args[0])
        return super().start_local_activity(input)


def _pass_on(task: str, request: Any) -> None:
    workflow.extern_functions()[_HEARD](task, request.model_dump_json())


def _main() -> None:
    relived = asyncio.run(_relive(sys.stdin.buffer.read(), sys.argv[1]))
    sys.stdout.write(relived.model_dump_json())
    sys.stdout.flush()
    # Not an ordinary end: threads of a core that stumbled would keep the process waiting.
    os._exit(0)


if __name__ == "__main__":
    _main()
