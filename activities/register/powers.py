"""The register of powers: mandates, delegations and suppléances, recusals. The law is in ``domain.resolver``."""

import json
from datetime import date
from typing import TypeVar

from sqlalchemy import insert, select, update

from activities.register.engine import Repository, insert_if_new
from activities.register.tables import power_endings, powers
from domain.convention import fold
from domain.errors import ActionRefused, NotFound
from domain.parties import Person, Staff
from domain.powers import Delegation, Mandate, PowerEnding, PowerKind, PowerRegister, PowerTrace, Recusal
from domain.resolver import mandate_in_force

Entry = TypeVar("Entry", Mandate, Delegation, Recusal)
_KINDS: dict[type[Mandate] | type[Delegation] | type[Recusal], str] = {
    Mandate: "mandate",
    Delegation: "delegation",
    Recusal: "recusal",
}


class Powers(Repository):
    """Entries are never removed: they end, so that what was relied upon can be read for ever."""

    def add_mandate(self, mandate: Mandate, by: Staff | None = None) -> None:
        """:raises ActionRefused: ``entry_exists``, when the id already names something else."""
        self._add(mandate, by)

    def add_delegation(self, delegation: Delegation, by: Staff | None = None) -> None:
        """:raises ActionRefused: ``entry_exists``, or ``not_a_delegation`` for the executive's own power."""
        if delegation.kind is PowerKind.EXECUTIVE:
            raise ActionRefused(
                "not_a_delegation",
                "Le pouvoir propre de l'exécutif s'inscrit comme un mandat, pas comme une délégation.",
            )
        self._add(delegation, by)

    def add_recusal(self, recusal: Recusal, by: Staff | None = None) -> None:
        """:raises ActionRefused: ``entry_exists``."""
        self._add(recusal, by)

    def end_mandate(self, entry_id: str, last_day: date, by: Staff | None = None) -> Mandate:
        """:raises NotFound: ``power_unknown``.
        :raises ActionRefused: ``ends_before_start``, or ``already_ended``: an end is never put off.
        """
        return self._end(Mandate, entry_id, "end", last_day, by)

    def revoke_delegation(self, entry_id: str, day: date, by: Staff | None = None) -> Delegation:
        """The delegation gives no power from ``day`` on.

        :raises NotFound: ``power_unknown``.
        :raises ActionRefused: ``ends_before_start``: before its order; or ``already_ended``.
        """
        return self._end(Delegation, entry_id, "revoked_on", day, by)

    def end_recusal(self, entry_id: str, last_day: date, by: Staff | None = None) -> Recusal:
        """:raises NotFound: ``power_unknown``.
        :raises ActionRefused: ``ends_before_start``, or ``already_ended``.
        """
        return self._end(Recusal, entry_id, "end", last_day, by)

    def power_register(self, authority: str) -> PowerRegister:
        """All the entries of ``authority``, whose name is compared folded, in order of id."""
        with self._reading() as connection:
            rows = connection.execute(
                select(powers.c.kind, powers.c.entry)
                .where(powers.c.authority_key == fold(authority))
                .order_by(powers.c.id)
            ).all()
        return PowerRegister(
            mandates=tuple(Mandate.model_validate_json(row.entry) for row in rows if row.kind == "mandate"),
            delegations=tuple(Delegation.model_validate_json(row.entry) for row in rows if row.kind == "delegation"),
            recusals=tuple(Recusal.model_validate_json(row.entry) for row in rows if row.kind == "recusal"),
        )

    def power_traces(self, authority: str) -> tuple[PowerTrace, ...]:
        """Who entered and who ended each entry of ``authority``, in order of id."""
        mine = powers.c.authority_key == fold(authority)
        with self._reading() as connection:
            rows = connection.execute(select(powers).where(mine).order_by(powers.c.id)).all()
            ends = connection.execute(
                select(power_endings)
                .join(powers)
                .where(mine)
                .order_by(power_endings.c.power_id, power_endings.c.position)
            ).all()
        endings: dict[str, list[PowerEnding]] = {}
        for end in ends:
            ending = PowerEnding(day=end.day, by=_staff(end.ended_by), at=end.ended_at)
            endings.setdefault(end.power_id, []).append(ending)
        return tuple(
            PowerTrace(
                entry_id=row.id,
                added_by=_staff(row.added_by),
                added_at=row.added_at,
                endings=tuple(endings.get(row.id, ())),
            )
            for row in rows
        )

    def authorities(self) -> list[str]:
        """Names of the authorities that have an entry here, one spelling each."""
        query = select(powers.c.entry, powers.c.authority_key).order_by(powers.c.id)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return sorted({row.authority_key: str(json.loads(row.entry)["authority"]) for row in reversed(rows)}.values())

    def executive(self, authority: str, day: date) -> tuple[Person, str] | None:
        """The executive in office on ``day`` (Paris), and the id of the mandate."""
        mandate = mandate_in_force(self.power_register(authority).mandates, day)
        return (mandate.holder, mandate.id) if mandate else None

    def _add(self, entry: Mandate | Delegation | Recusal, by: Staff | None) -> None:
        text = entry.model_dump_json()
        with self._writing() as connection:
            insert_if_new(
                connection,
                powers,
                id=entry.id,
                kind=_KINDS[type(entry)],
                authority_key=fold(entry.authority),
                entry=text,
                added_at=self._clock(),
                added_by=by.model_dump_json() if by else None,
            )
            row = connection.execute(select(powers.c.kind, powers.c.entry).where(powers.c.id == entry.id)).one()
        if (row.kind, row.entry) != (_KINDS[type(entry)], text):
            raise ActionRefused(
                "entry_exists", f"Le registre des pouvoirs contient déjà une autre entrée nommée « {entry.id} »."
            )

    def _end(self, model: type[Entry], entry_id: str, field: str, day: date, by: Staff | None) -> Entry:
        mine = (powers.c.id == entry_id, powers.c.kind == _KINDS[model])
        with self._writing() as connection:
            text = connection.execute(select(powers.c.entry).where(*mine).with_for_update()).scalar()
            if text is None:
                raise NotFound("power_unknown", f"Le registre des pouvoirs ne contient pas d'entrée « {entry_id} ».")
            before = model.model_validate_json(text)
            if getattr(before, field) == day:
                return before
            _check_end(before, getattr(before, field), day)
            entry = before.model_copy(update={field: day})
            connection.execute(update(powers).where(*mine).values(entry=entry.model_dump_json()))
            earlier = connection.execute(
                select(power_endings.c.position).where(power_endings.c.power_id == entry_id)
            ).scalars()
            connection.execute(
                insert(power_endings).values(
                    power_id=entry_id,
                    position=1 + max(earlier, default=0),
                    day=day,
                    ended_at=self._clock(),
                    ended_by=by.model_dump_json() if by else None,
                )
            )
        return entry


def _check_end(entry: Mandate | Delegation | Recusal, known: date | None, day: date) -> None:
    # A delegation may be revoked before it takes effect, not before it exists.
    first = entry.order_date if isinstance(entry, Delegation) else entry.start
    if day < first:
        raise ActionRefused("ends_before_start", "Cette fin précède le début : vérifiez la date.")
    if known is not None and day > known:
        raise ActionRefused(
            "already_ended",
            f"Cette entrée a déjà une fin, le {known:%d/%m/%Y}, qui ne peut pas être repoussée : ce serait donner un"
            " pouvoir après coup. Inscrivez une nouvelle entrée.",
        )


def _staff(text: str | None) -> Staff | None:
    return Staff.model_validate_json(text) if text else None
