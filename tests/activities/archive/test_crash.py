"""Killed at any moment, the archive holds nothing of a version or the whole of it, and a second run completes it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("crash_driver.py")


@pytest.mark.parametrize(
    ("which", "swap", "stride"),
    [("first", "swap", 29), ("second", "swap", 29), ("second", "no-swap", 29)],
    ids=["first-version", "second-version", "second-version-without-swap"],
)
def test_killed_at_any_moment_the_archive_is_whole(tmp_path: Path, which: str, swap: str, stride: int) -> None:
    """``PARAPHE_CRASH_STRIDE=1`` tries every single step; by default, one in a few."""
    stride = int(os.environ.get("PARAPHE_CRASH_STRIDE", stride))
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(tmp_path), which, swap, str(stride)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert int(done.stdout) >= 5
