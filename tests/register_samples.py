"""Invented awards, people and requests for the tests of the register and of the archive."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.convention import Actor, AwardKey, Role, Signatory
from domain.documents import PDF, reference
from domain.lifecycle import Stage
from domain.parties import Civility, Person, Staff
from domain.tasks import Event, OpenCircuitRequest, RecordRequest

AUTHORITY = "Métropole d'Exemple"
NOON = datetime(2026, 7, 6, 12, 0, tzinfo=UTC)
SECRET = b"a secret of thirty-two bytes....."
OFFICER = Staff(id="camille.durand", name="Camille Durand")


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> datetime:
        self.now += timedelta(**step)
        return self.now


def award(number: str = "ECO 010-6552/19/BM", ordinal: int = 1, authority: str = AUTHORITY) -> AwardKey:
    return AwardKey(authority=authority, number=number, session_date=date(2019, 9, 26), ordinal=ordinal)


def opening(key: AwardKey | None = None) -> OpenCircuitRequest:
    return OpenCircuitRequest(
        award=key or award(),
        # A file of its own for each deliberation.
        document=reference(f"deliberation {(key or award()).number}".encode(), PDF),
        reading=reference(b"{}", "application/json"),
        act_index=0,
        title="Attribution d'une subvention",
        beneficiary="Association Exemple Œuvre & Cie",
        amount=Decimal("50000.00"),
        by=OFFICER,
    )


def person(
    last_name: str = "Exemple",
    capacity: str = "Présidente",
    civility: Civility = Civility.MADAME,
    email: str | None = None,
) -> Person:
    return Person(
        civility=civility,
        first_name="Dominique",
        last_name=last_name,
        capacity=capacity,
        email=email or f"{last_name.lower()}@example.org",
    )


def signatory(role: Role = Role.BENEFICIARY, last_name: str = "Exemple") -> Signatory:
    return Signatory(role=role, person=person(last_name), capacity_line="La Présidente", ground="Statuts")


def happening(key: str, kind: str = "approved", at: datetime = NOON, **detail: str) -> Event:
    return Event(key=key, kind=kind, at=at, actor=Actor.of(OFFICER), detail=detail)


def recording(convention_id: str, stage: Stage = Stage.REVIEW, round_: int = 0, *events: Event) -> RecordRequest:
    return RecordRequest(convention_id=convention_id, stage=stage, round=round_, events=events)
