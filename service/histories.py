"""The Temporal history of a convention, as the archive keeps it."""

import asyncio
import json
from typing import Any

from temporalio.client import Client

from workflows.deliberation import workflow_id

SECONDS = 30
_OF_OUR_MACHINES = {"identity": "worker", "stackTrace": "", "binaryChecksum": "", "lastWorkerIdentity": ""}
"""What says nothing of the convention, and something of the machines that ran it; a replay does not read it."""


class TemporalHistories:
    """Implements :class:`activities.archive.package.Histories`, for activities that run in threads."""

    def __init__(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        """:param loop: where the client lives."""
        self._client = client
        self._loop = loop

    def export(self, convention_id: str) -> bytes:
        """See the port.

        :raises temporalio.service.RPCError, TimeoutError: an outage.
        """
        handle = self._client.get_workflow_handle(workflow_id(convention_id))
        history = asyncio.run_coroutine_threadsafe(handle.fetch_history(), self._loop).result(SECONDS)
        return without_machines(history.to_json())


def without_machines(history: str) -> bytes:
    """``history`` (JSON) without the names and paths of our machines."""

    def cleaned(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: _OF_OUR_MACHINES.get(k, cleaned(v)) for k, v in value.items()}
        return [cleaned(one) for one in value] if isinstance(value, list) else value

    return (json.dumps(cleaned(json.loads(history)), ensure_ascii=False, indent=1) + "\n").encode()
