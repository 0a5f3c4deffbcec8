"""Who may sign for the authority: mandates, delegations, substitutions and recusals.

CGCT L5211-9 (EPCI) and L2122-18 (communes): the executive alone administers and may delegate by order (arrêté),
which must itself be executory. L2122-17: suppléance. Décret 2014-90, art. 5: recusal (déport).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.deliberation import Euros
from domain.documents import Model
from domain.parties import Person, Siret, Staff, Text


class PowerKind(StrEnum):
    """The ground of a power to sign."""

    EXECUTIVE = "executive"
    FUNCTION = "fonction"
    """Délégation de fonction, to an elected member."""
    SIGNATURE = "signature"
    """Délégation de signature, to an agent."""
    SUBSTITUTION = "suppleance"
    """Suppléance: the executive is prevented (CGCT L2122-17)."""


class Mandate(Model):
    """The executive's own mandate."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    authority: Text
    """Name of the authority, compared folded."""
    holder: Person
    start: date
    end: date | None = None


class Delegation(Model):
    """An order by which the executive lets somebody sign."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    authority: Text
    kind: PowerKind
    holder: Person
    order_number: Text
    order_date: date
    transmitted_on: date | None = None
    published_on: date | None = None
    matters: tuple[str, ...]
    """Codes of the matters covered; never everything."""
    ceiling: Euros | None = None
    """Highest amount of an award, in euros, that may be signed under it; none: no ceiling."""
    start: date
    end: date | None = None
    revoked_on: date | None = None


class Recusal(Model):
    """A déport: this person signs nothing for this beneficiary."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    authority: Text
    person_email: str
    beneficiary_siret: Siret
    order_number: Text
    start: date
    end: date | None = None


class PowerRegister(Model):
    """All the entries of one authority."""

    mandates: tuple[Mandate, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    recusals: tuple[Recusal, ...] = ()


class PowerEnding(Model):
    """Somebody ended an entry."""

    day: date
    """Last day of a mandate or a recusal; first day without a delegation."""
    by: Staff | None = None
    at: datetime


class PowerTrace(Model):
    """Who entered an entry of the register, and who ended it: in order, the last ending is the one that holds."""

    entry_id: str
    added_by: Staff | None = None
    """None: entered without the desk, by whoever installed the service."""
    added_at: datetime
    endings: tuple[PowerEnding, ...] = ()


class PowerQuestion(Model):
    """For what the power is needed."""

    authority: str
    matter: str
    amount: Euros
    beneficiary_siret: str
    signing_authority: str
    """The deliberation's words: "Présidente ou son représentant"."""
    instant: datetime
    beneficiary_representative: Person | None = None
    """Who signs for the beneficiary, and therefore not for the authority too."""
    not_voting: tuple[str, ...] = ()
    """Members who took no part in the vote, as the act names them: a sign of recusal that nobody answered for."""


class Candidate(Model):
    """Somebody who may sign, and why."""

    person: Person
    kind: PowerKind
    capacity_line: str
    ground: str
    entry_id: str
    """The mandate or the delegation relied upon."""


class Exclusion(Model):
    """Somebody who holds an entry but may not sign here, and why (French)."""

    person: Person
    entry_id: str
    reason: str


class Resolution(Model):
    """The ranked answer: delegates first, the executive last (or the other way round, a setting)."""

    candidates: tuple[Candidate, ...]
    exclusions: tuple[Exclusion, ...] = ()
    executive: Person | None = None
    """The executive in office at the instant, even if recused."""
    reason: str = ""
    """When there is no candidate: why, in French."""
