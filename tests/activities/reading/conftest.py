"""Where the shared public deliberations are, when they are there at all."""

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(os.environ.get("PARAPHE_SHARED", _REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared deliberations at {folder}")
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    return _REPOSITORY / "service" / "samples"
