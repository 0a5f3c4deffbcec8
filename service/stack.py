"""The embedded stack of a single machine: Temporal, companions, worker and portal as processes that are kept alive.

``make up`` serves it; ``make demo`` plays a journey on it. A process that dies is started again: what it was doing
is in Temporal, the register and the store.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from service import temporal_server
from service.settings import Settings

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
RESTART_PAUSE = 0.3
"""Seconds before a process that died is started again."""


class StackFailed(Exception):
    """A part did not come up. The message is French, and names its log."""


@dataclass
class Part:
    """One process of the stack."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0


class Stack:
    """The processes, started in order, watched, and stopped in the reverse order."""

    def __init__(
        self,
        settings: Settings,
        say: Callable[[str], None] = lambda _line: None,
        commands: Mapping[str, list[str]] | None = None,
    ) -> None:
        """:param commands: what to run instead of our own command, by the part's name (``worker``, ``companions``…)."""
        self.settings = settings
        self._say = say
        self._commands = commands or {}
        self._folder = settings.data_dir.resolve()
        self._logs = self._folder / "logs"
        self._parts: list[Part] = []
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._watcher: threading.Thread | None = None

    def start(self) -> None:
        """:raises StackFailed: a part did not come up.
        :raises temporal_server.NoTemporalServer: no server could be had.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._logs.mkdir(exist_ok=True)
        self._require_free_ports()
        settings = self.settings
        try:
            if not settings.temporal_address:
                program = temporal_server.ensure_binary(self._say)
                port = free_port()
                self.settings = settings = settings.model_copy(update={"temporal_address": f"127.0.0.1:{port}"})
                self._launch(
                    "temporal",
                    temporal_server.command(
                        program, port, self._folder / "temporal.sqlite3", settings.temporal_namespace
                    ),
                )
                self._wait("temporal", lambda: _port_open(port))
                _apart(temporal_server.prepare(settings))
            for name in ("companions", "worker", "portal"):
                self._launch(name, [*_paraphe(), name])
            portal = f"http://127.0.0.1:{settings.portal_port}"
            self._wait("companions", lambda: _answers(f"http://127.0.0.1:{settings.companion_port}/"))
            self._wait("portal", lambda: _answers(f"{portal}/readyz"))
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._watch, name="stack-watch", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop everything, gently first."""
        self._stopping.set()
        if self._watcher is not None:
            self._watcher.join(5)
        with self._lock:
            for part in reversed(self._parts):
                if part.process is not None and part.process.poll() is None:
                    part.process.send_signal(signal.SIGTERM)
                    try:
                        part.process.wait(15)
                    except subprocess.TimeoutExpired:
                        part.process.kill()
                        part.process.wait(5)

    def pid(self, name: str) -> int | None:
        """The process of ``name`` right now, for whoever wants to kill it."""
        with self._lock:
            for part in self._parts:
                if part.name == name and part.process is not None and part.process.poll() is None:
                    return part.process.pid
        return None

    def starts(self, name: str) -> int:
        """How many times ``name`` was started."""
        return next((part.starts for part in self._parts if part.name == name), 0)

    def _launch(self, name: str, command: list[str]) -> None:
        part = Part(name, self._commands.get(name, command))
        self._parts.append(part)
        self._spawn(part)

    def _spawn(self, part: Part) -> None:
        with (self._logs / f"{part.name}.log").open("ab") as log:
            part.process = subprocess.Popen(
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PARAPHE_LOG_LEVEL": "INFO", **os.environ, **environment(self.settings)},
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
                start_new_session=True,
            )
        part.starts += 1

    def _watch(self) -> None:
        while not self._stopping.wait(RESTART_PAUSE):
            with self._lock:
                for part in self._parts:
                    if self._stopping.is_set():
                        return
                    if part.process is not None and part.process.poll() is not None:
                        self._spawn(part)

    def _wait(self, name: str, ready: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            part = next(p for p in self._parts if p.name == name)
            died = part.process is not None and part.process.poll() is not None
            if died or time.monotonic() > deadline:
                what = "s'est arrêté" if died else "ne répond pas"
                raise StackFailed(f"« {name} » {what}. Son journal : {self._logs / f'{name}.log'}{self._tail(name)}")
            time.sleep(0.1)

    def _tail(self, name: str) -> str:
        lines = (self._logs / f"{name}.log").read_text("utf-8", "replace").splitlines()[-8:]
        return "".join(f"\n    {line}" for line in lines)

    def _require_free_ports(self) -> None:
        settings = self.settings
        for port, variable in (
            (settings.portal_port, "PARAPHE_PORTAL_PORT"),
            (settings.smtp_port, "PARAPHE_SMTP_PORT"),
            (settings.companion_port, "PARAPHE_COMPANION_PORT"),
        ):
            if _port_open(port):
                raise StackFailed(
                    f"Le port {port} est déjà pris : arrêtez l'autre programme, ou choisissez un port par {variable}."
                )


@contextlib.contextmanager
def running(settings: Settings, say: Callable[[str], None] = lambda _line: None) -> Iterator[Stack]:
    """The stack, up; and down again at the end."""
    stack = Stack(settings, say)
    stack.start()
    try:
        yield stack
    finally:
        stack.stop()


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give a child process the very same settings, but for secrets: those it inherits or reads."""
    values: dict[str, str] = {}
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        if value is None or isinstance(value, SecretStr):
            continue
        if isinstance(value, tuple):
            values[f"PARAPHE_{name.upper()}"] = ",".join(str(item) for item in value)
        else:
            values[f"PARAPHE_{name.upper()}"] = str(value)
    return values


def on_free_ports(settings: Settings) -> Settings:
    """The same settings, every embedded server on a port that is free now."""
    portal, smtp, companions = free_port(), free_port(), free_port()
    return settings.model_copy(
        update={
            "portal_port": portal,
            "base_url": f"http://127.0.0.1:{portal}",
            "smtp_port": smtp,
            "companion_port": companions,
        }
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _apart(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` to its end, even where a loop is running already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def _port_open(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=3, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _paraphe() -> list[str]:
    return [sys.executable, "-m", "service"]


def _die_with_parent() -> None:
    """Ask the kernel to end this child when its parent dies, however the parent dies."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
