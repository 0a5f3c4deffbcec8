"""The catalogue of the archive: which version of which object holds a convention. The archive itself is the truth."""

import re
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select

from activities.register.engine import Repository, insert_if_new
from activities.register.tables import archives, circuits
from domain.circuits import Archived
from domain.convention import fold
from domain.documents import DocumentRef


class Catalogue(Repository):
    """Write-once: an archived convention stays where it is (invariant 9)."""

    def record_archive(self, archived: Archived) -> Archived:
        """Remember where a convention is archived; the first entry wins."""
        with self._writing() as connection:
            insert_if_new(
                connection,
                archives,
                **archived.model_dump(exclude={"evidence"}),
                evidence=archived.evidence.model_dump_json(),
            )
            row = connection.execute(select(archives).where(archives.c.convention_id == archived.convention_id)).one()
        return _archived(row)

    def find_archived(self, convention_id: str) -> Archived | None:
        with self._reading() as connection:
            row = connection.execute(select(archives).where(archives.c.convention_id == convention_id)).first()
        return _archived(row) if row else None

    def archived_versions(self, award_id: str) -> list[Archived]:
        """What is archived of an award: one entry per circuit, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(
                select(archives)
                .where(archives.c.award_id == award_id)
                .order_by(archives.c.archived_at, archives.c.convention_id)
            ).all()
        return [_archived(row) for row in rows]

    def archived_under(self, number: str) -> list[Archived]:
        """What is archived under a deliberation's or a convention's number, compared folded; oldest first."""
        if not fold(number):
            return []
        wanted: ColumnElement[bool] = circuits.c.deliberation_key == fold(number)
        if parts := re.fullmatch(r"\s*(\d{4})\s*-\s*(\d{4,9})\s*", number):
            year, rank = map(int, parts.groups())
            wanted = or_(wanted, and_(circuits.c.number_year == year, circuits.c.number_rank == rank))
        with self._reading() as connection:
            rows = connection.execute(
                select(archives)
                .join(circuits, circuits.c.convention_id == archives.c.convention_id)
                .where(wanted)
                .order_by(archives.c.archived_at, archives.c.convention_id)
            ).all()
        return [_archived(row) for row in rows]

    def find_archived_document(self, sha256: str) -> Archived | None:
        """The archived convention whose signed PDF has this digest: what the verification page asks."""
        with self._reading() as connection:
            row = connection.execute(select(archives).where(archives.c.document == sha256)).first()
        return _archived(row) if row else None


def _archived(row: Row[Any]) -> Archived:
    return Archived(
        convention_id=row.convention_id,
        award_id=row.award_id,
        object_id=row.object_id,
        version=row.version,
        path=row.path,
        manifest_digest=row.manifest_digest,
        evidence=DocumentRef.model_validate_json(row.evidence),
        document=row.document,
        archived_at=row.archived_at,
    )
