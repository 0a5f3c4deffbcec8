"""The compose file and the Dockerfile, held against the settings and the commands that they name.

They are parsed, not run: ``scripts/check-image`` builds the image and tries it, which takes minutes.
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from service.cli import app
from service.settings import ROOT, Settings

DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name in SERVICES if name.startswith("paraphe-"))
DOCKERFILE = (DOCKER / "Dockerfile").read_text("utf-8")
OTHER_VARIABLES = {"PARAPHE_LOG_LEVEL"}
"""Read outside of the settings; see the last table of docs/settings.md."""


def example() -> dict[str, str]:
    """What an operator fills in."""
    lines = (DOCKER / ".env.example").read_text("utf-8").splitlines()
    return {
        name: value.strip('"') for name, _, value in (line.partition("=") for line in lines if not line.startswith("#"))
    }


def environment(name: str) -> dict[str, str]:
    """Of a service, as compose resolves it: the example's values first, then the file's own."""
    given = example() if "env_file" in SERVICES[name] else {}
    return given | {
        key: re.sub(r"\$\{(\w+):\?[^}]*\}", lambda match: example()[match[1]], str(value))
        for key, value in SERVICES[name]["environment"].items()
    }


# The compose file


def test_the_compose_file_has_the_parts_of_the_design() -> None:
    assert OURS == ["paraphe-migrate", "paraphe-portal", "paraphe-worker"]
    assert set(SERVICES) - set(OURS) == {
        "postgresql",
        "temporal-postgresql",
        "temporal-schema",
        "temporal",
        "temporal-namespace",
    }


def test_every_variable_of_ours_is_a_setting() -> None:
    known = {f"PARAPHE_{name.upper()}" for name in Settings.model_fields} | OTHER_VARIABLES
    named = set(re.findall(r"PARAPHE_[A-Z0-9_]+", (DOCKER / "compose.yaml").read_text("utf-8") + DOCKERFILE))
    assert named - {"PARAPHE_SMTP_PASSWORD"} <= known
    assert set(example()) <= known


@pytest.mark.parametrize("name", OURS)
def test_a_process_starts_with_the_settings_of_the_example(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in [key for key in os.environ if key.startswith(("PARAPHE_", "TEMPORAL_"))]:
        monkeypatch.delenv(key)
    for key, value in environment(name).items():
        monkeypatch.setenv(key, value.replace("/run/secrets", str(tmp_path)))
    for secret in SERVICES[name]["secrets"]:
        (tmp_path / secret).write_text("x")
    settings = Settings(_env_file=None)  # type: ignore[call-arg]
    assert not settings.embedded_pki, "no development certificate in production"
    assert settings.database.startswith("postgresql://")
    assert settings.base_url.startswith("https://")
    assert settings.temporal_address == "temporal:7233"
    assert settings.smtp_encryption.value != "none"


def test_only_the_portal_is_published_and_only_to_the_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"paraphe-portal": ["127.0.0.1:8400:8400"]}
    assert not any("network_mode" in service for service in SERVICES.values())


def test_the_portal_does_not_reach_the_tables_of_temporal() -> None:
    members = {
        network: {name for name, service in SERVICES.items() if network in service["networks"]}
        for network in COMPOSE["networks"]
    }
    assert members["temporal-store"] == {"temporal-postgresql", "temporal-schema", "temporal"}
    assert "temporal-postgresql" not in members["temporal"] | members["register"] | members["outside"]
    assert members["outside"] == {"paraphe-worker", "paraphe-portal"}
    assert all(network["internal"] for name, network in COMPOSE["networks"].items() if name != "outside")


def test_every_secret_is_a_file_that_git_and_the_image_never_see() -> None:
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"./secrets/{name}"}
    used = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    for name, service in SERVICES.items():
        for key, value in (example() | service.get("environment", {})).items():
            if re.search(r"PASSWORD|PASSPHRASE|SECRET|PWD|TOKEN|_P12$", key):
                assert str(value).startswith("/run/secrets/"), f"{name}: {key}"
                assert str(value).removeprefix("/run/secrets/") in service["secrets"], f"{name}: {key}"
    assert {".env", "secrets/", "certificates/"} <= set((DOCKER / ".gitignore").read_text("utf-8").splitlines())


def test_every_secret_that_a_script_reads_is_given_to_its_service() -> None:
    for name, service in SERVICES.items():
        script = next((part for part in service.get("entrypoint", []) if part.endswith(".sh")), None)
        if script is None:
            continue
        text = (DOCKER / "temporal" / Path(script).name).read_text("utf-8")
        assert set(re.findall(r"/run/secrets/([\w.-]+)", text)) == set(service.get("secrets", [])), name
    read = set(re.findall(r"/run/secrets/([\w.-]+)", (DOCKER / "entrypoint").read_text("utf-8")))
    for name in OURS:
        assert read <= set(SERVICES[name]["secrets"]), name


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_pinned_and_locked_down(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+(\.\d+)?(-\w+)?", service["image"])
    uid, gid = service["user"].split(":")
    assert int(uid) > 0
    assert int(gid) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


def test_the_processes_wait_for_the_schema_and_the_namespace() -> None:
    done = {"condition": "service_completed_successfully"}
    for name in ("paraphe-worker", "paraphe-portal"):
        assert SERVICES[name]["depends_on"] == {"paraphe-migrate": done, "temporal-namespace": done}
    assert SERVICES["temporal"]["depends_on"] == {"temporal-schema": done}
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)


def test_documents_are_shared_and_the_archive_is_the_workers_alone() -> None:
    def writes(volume: str) -> set[str]:
        return {
            name
            for name, service in SERVICES.items()
            if any(mount.startswith(f"{volume}:") for mount in service.get("volumes", []))
        }

    assert writes("documents") == {"paraphe-worker", "paraphe-portal"}
    assert writes("archive") == {"paraphe-worker"}
    assert writes("register") == {"postgresql"}
    assert set(COMPOSE["volumes"]) == {"register", "temporal", "documents", "archive"}
    mounts = {mount.split(":")[1] for mount in SERVICES["paraphe-worker"]["volumes"]}
    resolved = environment("paraphe-worker")
    assert {resolved["PARAPHE_STORE_URL"], resolved["PARAPHE_ARCHIVE_ROOT"]} <= mounts


@pytest.mark.parametrize("name", OURS)
def test_every_command_exists(name: str) -> None:
    program, *arguments = SERVICES[name]["command"]
    if program == "paraphe":
        assert arguments[0] in typer.main.get_command(app).commands  # type: ignore[attr-defined]
    else:
        assert program == "python"
        (script,) = arguments
        copied = re.search(r"^COPY .*?((?:docker/\S+\.py )+)(/opt/\S+/)$", DOCKERFILE, re.MULTILINE)
        assert copied
        assert script in {copied[2] + Path(source).name for source in copied[1].split()}


def test_every_script_that_a_service_runs_is_mounted_and_parses() -> None:
    run = {part for service in SERVICES.values() for part in service.get("entrypoint", []) if part.endswith(".sh")}
    assert {Path(script).name for script in run} == {path.name for path in (DOCKER / "temporal").glob("*.sh")}
    for script in [*sorted((DOCKER / "temporal").glob("*.sh")), DOCKER / "entrypoint"]:
        subprocess.run(["sh", "-n", script], check=True)
    subprocess.run(["bash", "-n", ROOT / "scripts" / "check-image"], check=True)


# The entry point and the jobs


def test_the_entry_point_hands_the_arguments_over() -> None:
    command = ["sh", DOCKER / "entrypoint", "printf", "%s|", "one", "two words"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == "one|two words|"


def test_the_schema_job_makes_the_register_and_changes_nothing_again(tmp_path: Path) -> None:
    given = {**os.environ, "PYTHONPATH": str(ROOT), "PARAPHE_DATABASE_URL": f"sqlite:///{tmp_path}/register.sqlite3"}
    for _ in range(2):
        subprocess.run([sys.executable, DOCKER / "migrate.py"], check=True, cwd=tmp_path, env=given)
    assert (tmp_path / "register.sqlite3").stat().st_size


def test_the_probe_says_when_nothing_answers(unused_tcp_port: int) -> None:
    done = subprocess.run(
        [sys.executable, "-I", DOCKER / "healthcheck.py"],
        env={"PARAPHE_PORTAL_PORT": str(unused_tcp_port)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "ConnectionRefusedError" in done.stderr


# The image


def test_the_image_runs_as_nobody_in_particular() -> None:
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.findall(r"^USER (.*)$", last, re.MULTILINE) == ["10001:10001"]
    assert 'ENTRYPOINT ["/usr/bin/tini", "--",' in last
    assert "HEALTHCHECK" in last
    assert "org.opencontainers.image.title" in last
    for name in OURS:
        assert SERVICES[name]["user"] == "10001:10001"


def test_what_the_dockerfile_copies_is_let_through_and_nothing_else() -> None:
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert lines[[line.startswith("#") for line in lines].index(False)] == "*"
    assert {line[1:] for line in lines if line.startswith("!")} == copied
    assert all((ROOT / source).exists() for source in copied)


def test_the_versions_of_the_image_are_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    version = project["project"]["version"]
    assert f"ARG VERSION={version}" in DOCKERFILE
    assert {SERVICES[name]["image"] for name in OURS} == {f"paraphe:{version}"}
    assert set(project["build-system"]["requires"]) <= set((DOCKER / "build.in").read_text("utf-8").splitlines())


# The locks


def pins(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", path.read_text("utf-8"), re.MULTILINE))


def test_the_image_installs_what_the_tests_ran_with_and_no_development_tool() -> None:
    everything, shipped = pins(ROOT / "requirements.lock"), pins(ROOT / "requirements-run.lock")
    assert shipped.items() <= everything.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {requirement_name(line) for line in project["dependencies"]}
    tools = {requirement_name(line) for line in project["optional-dependencies"]["dev"]}
    assert wanted <= set(shipped)
    assert not tools & set(shipped)


@pytest.mark.parametrize("name", ["requirements-run.lock", "docker/build.lock"])
def test_every_pin_has_a_hash_and_no_index_is_named(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert all("--hash=sha256:" in block for block in blocks(text))
    assert "://" not in text


def requirement_name(line: str) -> str:
    return re.split(r"[\[<>=!~; ]", line)[0]


def blocks(text: str) -> Iterator[str]:
    """Each pin with the lines that belong to it."""
    yield from re.findall(r"^[\w.-]+==.*(?:\n .*)*", text, re.MULTILINE)


# The page


def test_the_page_names_every_secret_and_only_files_that_exist() -> None:
    text = (DOCKER / "README.md").read_text("utf-8")
    assert {f"secrets/{name}" for name in COMPOSE["secrets"]} <= set(re.findall(r"`(secrets/[\w.-]+)`", text))
    for name in re.findall(r"`((?:docker|docs|scripts|tests)/(?!secrets|certificates)[\w./-]+)`", text):
        assert (ROOT / name).exists(), name
    for service in re.findall(r"`((?:paraphe|temporal)-[a-z]+)`", text):
        assert service in SERVICES, service


def test_the_scripts_of_this_folder_import_only_rooms_that_ship() -> None:
    for script in DOCKER.glob("*.py"):
        for node in ast.walk(ast.parse(script.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                assert node.module.split(".")[0] in {"activities", "service"}
