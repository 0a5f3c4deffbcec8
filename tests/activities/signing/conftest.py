"""The world of the signing tests: authorities, a timestamp server, a convention ready to be signed, and one signed."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from signing_parts import Convert, Counted, World, authority_of, make_world, served

from activities.signing.fields import prepare_fields
from activities.signing.timestamps import HttpTimestamper
from domain.convention import Role
from service.devpki import DevPki, ensure

_EXPORT = (
    'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"},'
    '"UseTaggedPDF":{"type":"boolean","value":"true"},'
    '"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
)


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DevPki:
    return ensure(tmp_path_factory.mktemp("authorities") / "pki")


@pytest.fixture(scope="session")
def authority(pki: DevPki) -> Iterator[tuple[str, Counted]]:
    """URL of a timestamp server, and what it was asked."""
    counted = Counted(authority_of(pki).answer)
    with served(counted) as url:
        yield url, counted


@pytest.fixture(scope="session")
def timestamper(authority: tuple[str, Counted]) -> Iterator[HttpTimestamper]:
    client = HttpTimestamper([authority[0]])
    yield client
    client.close()


@pytest.fixture(scope="session")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """A PDF/A from a Word file whose bookmarks (name → text under it) are two cells of a table."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice Writer is not installed")
    folder = tmp_path_factory.mktemp("conversion")

    def make(bookmarks: dict[str, str]) -> bytes:
        source = folder / "convention.docx"
        _word(bookmarks).save(str(source))
        profile = f"-env:UserInstallation=file://{folder}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", _EXPORT, "--outdir", str(folder), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return (folder / "convention.pdf").read_bytes()

    return make


@pytest.fixture(scope="session")
def converted(convert: Convert) -> bytes:
    return convert({"SIGNBENEFICIARY": "\u200b", "SIGNAUTHORITY": "\u200b"})


@pytest.fixture(scope="session")
def approved(converted: bytes) -> bytes:
    return prepare_fields(converted)


@pytest.fixture
def world(tmp_path: Path, pki: DevPki, timestamper: HttpTimestamper, approved: bytes) -> World:
    return make_world(tmp_path, pki, timestamper, approved)


@pytest.fixture(scope="session")
def signed(
    tmp_path_factory: pytest.TempPathFactory, pki: DevPki, timestamper: HttpTimestamper, approved: bytes
) -> tuple[bytes, bytes]:
    """The convention after the first signature, and after the second."""
    world = make_world(tmp_path_factory.mktemp("signed"), pki, timestamper, approved)
    _, first = world.sign(Role.BENEFICIARY)
    _, second = world.sign(Role.AUTHORITY, first)
    return first, second


def _word(bookmarks: dict[str, str]) -> Document:
    document = docx.Document()
    document.add_heading("Convention d’essai", 1)
    for _ in range(12):
        document.add_paragraph("La présente convention n’a d’autre objet que de vérifier les signatures. " * 3)
    table = document.add_table(rows=2, cols=2)
    table.rows[1].height = Cm(3.4)
    table.cell(0, 0).text, table.cell(0, 1).text = "Pour le bénéficiaire", "Pour la collectivité"
    for number, (name, text) in enumerate(bookmarks.items()):
        paragraph = table.cell(1, number).paragraphs[0]
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        start.set(qn("w:id"), str(number))
        start.set(qn("w:name"), name)
        end.set(qn("w:id"), str(number))
        paragraph._p.append(start)
        paragraph.add_run(text)
        paragraph._p.append(end)
    return document
