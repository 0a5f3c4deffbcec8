"""The archive: one OCFL object per award, whole or absent, found again for ever."""

import hashlib
import json
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import ocfl
import pytest
from archive_samples import APPROVED, SIGNED, Bench
from hypothesis import given
from hypothesis import strategies as st
from register_samples import NOON, award, person, recording
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.archive import Storage, object_id, parse_object_id, read_file, verify_object
from domain.convention import Role, Signatory, fold
from domain.documents import PDF, reference
from domain.errors import ActionRefused, ArchiveDamaged, NotFound
from domain.lifecycle import Stage
from domain.tasks import ArchiveAnswer, ArchiveRequest, MailAnswer, MailKind, RecordRequest

HOSTILE = [
    "../../etc/passwd",
    "/etc/passwd",
    "ECO 010-6552/19/BM",
    "ECO 010‐6552/19 BM",
    "DÉLIBÉRATION N° 2019/18 – Œuvre",
    "n" * 300,
    "é" * 300,
    "a_1_2019-09-26_AUTRE",
    "nul\x00 et\nretour\t",
    'CON: <|>?*"\\',
]


def archive(bench: Bench, request: ArchiveRequest) -> ArchiveAnswer:
    return ActivityEnvironment().run(bench.activities.archive_convention, request)


def assert_valid_root(root: Path) -> None:
    storage = ocfl.StorageRoot(root=str(root))
    assert storage.validate(log_warnings=False), storage.errors
    assert storage.num_objects == storage.good_objects


def everything_under(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()} if folder.exists() else set()


def test_a_completed_convention_is_archived_whole_under_the_number_of_the_deliberation(bench: Bench) -> None:
    bench.give_powers()
    answer = archive(bench, bench.completed(bench.circuit()))
    assert "ECO%20010-6552%2f19%2fBM" in answer.path
    assert answer.object_id.startswith("ECO 010-6552/19/BM_")
    assert answer.version == "v1"
    names = {path.name for path in (bench.root / answer.path / "v1" / "content").iterdir()}
    assert names == {
        "deliberation.txt",
        "lecture.json",
        "convention.docx",
        "convention.pdf",
        "donnees-de-la-convention.json",
        "modele.docx",
        "convention-signee.pdf",
        "preuve-executoire.json",
        "preuve-executoire-document.pdf",
        "pouvoirs.json",
        "rapport-de-validation.json",
        "historique-temporal.json",
        "evidence.schema.json",
        "evidence.json",
        "evidence.tsr",
        "preuve.pdf",
        "empreintes.sha256",
        "metadata.json",
    }
    assert read_file(bench.root, answer.object_id, "convention-signee.pdf") == SIGNED
    assert read_file(bench.root, answer.object_id, "convention.pdf") == APPROVED
    powers = json.loads(read_file(bench.root, answer.object_id, "pouvoirs.json"))
    assert [entry["id"] for entry in powers["delegations"]] == ["arrete-2026-12"]
    assert [entry["id"] for entry in powers["mandates"]] == ["mandat-2026"]
    traces = {trace["entry_id"]: trace["added_by"] for trace in powers["traces"]}
    assert traces == {"arrete-2026-12": {"id": "camille.durand", "name": "Camille Durand"}, "mandat-2026": None}
    metadata = json.loads(read_file(bench.root, answer.object_id, "metadata.json"))
    assert metadata["dc:identifier"] == ["ECO 010-6552/19/BM", "2026-0001"]
    assert metadata["amount"] == "50000.00"
    assert metadata["files"]["convention-signee.pdf"]["sha256"] == hashlib.sha256(SIGNED).hexdigest()
    assert_valid_root(bench.root)
    assert not (bench.root / "extensions" / "paraphe-staging").exists()


def test_the_evidence_can_be_checked_with_nothing_but_sha256_and_json(bench: Bench) -> None:
    convention_id = bench.circuit()
    answer = archive(bench, bench.completed(convention_id))
    content = bench.store.get(answer.evidence)
    assert content == read_file(bench.root, answer.object_id, "evidence.json")
    evidence = json.loads(content)
    previous = "0" * 64
    for entry in evidence["entries"]:
        digest = entry.pop("digest")
        assert entry["previous"] == previous
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert digest == previous
    assert evidence["last_digest"] == previous
    assert [entry["event"]["kind"] for entry in evidence["entries"]] == ["drafted", "approved", "dossier_closed"]
    for name, digest in evidence["documents"].items():
        assert hashlib.sha256(read_file(bench.root, answer.object_id, name)).hexdigest() == digest


