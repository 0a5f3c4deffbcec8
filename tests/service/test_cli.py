"""The command line, as a person or a program uses it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service import first_run
from service.demo import SAMPLE
from service.settings import ROOT, Settings
from service.stack import environment, on_free_ports, running

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def paraphe(tmp_path: Path) -> Run:
    def run(*arguments: str, settings: Settings | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "service", *arguments],
            cwd=ROOT,
            env={**os.environ, "PARAPHE_DATA_DIR": str(tmp_path), **(environment(settings) if settings else {})},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    return run


def test_read_gives_json_to_a_program_and_french_to_a_person(paraphe: Run) -> None:
    reading = json.loads(paraphe("read", str(SAMPLE), "--json").stdout)
    assert reading["source"]["pages"] == 2
    assert reading["acts"][0]["number"]["value"] == "ECO 010-6552/19/BM"
    assert reading["acts"][0]["awards"][0]["amount"]["value"] == "50000.00"
    shown = paraphe("read", str(SAMPLE)).stdout
    assert "ECO 010-6552/19/BM" in shown
    assert "[trouvé]" in shown


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty_file"), (b"Bonjour. " * 50, "not_a_deliberation"), (None, "no_file")]
)
def test_a_refusal_is_one_french_line_a_code_and_exit_2(
    paraphe: Run, tmp_path: Path, content: bytes | None, code: str
) -> None:
    file = tmp_path / "délibération.txt"
    if content is not None:
        file.write_bytes(content)
    done = paraphe("read", str(file))
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr


def test_verify_tells_an_unsigned_file_and_exits_1(paraphe: Run) -> None:
    done = paraphe("verify", str(SAMPLE))
    assert done.returncode == 1
    assert "ne porte aucune signature" in done.stdout
    assert json.loads(paraphe("verify", str(SAMPLE), "--json").stdout)["conclusion"] == "unsigned"


def test_without_a_portal_the_person_is_told_what_to_start(paraphe: Run, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("x")
    done = paraphe("status", "--url", "http://127.0.0.1:9", "--key-file", str(key))
    assert done.returncode == 2
    assert "make up" in done.stderr


@pytest.mark.temporal
@pytest.mark.libreoffice
def test_a_deliberation_is_submitted_and_followed_from_the_command_line(paraphe: Run, tmp_path: Path) -> None:
    settings = on_free_ports(Settings(data_dir=tmp_path))
    first_run.prepare(settings)
    with running(settings):
        url = ("--url", settings.base_url)
        first = json.loads(paraphe("submit", str(SAMPLE), *url, "--json", settings=settings).stdout)
        convention = first["conventions"][0]["convention_id"]
        again = paraphe("submit", str(SAMPLE), *url, settings=settings)
        assert "déjà ouverte" in again.stdout
        assert convention in again.stdout
        listed = paraphe("status", *url, settings=settings)
        assert "Rédaction" in listed.stdout
        one = json.loads(paraphe("status", convention, *url, "--json", settings=settings).stdout)
        assert one["award"]["number"] == "ECO 010-6552/19/BM"
