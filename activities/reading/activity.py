"""The reader as a Temporal activity: a document of the store in, the reference of its reading out."""

from temporalio import activity

from activities.documents import Documents
from activities.reading.intake import take_in
from activities.reading.limits import Limits
from activities.reading.reader import read_text
from activities.refusals import refusing
from domain.corrections import apply_corrections
from domain.deliberation import Act, Outcome, Reading
from domain.documents import JSON
from domain.source import SourceText
from domain.tasks import READ, ActSummary, AwardSummary, ReadAnswer, ReadRequest


class ReadingActivities:
    """Reading is a function of the bytes, and the store is content-addressed: a retry gives the same reference."""

    def __init__(self, store: Documents, limits: Limits | None = None) -> None:
        self._store = store
        self._limits = limits

    @activity.defn(name=READ.name, no_thread_cancel_exception=True)
    @refusing
    def read_deliberation(self, request: ReadRequest) -> ReadAnswer:
        """Read ``request.document``.

        :raises ApplicationError: not retryable, with the code of the refusal (``empty_file``, ``scanned_pdf``,
            ``not_a_deliberation``…).
        """
        source = take_in(self._store.get(request.document), request.name, self._limits)
        reading = apply_corrections(read_text(source, activity.heartbeat), request.corrections)
        ref = self._store.put(reading.model_dump_json(by_alias=True).encode(), JSON)
        text = SourceText(text=source.text, pages=source.pages)
        kept = self._store.put(text.model_dump_json().encode(), JSON)
        return ReadAnswer(reading=ref, acts=summaries(reading), text=kept)


def summaries(reading: Reading) -> tuple[ActSummary, ...]:
    """What a workflow needs to know of each act: only the facts that may be used as they are."""
    return tuple(_summary(index, act) for index, act in enumerate(reading.acts))


def _summary(index: int, act: Act) -> ActSummary:
    return ActSummary(
        index=index,
        authority=act.authority.usable,
        number=act.number.usable,
        session_date=act.session_date.usable,
        title=act.title.usable,
        outcome=act.outcome.usable or Outcome.UNKNOWN,
        awards=tuple(
            AwardSummary(ordinal=ordinal, beneficiary=award.beneficiary.usable, amount=award.amount.usable)
            for ordinal, award in enumerate(act.awards, 1)
        ),
        signing_authority=act.signing_authority.usable,
    )
