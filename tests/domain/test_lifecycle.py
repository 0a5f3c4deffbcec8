"""The lifecycle: what is allowed, when, and that nothing else is."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain import lifecycle as life
from domain.convention import Role
from domain.errors import ActionRefused
from domain.executory import ExecutoryProof, check_plausible, executory_from
from domain.lifecycle import Lifecycle, Stage, apply

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SESSION = date(2026, 1, 15)
ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64
PROOF = ExecutoryProof(receipt_id="013-DE", received_at=date(2026, 1, 20), published_at=date(2026, 1, 21))


def after(*actions: life.Action, state: Lifecycle | None = None) -> Lifecycle:
    state = state or Lifecycle(session_date=SESSION)
    for action in actions:
        state = apply(state, action, NOW)
    return state


APPROVED = (life.DraftReady(document=ONE), life.Approve(document=ONE), life.RecordReceipt(proof=PROOF))


def refused(state: Lifecycle, action: life.Action, now: datetime = NOW) -> str:
    with pytest.raises(ActionRefused) as refusal:
        apply(state, action, now)
    assert refusal.value.message
    return refusal.value.code


def test_a_convention_goes_from_draft_to_completed() -> None:
    state = after(
        *APPROVED,
        life.Send(),
        life.Sign(role=Role.BENEFICIARY, round=1, document=ONE),
        life.SignatureMade(role=Role.BENEFICIARY, document=TWO),
    )
    assert state.stage is Stage.SIGNING_AUTHORITY
    assert state.document == TWO, "the second party is shown the file that the first one signed"
    state = after(
        life.Sign(role=Role.AUTHORITY, round=2, document=TWO),
        life.SignatureMade(role=Role.AUTHORITY, document=THREE),
        life.Sealed(),
        life.Archived(),
        life.Delivered(),
        state=state,
    )
    assert state.stage is Stage.COMPLETED
    assert state.signed == (Role.BENEFICIARY, Role.AUTHORITY)


def test_the_order_of_the_parties_is_a_setting() -> None:
    start = Lifecycle(session_date=SESSION, order=(Role.AUTHORITY, Role.BENEFICIARY))
    assert after(*APPROVED, life.Send(), state=start).stage is Stage.SIGNING_AUTHORITY


def test_invariant_3_nothing_is_sent_without_the_proof() -> None:
    state = after(life.DraftReady(document=ONE), life.Approve(document=ONE))
    assert refused(state, life.Send()) == "not_executory"


def test_invariant_3_a_day_without_time_counts_from_its_end_in_paris() -> None:
    start = executory_from(PROOF)
    assert start == datetime(2026, 1, 21, 23, 0, tzinfo=UTC)
    state = after(*APPROVED)
    assert refused(state, life.Send(), start) == "not_executory"
    assert apply(state, life.Send(), start + timedelta(microseconds=1)).stage is Stage.SIGNING_BENEFICIARY


def test_invariant_3_the_gate_is_asked_again_at_the_instant_of_signing() -> None:
    state = after(*APPROVED, life.Send())
    assert refused(state, life.Sign(role=Role.BENEFICIARY, round=1, document=ONE), NOW.replace(year=2025)) == (
        "not_executory"
    )


@pytest.mark.parametrize(
    ("proof", "code"),
    [
        (PROOF.model_copy(update={"received_at": date(2026, 1, 14)}), "receipt_before_session"),
        (PROOF.model_copy(update={"published_at": date(2026, 3, 3)}), "receipt_in_future"),
    ],
)
def test_an_impossible_proof_is_refused(proof: ExecutoryProof, code: str) -> None:
    assert refused(after(), life.RecordReceipt(proof=proof)) == code


def test_a_receipt_cannot_precede_its_sending() -> None:
    with pytest.raises(ValueError, match="précéder"):
        ExecutoryProof(
            receipt_id="x",
            sent_at=date(2026, 1, 22),
            received_at=date(2026, 1, 21),
            published_at=date(2026, 1, 23),
        )


def test_invariant_4_only_the_very_document_shown_is_approved_or_signed() -> None:
    assert refused(after(life.DraftReady(document=ONE)), life.Approve(document=TWO)) == "document_changed"
    sent = after(*APPROVED, life.Send())
    assert refused(sent, life.Sign(role=Role.BENEFICIARY, round=1, document=TWO)) == "document_changed"


def test_a_changed_draft_is_approved_anew() -> None:
    state = after(life.DraftReady(document=ONE), life.Approve(document=ONE), life.RequestChanges())
    assert state.stage is Stage.DRAFTING
    assert refused(state, life.Approve(document=ONE)) == "not_in_review"


def test_links_of_an_older_round_are_dead() -> None:
    state = after(*APPROVED, life.Send(), life.HandOver(role=Role.BENEFICIARY, round=1))
    assert refused(state, life.Sign(role=Role.BENEFICIARY, round=1, document=ONE)) == "link_replaced"


def test_nobody_signs_out_of_turn_or_twice() -> None:
    sent = after(*APPROVED, life.Send())
    assert refused(sent, life.Sign(role=Role.AUTHORITY, round=1, document=ONE)) == "not_your_turn"
    signing = after(life.Sign(role=Role.BENEFICIARY, round=1, document=ONE), state=sent)
    assert refused(signing, life.Sign(role=Role.BENEFICIARY, round=1, document=ONE)) == "signature_in_progress"
    signed = after(life.SignatureMade(role=Role.BENEFICIARY, document=TWO), state=signing)
    assert refused(signed, life.Sign(role=Role.BENEFICIARY, round=2, document=TWO)) == "already_signed"


@pytest.mark.parametrize("action", [life.Withdraw(), life.Expire(), life.Refuse(role=Role.BENEFICIARY, round=1)])
def test_nothing_ends_a_convention_while_a_signature_is_being_made(action: life.Action) -> None:
    signing = after(*APPROVED, life.Send(), life.Sign(role=Role.BENEFICIARY, round=1, document=ONE))
    assert refused(signing, action) == "signature_in_progress"


@pytest.mark.parametrize(
    ("action", "ending"),
    [
        (life.Withdraw(), Stage.WITHDRAWN),
        (life.Expire(), Stage.EXPIRED),
        (life.Refuse(role=Role.BENEFICIARY, round=1), Stage.REFUSED),
    ],
)
def test_every_ending_is_archived(action: life.Action, ending: Stage) -> None:
    state = after(*APPROVED, life.Send(), action)
    assert state.stage is Stage.ARCHIVING
    assert after(life.Archived(), state=state).stage is ending


def test_a_failed_signature_leaves_the_turn_where_it_was() -> None:
    sent = after(*APPROVED, life.Send())
    failed = after(
        life.Sign(role=Role.BENEFICIARY, round=1, document=ONE),
        life.SignatureFailed(role=Role.BENEFICIARY),
        state=sent,
    )
    assert failed == sent


def test_the_proof_is_closed_once_the_convention_is_sent() -> None:
    assert refused(after(*APPROVED, life.Send()), life.RecordReceipt(proof=PROOF)) == "receipt_closed"


documents = st.sampled_from([ONE, TWO, THREE])
roles = st.sampled_from(list(Role))
rounds = st.integers(0, 4)
actions = st.one_of(
    st.builds(life.SupplyFacts),
    st.builds(life.DraftReady, document=documents),
    st.builds(life.RequestChanges),
    st.builds(life.Approve, document=documents),
    st.just(life.RecordReceipt(proof=PROOF)),
    st.builds(life.Send),
    st.builds(life.Sign, role=roles, round=rounds, document=documents),
    st.builds(life.SignatureMade, role=roles, document=documents),
    st.builds(life.SignatureFailed, role=roles),
    st.builds(life.Refuse, role=roles, round=rounds),
    st.builds(life.HandOver, role=roles, round=rounds),
    st.builds(life.Withdraw),
    st.builds(life.Expire),
    st.builds(life.Sealed),
    st.builds(life.Archived),
    st.builds(life.Delivered),
)


@given(st.lists(actions, max_size=40))
def test_whatever_is_tried_in_whatever_order_the_law_holds(tried: list[life.Action]) -> None:
    state = Lifecycle(session_date=SESSION)
    approved: str | None = None
    for action in tried:
        try:
            changed = apply(state, action, NOW)
        except ActionRefused:
            continue
        assert not state.ended, "nothing moves after the end"
        assert changed.round >= state.round
        assert changed.signed[: len(state.signed)] == state.signed, "a signature is never lost"
        if isinstance(action, life.Approve):
            approved = action.document
        if changed.stage in life.SIGNING or changed.signed:
            assert changed.proof is not None
            assert approved is not None
        if len(changed.signed) > len(state.signed):
            assert state.signing
        if changed.stage is Stage.COMPLETED:
            assert set(changed.signed) == set(Role)
        assert len(set(changed.signed)) == len(changed.signed)
        state = changed


def test_a_time_without_a_zone_is_paris_time_whatever_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    evening = datetime(2026, 3, 1, 23, 30)  # noqa: DTZ001
    proof = PROOF.model_copy(update={"received_at": evening, "published_at": evening})
    for zone in ("UTC", "Pacific/Auckland", "America/Los_Angeles"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        check_plausible(proof, date(2026, 3, 1), datetime(2026, 3, 1, 22, 45, tzinfo=UTC))
    monkeypatch.undo()
    time.tzset()


def test_a_year_beyond_reason_is_refused_in_french() -> None:
    with pytest.raises(ValidationError, match="année"):
        ExecutoryProof.model_validate(
            {"receipt_id": "013-DE", "received_at": "9999-12-31T23:59:00Z", "published_at": "2026-01-21"}
        )
