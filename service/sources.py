"""The documents that people submit, as the portal sees them: read, kept, and shown page by page."""

from functools import lru_cache

from pydantic import ValidationError

from activities.documents import DocumentStore
from activities.reading.geometry import highlights, page_picture
from domain.admission import CORRECTABLE_REFUSALS, judged
from domain.documents import JSON, PDF, DocumentRef
from domain.errors import NotFound, ParapheError
from domain.facts import Evidence
from domain.source import SourceText
from portal.ports import Deposit, Rectangle
from service.readbox import read_safely

_PICTURES = 96
"""Some 100 kB each."""
_PLACES = 2048
_TEXTS = 16
"""A megabyte each at most."""


class StoredSources:
    """Implements :class:`portal.ports.Sources`. All that opens a file does it in another process."""

    def __init__(self, store: DocumentStore, ocr_confidence: int | None = None) -> None:
        self._store = store
        self._ocr_confidence = ocr_confidence
        # A document is named by its digest: what one of its pages shows never changes.
        self._pictures = lru_cache(_PICTURES)(lambda document, page: page_picture(store.get(document), page))
        self._places = lru_cache(_PLACES)(self._find_places)
        self._texts = lru_cache(_TEXTS)(self._find_text)

    def examine(self, content: bytes, name: str) -> tuple[str, Deposit]:
        read = read_safely(content, name, self._ocr_confidence)
        refusals = [refusal for _, refusal in judged(read.acts)]
        if refusals and all(r is not None and r.code not in CORRECTABLE_REFUSALS for r in refusals):
            raise next(r for r in refusals if r is not None)
        deposit = Deposit(
            document=self._store.put(content, read.reading.source.media_type),
            name=read.reading.source.name,
            reading=self._store.put(read.reading.model_dump_json(by_alias=True).encode(), JSON),
            text=self._store.put(read.text.model_dump_json().encode(), JSON),
            acts=read.acts,
        )
        return self._store.put(deposit.model_dump_json().encode(), JSON).sha256, deposit

    def deposit(self, key: str) -> Deposit:
        try:
            return Deposit.model_validate_json(self._store.get(DocumentRef(sha256=key, size=0, media_type=JSON)))
        except (ValidationError, ParapheError) as error:
            raise NotFound(
                "deposit_unknown", "Ce dépôt n'existe pas ou n'a pas été conservé : déposez de nouveau la délibération."
            ) from error

    def text(self, text: DocumentRef | None, document: DocumentRef) -> SourceText:
        return self._texts(text, document)

    def page_png(self, document: DocumentRef, page: int) -> bytes:
        if document.media_type != PDF:
            raise NotFound("page_unknown", "Ce document n'a pas de pages à montrer.")
        return self._pictures(document, page)

    def places(self, document: DocumentRef, evidence: Evidence, text: SourceText) -> list[tuple[int, list[Rectangle]]]:
        if document.media_type != PDF or not text.pages:
            return []
        return self._places(document, evidence, text.pages)

    def _find_text(self, text: DocumentRef | None, document: DocumentRef) -> SourceText:
        if text is not None:
            return SourceText.model_validate_json(self._store.get(text))
        return read_safely(self._store.get(document), "deliberation").text

    def _find_places(
        self, document: DocumentRef, evidence: Evidence, pages: tuple[tuple[int, int], ...]
    ) -> list[tuple[int, list[Rectangle]]]:
        return highlights(self._store.get(document), evidence, pages)
