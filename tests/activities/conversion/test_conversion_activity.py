"""The activity: one PDF per Word file, for ever (invariant 6)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError

from activities.conversion.activity import ConversionActivities
from activities.conversion.libreoffice import LibreOffice
from activities.conversion.office import OfficeMissing, find_office
from activities.documents import DocumentStore
from activities.drafting.rendering import render
from activities.signing.fields import prepare_fields
from domain.convention import DraftFacts
from domain.documents import DOCX
from domain.tasks import ConvertRequest


def _installed() -> bool:
    try:
        find_office()
    except OfficeMissing:
        return False
    return True


pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(not _installed(), reason="LibreOffice Writer and python3-uno are not installed"),
]
TITLE = "Convention de subvention n° 2019-0001"


class Ledger:
    """The ledger of effects, in memory."""

    def __init__(self) -> None:
        self._entries: dict[str, str] = {}

    def recall(self, key: str) -> str | None:
        return self._entries.get(key)

    def remember(self, key: str, value: str) -> str:
        return self._entries.setdefault(key, value)


@pytest.fixture(scope="module")
def office() -> Iterator[LibreOffice]:
    with LibreOffice() as converter:
        yield converter


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(str(tmp_path))


def test_a_retry_gives_the_first_pdf_without_converting_again(
    office: LibreOffice, store: DocumentStore, template: bytes, facts: DraftFacts
) -> None:
    request = ConvertRequest(docx=store.put(render(template, facts), DOCX), title=TITLE)
    ledger = Ledger()
    first = ConversionActivities(store, office, prepare_fields, ledger).convert_to_pdf(request)
    with LibreOffice() as idle:
        assert ConversionActivities(store, idle, prepare_fields, ledger).convert_to_pdf(request) == first
        assert idle.soffice is None
    assert first.pages == 4
    assert store.get(first.pdf).startswith(b"%PDF")


def test_two_workers_at_once_agree_on_one_pdf(
    office: LibreOffice, store: DocumentStore, template: bytes, facts: DraftFacts
) -> None:
    request = ConvertRequest(docx=store.put(render(template, facts), DOCX), title=TITLE)
    activities = ConversionActivities(store, office, prepare_fields, Ledger())
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(activities.convert_to_pdf, (request, request))
    assert one == other


def test_a_file_that_is_no_word_file_is_refused_for_good(office: LibreOffice, store: DocumentStore) -> None:
    request = ConvertRequest(docx=store.put(b"PK\x03\x04 rien", DOCX), title=TITLE)
    ledger = Ledger()
    with pytest.raises(ApplicationError) as refusal:
        ConversionActivities(store, office, prepare_fields, ledger).convert_to_pdf(request)
    assert refusal.value.non_retryable
    assert refusal.value.type == "document_unreadable"
    assert ledger.recall(f"convert/{request.docx.sha256}") is None
