"""A stored life is relived without any server, and says what it asked to be recorded."""

from pathlib import Path

import pytest

from domain.lifecycle import Stage
from service.histories import without_machines
from service.replay import relive

HISTORIES = Path(__file__).resolve().parent.parent / "histories"


@pytest.mark.parametrize(
    ("name", "ending", "last"),
    [
        ("signed", Stage.COMPLETED, "validated"),
        ("refused", Stage.REFUSED, "refused"),
        ("withdrawn", Stage.WITHDRAWN, "withdrawn"),
        ("power_ended", Stage.COMPLETED, "validated"),
    ],
)
def test_a_life_says_what_happened_until_it_was_archived(name: str, ending: Stage, last: str) -> None:
    relived = relive((HISTORIES / f"{name}.json").read_bytes(), "any")
    assert relived.failure == ""
    assert relived.archive is not None
    assert relived.archive.ending is ending
    assert relived.events[0].kind == "opened"
    assert relived.events[-1].kind == last
    assert [event.key for event in relived.events] == [f"{n:04d}" for n in range(1, len(relived.events) + 1)]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"events": [{}]}', b"[" * 2000])
def test_what_is_no_history_is_said_and_nothing_fails(content: bytes) -> None:
    assert relive(content, "any", seconds=15).failure


def test_an_exported_history_does_not_name_our_machines() -> None:
    told = without_machines('{"events": [{"identity": "12@host", "stackTrace": "/home/x", "kept": {"identity": "y"}}]}')
    assert b"host" not in told
    assert b"/home" not in told
    assert b'"kept"' in told
