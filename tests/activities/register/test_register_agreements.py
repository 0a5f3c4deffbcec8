"""Agreements to remote signatures: secrets that are kept sealed, and no longer than they serve."""

from datetime import timedelta

import pytest
from register_samples import NOON, SECRET, Clock, signatory
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from activities.register import Register
from domain.convention import Role
from domain.documents import digest

SAD = "une-activation-tres-secrete"


@pytest.fixture
def challenge(register: Register, convention_id: str) -> str:
    expiry = NOON + timedelta(days=40)
    token = register.issue_link(convention_id, 1, Role.BENEFICIARY, signatory(), digest(b"convention"), expiry)
    link = register.find_link(token)
    assert link is not None
    return register.issue_code(link, NOON)[1]


def test_an_agreement_is_found_by_the_challenge_it_was_given_in(register: Register, challenge: str) -> None:
    assert register.kept_agreement(challenge) is None
    register.keep_prepared(challenge, '{"n": 1}')
    waiting = register.kept_agreement(challenge)
    assert waiting is not None
    assert (waiting.prepared, waiting.secret) == ('{"n": 1}', "")
    register.keep_agreement(challenge, '{"n": 1}', SAD, NOON + timedelta(minutes=5))
    agreed = register.kept_agreement(challenge)
    assert agreed is not None
    assert agreed.secret == SAD
    assert SAD not in repr(agreed)


def test_the_secret_is_not_in_the_database_and_is_erased_after_use(register: Register, challenge: str) -> None:
    register.keep_prepared(challenge, "{}")
    register.keep_agreement(challenge, "{}", SAD, NOON + timedelta(minutes=5))
    with register.engine.connect() as connection:
        assert SAD not in str(connection.execute(text("SELECT * FROM agreements")).all())
    register.forget_agreement(challenge)
    with register.engine.connect() as connection:
        assert connection.execute(text("SELECT sealed FROM agreements")).scalars().all() == [None]
    kept = register.kept_agreement(challenge)
    assert kept is not None
    assert (kept.prepared, kept.secret) == ("{}", "")


def test_preparing_again_voids_what_was_agreed_before(register: Register, challenge: str) -> None:
    register.keep_prepared(challenge, "first")
    register.keep_prepared(challenge, "second")
    register.keep_agreement(challenge, "first", SAD, NOON + timedelta(minutes=5))
    kept = register.kept_agreement(challenge)
    assert kept is not None
    assert (kept.prepared, kept.secret) == ("second", "")


def test_an_agreement_ends_with_its_time(register: Register, challenge: str, clock: Clock) -> None:
    register.keep_prepared(challenge, "{}")
    register.keep_agreement(challenge, "{}", SAD, NOON + timedelta(minutes=5))
    clock.advance(minutes=5)
    kept = register.kept_agreement(challenge)
    assert kept is not None
    assert kept.secret == ""


def test_another_secret_of_the_service_opens_nothing(register: Register, challenge: str, clock: Clock) -> None:
    register.keep_prepared(challenge, "{}")
    register.keep_agreement(challenge, "{}", SAD, NOON + timedelta(minutes=5))
    other = Register(register.engine, SECRET[::-1], clock).kept_agreement(challenge)
    assert other is not None
    assert other.secret == ""


def test_nothing_is_prepared_for_a_challenge_that_does_not_exist(register: Register) -> None:
    with pytest.raises(IntegrityError):
        register.keep_prepared("f" * 32, "{}")
