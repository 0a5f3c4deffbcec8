"""Validators that owe nothing to ours agree: DSS, the European Commission's library, and veraPDF."""

import sys
from pathlib import Path
from typing import Any

import pytest
from servers import missing

ROOT = Path(__file__).parents[3]
sys.path.append(str(ROOT / "scripts" / "validate"))

import samples  # noqa: E402
import validate  # noqa: E402

pytestmark = [pytest.mark.libreoffice, pytest.mark.java]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Path]]:
    """The root to trust, and the samples by name."""
    try:
        validate.libraries()
    except validate.NoValidators as absent:
        missing(str(absent))
    pki, files = samples.make(tmp_path_factory.mktemp("samples"))
    return pki.root, files


@pytest.fixture(scope="module")
def found(made: tuple[Path, dict[str, Path]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What both say of each sample, and of one that was tampered with."""
    root, files = made
    content = bytearray(files["premiere-signature-finale"].read_bytes())
    where = content.index(b"/Reason")
    content[where + 12] ^= 1
    spoilt = tmp_path_factory.mktemp("spoilt") / "modifiee.pdf"
    spoilt.write_bytes(content)
    return validate.judge(root, [*files.values(), spoilt])


@pytest.mark.parametrize("name", sorted(validate.EXPECTED))
def test_signatures_and_archival_format_pass_elsewhere(name: str, found: dict[str, Any]) -> None:
    assert validate.differences(found[name], validate.EXPECTED[name]) == []


def test_those_validators_do_see_a_changed_file(found: dict[str, Any]) -> None:
    assert any("TOTAL_FAILED" in text for text in validate.complaints(found["modifiee"]))


def test_a_file_signed_under_another_authority_passes_nowhere(
    made: tuple[Path, dict[str, Path]], tmp_path: Path
) -> None:
    from service.devpki import ensure

    stranger = ensure(tmp_path / "stranger")
    judged = validate.judge(stranger.root, [made[1]["premiere-signature-finale"]])
    assert {one["indication"] for one in judged["premiere-signature-finale"]["signatures"]} == {"INDETERMINATE"}


def test_no_name_of_a_package_registry_is_written_down() -> None:
    pom = (ROOT / "scripts" / "validate" / "pom.xml").read_text()
    assert "<repositor" not in pom, "whoever builds chooses the mirror"
