"""The register of powers: mandates, delegations and suppléances, recusals. The law is in ``domain.resolver``."""

import json
from datetime import date
from typing import TypeVar

from sqlalchemy import select, update

from activities.register.engine import Repository, insert_if_new
from activities.register.tables import powers
from domain.convention import fold
from domain.errors import ActionRefused, NotFound
from domain.parties import Person
from domain.powers import Delegation, Mandate, PowerKind, PowerRegister, Recusal
from domain.resolver import mandate_in_force

Entry = TypeVar("Entry", Mandate, Delegation, Recusal)
_KINDS: dict[type[Mandate] | type[Delegation] | type[Recusal], str] = {
    Mandate: "mandate",
    Delegation: "delegation",
    Recusal: "recusal",
}


class Powers(Repository):
    """Entries are never removed: they end, so that what was relied upon can be read for ever."""

    def add_mandate(self, mandate: Mandate) -> None:
        """:raises ActionRefused: ``entry_exists``, when the id already names something else."""
        self._add(mandate)

    def add_delegation(self, delegation: Delegation) -> None:
        """:raises ActionRefused: ``entry_exists``, or ``not_a_delegation`` for the executive's own power."""
        if delegation.kind is PowerKind.EXECUTIVE:
            raise ActionRefused(
                "not_a_delegation",
                "Le pouvoir propre de l'exécutif s'inscrit comme un mandat, pas comme une délégation.",
            )
        self._add(delegation)

    def add_recusal(self, recusal: Recusal) -> None:
        """:raises ActionRefused: ``entry_exists``."""
        self._add(recusal)

    def end_mandate(self, entry_id: str, last_day: date) -> Mandate:
        """:raises NotFound: ``power_unknown``."""
        return self._change(Mandate, entry_id, end=last_day)

    def revoke_delegation(self, entry_id: str, day: date) -> Delegation:
        """The delegation gives no power from ``day`` on. :raises NotFound: ``power_unknown``."""
        return self._change(Delegation, entry_id, revoked_on=day)

    def end_recusal(self, entry_id: str, last_day: date) -> Recusal:
        """:raises NotFound: ``power_unknown``."""
        return self._change(Recusal, entry_id, end=last_day)

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

    def _add(self, entry: Mandate | Delegation | Recusal) -> None:
        text = entry.model_dump_json()
        with self._writing() as connection:
            now = self._clock()
            insert_if_new(
                connection,
                powers,
                id=entry.id,
                kind=_KINDS[type(entry)],
                authority_key=fold(entry.authority),
                entry=text,
                added_at=now,
                changed_at=now,
            )
            row = connection.execute(select(powers.c.kind, powers.c.entry).where(powers.c.id == entry.id)).one()
        if (row.kind, row.entry) != (_KINDS[type(entry)], text):
            raise ActionRefused(
                "entry_exists", f"Le registre des pouvoirs contient déjà une autre entrée nommée « {entry.id} »."
            )

    def _change(self, model: type[Entry], entry_id: str, **change: date) -> Entry:
        mine = (powers.c.id == entry_id, powers.c.kind == _KINDS[model])
        with self._writing() as connection:
            text = connection.execute(select(powers.c.entry).where(*mine).with_for_update()).scalar()
            if text is None:
                raise NotFound("power_unknown", f"Le registre des pouvoirs ne contient pas d'entrée « {entry_id} ».")
            entry = model.model_validate_json(text).model_copy(update=change)
            connection.execute(
                update(powers).where(*mine).values(entry=entry.model_dump_json(), changed_at=self._clock())
            )
        return entry
