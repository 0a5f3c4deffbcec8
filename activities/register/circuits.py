"""Circuits of signature, the numbers of conventions, and the evidence of what happened to them."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from activities.register import chain
from activities.register.engine import Repository, insert_if_new
from activities.register.tables import REFUSED_ENDINGS, archives, circuits, counters, events, links
from domain.calendar import long_date
from domain.circuits import Circuit
from domain.convention import AwardKey, fold
from domain.documents import DocumentRef
from domain.errors import ActionRefused, NotFound
from domain.evidence import EvidenceEntry, verify_chain
from domain.lifecycle import ENDED, Stage
from domain.parties import Staff
from domain.tasks import Event, OpenCircuitAnswer, OpenCircuitRequest, RecordRequest

REPLACED = (
    "Ce lien a été remplacé par un plus récent, ou la signature n'est plus attendue : utilisez le dernier message reçu."
)
_OPENING_TRIES = 5


class Circuits(Repository):
    """One live circuit per award (invariant 10), one number per convention, one entry per event."""

    # Circuits

    def open_circuit(self, request: OpenCircuitRequest) -> OpenCircuitAnswer:
        """The award's live or completed circuit, or a new one after circuits that all ended without a signature."""
        for _ in range(_OPENING_TRIES - 1):
            try:
                return self._open(request)
            except IntegrityError:
                # Somebody opened it between our look and our insert: look again.
                continue
        return self._open(request)

    def _open(self, request: OpenCircuitRequest) -> OpenCircuitAnswer:
        award = request.award
        with self._writing() as connection:
            rows = connection.execute(
                select(circuits.c.convention_id, circuits.c.stage, circuits.c.circuit).where(
                    circuits.c.award_id == award.id
                )
            ).all()
            for row in rows:
                if row.stage not in REFUSED_ENDINGS:
                    return OpenCircuitAnswer(convention_id=row.convention_id, existing=True)
            _refuse_second_identity(connection, request)
            circuit = 1 + max((row.circuit for row in rows), default=0)
            now = self._clock()
            connection.execute(
                insert(circuits).values(
                    convention_id=f"{award.id}-{circuit}",
                    award_id=award.id,
                    circuit=circuit,
                    award=award.model_dump_json(),
                    deliberation_number=award.number,
                    deliberation_key=fold(award.number),
                    search_key=fold(f"{award.number} {request.title} {request.beneficiary or ''}"),
                    authority=award.authority,
                    session_date=award.session_date,
                    title=request.title,
                    beneficiary=request.beneficiary,
                    amount=request.amount,
                    document=request.document.model_dump_json(),
                    reading=request.reading.model_dump_json(),
                    act_index=request.act_index,
                    stage=Stage.DRAFTING.value,
                    round=0,
                    needs_attention="",
                    opened_by=request.by.model_dump_json(),
                    opened_at=now,
                    updated_at=now,
                )
            )
        return OpenCircuitAnswer(convention_id=f"{award.id}-{circuit}", existing=False)

    def convention(self, convention_id: str) -> Circuit:
        """:raises NotFound: ``convention_unknown``."""
        with self._reading() as connection:
            row = connection.execute(_rows().where(circuits.c.convention_id == convention_id)).mappings().first()
        if row is None:
            raise _unknown(convention_id)
        return _circuit(row)

    def conventions(
        self,
        *,
        stages: Iterable[Stage] | None = None,
        needs_attention: bool = False,
        award_id: str = "",
        search: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> list[Circuit]:
        """Circuits for the desk, the last changed first.

        :param search: looked for in both numbers, the title and the beneficiary, folded.
        """
        query = _rows().order_by(circuits.c.updated_at.desc(), circuits.c.convention_id)
        if stages is not None:
            query = query.where(circuits.c.stage.in_([stage.value for stage in stages]))
        if needs_attention:
            query = query.where(circuits.c.needs_attention != "")
        if award_id:
            query = query.where(circuits.c.award_id == award_id)
        if fold(search):
            query = query.where(circuits.c.search_key.contains(fold(search), autoescape=True))
        with self._reading() as connection:
            rows = connection.execute(query.limit(limit).offset(offset)).mappings().all()
        return [_circuit(row) for row in rows]

    # Numbers

    def allocate_number(self, convention_id: str, year: int) -> str:
        """The convention's number, e.g. ``2026-0001``: gap-free per year, the same one for ever.

        :raises NotFound: ``convention_unknown``.
        """
        with self._writing() as connection:
            row = chain.lock(connection, convention_id)
            if row is None:
                raise _unknown(convention_id)
            if row.number_rank is not None:
                return _number(row.number_year, row.number_rank)
            insert_if_new(connection, counters, year=year, last=0)
            rank = connection.execute(
                update(counters)
                .where(counters.c.year == year)
                .values(last=counters.c.last + 1)
                .returning(counters.c.last)
            ).scalar_one()
            connection.execute(
                update(circuits)
                .where(circuits.c.convention_id == convention_id)
                .values(
                    number_year=year,
                    number_rank=rank,
                    search_key=f"{row.search_key}-{_number(year, rank)}",
                )
            )
        return _number(year, rank)

    # Evidence

    def record(self, request: RecordRequest) -> None:
        """Append the events not yet known by their key, and bring the row up to date.

        A late retry of an older record never takes the row back: neither to an earlier round, nor out of an ending.

        :raises NotFound: ``convention_unknown``.
        """
        with self._writing() as connection:
            row = chain.lock(connection, request.convention_id)
            if row is None:
                raise _unknown(request.convention_id)
            chain.append(connection, request.convention_id, request.events)
            if request.round >= row.round and (row.stage not in ENDED or request.stage in ENDED):
                connection.execute(
                    update(circuits)
                    .where(circuits.c.convention_id == request.convention_id)
                    .values(
                        stage=request.stage.value,
                        round=request.round,
                        needs_attention=request.needs_attention,
                        due_at=request.due_at,
                        updated_at=self._clock(),
                    )
                )
            if request.dead_links:
                kill_links_before(connection, request.convention_id, request.round, REPLACED)

    def close_evidence(self, convention_id: str, event: Event) -> list[EvidenceEntry]:
        """The evidence with ``event`` as its last entry, entered now unless it is there already.

        :raises NotFound: ``convention_unknown``.
        """
        with self._writing() as connection:
            if chain.lock(connection, convention_id) is None:
                raise _unknown(convention_id)
            chain.append(connection, convention_id, [event])
        entries = self.events(convention_id)
        while entries and entries[-1].event.key != event.key:
            # What happened after the archive of this circuit is not in its package.
            entries.pop()
        return entries

    def events(self, convention_id: str) -> list[EvidenceEntry]:
        """The evidence of a convention, in order; empty when nothing was recorded."""
        with self._reading() as connection:
            rows = connection.execute(
                select(events).where(events.c.convention_id == convention_id).order_by(events.c.position)
            ).all()
        return [chain.entry(row) for row in rows]

    def verify_chain(self, convention_id: str) -> str:
        """The last digest of the convention's evidence, once all of it was recomputed.

        :raises ArchiveDamaged: ``evidence_broken``.
        """
        return verify_chain(convention_id, self.events(convention_id))


def _refuse_second_identity(connection: Connection, request: OpenCircuitRequest) -> None:
    """One award of one file has one identity: what a person typed differently is not a second award.

    :raises ActionRefused: ``opened_otherwise``.
    """
    live = connection.execute(
        select(circuits.c.convention_id, circuits.c.award).where(
            circuits.c.document.contains(request.document.sha256),
            circuits.c.act_index == request.act_index,
            circuits.c.stage.not_in(REFUSED_ENDINGS),
        )
    ).all()
    for row in live:
        other = AwardKey.model_validate_json(row.award)
        if other.ordinal == request.award.ordinal and other.id != request.award.id:
            raise ActionRefused(
                "opened_otherwise",
                f"Cette subvention a déjà sa convention, ouverte sous le numéro de délibération {other.number} du"
                f" {long_date(other.session_date)} : continuez celle-ci, ou retirez-la si ce numéro est faux.",
            )


def kill_links_before(connection: Connection, convention_id: str, round_: int, reason: str) -> None:
    """Kill the living links of rounds before ``round_``; the reason of a dead one stays."""
    connection.execute(
        update(links)
        .where(links.c.convention_id == convention_id, links.c.round < round_, links.c.dead == "")
        .values(dead=reason)
    )


def _rows() -> Any:
    latest = archives.alias()
    return select(circuits, latest.c.object_id, latest.c.path).outerjoin(
        latest, latest.c.convention_id == circuits.c.convention_id
    )


def _circuit(row: RowMapping) -> Circuit:
    return Circuit(
        convention_id=row["convention_id"],
        award=AwardKey.model_validate_json(row["award"]),
        title=row["title"],
        beneficiary=row["beneficiary"],
        amount=row["amount"],
        document=DocumentRef.model_validate_json(row["document"]),
        reading=DocumentRef.model_validate_json(row["reading"]),
        act_index=row["act_index"],
        stage=Stage(row["stage"]),
        round=row["round"],
        needs_attention=row["needs_attention"],
        due_at=row["due_at"],
        number=_number(row["number_year"], row["number_rank"]) if row["number_rank"] is not None else None,
        opened_by=Staff.model_validate_json(row["opened_by"]),
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        archive_object=row["object_id"],
        archive_path=row["path"],
    )


def _number(year: int, rank: int) -> str:
    return f"{year}-{rank:04d}"


def _unknown(convention_id: str) -> NotFound:
    return NotFound("convention_unknown", f"La convention {convention_id} n'est pas dans le registre.")
