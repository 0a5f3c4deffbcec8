"""The activity that turns the Word file into the very PDF that will be signed."""

from collections.abc import Callable
from typing import Protocol

from temporalio import activity

from activities.conversion.pages import page_count
from activities.conversion.pdfa import created_at, finish
from activities.documents import Documents
from activities.effects import Effects
from activities.refusals import refusing
from domain.documents import PDF
from domain.tasks import CONVERT, ConvertAnswer, ConvertRequest


class Converter(Protocol):
    """What conversion needs of LibreOffice."""

    def convert(self, docx: bytes) -> bytes: ...


class ConversionActivities:
    """Converts a Word file once: whoever asks again, after a crash or at the same time, gets the first PDF."""

    def __init__(
        self, store: Documents, converter: Converter, prepare: Callable[[bytes], bytes], effects: Effects
    ) -> None:
        """:param prepare: adds the empty signature fields; every signature is appended to what it gives back."""
        self._store = store
        self._converter = converter
        self._prepare = prepare
        self._effects = effects

    @activity.defn(name=CONVERT.name, no_thread_cancel_exception=True)
    @refusing
    def convert_to_pdf(self, request: ConvertRequest) -> ConvertAnswer:
        """PDF/A-2b with the empty signature fields.

        :raises DraftRefused: the file cannot be loaded, or does not say where to sign.
        """
        key = f"convert/{request.docx.sha256}"
        known = self._effects.recall(key)
        if known is None:
            docx = self._store.get(request.docx)
            pdf = self._prepare(finish(self._converter.convert(docx), request.title, created_at(docx)))
            answer = ConvertAnswer(pdf=self._store.put(pdf, PDF), pages=page_count(pdf))
            known = self._effects.remember(key, answer.model_dump_json())
        return ConvertAnswer.model_validate_json(known)
