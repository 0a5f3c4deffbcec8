"""How a convention tells what happens: the evidence and the row in the register, and the search attributes."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain import tasks
    from domain.convention import Actor
    from domain.corrections import Correction
    from workflows import search
    from workflows.case import Case
    from workflows.world import World


class Journal:
    """Collects events and writes them, in order, in as few records as the work allows."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._world = World(self.trouble)
        self._pending: list[tasks.Event] = []
        self._count = 0
        self._recorded: tuple[object, ...] = ()
        self._published: tuple[object, ...] = ()
        self._lock = asyncio.Lock()

    @property
    def behind(self) -> bool:
        """Something happened that is not recorded yet."""
        return bool(self._pending)

    def event(self, kind: str, actor: Actor, detail: dict[str, str]) -> None:
        """Something happened. :param kind: stable, snake_case. :param detail: digests, dates, codes; no secret."""
        self._count += 1
        self._pending.append(
            tasks.Event(key=f"{self._count:04d}", kind=kind, at=workflow.now(), actor=actor, detail=detail)
        )

    def correction(self, made: Correction) -> None:
        """Who corrected which fact, from what to what, on which words, and when it was done."""
        words = made.evidence[0] if made.evidence else None
        detail = {
            "fact": made.fact,
            "before": made.before,
            "before_status": made.before_status.value,
            "after": made.value,
            "words": words.text if words else "",
            "place": f"{words.start}-{words.end}" if words else "",
            "page": str(words.page or "") if words else "",
            "attested": "true" if made.attested else "",
            "at": made.at.isoformat(),
        }
        self.event("fact_corrected", Actor.of(made.by), {name: value for name, value in detail.items() if value})

    async def trouble(self, sentence: str) -> None:
        """Show the desk what is wrong, or with an empty sentence that it is over."""
        self._case.attention = sentence
        await self.record()

    async def record(self) -> None:
        """Bring the register and the search attributes up to date, if anything changed."""
        async with self._lock:
            case = self._case
            state = (case.life.stage, case.life.round, case.attention, case.due_at)
            if not self._pending and state == self._recorded:
                return
            events, self._pending = tuple(self._pending), []
            await self._world.ask(
                tasks.RECORD,
                tasks.RecordRequest(
                    convention_id=case.start.convention_id,
                    stage=case.life.stage,
                    round=case.life.round,
                    needs_attention=case.attention,
                    due_at=case.due_at,
                    events=events,
                    dead_links=True,
                ),
            )
            self._recorded = state
            self._publish()

    def _publish(self) -> None:
        case = self._case
        amount = case.amount
        published = (case.life.stage, bool(case.attention), case.due_at, amount)
        if published == self._published:
            return
        self._published = published
        workflow.upsert_search_attributes(
            [
                search.STAGE.value_set(case.life.stage.value),
                search.DELIBERATION.value_set(case.start.award.number),
                search.NEEDS_ATTENTION.value_set(bool(case.attention)),
                search.AMOUNT.value_set(int(amount * 100)) if amount is not None else search.AMOUNT.value_unset(),
                search.DUE_AT.value_set(case.due_at) if case.due_at else search.DUE_AT.value_unset(),
            ]
        )
