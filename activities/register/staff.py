"""The people of the desk: one key each, shown once, and their sessions in a browser. Only digests are kept.

Keys and tokens are 256 random bits: a plain digest is enough to hide them, and a look-up by digest compares nothing
whose timing would tell.
"""

import hashlib
import secrets

from sqlalchemy import ColumnElement, Select, delete, insert, select, update

from activities.register.engine import Repository, insert_if_new
from activities.register.tables import staff, staff_sessions
from domain.errors import ActionRefused, NotFound
from domain.parties import DESK_SESSION, Staff


class StaffBook(Repository):
    """Who may use the desk."""

    def add_staff(self, staff_id: str, name: str, role: str) -> str:
        """The person's key, 256 bits, which cannot be shown again.

        :raises ActionRefused: ``staff_exists``.
        """
        person, key = Staff(id=staff_id, name=name), secrets.token_urlsafe(32)
        with self._writing() as connection:
            added = insert_if_new(
                connection,
                staff,
                id=person.id,
                name=person.name,
                role=role,
                key_digest=_digest(key),
                added_at=self._clock(),
            )
        if not added:
            raise ActionRefused("staff_exists", f"L'identifiant « {staff_id} » est déjà pris : renouvelez sa clé.")
        return key

    def renew_key(self, staff_id: str) -> str:
        """A new key for the person; the old one and the open sessions end. :raises NotFound: ``staff_unknown``."""
        key = secrets.token_urlsafe(32)
        with self._writing() as connection:
            changed = connection.execute(
                update(staff).where(staff.c.id == staff_id).values(key_digest=_digest(key))
            ).rowcount
            if not changed:
                raise NotFound("staff_unknown", f"Personne n'est inscrit sous l'identifiant « {staff_id} ».")
            connection.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id))
        return key

    def staff_by_key(self, key: str) -> Staff | None:
        return self._one(select(staff).where(staff.c.key_digest == _digest(key)))

    def staff_role(self, staff_id: str) -> str | None:
        """The role given when the person was added."""
        with self._reading() as connection:
            return connection.execute(select(staff.c.role).where(staff.c.id == staff_id)).scalar()

    def open_session(self, person: Staff) -> str:
        """The token of a session of 10 hours. :raises NotFound: ``staff_unknown``."""
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._writing() as connection:
            if connection.execute(select(staff.c.id).where(staff.c.id == person.id)).first() is None:
                raise NotFound("staff_unknown", f"Personne n'est inscrit sous l'identifiant « {person.id} ».")
            connection.execute(delete(staff_sessions).where(staff_sessions.c.expires_at <= now))
            connection.execute(
                insert(staff_sessions).values(
                    token_digest=_digest(token), staff_id=person.id, opened_at=now, expires_at=now + DESK_SESSION
                )
            )
        return token

    def staff_by_session(self, token: str) -> Staff | None:
        open_: ColumnElement[bool] = staff_sessions.c.expires_at > self._clock()
        return self._one(
            select(staff).join(staff_sessions).where(staff_sessions.c.token_digest == _digest(token), open_)
        )

    def close_session(self, token: str) -> None:
        with self._writing() as connection:
            connection.execute(delete(staff_sessions).where(staff_sessions.c.token_digest == _digest(token)))

    def _one(self, query: "Select[tuple[object, ...]]") -> Staff | None:
        with self._reading() as connection:
            row = connection.execute(query).first()
        return Staff(id=row.id, name=row.name) if row else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
