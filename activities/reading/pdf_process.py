"""Runs :mod:`activities.reading.pdf_text` on a stranger's PDF: apart, bounded, without our secrets around it."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

MEMORY: Final = 3 * 1024**3
CPU_SECONDS: Final = 60
_PROGRAM: Final = str(Path(__file__).with_name("pdf_text.py"))
_KEPT: Final = ("PATH", "LANG", "TMPDIR", "TESSDATA_PREFIX")


class Unreadable(Exception):
    """PDFium did not survive the file, or took too long over it."""


def lines(content: bytes, asked: dict[str, Any], seconds: float) -> Iterator[dict[str, Any]]:
    """The answers of the program as they come, one object a line.

    :raises Unreadable: it was stopped, or crashed.
    :raises RuntimeError: it failed for a reason of ours.
    """
    with _running(content, asked, seconds) as process:
        assert process.stdout is not None
        for line in process.stdout:
            try:
                yield json.loads(line)
            except ValueError as error:  # cut short by a crash
                raise Unreadable from error


def output(content: bytes, asked: dict[str, Any], seconds: float) -> bytes:
    """All that the program answers.

    :raises Unreadable: it was stopped, crashed, or says that the file is bad.
    """
    with _running(content, asked, seconds) as process:
        assert process.stdout is not None
        out = process.stdout.read()
    if out.startswith(b'{"error"'):
        raise Unreadable(out.decode())
    return out


@contextmanager
def _running(content: bytes, asked: dict[str, Any], seconds: float) -> Iterator[subprocess.Popen[bytes]]:
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            [sys.executable, "-I", _PROGRAM, json.dumps(asked)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            env=environment(),
        )
        assert process.stdin is not None
        assert process.stdout is not None
        bound(process.pid, MEMORY, CPU_SECONDS)
        watch = threading.Timer(seconds, process.kill)
        watch.start()
        try:
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(content)
            yield process
            code = process.wait()
        finally:
            watch.cancel()
            process.kill()
            process.stdout.close()
            process.wait()
        told.seek(0)
        said = told.read(2000).decode(errors="replace")
    if code == 1:
        # A Python exception is our defect or a missing library, not a bad file: an outage, said as such.
        raise RuntimeError(f"pdf_text failed: {said}")
    if code != 0:
        raise Unreadable(f"ended with {code}")


def environment() -> dict[str, str]:
    """Ours without its secrets: a program that a file takes over must not find them."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def bound(pid: int, memory: int, seconds: int) -> None:
    """Bound the address space and the processor time of a process that has not been given anything to read yet.

    From outside, and not in the child before it starts: threads of ours start it, and code that runs between their
    fork and the new program may hang on a lock that another thread held.
    """
    with suppress(ProcessLookupError):
        for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
            _, hard = resource.prlimit(pid, kind)  # ours, if we are bounded ourselves: it cannot be raised
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(pid, kind, (least, least))
