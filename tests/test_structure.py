"""The rooms, and the one way imports point."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("domain", "workflows", "activities", "portal", "service")
ALLOWED = {
    "domain": {"domain"},
    "activities": {"activities", "domain"},
    "workflows": {"workflows", "domain"},
    "portal": {"portal", "workflows", "domain"},
    "service": set(ROOMS),
}
"""What each room may import of the others."""

EFFECTS = {"os", "socket", "subprocess", "httpx", "smtplib", "sqlite3", "sqlalchemy", "threading", "tempfile", "random"}
"""What the domain, being pure, never needs."""


def modules(room: str) -> Iterator[Path]:
    return (ROOT / room).rglob("*.py")


def imported(path: Path) -> set[str]:
    """First names of all that ``path`` imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_imports_between_rooms_point_one_way(room: str) -> None:
    offences = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in imported(path) & set(ROOMS)
        if name not in ALLOWED[room]
    }
    assert not offences


def test_the_domain_touches_nothing() -> None:
    offences = {
        f"{path.relative_to(ROOT)} imports {name}" for path in modules("domain") for name in imported(path) & EFFECTS
    }
    assert not offences


def test_the_domain_knows_neither_temporal_nor_the_web() -> None:
    for path in modules("domain"):
        assert not imported(path) & {"temporalio", "fastapi", "starlette", "docx", "pyhanko"}, path


def test_a_file_is_a_room_and_not_a_palace() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for room in ROOMS
        for path in modules(room)
        if (count := len(path.read_text("utf-8").splitlines())) > 420 and path.name != "convention.py"
    }
    assert not long
