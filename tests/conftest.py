"""What every room's tests may ask for: a fresh database, of each kind the register supports."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer
from postgresql import PrivateCluster, binaries
from servers import missing, temporal_server
from world import Shared

from activities.conversion.libreoffice import LibreOfficePool
from activities.conversion.office import OfficeMissing, find_office
from service import devpki

os.environ.setdefault("PARAPHE_COMPANIES_URL", "off")
"""No test asks the real register of companies; those of its client have a stand-in."""


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[PrivateCluster]:
    """One private server for the whole run; skipped where PostgreSQL is not installed, except in CI."""
    folder = binaries()
    if folder is None:
        reason = "PostgreSQL is not installed (Debian: apt install postgresql)"
        if os.environ.get("CI") or os.environ.get("PARAPHE_REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    cluster = PrivateCluster(folder)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def postgresql_url(postgresql_cluster: PrivateCluster) -> Iterator[str]:
    """URL of a fresh, empty PostgreSQL database."""
    url = postgresql_cluster.create_database()
    yield url
    postgresql_cluster.drop_database(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a fresh, empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'register.db'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """Temporal, LibreOffice and the development authorities, once for the whole run."""
    try:
        find_office()
    except OfficeMissing as error:
        missing(str(error))
    folder = tmp_path_factory.mktemp("shared")
    devpki.ensure(folder / "keys")
    converter = LibreOfficePool(1)
    with temporal_server(folder) as address:
        yield Shared(temporal_address=address, converter=converter, keys=folder / "keys")
    converter.close()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of an empty bucket of an S3 stand-in."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    endpoint = f"http://127.0.0.1:{port}"
    for name, value in (
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    httpx.put(f"{endpoint}/documents", trust_env=False).raise_for_status()
    yield "s3://documents/paraphe"
    server.stop()


# Nothing is skipped in silence in CI. ------------------------------------------------------------------------------

SKIPPED: list[str] = []
MAY_SKIP = "no shared deliberations"
"""What a skip's reason says when the public test material is not beside the project."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and MAY_SKIP not in str(report.longrepr):
        SKIPPED.append(f"{report.nodeid}: {report.longrepr}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if SKIPPED and (os.environ.get("CI") or os.environ.get("PARAPHE_REQUIRE_ALL") == "1"):
        print("\nSkipped where nothing may be:", *SKIPPED, sep="\n  ")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
