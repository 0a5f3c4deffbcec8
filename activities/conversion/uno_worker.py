"""Runs under the Python that has LibreOffice's ``uno`` module, never under ours: standard library only.

Owns one ``soffice.bin``. Reads one JSON request a line on stdin, answers one JSON line on stdout::

    → {"source": "/…/in.docx", "target": "/…/out.pdf"}
    ← {"ok": true} | {"refused": "why the document cannot be loaded"} | {"failed": "why the export failed"}

The first line it says is ``{"ready": true, "soffice": <pid>}``. It ends, and soffice with it, as soon as stdin closes:
a worker that was killed leaves nothing behind.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

RESTART_ME = 81
"""How soffice.bin asks to be started again after it set up a profile; its shell wrapper hides it."""
START_SECONDS = 45.0

PDF_OPTIONS = {
    "SelectPdfVersion": 2,  # PDF/A-2b
    "UseTaggedPDF": True,
    "ExportBookmarks": True,
    "ExportBookmarksToPDFDestination": True,  # the bookmarks that place the signatures become named destinations
    "ExportFormFields": False,
    "ExportNotes": False,
    "ExportNotesPages": False,
    "EmbedStandardFonts": True,
    "DisplayPDFDocumentTitle": True,
    "ReduceImageResolution": True,
    "MaxImageResolution": 300,
}


def _die_with_parent() -> None:
    with suppress(OSError, AttributeError):  # not Linux: closing stdin still ends everything
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _start(program: str, folder: str, name: str) -> subprocess.Popen[bytes]:
    command = [
        str(Path(program) / "soffice.bin"),
        "-env:UserInstallation=" + (Path(folder) / "profile").as_uri(),
        "--headless",
        "--invisible",
        "--norestore",
        "--nologo",
        "--nodefault",
        "--nolockcheck",
        "--nofirststartwizard",
        f"--accept=pipe,name={name};urp;StarOffice.ComponentContext",
    ]
    environment = {
        # No PATH to speak of: LibreOffice would run gpg five times before it says a word.
        "PATH": program,
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
        "MALLOC_ARENA_MAX": "1",
    }
    return subprocess.Popen(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,
    )


def _connect(program: str, folder: str) -> tuple[subprocess.Popen[bytes], Any]:
    import uno  # type: ignore[import-not-found]
    from com.sun.star.connection import NoConnectException  # type: ignore[import-not-found]

    name = f"paraphe-{os.getpid()}-{os.urandom(6).hex()}"
    office = _start(program, folder, name)
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    address = f"uno:pipe,name={name};urp;StarOffice.ComponentContext"
    limit = time.monotonic() + START_SECONDS
    while True:
        try:
            remote = resolver.resolve(address)
            break
        except NoConnectException:
            code = office.poll()
            if code == RESTART_ME:
                office = _start(program, folder, name)
            elif code is not None:
                raise SystemExit(f"soffice ended with {code} while starting") from None
            elif time.monotonic() > limit:
                office.kill()
                raise SystemExit("soffice did not start in time") from None
            time.sleep(0.01)
    desktop = remote.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", remote)
    return office, desktop


def _properties(values: dict[str, Any]) -> tuple[Any, ...]:
    from com.sun.star.beans import PropertyValue  # type: ignore[import-not-found]

    found = []
    for name, value in values.items():
        item = PropertyValue()
        item.Name, item.Value = name, value
        found.append(item)
    return tuple(found)


def _convert(desktop: Any, source: str, target: str) -> dict[str, Any]:
    import uno

    loading = {
        "Hidden": True,
        "ReadOnly": True,
        # Named, never guessed: guessing turns any bytes into a document of garbage, after seven seconds.
        "FilterName": "MS Word 2007 XML",
        "MacroExecutionMode": 0,  # NEVER_EXECUTE
        "UpdateDocMode": 0,  # NO_UPDATE: no link of the document is followed
    }
    try:
        document = desktop.loadComponentFromURL(Path(source).as_uri(), "_blank", 0, _properties(loading))
    except Exception as error:
        if _office_gone(error):
            raise
        return {"refused": f"{type(error).__name__}: {error}"}
    if document is None:
        return {"refused": "not a Word document"}
    try:
        options = uno.Any("[]com.sun.star.beans.PropertyValue", _properties(PDF_OPTIONS))
        document.storeToURL(
            Path(target).as_uri(), _properties({"FilterName": "writer_pdf_Export", "FilterData": options})
        )
    finally:
        document.close(True)
    return {"ok": True}


def _office_gone(error: Exception) -> bool:
    """The other end is dead or dying: it says nothing about the document. The bridge tells it by several types."""
    return "disposed" in f"{type(error).__name__}: {error}".lower()


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main(program: str, folder: str) -> None:
    office, desktop = _connect(program, folder)

    ending = threading.Event()

    def end() -> None:
        ending.set()
        office.kill()
        office.wait()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    def watch_office() -> None:
        office.wait()
        if not ending.is_set():
            os._exit(3)

    requests: list[str] = []
    arrived = threading.Condition()

    def read_requests() -> None:
        for line in sys.stdin:
            with arrived:
                requests.append(line)
                arrived.notify()
        end()

    _say({"ready": True, "soffice": office.pid})
    threading.Thread(target=watch_office, daemon=True).start()
    threading.Thread(target=read_requests, daemon=True).start()
    while True:
        with arrived:
            while not requests:
                arrived.wait()
            request = json.loads(requests.pop(0))
        try:
            answer = _convert(desktop, request["source"], request["target"])
        except Exception as error:
            if _office_gone(error):
                # To end is to say so: whoever waits starts another and tries the document once more.
                office.kill()
                os._exit(3)
            answer = {"failed": f"{type(error).__name__}: {error}"}
        _say(answer)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
