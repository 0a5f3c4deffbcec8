"""The desk's powers over the real register: whoever changes them is kept."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from activities.register import Register, open_engine, upgrade
from domain.parties import Civility, Person, Staff
from domain.powers import Delegation, Mandate, PowerKind, Recusal
from portal.ports import Powers
from service.powers import RegisteredPowers
from service.wiring import utc_now

ALIX, CAMILLE = Staff(id="alix", name="Alix Petit"), Staff(id="camille", name="Camille Durand")
AUTHORITY = "Métropole d'Exemple"
HOLDER = Person(
    civility=Civility.MADAME,
    first_name="Claire",
    last_name="Exemple",
    capacity="Présidente",
    email="presidente@example.org",
)
START = date(2026, 4, 1)


@pytest.fixture
def powers(tmp_path: Path) -> Iterator[Powers]:
    url = f"sqlite:///{tmp_path / 'register.db'}"
    upgrade(url)
    engine = open_engine(url)
    yield RegisteredPowers(Register(engine, b"x" * 32, utc_now))
    engine.dispose()


def test_who_entered_and_who_ended_each_kind_of_power_is_kept(powers: Powers) -> None:
    powers.add_mandate(Mandate(id="m", authority=AUTHORITY, holder=HOLDER, start=START), ALIX)
    delegation = Delegation(
        id="d",
        authority="Commune d'Ailleurs",
        kind=PowerKind.FUNCTION,
        holder=HOLDER,
        order_number="1",
        order_date=START,
        matters=("subventions",),
        start=START,
    )
    powers.add_delegation(delegation, ALIX)
    recusal = Recusal(
        id="r",
        authority=AUTHORITY,
        person_email="a@example.org",
        beneficiary_siret="73282932000074",
        order_number="2",
        start=START,
    )
    powers.add_recusal(recusal, ALIX)
    day = date(2026, 6, 30)
    assert powers.end_mandate("m", day, CAMILLE).end == day
    assert powers.revoke_delegation("d", day, CAMILLE).revoked_on == day
    assert powers.end_recusal("r", day, CAMILLE).end == day
    assert {
        trace.entry_id: (trace.added_by, [(ending.day, ending.by) for ending in trace.endings])
        for trace in powers.traces()
    } == dict.fromkeys("mdr", (ALIX, [(day, CAMILLE)]))
