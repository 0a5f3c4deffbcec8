"""Real servers for the tests: Temporal, SMTP and the timestamp authority, on ports of the loopback."""

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from service.stack import free_port
from service.temporal_server import NoTemporalServer, command, ensure_binary


def missing(reason: str) -> None:
    """Skip for want of a part; in CI, where every part must be there, fail."""
    if os.environ.get("CI") or os.environ.get("PARAPHE_REQUIRE_ALL") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def temporal_server(folder: Path) -> Iterator[str]:
    """Address of a private Temporal server that forgets everything when it stops."""
    try:
        program = ensure_binary()
    except NoTemporalServer as error:
        missing(str(error))
    port = free_port()
    arguments = command(program, port, folder / "temporal.sqlite3", "default")
    with (folder / "temporal.log").open("ab") as log:
        process = subprocess.Popen(arguments, stdout=log, stderr=log)
    try:
        _wait_for(port, 60)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def serving(app: FastAPI, port: int) -> Iterator[None]:
    """``app`` on ``port``, in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        _wait_for(port, 30)
        yield
    finally:
        server.should_exit = True
        thread.join(15)


def _wait_for(port: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")
