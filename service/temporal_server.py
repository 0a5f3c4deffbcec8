"""The Temporal server of a single machine: found, fetched or built once, then run with a database file.

The ladder: ``TEMPORAL_ADDRESS`` names a server; else a ``temporal`` program on the PATH; else the one kept from an
earlier run; else the SDK's own download; else it is built from the Go module proxy.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from service.settings import Settings
from workflows import search

GO_MODULE = "github.com/temporalio/cli/cmd/temporal@v1.5.1"
"""Server 1.29.1: the last release whose go.mod has no replace directive, so that ``go install`` takes it."""
DOWNLOAD_SECONDS = 90
BUILD_SECONDS = 1500
RETENTION = timedelta(days=3650)


class NoTemporalServer(Exception):
    """No rung of the ladder held. The message says what to do, in French."""


def cache() -> Path:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "paraphe" / "temporal"


def ensure_binary(say: Callable[[str], None] = lambda _line: None) -> Path:
    """The path of a ``temporal`` program.

    :param say: told, in French, what is being done when it takes long.
    :raises NoTemporalServer:
    """
    on_path = shutil.which("temporal")
    if on_path:
        return Path(on_path)
    kept = cache() / "temporal"
    if kept.exists() and _runs(kept):
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    say("Serveur Temporal : téléchargement (une seule fois)…")
    downloaded = _download(kept.parent / "download")
    if downloaded is not None:
        return _keep(downloaded, kept)
    go = shutil.which("go") or ("/usr/local/go/bin/go" if Path("/usr/local/go/bin/go").exists() else None)
    if go is None:
        raise NoTemporalServer(
            "Le serveur Temporal n'a pas pu être téléchargé et Go n'est pas installé. Installez le programme"
            " « temporal » (https://docs.temporal.io/cli), ou Go 1.23 ou plus récent, ou donnez TEMPORAL_ADDRESS."
        )
    say("Serveur Temporal : construction depuis les sources, quelques minutes (une seule fois)…")
    return _keep(_build(go, kept.parent / "build"), kept)


def _runs(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except OSError:
        return False


def _keep(program: Path, kept: Path) -> Path:
    # A rename is atomic: two first runs at once end with one whole program.
    waiting = kept.with_suffix(f".{os.getpid()}")
    shutil.copy2(program, waiting)
    waiting.chmod(0o755)
    waiting.replace(kept)
    return kept


def _download(folder: Path) -> Path | None:
    """The SDK's own download, in a process of its own so that a network that hangs can be given up."""
    folder.mkdir(parents=True, exist_ok=True)
    script = (
        "import asyncio,sys\n"
        "from temporalio.testing import WorkflowEnvironment\n"
        "async def main():\n"
        "    env = await WorkflowEnvironment.start_local(download_dest_dir=sys.argv[1], dev_server_log_level='error')\n"
        "    await env.shutdown()\n"
        "asyncio.run(main())\n"
    )
    try:
        subprocess.run(
            [sys.executable, "-c", script, str(folder)], capture_output=True, timeout=DOWNLOAD_SECONDS, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return None
    programs = [p for p in folder.iterdir() if p.is_file() and os.access(p, os.X_OK) and _runs(p)]
    return programs[0] if programs else None


def _build(go: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [go, "install", GO_MODULE],
        env={**os.environ, "GOBIN": str(folder), "GOFLAGS": "-trimpath", "CGO_ENABLED": "0"},
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise NoTemporalServer(f"La construction du serveur Temporal a échoué :\n{done.stderr[-2000:]}")
    return folder / "temporal"


def command(program: Path, port: int, database: Path, namespace: str) -> list[str]:
    """The command line of a server that listens on the loopback only and keeps its state in ``database``."""
    return [
        str(program),
        *("server", "start-dev", "--headless", "--ip", "127.0.0.1"),
        *("--port", str(port), "--namespace", namespace, "--db-filename", str(database), "--log-level", "error"),
    ]


async def register_search_attributes(client: Client) -> None:
    """Declare our search attributes in the client's namespace; doing it again changes nothing."""
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    wanted = {
        key.name: IndexedValueType.ValueType(int(key.indexed_value_type))
        for key in search.ALL
        if key.name not in listed.custom_attributes
    }
    if not wanted:
        return
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


async def prepare(settings: Settings) -> None:
    """Make a fresh embedded server ours: search attributes, and years of memory where its default is a day."""
    client = await wait_until_ready(
        lambda: Client.connect(settings.temporal_address, namespace=settings.temporal_namespace)
    )
    await register_search_attributes(client)
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=client.namespace,
            config=NamespaceConfig(workflow_execution_retention_ttl=Duration(seconds=int(RETENTION.total_seconds()))),
        )
    )


async def wait_until_ready(connect: Callable[[], Awaitable[Client]], seconds: float = 60) -> Client:
    """A client, once the server answers.

    :raises TimeoutError: it did not answer in time.
    """
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await connect()
            except (RuntimeError, RPCError):
                await asyncio.sleep(0.2)
