"""One live circuit per award, gap-free numbers, chained evidence."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from register_samples import NOON, Clock, award, happening, opening, recording
from sqlalchemy import text

from activities.register import Register
from domain.circuits import Archived
from domain.documents import PDF, reference
from domain.errors import ActionRefused, ArchiveDamaged, NotFound
from domain.evidence import EvidenceEntry, entry_after, verify_chain
from domain.lifecycle import Stage

T = TypeVar("T")


def all_at_once(count: int, work: Callable[[int], T]) -> list[T]:
    barrier = threading.Barrier(count)

    def run(rank: int) -> T:
        barrier.wait()
        return work(rank)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_invariant_10_one_award_of_one_file_has_one_identity(register: Register) -> None:
    first = opening(award("12"))
    convention = register.open_circuit(first).convention_id
    typed_otherwise = first.model_copy(update={"award": award("12 bis")})
    with pytest.raises(ActionRefused, match="sous le numéro de délibération 12 "):
        register.open_circuit(typed_otherwise)
    register.open_circuit(typed_otherwise.model_copy(update={"award": award("12 bis", ordinal=2)}))
    register.open_circuit(typed_otherwise.model_copy(update={"act_index": 1}))
    register.record(recording(convention, Stage.WITHDRAWN))
    assert not register.open_circuit(first.model_copy(update={"award": award("12 ter")})).existing, "once withdrawn"


def test_invariant_10_the_same_award_submitted_twice_finds_the_first(register: Register) -> None:
    first = register.open_circuit(opening())
    again = register.open_circuit(opening(award("ECO  010–6552/19/bm", authority="METROPOLE D'EXEMPLE")))
    assert (first.existing, again.existing) == (False, True)
    assert first.convention_id == again.convention_id == f"{award().id}-1"


def test_invariant_10_two_people_at_once_open_one_circuit(register: Register) -> None:
    answers = all_at_once(8, lambda _: register.open_circuit(opening()))
    assert {answer.convention_id for answer in answers} == {f"{award().id}-1"}
    assert [answer.existing for answer in answers].count(False) == 1
    assert len(register.conventions()) == 1


@pytest.mark.parametrize("ending", [Stage.REFUSED, Stage.WITHDRAWN, Stage.EXPIRED])
def test_after_an_ending_without_signature_the_award_may_have_another_circuit(
    register: Register, convention_id: str, ending: Stage
) -> None:
    register.record(recording(convention_id, ending))
    answers = all_at_once(4, lambda _: register.open_circuit(opening()))
    assert {answer.convention_id for answer in answers} == {f"{award().id}-2"}
    assert [answer.existing for answer in answers].count(False) == 1


@pytest.mark.parametrize("stage", [Stage.ARCHIVING, Stage.DELIVERING, Stage.COMPLETED])
def test_a_signed_convention_is_never_opened_again(register: Register, convention_id: str, stage: Stage) -> None:
    register.record(recording(convention_id, stage))
    answer = register.open_circuit(opening())
    assert (answer.convention_id, answer.existing) == (convention_id, True)


def test_two_awards_of_one_deliberation_have_a_circuit_each(register: Register) -> None:
    first, second = (register.open_circuit(opening(award(ordinal=n))) for n in (1, 2))
    assert first.convention_id != second.convention_id
    assert not second.existing


def test_the_desk_reads_back_what_was_submitted(register: Register, convention_id: str, clock: Clock) -> None:
    circuit = register.convention(convention_id)
    sent = opening()
    assert (circuit.award, circuit.document, circuit.amount) == (sent.award, sent.document, sent.amount)
    assert (circuit.beneficiary, circuit.opened_by, circuit.stage) == (sent.beneficiary, sent.by, Stage.DRAFTING)
    assert (circuit.opened_at, circuit.updated_at, circuit.number) == (clock.now, clock.now, None)


def test_an_unknown_convention_is_refused(register: Register) -> None:
    for ask in (
        lambda: register.convention("nothing-1"),
        lambda: register.allocate_number("nothing-1", 2026),
        lambda: register.record(recording("nothing-1")),
    ):
        with pytest.raises(NotFound) as refusal:
            ask()
        assert refusal.value.code == "convention_unknown"


def test_the_desk_lists_the_last_changed_first_and_filters(register: Register, clock: Clock) -> None:
    ids = [register.open_circuit(opening(award(f"2026/{n}_A%"))).convention_id for n in range(3)]
    for convention_id, stage in zip(ids, (Stage.REVIEW, Stage.APPROVED, Stage.REVIEW), strict=True):
        clock.advance(minutes=1)
        register.record(recording(convention_id, stage))
    register.record(recording(ids[1], Stage.APPROVED).model_copy(update={"needs_attention": "Une date manque."}))
    assert {c.convention_id for c in register.conventions(limit=2)} == {ids[1], ids[2]}
    assert {c.convention_id for c in register.conventions(stages=[Stage.REVIEW])} == {ids[0], ids[2]}
    assert [c.convention_id for c in register.conventions(needs_attention=True)] == [ids[1]]
    assert [c.convention_id for c in register.conventions(search="2026/1 a")] == [ids[1]]
    assert register.conventions(search="2026%1_") == [register.convention(ids[1])]
    assert len(register.conventions(search="oeuvre & CIE")) == 3
    register.allocate_number(ids[0], 2031)
    assert [c.convention_id for c in register.conventions(search="2031-0001")] == [ids[0]]
    assert len(register.conventions(limit=2)) == 2
    assert len(register.conventions(limit=2, offset=2)) == 1


def test_numbers_have_no_gap_and_no_double_when_many_ask_at_once(register: Register) -> None:
    ids = [register.open_circuit(opening(award(ordinal=n))).convention_id for n in range(1, 13)]
    asked = ids + ids
    numbers = all_at_once(len(asked), lambda rank: register.allocate_number(asked[rank], 2026))
    assert sorted(numbers) == sorted([f"2026-{n:04d}" for n in range(1, 13)] * 2)
    assert numbers[:12] == numbers[12:]


def test_a_convention_keeps_its_number_for_ever_and_each_year_starts_at_one(register: Register) -> None:
    first, second, third = (register.open_circuit(opening(award(ordinal=n))).convention_id for n in (1, 2, 3))
    assert register.allocate_number(first, 2026) == "2026-0001"
    assert register.allocate_number(first, 2027) == "2026-0001"
    assert register.allocate_number(second, 2027) == "2027-0001"
    assert register.allocate_number(third, 2026) == "2026-0002"
    assert register.convention(third).number == "2026-0002"


def test_invariant_6_recording_twice_records_once(register: Register, convention_id: str) -> None:
    request = recording(convention_id, Stage.REVIEW, 0, happening("drafted-1"), happening("approved-1"))
    all_at_once(4, lambda _: register.record(request))
    register.record(recording(convention_id, Stage.REVIEW, 0, happening("approved-1"), happening("sent-1")))
    assert [entry.event.key for entry in register.events(convention_id)] == ["drafted-1", "approved-1", "sent-1"]
    assert register.verify_chain(convention_id) == register.events(convention_id)[-1].digest


def test_a_record_updates_the_row_but_a_late_retry_never_takes_it_back(register: Register, convention_id: str) -> None:
    register.record(recording(convention_id, Stage.SIGNING_AUTHORITY, 2).model_copy(update={"due_at": NOON}))
    register.record(recording(convention_id, Stage.SIGNING_BENEFICIARY, 1))
    circuit = register.convention(convention_id)
    assert (circuit.stage, circuit.round, circuit.due_at) == (Stage.SIGNING_AUTHORITY, 2, NOON)
    register.record(recording(convention_id, Stage.REFUSED, 3))
    register.record(recording(convention_id, Stage.ARCHIVING, 3))
    assert register.convention(convention_id).stage is Stage.REFUSED


def test_a_rewritten_evidence_row_is_found_out(register: Register, convention_id: str) -> None:
    for key in ("drafted-1", "approved-1", "sent-1"):
        register.record(recording(convention_id, Stage.REVIEW, 0, happening(key)))
    with register.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER events_no_update"))
        else:
            connection.execute(text("ALTER TABLE events DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE events SET event = REPLACE(event, 'Camille', 'Camomille') WHERE position = 2"))
    with pytest.raises(ArchiveDamaged, match="rompu à la ligne 2"):
        register.verify_chain(convention_id)


keys = st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=6, unique=True)


def chain(names: list[str]) -> list[EvidenceEntry]:
    entries: list[EvidenceEntry] = []
    for name in names:
        entries.append(entry_after(entries[-1] if entries else None, "abc-1", happening(name, detail=name)))
    return entries


@given(keys, st.data())
def test_evidence_with_a_line_removed_moved_or_changed_does_not_verify(names: list[str], data: st.DataObject) -> None:
    entries = chain(names)
    assert verify_chain("abc-1", entries) == entries[-1].digest
    rank = data.draw(st.integers(0, len(entries) - 1))
    changed = entries[rank].model_copy(update={"event": happening(names[rank], detail="autre chose encore")})
    broken = {
        "changed": [*entries[:rank], changed, *entries[rank + 1 :]],
        "swapped": [*entries[1:2], entries[0], *entries[2:]],
        "doubled": [*entries[: rank + 1], *entries[rank:]],
    }
    if rank < len(entries) - 1:
        broken["removed"] = [*entries[:rank], *entries[rank + 1 :]]
    for forged in broken.values():
        with pytest.raises(ArchiveDamaged):
            verify_chain("abc-1", forged)


def test_evidence_of_another_convention_does_not_pass_for_this_one() -> None:
    with pytest.raises(ArchiveDamaged):
        verify_chain("other-1", chain(["a", "b"]))


def test_the_archive_is_shown_on_the_row_of_its_convention(register: Register, convention_id: str) -> None:
    entry = Archived(
        convention_id=convention_id,
        award_id=award().id,
        object_id="ECO 010-6552/19/BM",
        version="v1",
        path="a/b/c",
        manifest_digest="0" * 128,
        evidence=reference(b"{}", "application/json"),
        document=reference(b"signed", PDF).sha256,
        archived_at=NOON,
    )
    assert register.record_archive(entry) == entry
    assert register.record_archive(entry.model_copy(update={"version": "v2"})) == entry
    assert register.find_archived(convention_id) == entry
    assert register.find_archived_document(reference(b"signed", PDF).sha256) == entry
    assert register.find_archived("other-1") is None
    assert register.archived_versions(award().id) == [entry]
    number = register.allocate_number(convention_id, 2026)
    assert register.archived_under("eco 010‐6552/19 BM") == register.archived_under(number) == [entry]
    assert register.archived_under("2026-0002") == []
    assert register.convention(convention_id).archive_path == "a/b/c"
