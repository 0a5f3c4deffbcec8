"""The JSON API of what is read: examine a file, correct its facts before or after a convention is opened."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, UploadFile
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from domain.admission import judged
from domain.correcting import Asked
from domain.deliberation import Reading
from domain.documents import Model
from domain.errors import UnreadableDocument
from domain.parties import Staff
from domain.source import SourceText
from portal.ports import Ports
from workflows.views import ConventionView, Submission


class ExaminedAct(Model):
    index: int
    code: str = ""
    """Why no convention can be opened of it as it was read; empty when one can."""
    message: str = ""
    """French, for a person."""


class Examination(Model):
    """What was read of a file, before anything is opened."""

    deposit: str
    """Names it, to open it."""
    reading: Reading
    text: SourceText
    """What the offsets of all evidence, and of selections, count in (code points)."""
    acts: tuple[ExaminedAct, ...]


class Opening(Model):
    corrections: Annotated[tuple[Asked, ...], Field(max_length=200)] = ()
    """Facts that are corrected first. A number, a day or an authority that no words show must be ``attested``."""
    acts: Annotated[tuple[int, ...], Field(max_length=500)] | None = None
    """Indices of the acts that become conventions; none: all that can."""


class CorrectionRequest(Model):
    """A value, or offsets in the text, or a quotation of it; an amount that the act states needs its words."""

    fact: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")]
    value: Annotated[str, Field(max_length=500)] = ""
    start: Annotated[int, Field(ge=0)] | None = None
    end: Annotated[int, Field(ge=0)] | None = None
    quote: Annotated[str, Field(max_length=2000)] = ""
    attested: bool = False
    seen: Annotated[int, Field(ge=0)]
    """How many corrections of the convention you know of: a fact that somebody corrected since is refused."""


def reading_api(ports: Ports, staff: Callable[..., Awaitable[Staff]], known: Callable[..., str]) -> APIRouter:
    router = APIRouter()
    By = Annotated[Staff, Depends(staff)]
    Id = Annotated[str, Depends(known)]
    Key = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]

    @router.post("/deliberations/examination", tags=["conventions"])
    async def examine_deliberation(by: By, file: UploadFile) -> Examination:
        """Read a file and open nothing: its facts, its text, and which acts can become conventions."""
        content = await file.read()
        if not content:
            raise UnreadableDocument("empty_file", "Ce fichier est vide : vérifiez le fichier, puis recommencez.")
        name = (file.filename or "document")[-200:]
        key, deposit = await run_in_threadpool(ports.sources.examine, content, name)
        reading = Reading.model_validate_json(await run_in_threadpool(ports.files.get, deposit.reading))
        text = await run_in_threadpool(ports.sources.text, deposit.text, deposit.document)
        return Examination(
            deposit=key,
            reading=reading,
            text=text,
            acts=tuple(
                ExaminedAct(
                    index=act.index, code=refusal.code if refusal else "", message=refusal.message if refusal else ""
                )
                for act, refusal in judged(deposit.acts)
            ),
        )

    @router.post("/deliberations/{deposit}/opening", tags=["conventions"])
    async def open_deliberation(by: By, deposit: Key, body: Opening) -> Submission:
        """Open what was examined, once corrected. Opening the same twice finds the first."""
        kept = await run_in_threadpool(ports.sources.deposit, deposit)
        return await ports.circuits.open(kept, by, body.corrections, body.acts)

    @router.get("/conventions/{id}/text", tags=["conventions"])
    async def get_text(by: By, id: Id) -> SourceText:
        """The text of the deliberation, that all evidence counts in."""
        view = await ports.circuits.view(id)
        return await run_in_threadpool(ports.sources.text, view.text, view.deliberation)

    @router.post("/conventions/{id}/corrections", tags=["conventions"])
    async def correct_fact(by: By, id: Id, body: CorrectionRequest) -> ConventionView:
        """Correct a fact of the deliberation; a draft that was made is made again."""
        asked = Asked.model_validate(body.model_dump(exclude={"seen"}))
        await ports.circuits.correct(id, asked, body.seen, by)
        return await ports.circuits.view(id)

    return router
