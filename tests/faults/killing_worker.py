"""The worker, but for one thing: it kills itself at the points that a test has armed. Run as a program.

A point is an activity and a moment: ``sign_document.before`` (its effect has not happened), ``sign_document.inside``
(it has, but the ledger does not know) or ``sign_document.after`` (the ledger knows, but Temporal was not told). A file
of that name arms it; its content is how many calls pass first.

The worker is the child of a process that has done the imports and does nothing else, so that one that died at a point
is replaced at once: on a small machine, most of the time of a start is imports. Killing the parent kills both.
"""

import asyncio
import ctypes
import functools
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import temporalio.client
import temporalio.worker
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.documents import DocumentStore
from activities.register.register import Register
from domain import tasks
from domain.documents import DocumentRef
from service import worker
from service.settings import Settings, load
from service.stack import PR_SET_PDEATHSIG

FOLDER = "armed"
BIRTHS = "births"
"""One line for each worker that was started. Both are under the stack's data."""
WITHOUT_LEDGER = {tasks.READ.name, tasks.RENDER.name}
INSIDE = tuple(
    f"{task.name}.inside"
    for task in (tasks.READ, tasks.RENDER, tasks.CONVERT, tasks.SEND_MAIL, tasks.SIGN, tasks.SEAL, tasks.ARCHIVE)
)
"""The other activities are one transaction of the register: there is no inside."""


class Killer(temporalio.client.Interceptor, temporalio.worker.Interceptor):
    """Given by the client to every worker: the outermost around each activity, local or not."""

    def __init__(self, armed: Path) -> None:
        self._armed = armed
        self._lock = threading.Lock()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Around(next, self)

    def pass_by(self, point: str) -> None:
        """Die here, if this is what the test wants."""
        path = self._armed / point
        with self._lock:
            if not path.exists():
                return
            left = int(path.read_text())
            if left:
                path.write_text(str(left - 1))
                return
            path.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


class _Around(ActivityInboundInterceptor):
    def __init__(self, following: ActivityInboundInterceptor, killer: Killer) -> None:
        super().__init__(following)
        self._killer = killer

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        name = activity.info().activity_type
        self._killer.pass_by(f"{name}.before")
        answer = await super().execute_activity(input)
        self._killer.pass_by(f"{name}.after")
        return answer


def die_inside(killer: Killer) -> None:
    """Put the ``inside`` points in: at the entry in a ledger, or after the last document where there is no ledger."""

    def pass_by() -> None:
        if activity.in_activity():
            killer.pass_by(f"{activity.info().activity_type}.inside")

    def before(owner: type, name: str) -> None:
        method = getattr(owner, name)

        @functools.wraps(method)
        def wrapped(*args: Any, **options: Any) -> Any:
            pass_by()
            return method(*args, **options)

        setattr(owner, name, wrapped)

    before(Register, "remember")
    before(Register, "record_mail")
    before(Register, "record_archive")
    put = DocumentStore.put

    def put_and_pass_by(store: DocumentStore, content: bytes, media_type: str) -> DocumentRef:
        ref = put(store, content, media_type)
        if activity.in_activity() and activity.info().activity_type in WITHOUT_LEDGER:
            pass_by()
        return ref

    DocumentStore.put = put_and_pass_by  # type: ignore[assignment, method-assign]


def work(settings: Settings) -> None:
    killer = Killer(settings.data_dir / FOLDER)
    die_inside(killer)
    connect = worker.connect

    async def connect_with_killer(settings: Settings) -> Client:
        config = (await connect(settings)).config()
        config["interceptors"] = [killer]
        return Client(**config)

    worker.connect = connect_with_killer
    asyncio.run(worker.run(settings))


def main() -> None:
    settings = load()
    (settings.data_dir / FOLDER).mkdir(parents=True, exist_ok=True)
    while True:
        child = os.fork()
        if child == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            work(settings)
            os._exit(0)
        with (settings.data_dir / BIRTHS).open("a") as births:
            births.write(f"{child}\n")
        signal.signal(signal.SIGTERM, lambda *_, pid=child: os.kill(pid, signal.SIGTERM))
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.WEXITSTATUS(status))


if __name__ == "__main__":
    main()
