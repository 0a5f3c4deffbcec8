"""Adding to the evidence of a convention, inside a transaction that already runs: by the workflow, by the door (codes)
and by the archive, all in one chain.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from activities.register.tables import circuits, events
from domain.evidence import EvidenceEntry, entry_after
from domain.tasks import Event


def lock(connection: Connection, convention_id: str) -> Row[Any] | None:
    """The convention's row, kept from other writers until the transaction ends; none: there is no such convention.

    To be taken before any link or code of the convention is locked, or two writers may wait for each other.
    """
    # FOR UPDATE: on PostgreSQL the chain and the numbers need writers of one convention to queue. SQLite ignores it.
    return connection.execute(
        select(circuits).where(circuits.c.convention_id == convention_id).with_for_update()
    ).first()


def append(connection: Connection, convention_id: str, new: Sequence[Event]) -> None:
    """Append the events whose keys are not known yet. Under :func:`lock`."""
    if not new:
        return
    known = set(
        connection.execute(
            select(events.c.key).where(
                events.c.convention_id == convention_id, events.c.key.in_([event.key for event in new])
            )
        ).scalars()
    )
    last_row = connection.execute(
        select(events).where(events.c.convention_id == convention_id).order_by(events.c.position.desc()).limit(1)
    ).first()
    last = entry(last_row) if last_row else None
    for event in new:
        if event.key in known:
            continue
        known.add(event.key)
        last = entry_after(last, convention_id, event)
        connection.execute(
            insert(events).values(
                convention_id=convention_id,
                position=last.position,
                key=last.event.key,
                kind=last.event.kind,
                at=last.event.at,
                event=last.event.model_dump_json(),
                previous=last.previous,
                digest=last.digest,
            )
        )


def entry(row: Row[Any]) -> EvidenceEntry:
    return EvidenceEntry(
        convention_id=row.convention_id,
        position=row.position,
        previous=row.previous,
        event=Event.model_validate(json.loads(row.event)),
        digest=row.digest,
    )
