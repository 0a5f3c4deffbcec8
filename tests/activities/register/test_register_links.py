"""Signing links and one-time codes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from register_samples import NOON, SECRET, Clock, opening, recording, signatory
from sqlalchemy import text

from activities.register import Register
from domain.convention import Role
from domain.documents import digest
from domain.errors import LinkRefused
from domain.lifecycle import Stage
from domain.links import CODE_TRIES, CODES_PER_LINK, Link

DOCUMENT = digest(b"convention")
EXPIRY = NOON + timedelta(days=40)


def issue(register: Register, convention_id: str, round_: int = 1, document: str = DOCUMENT) -> str:
    return register.issue_link(convention_id, round_, Role.BENEFICIARY, signatory(), document, EXPIRY)


@pytest.fixture
def link(register: Register, convention_id: str) -> Link:
    found = register.find_link(issue(register, convention_id))
    assert found is not None
    return found


def refused(code: str) -> "pytest.RaisesExc[LinkRefused]":
    return pytest.RaisesExc(LinkRefused, check=lambda error: error.code == code)


def test_a_link_names_what_it_is_bound_to(register: Register, convention_id: str) -> None:
    token = issue(register, convention_id)
    found = register.find_link(token)
    assert found is not None
    assert (found.convention_id, found.round, found.role) == (convention_id, 1, Role.BENEFICIARY)
    assert (found.signatory, found.document, found.expires_at) == (signatory(), DOCUMENT, EXPIRY)
    found.require_alive(NOON)


def test_a_token_has_256_bits_and_is_not_in_the_database(register: Register, convention_id: str) -> None:
    token = issue(register, convention_id)
    assert len(token) == 43
    with register.engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM links")).all())
    assert token not in kept


def test_invariant_6_a_retried_request_makes_the_same_link(register: Register, convention_id: str) -> None:
    barrier = threading.Barrier(4)

    def at_once(_: int) -> str:
        barrier.wait()
        return issue(register, convention_id)

    with ThreadPoolExecutor(4) as pool:
        tokens = set(pool.map(at_once, range(4)))
    assert len(tokens) == 1
    others = {issue(register, convention_id, 2), issue(register, convention_id, 1, digest(b"other"))}
    assert len(tokens | others) == 3


def test_a_link_sent_before_a_change_of_secret_still_opens_but_is_never_made_again(
    register: Register, convention_id: str
) -> None:
    token = issue(register, convention_id)
    later = Register(register.engine, SECRET[::-1])
    assert later.find_link(token) is not None
    with pytest.raises(RuntimeError, match="secret has changed"):
        issue(later, convention_id)


def test_a_short_secret_is_refused(register: Register) -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Register(register.engine, b"short")


@pytest.mark.parametrize("token", ["", "x", "é" * 50, "\ud800", "' OR 1=1 --"])
def test_an_unknown_token_opens_nothing(register: Register, convention_id: str, token: str) -> None:
    issue(register, convention_id)
    assert register.find_link(token) is None


def test_links_of_earlier_rounds_die_with_the_reason_and_keep_it(register: Register, convention_id: str) -> None:
    tokens = [issue(register, convention_id, round_) for round_ in (1, 2, 3)]
    register.kill_links(convention_id, 2, "La convention a été modifiée.")
    register.record(recording(convention_id, Stage.SIGNING_AUTHORITY, 3).model_copy(update={"dead_links": True}))
    first, second, third = (register.find_link(token) for token in tokens)
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.dead == "La convention a été modifiée."
    assert second.dead
    assert third.dead == ""
    with refused("link_dead"):
        second.require_alive(NOON)


def test_a_link_dies_of_age(link: Link) -> None:
    link.require_alive(EXPIRY - timedelta(seconds=1))
    with refused("link_expired"):
        link.require_alive(EXPIRY)


def test_the_right_code_opens_a_session(register: Register, link: Link) -> None:
    code, challenge = register.issue_code(link, NOON)
    assert len(code) == 6
    assert code.isdecimal()
    nonce = register.check_code(link, f" {code[:3]} {code[3:]} ", NOON + timedelta(minutes=9))
    now = NOON + timedelta(minutes=30)
    assert register.check_session(link, nonce, now) == challenge


def spend(register: Register, link: Link, challenge: str, at: datetime, **other: Any) -> None:
    values: dict[str, Any] = {
        "convention_id": link.convention_id,
        "round_": link.round,
        "role": link.role,
        "email": str(link.signatory.person.email),
        "document": link.document,
    }
    register.spend(challenge, at=at, **{**values, **other})


def test_a_proved_code_is_spent_on_one_signature_which_may_be_retried(register: Register, link: Link) -> None:
    code, challenge = register.issue_code(link, NOON)
    register.check_code(link, code, NOON)
    later = NOON + timedelta(minutes=5)
    spend(register, link, challenge, later)
    spend(register, link, challenge, later)
    with refused("challenge_unproved"):
        spend(register, link, challenge, later + timedelta(seconds=1))


@pytest.mark.parametrize(
    "other",
    [
        {"convention_id": "0123456789abcdef-9"},
        {"round_": 7},
        {"role": Role.AUTHORITY},
        {"email": "somebody@example.org"},
        {"document": "0" * 64},
    ],
)
def test_a_code_serves_no_other_person_round_or_document(register: Register, link: Link, other: dict[str, Any]) -> None:
    code, challenge = register.issue_code(link, NOON)
    register.check_code(link, code, NOON)
    with refused("challenge_unproved"):
        spend(register, link, challenge, NOON, **other)


def test_a_code_that_nobody_met_or_met_too_long_ago_signs_nothing(register: Register, link: Link) -> None:
    code, challenge = register.issue_code(link, NOON)
    with refused("challenge_unproved"):
        spend(register, link, challenge, NOON)
    register.check_code(link, code, NOON)
    with refused("challenge_unproved"):
        spend(register, link, challenge, NOON + timedelta(minutes=33))
    with refused("challenge_unproved"):
        spend(register, link, "invented", NOON)


def test_a_code_opens_one_session_only(register: Register, link: Link) -> None:
    code, _ = register.issue_code(link, NOON)
    register.check_code(link, code, NOON)
    with refused("code_expired"):
        register.check_code(link, code, NOON)


def test_a_session_ends_after_thirty_minutes_and_belongs_to_its_link(
    register: Register, convention_id: str, link: Link
) -> None:
    code, _ = register.issue_code(link, NOON)
    nonce = register.check_code(link, code, NOON)
    other = register.find_link(issue(register, convention_id, 2))
    assert other is not None
    for wrong_link, wrong_nonce, moment in (
        (link, nonce, NOON + timedelta(minutes=30)),
        (link, nonce + "x", NOON),
        (other, nonce, NOON),
    ):
        with refused("session_expired"):
            register.check_session(wrong_link, wrong_nonce, moment)


def test_a_code_dies_after_ten_minutes(register: Register, link: Link) -> None:
    code, _ = register.issue_code(link, NOON)
    with refused("code_expired"):
        register.check_code(link, code, NOON + timedelta(minutes=10))


def test_without_a_code_asked_none_is_right(register: Register, link: Link) -> None:
    with refused("code_expired"):
        register.check_code(link, "000000", NOON)


def test_five_wrong_tries_kill_a_code_even_the_right_one(register: Register, link: Link) -> None:
    code, _ = register.issue_code(link, NOON)
    wrong = "000000" if code != "000000" else "000001"
    for _ in range(CODE_TRIES):
        with refused("code_wrong"):
            register.check_code(link, wrong, NOON)
    with refused("too_many_tries"):
        register.check_code(link, code, NOON)


def test_tries_made_at_once_are_all_counted(register: Register, link: Link) -> None:
    register.issue_code(link, NOON)
    barrier = threading.Barrier(10)

    def attempt(_: int) -> str:
        barrier.wait()
        try:
            return register.check_code(link, "no code", NOON)
        except LinkRefused as refusal:
            return refusal.code

    with ThreadPoolExecutor(10) as pool:
        outcomes = list(pool.map(attempt, range(10)))
    assert sorted(outcomes) == ["code_wrong"] * CODE_TRIES + ["too_many_tries"] * (10 - CODE_TRIES)


def test_a_new_code_voids_the_earlier_one(register: Register, link: Link) -> None:
    first, _ = register.issue_code(link, NOON)
    later = NOON + timedelta(minutes=1)
    second, _ = register.issue_code(link, later)
    if first != second:
        with refused("code_wrong"):
            register.check_code(link, first, later)
    assert register.check_code(link, second, later)


def test_codes_are_throttled(register: Register, link: Link) -> None:
    register.issue_code(link, NOON)
    with refused("code_too_soon"):
        register.issue_code(link, NOON + timedelta(seconds=29))
    for minute in (1, 2, 3, 4):
        register.issue_code(link, NOON + timedelta(minutes=minute))
    with refused("too_many_codes"):
        register.issue_code(link, NOON + timedelta(minutes=59))
    register.issue_code(link, NOON + timedelta(minutes=60))


def test_a_link_gives_a_bounded_number_of_codes_over_its_life(register: Register, link: Link) -> None:
    for hour in range(CODES_PER_LINK):
        register.issue_code(link, NOON + timedelta(hours=hour))
    with refused("too_many_codes"):
        register.issue_code(link, NOON + timedelta(hours=CODES_PER_LINK + 1))


def test_a_link_killed_meanwhile_proves_nothing_any_more(register: Register, convention_id: str, link: Link) -> None:
    code, _ = register.issue_code(link, NOON)
    nonce = register.check_code(link, code, NOON)
    register.kill_links(convention_id, 2)
    for ask in (
        lambda: register.issue_code(link, NOON + timedelta(minutes=1)),
        lambda: register.check_code(link, code, NOON),
        lambda: register.check_session(link, nonce, NOON),
    ):
        with refused("link_dead"):
            ask()


def test_codes_are_kept_as_keyed_digests(register: Register, link: Link) -> None:
    code, challenge = register.issue_code(link, NOON)
    with register.engine.connect() as connection:
        row = connection.execute(text("SELECT code_digest, session_digest FROM challenges")).one()
    assert row.code_digest not in {digest(code.encode()), digest(f"code|{challenge}|{code}".encode())}


def test_the_other_convention_is_not_touched(register: Register, convention_id: str, clock: Clock) -> None:
    other_id = register.open_circuit(opening(opening().award.model_copy(update={"ordinal": 2}))).convention_id
    token = issue(register, other_id)
    register.kill_links(convention_id, 99)
    found = register.find_link(token)
    assert found is not None
    assert found.dead == ""
