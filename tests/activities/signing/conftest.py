"""The world of the signing tests: authorities, a timestamp server, a convention ready to be signed, and one signed."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
import pytest
from activities.documents import DocumentStore
from activities.signing.activity import SigningActivities
from activities.signing.fields import prepare_fields
from activities.signing.timestamps import HttpTimestamper
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm
from signing_parts import Counted, Ledger, authority_of, now, served, signatory, signer_of, trust_of

from domain.convention import Role
from domain.documents import PDF, digest
from domain.tasks import SignAnswer, SignRequest
from service.devpki import DevPki, ensure

_EXPORT = (
    'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"},'
    '"UseTaggedPDF":{"type":"boolean","value":"true"},'
    '"ExportBookmarksToPDFDestination":{"type":"boolean","value":"true"}}'
)

Convert = Callable[[dict[str, str]], bytes]


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


@dataclass
class World:
    """The activities on a fresh store and ledger, and a convention in it."""

    store: DocumentStore
    ledger: Ledger
    activities: SigningActivities
    approved: bytes
    folder: Path

    def request(self, role: Role, document: bytes | None = None, **changes: str) -> SignRequest:
        content = self.approved if document is None else document
        return SignRequest(
            convention_id="0123456789abcdef-1",
            convention_number="2026-0001",
            role=role,
            signatory=signatory(role, **changes),
            document=self.store.put(content, PDF),
            approved=digest(self.approved),
            accepted_at=now(),
        )

    def sign(self, role: Role, document: bytes | None = None, **changes: str) -> tuple[SignAnswer, bytes]:
        answer = self.activities.sign_document(self.request(role, document, **changes))
        return answer, self.store.get(answer.document)

    def stored(self) -> int:
        return sum(1 for path in self.folder.rglob("*") if path.is_file())


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


def make_world(folder: Path, pki: DevPki, timestamper: HttpTimestamper, approved: bytes) -> World:
    store, ledger = DocumentStore(str(folder)), Ledger()
    activities = SigningActivities(store, ledger, signer_of(pki), timestamper, trust_of(pki), now)
    return World(store, ledger, activities, approved, folder)


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
