"""The evidence of a convention: events chained by digest, so that none can be changed, removed or slipped in unseen.

Each entry's digest covers the entry before it, the convention, the rank and the event, as canonical JSON (keys
sorted, no spaces, UTF-8, instants in UTC). Anyone can recompute the chain with SHA-256 and a JSON parser, without us.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC
from typing import Annotated, Any

from pydantic import Field

from domain.documents import Sha256, WireModel
from domain.errors import ArchiveDamaged
from domain.tasks import Event

GENESIS = "0" * 64
"""What stands for the digest before the first entry."""


class EvidenceEntry(WireModel):
    """One link of the chain."""

    convention_id: str
    position: Annotated[int, Field(ge=1)]
    previous: Sha256
    event: Event
    digest: Sha256


def canonical(value: Any) -> str:
    """``value`` (made of JSON types) as the one JSON text that digests are computed on."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def body(convention_id: str, position: int, previous: str, event: Event) -> str:
    """The canonical JSON that an entry's digest covers."""
    in_utc = event.model_copy(update={"at": event.at.astimezone(UTC)})
    return canonical(
        {
            "convention_id": convention_id,
            "position": position,
            "previous": previous,
            "event": in_utc.model_dump(mode="json"),
        }
    )


def entry_after(last: EvidenceEntry | None, convention_id: str, event: Event) -> EvidenceEntry:
    """The entry that ``event`` becomes after ``last``, or as the first one."""
    position = last.position + 1 if last else 1
    previous = last.digest if last else GENESIS
    return EvidenceEntry(
        convention_id=convention_id,
        position=position,
        previous=previous,
        event=event.model_copy(update={"at": event.at.astimezone(UTC)}),
        digest=digest_of(body(convention_id, position, previous, event)),
    )


def verify_chain(convention_id: str, entries: Sequence[EvidenceEntry]) -> str:
    """Recompute the whole chain; the last digest when it holds.

    :raises ArchiveDamaged: ``evidence_broken``, naming the first entry that does not hold.
    """
    previous = GENESIS
    for rank, entry in enumerate(entries, start=1):
        expected = digest_of(body(convention_id, rank, previous, entry.event))
        if (entry.convention_id, entry.position, entry.previous, entry.digest) != (
            convention_id,
            rank,
            previous,
            expected,
        ):
            raise ArchiveDamaged(
                "evidence_broken",
                f"Le journal de preuve de la convention {convention_id} est rompu à la ligne {rank}"
                f" (« {entry.event.key} ») : une ligne a été modifiée, retirée ou ajoutée.",
            )
        previous = entry.digest
    return previous


def digest_of(text: str) -> str:
    """SHA-256 of a canonical JSON text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
