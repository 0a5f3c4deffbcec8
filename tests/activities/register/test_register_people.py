"""Powers, staff and ledgers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from register_samples import AUTHORITY, NOON, OFFICER, Clock, person
from sqlalchemy import text
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.effects import Effects
from activities.register import Register, RegisterActivities
from domain.errors import ActionRefused, NotFound
from domain.parties import Staff
from domain.powers import Delegation, Mandate, PowerEnding, PowerKind, PowerQuestion, PowerTrace, Recusal
from domain.tasks import AllocateNumberRequest, MailAnswer, MailKind, ResolveRequest

MANDATE = Mandate(id="mandat-2026", authority=AUTHORITY, holder=person(), start=date(2026, 4, 1))
DELEGATION = Delegation(
    id="arrete-2026-12",
    authority=AUTHORITY,
    kind=PowerKind.FUNCTION,
    holder=person("Delegue", "Vice-présidente déléguée"),
    order_number="2026-12",
    order_date=date(2026, 4, 10),
    transmitted_on=date(2026, 4, 11),
    published_on=date(2026, 4, 12),
    matters=("subventions",),
    start=date(2026, 4, 13),
)
RECUSAL = Recusal(
    id="deport-1",
    authority=AUTHORITY,
    person_email="Exemple@example.org",
    beneficiary_siret="90000000100017",
    order_number="2026-20",
    start=date(2026, 5, 1),
)
QUESTION = PowerQuestion(
    authority="METROPOLE D’EXEMPLE",
    matter="subventions",
    amount="50000.00",  # type: ignore[arg-type]
    beneficiary_siret="90000000100017",
    signing_authority="Présidente ou son représentant",
    instant=NOON,
)


def test_the_powers_of_an_authority_are_found_under_any_spelling_of_its_name(register: Register) -> None:
    register.add_mandate(MANDATE)
    register.add_delegation(DELEGATION)
    register.add_recusal(RECUSAL)
    register.add_mandate(MANDATE.model_copy(update={"id": "autre", "authority": "Commune d'Ailleurs"}))
    found = register.power_register("metropole  d’EXEMPLE")
    assert (found.mandates, found.delegations, found.recusals) == ((MANDATE,), (DELEGATION,), (RECUSAL,))
    assert register.authorities() == ["Commune d'Ailleurs", AUTHORITY]


def test_an_entry_added_twice_is_there_once_but_an_id_names_one_thing(register: Register) -> None:
    register.add_mandate(MANDATE)
    register.add_mandate(MANDATE)
    assert register.power_register(AUTHORITY).mandates == (MANDATE,)
    with pytest.raises(ActionRefused) as refusal:
        register.add_mandate(MANDATE.model_copy(update={"start": date(2020, 1, 1)}))
    assert refusal.value.code == "entry_exists"


def test_the_executives_own_power_is_not_a_delegation(register: Register) -> None:
    with pytest.raises(ActionRefused) as refusal:
        register.add_delegation(DELEGATION.model_copy(update={"kind": PowerKind.EXECUTIVE}))
    assert refusal.value.code == "not_a_delegation"


def test_powers_end_but_stay_readable(register: Register) -> None:
    register.add_mandate(MANDATE)
    register.add_delegation(DELEGATION)
    register.add_recusal(RECUSAL)
    day = date(2026, 6, 30)
    assert register.end_mandate(MANDATE.id, day).end == day
    assert register.revoke_delegation(DELEGATION.id, day).revoked_on == day
    assert register.end_recusal(RECUSAL.id, day).end == day
    found = register.power_register(AUTHORITY)
    assert (found.mandates[0].end, found.delegations[0].revoked_on, found.recusals[0].end) == (day, day, day)
    with pytest.raises(NotFound):
        register.end_mandate(DELEGATION.id, day)


def test_who_entered_and_who_ended_a_power_is_kept(register: Register, clock: Clock) -> None:
    other = Staff(id="alix.petit", name="Alix Petit")
    register.add_mandate(MANDATE)
    register.add_delegation(DELEGATION, OFFICER)
    register.add_delegation(DELEGATION, other)
    late, early = date(2026, 9, 30), date(2026, 8, 31)
    first = clock.advance(hours=1)
    register.revoke_delegation(DELEGATION.id, late, other)
    register.revoke_delegation(DELEGATION.id, late, OFFICER)
    second = clock.advance(hours=1)
    register.revoke_delegation(DELEGATION.id, early, OFFICER)
    ended = (PowerEnding(day=late, by=other, at=first), PowerEnding(day=early, by=OFFICER, at=second))
    assert register.power_traces("METROPOLE d'exemple") == (
        PowerTrace(entry_id=DELEGATION.id, added_by=OFFICER, added_at=NOON, endings=ended),
        PowerTrace(entry_id=MANDATE.id, added_at=NOON),
    )
    assert register.power_register(AUTHORITY).delegations[0].revoked_on == early
    assert register.power_traces("Commune d'Ailleurs") == ()


def test_ending_a_power_never_gives_it_back(register: Register) -> None:
    register.add_mandate(MANDATE, OFFICER)
    register.add_delegation(DELEGATION, OFFICER)
    register.end_mandate(MANDATE.id, date(2026, 6, 30), OFFICER)
    for end, entry, day, code in (
        (register.end_mandate, MANDATE, date(2026, 7, 1), "already_ended"),
        (register.end_mandate, MANDATE, date(2026, 3, 31), "ends_before_start"),
        (register.revoke_delegation, DELEGATION, date(2026, 4, 9), "ends_before_start"),
    ):
        with pytest.raises(ActionRefused) as refusal:
            end(entry.id, day, OFFICER)  # type: ignore[operator]
        assert refusal.value.code == code
    assert register.power_register(AUTHORITY).mandates[0].end == date(2026, 6, 30)
    assert [len(trace.endings) for trace in register.power_traces(AUTHORITY)] == [0, 1]
    # It may be revoked before it takes effect.
    assert register.revoke_delegation(DELEGATION.id, DELEGATION.order_date, OFFICER).revoked_on is not None


def test_the_executive_in_office_is_known_by_day(register: Register) -> None:
    register.add_mandate(MANDATE.model_copy(update={"end": date(2026, 6, 30)}))
    assert register.executive("métropole d'exemple", date(2026, 6, 30)) == (person(), MANDATE.id)
    assert register.executive(AUTHORITY, date(2026, 7, 1)) is None
    assert register.executive(AUTHORITY, date(2026, 3, 31)) is None


def test_the_activity_resolves_powers_from_the_register(register: Register) -> None:
    register.add_mandate(MANDATE)
    register.add_delegation(DELEGATION)
    activities = RegisterActivities(register)
    answer = ActivityEnvironment().run(activities.resolve_powers, ResolveRequest(question=QUESTION))
    assert [c.entry_id for c in answer.resolution.candidates] == [DELEGATION.id, MANDATE.id]
    asked = ResolveRequest(question=QUESTION, delegate_first=False)
    answer = ActivityEnvironment().run(activities.resolve_powers, asked)
    assert [c.entry_id for c in answer.resolution.candidates] == [MANDATE.id, DELEGATION.id]


def test_a_refusal_of_the_register_is_final_for_temporal(register: Register) -> None:
    activities = RegisterActivities(register)
    request = AllocateNumberRequest(convention_id="nothing-1", year=2026)
    with pytest.raises(ApplicationError) as failure:
        ActivityEnvironment().run(activities.allocate_number, request)
    assert (failure.value.type, failure.value.non_retryable) == ("convention_unknown", True)


def test_a_staff_key_is_shown_once_and_kept_as_a_digest(register: Register) -> None:
    key = register.add_staff("camille", "Camille Durand", "legal_affairs")
    found = register.staff_by_key(key)
    assert found is not None
    assert (found.id, found.name) == ("camille", "Camille Durand")
    assert register.staff_role("camille") == "legal_affairs"
    assert register.staff_by_key(key + "x") is None
    with register.engine.connect() as connection:
        assert key not in str(connection.execute(text("SELECT * FROM staff")).all())
    with pytest.raises(ActionRefused):
        register.add_staff("camille", "Quelqu'un d'autre", "legal_affairs")


def test_a_renewed_key_ends_the_old_one_and_its_sessions(register: Register) -> None:
    old = register.add_staff("camille", "Camille Durand", "legal_affairs")
    camille = register.staff_by_key(old)
    assert camille is not None
    session = register.open_session(camille)
    assert register.staff_by_session(session) == camille
    new = register.renew_key("camille")
    assert register.staff_by_key(old) is None
    assert register.staff_by_session(session) is None
    assert register.staff_by_key(new) == camille
    with pytest.raises(NotFound):
        register.renew_key("nobody")


def test_a_session_of_the_desk_ends_when_closed_or_after_ten_hours(register: Register, clock: Clock) -> None:
    camille = register.staff_by_key(register.add_staff("camille", "Camille Durand", "legal_affairs"))
    assert camille is not None
    first, second = register.open_session(camille), register.open_session(camille)
    register.close_session(first)
    register.close_session("unknown")
    assert register.staff_by_session(first) is None
    clock.now = NOON + timedelta(hours=9, minutes=59)
    assert register.staff_by_session(second) == camille
    clock.now = NOON + timedelta(hours=10)
    assert register.staff_by_session(second) is None


def test_invariant_6_the_first_effect_wins(register: Register) -> None:
    ledger: Effects = register
    assert ledger.recall("render:abc-1:1") is None
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda n: ledger.remember("render:abc-1:1", f"result {n}"), range(6)))
    assert len(set(results)) == 1
    assert ledger.recall("render:abc-1:1") == results[0]
    assert ledger.remember("render:abc-1:2", "other") == "other"


def test_invariant_6_the_first_mail_of_a_key_is_the_one_remembered(register: Register) -> None:
    first = MailAnswer(message_id="<1@example.org>", smtp_reply="250 OK", sent_at=NOON)
    second = first.model_copy(update={"message_id": "<2@example.org>"})
    assert register.mail_recorded("request:abc-1:1") is None
    arguments = ("request:abc-1:1", MailKind.REQUEST, "abc-1", "exemple@example.org")
    assert register.record_mail(*arguments, first) == first
    assert register.record_mail(*arguments, second) == first
    assert register.mail_recorded("request:abc-1:1") == first