def test_the_catalogue_finds_the_archive_by_its_signed_copy(bench: Bench) -> None:
    convention_id = bench.circuit()
    answer = archive(bench, bench.completed(convention_id))
    archived = bench.register.find_archived_document(reference(SIGNED, PDF).sha256)
    assert archived is not None
    assert (archived.convention_id, archived.path) == (convention_id, answer.path)
    assert bench.register.convention(convention_id).archive_object == answer.object_id


def test_invariant_6_archiving_again_finds_the_first(bench: Bench) -> None:
    request = bench.completed(bench.circuit())
    first = archive(bench, request)
    before = everything_under(bench.root)
    assert archive(bench, request) == first
    assert everything_under(bench.root) == before


def test_invariant_6_two_at_once_archive_once(bench: Bench) -> None:
    request = bench.completed(bench.circuit())
    barrier = threading.Barrier(4)

    def at_once(_: int) -> ArchiveAnswer:
        barrier.wait()
        return bench.activities.archive_convention(request)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(at_once, range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert verify_object(bench.root, answers[0].object_id).versions == ("v1",)


def test_a_crash_before_the_catalogue_is_made_good_from_the_disk(bench: Bench, tmp_path: Path) -> None:
    request = bench.completed(bench.circuit())
    first = archive(bench, request)
    restored = Bench.at(tmp_path, f"sqlite:///{tmp_path / 'restored.db'}")
    restored.circuit()
    assert archive(restored, request) == first
    assert restored.register.find_archived(request.convention_id) is not None
    restored.close()


def test_a_circuit_after_a_refusal_is_a_new_version_and_the_first_stays_readable(bench: Bench) -> None:
    first_id = bench.circuit()
    refusal = archive(bench, bench.refused(first_id))
    bench.register.record(_ended(first_id))
    respelt = award("eco 010-6552/19 BM")
    second_id = bench.circuit(respelt)
    assert second_id != first_id
    completed = archive(bench, bench.completed(second_id, respelt))
    assert (refusal.version, completed.version) == ("v1", "v2")
    assert refusal.object_id == completed.object_id
    report = verify_object(bench.root, completed.object_id)
    assert report.versions == ("v1", "v2")
    old = json.loads(read_file(bench.root, completed.object_id, "metadata.json", "v1"))
    new = json.loads(read_file(bench.root, completed.object_id, "metadata.json"))
    assert (old["ending"], new["ending"]) == ("refused", "completed")
    with pytest.raises(NotFound):
        read_file(bench.root, completed.object_id, "convention-signee.pdf", "v1")
    assert archive(bench, bench.refused(first_id)) == refusal
    assert [a.version for a in bench.register.archived_versions(award().id)] == ["v1", "v2"]
    assert_valid_root(bench.root)


def test_a_second_version_leaves_the_bytes_of_the_first_alone(bench: Bench) -> None:
    first_id = bench.circuit()
    refusal = archive(bench, bench.refused(first_id))
    version = bench.root / refusal.path / "v1"
    before = {path: path.read_bytes() for path in everything_under(version)}
    bench.register.record(_ended(first_id))
    archive(bench, bench.completed(bench.circuit()))
    assert {path: path.read_bytes() for path in everything_under(version)} == before


def test_a_second_version_is_added_where_folders_cannot_be_swapped(bench: Bench) -> None:
    storage = Storage(bench.root, exchange=lambda first, second: False)
    for content in (b"first", b"second"):
        with storage.writing():
            storage.add_version("2026/1", {"a.txt": content}, "message", "auteur", NOON)
    assert storage.read("2026/1", "a.txt") == b"second"
    assert storage.read("2026/1", "a.txt", "v1") == b"first"
    assert storage.verify("2026/1").versions == ("v1", "v2")
    assert_valid_root(bench.root)


def test_a_refused_convention_is_archived_with_what_exists(bench: Bench) -> None:
    answer = archive(bench, bench.refused(bench.circuit()).model_copy(update={"draft": None}))
    names = {path.name for path in (bench.root / answer.path / "v1" / "content").iterdir()}
    assert names == {
        "deliberation.txt",
        "lecture.json",
        "historique-temporal.json",
        "evidence.schema.json",
        "evidence.json",
        "evidence.tsr",
        "preuve.pdf",
        "empreintes.sha256",
        "metadata.json",
    }


def test_what_was_signed_before_a_refusal_is_not_called_the_signed_convention(bench: Bench) -> None:
    completed = bench.completed(bench.circuit())
    request = completed.model_copy(update={"ending": Stage.REFUSED, "signatures": completed.signatures[:1]})
    answer = archive(bench, request)
    names = {path.name for path in (bench.root / answer.path / "v1" / "content").iterdir()}
    assert "convention-partiellement-signee.pdf" in names
    assert "convention-signee.pdf" not in names
    archived = bench.register.find_archived(request.convention_id)
    assert archived is not None
    assert archived.document is None


def test_invariant_4_what_does_not_continue_the_approved_document_is_not_archived(bench: Bench) -> None:
    request = bench.completed(bench.circuit())
    forged = request.signatures[1].model_copy(update={"document": bench.store.put(b"%PDF other", PDF)})
    with pytest.raises(ApplicationError) as failure:
        archive(bench, request.model_copy(update={"signatures": (request.signatures[0], forged)}))
    assert failure.value.type == "signed_not_approved"
    assert everything_under(bench.root) <= {
        bench.root / "0=ocfl_1.1",
        bench.root / "ocfl_layout.json",
        bench.root / "extensions" / "0003-hash-and-id-n-tuple-storage-layout" / "config.json",
    }


def test_a_missing_document_leaves_no_object(bench: Bench) -> None:
    request = bench.completed(bench.circuit()).model_copy(update={"report": reference(b"absent", PDF)})
    with pytest.raises(ApplicationError) as failure:
        archive(bench, request)
    assert failure.value.type == "document_unknown"
    with pytest.raises(NotFound):
        verify_object(bench.root, object_id(request.award))
    assert bench.register.find_archived(request.convention_id) is None


@pytest.mark.parametrize("number", HOSTILE)
def test_no_number_reaches_out_of_the_archive(bench: Bench, number: str) -> None:
    key = award(number)
    answer = archive(bench, bench.refused(bench.circuit(key), key))
    assert bench.root.resolve() in (bench.root / answer.path).resolve().parents
    assert {path.name for path in bench.folder.iterdir() if path.is_dir()} == {"store", "archive"}
    assert parse_object_id(answer.object_id).number == _normal(number)
    assert verify_object(bench.root, answer.object_id).versions == ("v1",)
    assert_valid_root(bench.root)


@pytest.mark.parametrize("number", ["", " ", "..", "///", "—"])
def test_without_a_number_nothing_is_archived(bench: Bench, number: str) -> None:
    with pytest.raises(ActionRefused) as refusal:
        object_id(award(number))
    assert refusal.value.code == "number_missing"


@given(st.text(min_size=1, max_size=60).filter(lambda number: fold(number) != ""), st.integers(1, 99))
def test_an_identifier_gives_back_its_number_and_never_leaves_the_root(number: str, ordinal: int) -> None:
    identifier = object_id(award(number, ordinal))
    name = parse_object_id(identifier)
    assert (name.number, name.ordinal) == (_normal(number), ordinal)
    folder = Storage(Path("/archive")).path_of(identifier)
    assert ".." not in folder.parts
    assert folder.parts[:2] == ("/", "archive")
    assert len(folder.parts) == 6
    assert all(len(part.encode()) <= 255 for part in folder.parts)


@given(st.lists(st.text(alphabet="a_1-2019 /", min_size=1, max_size=12), min_size=2, max_size=2, unique=True))
def test_two_numbers_never_share_an_object(numbers: list[str]) -> None:
    first, second = (award(number) for number in numbers)
    if not fold(first.number) or not fold(second.number) or _normal(first.number) == _normal(second.number):
        return
    assert object_id(first) != object_id(second)


@pytest.fixture
def archived(bench: Bench) -> ArchiveAnswer:
    return archive(bench, bench.completed(bench.circuit()))


@pytest.mark.parametrize(
    "name",
    [
        "v1/content/convention-signee.pdf",
        "v1/content/evidence.json",
        "v1/content/metadata.json",
        "v1/inventory.json",
        "inventory.json",
    ],
)
def test_invariant_9_one_flipped_bit_is_found_and_named(bench: Bench, archived: ArchiveAnswer, name: str) -> None:
    damaged = bench.root / archived.path / name
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(ArchiveDamaged) as refusal:
        verify_object(bench.root, archived.object_id)
    assert name in refusal.value.message


@pytest.mark.parametrize("name", ["v1/content/convention-signee.pdf", "inventory.json", "inventory.json.sha512"])
def test_invariant_9_a_removed_file_is_found_and_named(bench: Bench, archived: ArchiveAnswer, name: str) -> None:
    (bench.root / archived.path / name).unlink()
    with pytest.raises(ArchiveDamaged) as refusal:
        verify_object(bench.root, archived.object_id)
    assert name in refusal.value.message


def test_invariant_9_a_slipped_in_file_is_found_and_named(bench: Bench, archived: ArchiveAnswer) -> None:
    (bench.root / archived.path / "v1" / "content" / "avenant.pdf").write_bytes(b"%PDF")
    with pytest.raises(ArchiveDamaged) as refusal:
        verify_object(bench.root, archived.object_id)
    assert "avenant.pdf" in refusal.value.message


def test_invariant_9_a_damaged_file_is_never_handed_out(bench: Bench, archived: ArchiveAnswer) -> None:
    signed = bench.root / archived.path / "v1" / "content" / "convention-signee.pdf"
    signed.write_bytes(signed.read_bytes().replace(b"authority", b"autHority"))
    with pytest.raises(ArchiveDamaged):
        read_file(bench.root, archived.object_id, "convention-signee.pdf")
    assert read_file(bench.root, archived.object_id, "convention.pdf") == APPROVED


def test_nothing_is_added_to_a_damaged_object(bench: Bench) -> None:
    first_id = bench.circuit()
    answer = archive(bench, bench.refused(first_id))
    bench.register.record(_ended(first_id))
    request = bench.completed(bench.circuit())
    (bench.root / answer.path / "v1" / "content" / "lecture.json").write_bytes(b"{ }")
    with pytest.raises(ApplicationError) as failure:
        archive(bench, request)
    assert failure.value.type == "archive_damaged"
    assert not (bench.root / answer.path / "v2").exists()


@pytest.mark.parametrize("name", ["inconnu.pdf", "../../../0=ocfl_1.1", "", "/etc/passwd"])
def test_only_archived_files_can_be_read(bench: Bench, archived: ArchiveAnswer, name: str) -> None:
    with pytest.raises(NotFound) as refusal:
        read_file(bench.root, archived.object_id, name)
    assert refusal.value.code == "archived_file_unknown"
    with pytest.raises(NotFound):
        read_file(bench.root, archived.object_id, "convention.pdf", "v9")
    with pytest.raises(NotFound):
        read_file(bench.root, "../../etc", "passwd")


def test_a_folder_that_holds_something_else_does_not_become_the_archive(bench: Bench) -> None:
    bench.root.mkdir()
    (bench.root / "photos").mkdir()
    with pytest.raises(ValueError, match="neither empty nor an OCFL storage root"):
        bench.activities.archive_convention(bench.completed(bench.circuit()))


def _ended(convention_id: str) -> RecordRequest:
    return recording(convention_id, Stage.REFUSED, 3)


def _normal(number: str) -> str:
    return unicodedata.normalize("NFC", number).strip()


def test_the_evidence_says_to_which_mailbox_each_code_was_sent_and_when_it_came_back(bench: Bench) -> None:
    convention_id = bench.circuit()
    who = Signatory(role=Role.BENEFICIARY, person=person("Zoe"), capacity_line="Présidente", ground="Statuts")
    sha256 = reference(APPROVED, PDF).sha256
    token = bench.register.issue_link(convention_id, 3, Role.BENEFICIARY, who, sha256, NOON + timedelta(days=40))
    link = bench.register.find_link(token)
    assert link is not None
    code, challenge = bench.register.issue_code(link, NOON)
    sent = MailAnswer(message_id="<1@example.org>", smtp_reply="250 Ok: queued as 7", sent_at=NOON)
    recipient = str(who.person.email)
    bench.register.record_mail(f"code/{challenge}", MailKind.CODE, convention_id, recipient, sent)
    bench.register.check_code(link, code, NOON + timedelta(minutes=2))
    answer = archive(bench, bench.completed(convention_id))
    content = bench.store.get(answer.evidence)
    evidence = json.loads(content)
    [identification] = evidence["identifications"]
    assert identification["challenge"] == challenge
    assert identification["mailbox"] == recipient.casefold()
    assert identification["document"] == sha256
    assert identification["code_verified_at"] == (NOON + timedelta(minutes=2)).isoformat().replace("+00:00", "Z")
    [message] = evidence["messages"]
    assert (message["recipient"], message["challenge"]) == (recipient, challenge)
    kinds = [entry["event"]["kind"] for entry in evidence["entries"]]
    assert kinds == ["drafted", "approved", "code_issued", "code_sent", "code_verified", "dossier_closed"]
    assert message["smtp_reply"] == "250 Ok: queued as 7"
    assert token.encode() not in content
    assert code not in json.dumps(evidence["identifications"] + evidence["messages"])
