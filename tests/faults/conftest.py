"""One stack for all the fault tests of a run, and the tally at its end."""

from collections.abc import Iterator

import pytest
from scene import Scene, Tally, scene
from servers import missing

from activities.conversion.office import OfficeMissing, find_office
from service import devpki
from service.temporal_server import NoTemporalServer, ensure_binary

TALLY = Tally()


@pytest.fixture(scope="session")
def running_scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    try:
        find_office()
        ensure_binary()
    except (OfficeMissing, NoTemporalServer) as error:
        missing(str(error))
    folder = tmp_path_factory.mktemp("faults")
    devpki.ensure(folder / "pki")
    with scene(folder / "stack", folder / "pki", TALLY) as running:
        yield running
        TALLY.duplicates = sum(n - 1 for n in running.deliveries().values())


@pytest.fixture
def paraphe(running_scene: Scene) -> Iterator[Scene]:
    yield running_scene
    running_scene.disarm()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TALLY.tried:
        for line in TALLY.lines:
            terminalreporter.write_line(line)
        terminalreporter.write_line(
            f"faults tried {TALLY.tried}, survived {TALLY.survived};"
            f" deliveries of a message that was already in the box: {TALLY.duplicates}"
        )
