"""LibreOffice kept warm: one process per converter, replaced when it dies, hangs or has done enough."""

import json
import os
import queue
import selectors
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from docx import Document
from docx.opc.exceptions import OpcError

from activities.conversion.office import find_office, seed_profile
from domain.errors import DraftRefused

_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TZ")
"""Variables that LibreOffice gets: our passwords may be among the others."""

_WORKER = Path(__file__).with_name("uno_worker.py")
_LARGEST = 200 * 1024 * 1024
"""Bytes of a Word file once unzipped; more is no convention."""


class ConversionFailed(Exception):
    """LibreOffice did not do its work this time: an outage, worth another try."""


class ConversionTimeout(ConversionFailed):
    """LibreOffice did not finish before the deadline; it was killed."""


class _Died(ConversionFailed):
    """The process ended under us."""


@dataclass(frozen=True)
class OfficeSettings:
    """How a converter runs."""

    program: Path | None = None
    """Folder of ``soffice.bin``; none: the usual places."""
    python: Path | None = None
    """An interpreter that imports ``uno``; none: the system's."""
    deadline: float = 60.0
    """Seconds for one document, before LibreOffice is killed."""
    recycle_after: int = 300
    """Documents converted by one process. Memory was flat over 1500: this is only a precaution."""


class LibreOffice:
    """Converts one document at a time; threads wait for each other. Nothing runs before the first document."""

    def __init__(self, settings: OfficeSettings | None = None) -> None:
        self._settings = settings or OfficeSettings()
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._buffer = b""
        self._converted = 0
        self.soffice: int | None = None
        """Process id of the running ``soffice.bin``."""

    def convert(self, docx: bytes) -> bytes:
        """PDF/A-2b, tagged, with the bookmarks as named destinations.

        :raises DraftRefused: ``document_unreadable``: it is not a Word file that can be loaded.
        :raises ConversionFailed: an outage.
        """
        check_word_file(docx)
        with self._lock:
            try:
                return self._attempt(docx)
            except _Died:
                # It may have died long ago, while idle. If this document is what kills it, the second death says so.
                return self._attempt(docx)

    def close(self) -> None:
        """Stop LibreOffice and remove its files."""
        with self._lock:
            self._stop()

    def __enter__(self) -> "LibreOffice":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _attempt(self, docx: bytes) -> bytes:
        try:
            folder = self._running()
            source, target = folder / "in.docx", folder / "out.pdf"
            target.unlink(missing_ok=True)
            source.write_bytes(docx)
            self._send({"source": str(source), "target": str(target)})
            answer = self._receive(self._settings.deadline)
            if "refused" in answer:
                raise DraftRefused(
                    "document_unreadable",
                    "Ce fichier n'est pas un document Word lisible : il ne peut pas être converti.",
                )
            if not answer.get("ok"):
                raise ConversionFailed(str(answer.get("failed", "no answer")))
            pdf = target.read_bytes()
        except DraftRefused:
            raise
        except BaseException:
            # Whatever cut the talk short, its answer would be taken for that of the next document.
            self._stop()
            raise
        self._converted += 1
        if self._converted >= self._settings.recycle_after:
            self._stop()
        return pdf

    def _running(self) -> Path:
        if self._process is not None and self._process.poll() is None and self._folder is not None:
            return self._folder
        self._stop()
        office = find_office(self._settings.program, self._settings.python)
        self._folder = Path(tempfile.mkdtemp(prefix="paraphe-office-"))
        seed_profile(office, self._folder)
        self._process = subprocess.Popen(
            [office.python, "-I", _WORKER, office.program, self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")},
            start_new_session=True,
        )
        self._buffer, self._converted = b"", 0
        self.soffice = self._receive(self._settings.deadline)["soffice"]
        return self._folder

    def _stop(self) -> None:
        process, self._process, self.soffice = self._process, None, None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
            process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _send(self, request: dict[str, str]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise _Died("LibreOffice ended") from error

    def _receive(self, seconds: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        limit = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._buffer:
                if not selector.select(max(0.0, limit - time.monotonic())):
                    raise ConversionTimeout(f"LibreOffice did not finish within {seconds:g} s")
                piece = os.read(self._process.stdout.fileno(), 65536)
                if not piece:
                    raise _Died("LibreOffice ended")
                self._buffer += piece
        line, _, self._buffer = self._buffer.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer


class LibreOfficePool:
    """Several converters, each with its own process: as many documents at once. More than cores gains nothing."""

    def __init__(self, size: int = 1, settings: OfficeSettings | None = None) -> None:
        self._all = tuple(LibreOffice(settings) for _ in range(size))
        # Last in, first out: when there is little to do, one warm process does it all.
        self._free: queue.LifoQueue[LibreOffice] = queue.LifoQueue()
        for converter in self._all:
            self._free.put(converter)

    def convert(self, docx: bytes) -> bytes:
        """As :meth:`LibreOffice.convert`, by the first converter that is free."""
        with self._borrowed() as converter:
            return converter.convert(docx)

    def close(self) -> None:
        for converter in self._all:
            converter.close()

    @contextmanager
    def _borrowed(self) -> Iterator[LibreOffice]:
        converter = self._free.get()
        try:
            yield converter
        finally:
            self._free.put(converter)


def check_word_file(docx: bytes) -> None:
    """Refuse at the door what LibreOffice would only fail on later, or would run.

    :raises DraftRefused: ``document_unreadable`` or ``document_with_macros``.
    """
    try:
        with zipfile.ZipFile(BytesIO(docx)) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _unreadable() from error
    names = {entry.filename for entry in entries}
    if "word/document.xml" not in names or sum(entry.file_size for entry in entries) > _LARGEST:
        raise _unreadable()
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise DraftRefused(
            "document_with_macros",
            "Ce document Word contient des macros : enregistrez-le au format .docx, sans macros.",
        )
    try:
        # LibreOffice makes a blank page of a package whose XML is broken.
        Document(BytesIO(docx))
    except (OpcError, KeyError, ValueError, SyntaxError, zipfile.BadZipFile, zlib.error) as error:
        raise _unreadable() from error


def _unreadable() -> DraftRefused:
    return DraftRefused(
        "document_unreadable", "Ce fichier n'est pas un document Word (.docx) lisible : il ne peut pas être converti."
    )
