from collections.abc import Iterator

import pytest
from register_samples import SECRET, Clock, opening

from activities.register import Register, open_engine, upgrade


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def register(database_url: str, clock: Clock) -> Iterator[Register]:
    upgrade(database_url)
    engine = open_engine(database_url)
    yield Register(engine, SECRET, clock)
    engine.dispose()


@pytest.fixture
def convention_id(register: Register) -> str:
    return register.open_circuit(opening()).convention_id
