"""Where LibreOffice is on this machine, and the profile it is given.

Nothing of the user's own profile is used: each instance has a fresh one, with macros off and no link followed.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROGRAMS = (
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/opt/libreoffice*/program",
    "/usr/local/lib/libreoffice/program",
)
_XCU = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n{items}</oor:items>\n'
)


class OfficeMissing(Exception):
    """LibreOffice Writer, or a Python with its ``uno`` module, is not installed here."""


@dataclass(frozen=True)
class Office:
    """An installed LibreOffice."""

    program: Path
    """Folder of ``soffice.bin``."""
    python: Path
    """An interpreter that imports ``uno``."""


def find_office(program: Path | None = None, python: Path | None = None) -> Office:
    """The LibreOffice to use: the one named, else the first found in the usual places.

    :raises OfficeMissing: with what to install.
    """
    for folder in [program] if program else _programs():
        if (folder / "soffice.bin").is_file():
            for interpreter in [python] if python else (Path("/usr/bin/python3"), folder / "python"):
                if _has_uno(interpreter):
                    return Office(folder, interpreter)
            raise OfficeMissing("No Python here imports uno: install the package python3-uno.")
    raise OfficeMissing("LibreOffice Writer was not found: install libreoffice-writer-nogui and python3-uno.")


def _programs() -> Iterator[Path]:
    if command := shutil.which("soffice"):
        yield Path(command).resolve().parent
    for pattern in _PROGRAMS:
        yield from sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)


def _has_uno(interpreter: Path) -> bool:
    if not interpreter.is_file():
        return False
    probe = subprocess.run([interpreter, "-I", "-c", "import uno"], capture_output=True, timeout=30, check=False)
    return probe.returncode == 0


def seed_profile(office: Office, folder: Path) -> None:
    """Write the settings of a new profile under ``folder``.

    Without its own version in the profile, LibreOffice takes every start for an upgrade and renders a gigabyte of test
    bitmaps (``runGraphicsRenderTests``): that one line is two thirds of the time of a start.
    """
    items = [
        ("/org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
        ("/org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
        ("/org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
        ("/org.openoffice.Office.Writer/Content/Update", "Link", "0"),
        ("/org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    ]
    if version := _version(office.program):
        items.append(("/org.openoffice.Setup/Product", "ooSetupLastVersion", version))
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(
        _XCU.format(
            items="".join(
                f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>\n'
                for path, name, value in items
            )
        ),
        "utf-8",
    )


def _version(program: Path) -> str | None:
    """``major.minor`` of the product, from the file that LibreOffice itself reads."""
    for name in ("bootstraprc", "bootstrap.ini"):
        if (program / name).is_file():
            match = re.search(r"ProductKey=LibreOffice\w* (\d+\.\d+)", (program / name).read_text("utf-8"))
            return match.group(1) if match else None
    return None
