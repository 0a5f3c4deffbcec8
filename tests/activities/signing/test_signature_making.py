"""Signing a convention, from the approved PDF to the two signatures."""

import io
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from signing_parts import Counted, Proved, World, authority_of, make_world, now, served, signer_of, trust_of
from temporalio.exceptions import ApplicationError

from activities.signing.activity import SigningActivities
from activities.signing.comparison import require_only_signed
from activities.signing.signer import Pkcs12Signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import CrlFiles, RevocationOutage, Trust
from activities.signing.validation import judge
from domain.convention import Role
from domain.documents import PDF, digest
from domain.errors import SignatureRefused
from domain.tasks import SealRequest
from domain.verification import Level, VerificationReport
from service.devpki import DevPki, ensure, revoke

pytestmark = pytest.mark.libreoffice


def _pdfsig(path: Path) -> str:
    return subprocess.run(["pdfsig", "-nocert", str(path)], check=True, capture_output=True, text=True).stdout


def _texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


def test_invariant_4_every_signed_file_begins_with_the_bytes_that_were_approved(
    approved: bytes, signed: tuple[bytes, bytes]
) -> None:
    first, second = signed
    assert first[: len(approved)] == approved
    assert second[: len(first)] == first


def test_both_signatures_hold_and_reach_the_level_that_carries_its_own_proof(
    signed: tuple[bytes, bytes], pki: DevPki
) -> None:
    found = judge(signed[1], trust_of(pki))
    assert [(s.field, s.holds, s.level, s.certifies) for s in found.signatures] == [
        ("Beneficiary", True, Level.B_LTA, True),
        ("Authority", True, Level.B_LTA, False),
    ]
    assert len(found.document_timestamps) == 1
    first = judge(signed[0], trust_of(pki))
    assert [(s.level, s.certifies) for s in first.signatures] == [(Level.B_LT, True)]
    assert first.document_timestamps == ()


def test_an_independent_validator_and_a_syntax_checker_agree(signed: tuple[bytes, bytes], tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed[1])
    assert _pdfsig(path).count("Signature is Valid.") == 2
    subprocess.run(["qpdf", "--check", str(path)], check=True, capture_output=True)


def test_the_pages_say_the_same_before_and_after(approved: bytes, signed: tuple[bytes, bytes]) -> None:
    assert _texts(signed[1]) == _texts(approved)


def test_the_signature_is_written_on_the_page_with_accents_capacity_ground_and_zone(
    signed: tuple[bytes, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed[1])
    shown = subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True, text=True).stdout
    flat = re.sub(r"\s+", " ", shown)
    assert "Zoé D’Œuvrecœur-Lefèvre" in flat
    assert "Pour la Présidente et par délégation, la Vice-présidente déléguée" in flat
    assert "Arrêté n° 26/123/CM du 3 juillet 2026" in flat
    assert re.search(r"le \d{1,2}(er)? \w+ \d{4} à \d{1,2} h \d{2} \(heure de Paris\)", flat)


def test_the_file_stays_pdfa_its_fonts_are_embedded_and_their_widths_are_true(
    approved: bytes, signed: tuple[bytes, bytes]
) -> None:
    with pikepdf.open(io.BytesIO(approved)) as before, pikepdf.open(io.BytesIO(signed[1])) as after:
        for document in (before, after):
            assert document.open_metadata().pdfa_status == "2B"
        programs = 0
        for field in (one for one in after.Root.AcroForm.Fields if "/AP" in one):
            for font in field.AP.N.Resources.Font.values():
                descendant = font.DescendantFonts[0]
                program = TTFont(io.BytesIO(descendant.FontDescriptor.FontFile2.read_bytes()))
                assert program["head"].unitsPerEm == 1000
                order = program.getGlyphOrder()
                chunks = list(descendant.W)
                for start, widths in zip(chunks[::2], chunks[1::2], strict=True):
                    for n, width in enumerate(widths):
                        assert int(width) == program["hmtx"][order[int(start) + n]][0]
                programs += 1
        assert programs == 4


def test_one_timestamp_is_asked_for_each_signature(world: World, authority: tuple[str, Counted]) -> None:
    before = len(authority[1].requests)
    world.sign(Role.BENEFICIARY)
    assert len(authority[1].requests) == before + 1


def test_the_answer_says_when_by_whom_and_at_what_level(world: World) -> None:
    started = now()
    answer, _ = world.sign(Role.BENEFICIARY)
    assert (answer.field, answer.level) == ("Beneficiary", "B-LT")
    assert abs((answer.signed_at - started).total_seconds()) < 60
    assert "Horodatage" in answer.timestamp_authority
    assert "SANS VALEUR JURIDIQUE" in answer.certificate


def test_invariant_6_a_retry_gives_the_first_result(world: World) -> None:
    request = world.request(Role.BENEFICIARY)
    first = world.activities.sign_document(request)
    stored = world.stored()
    assert world.activities.sign_document(request) == first
    assert world.stored() == stored


def test_two_at_once_give_one_answer(world: World) -> None:
    request = world.request(Role.BENEFICIARY)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(world.activities.sign_document, [request, request]))
    assert answers[0] == answers[1]
    assert len(world.ledger.kept) == 1


def test_invariant_7_without_a_timestamp_nothing_is_signed_and_nothing_is_kept(
    tmp_path: Path, pki: DevPki, approved: bytes
) -> None:
    silent = HttpTimestamper(["http://127.0.0.1:9/"], timeout=2)
    world = make_world(tmp_path, pki, silent, approved)
    request = world.request(Role.BENEFICIARY)
    stored = world.stored()
    with pytest.raises(Exception, match="no timestamp authority answers") as outage:
        world.activities.sign_document(request)
    assert not isinstance(outage.value, ApplicationError), "an outage is retried, a refusal is not"
    assert (world.stored(), world.ledger.kept) == (stored, {})
    silent.close()


def test_a_signature_in_doubt_is_refused_and_both_files_are_kept_for_whoever_looks_into_it(
    tmp_path: Path, pki: DevPki, approved: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = ensure(tmp_path_factory.mktemp("stranger"))
    with served(authority_of(stranger).answer) as url:
        client = HttpTimestamper([url])
        world = make_world(tmp_path, pki, client, approved)
        request = world.request(Role.BENEFICIARY)
        stored = world.stored()
        with pytest.raises(ApplicationError) as refusal:
            world.activities.sign_document(request)
        client.close()
    assert refusal.value.type == "signature_invalid"
    assert world.ledger.kept == {}, "a file in doubt never stands for a signature"
    assert world.stored() == stored + 1
    told = re.search(r"empreinte du fichier refusé : ([0-9a-f]{64})", str(refusal.value))
    assert told is not None
    kept = next(path for path in world.folder.rglob("*") if path.is_file() and digest(path.read_bytes()) == told[1])
    assert kept.read_bytes().startswith(approved)
    assert world.store.get(request.document) == approved


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": "Anne‑Laëtitia", "last_name": "D'Esclapon‐Ÿvette de l’Œuvre"},
        {"first_name": "Zoe\u0301", "last_name": "Łukasiewicz-Ðặng"},
        {"first_name": "Ελένη", "last_name": "Дмитриева & <Fils>"},
        {"first_name": "M" * 200, "last_name": "W" * 280, "capacity_line": "x" * 400, "ground": "mot " * 120},
        {"ground": ""},
    ],
    ids=["apostrophes", "decomposed", "greek and cyrillic", "very long", "no ground"],
)
def test_any_name_can_be_printed_within_its_box(world: World, changes: dict[str, str], tmp_path: Path) -> None:
    _, content = world.sign(Role.BENEFICIARY, **changes)
    path = tmp_path / "named.pdf"
    path.write_bytes(content)
    with pikepdf.open(io.BytesIO(content)) as document:
        field = next(f for f in document.Root.AcroForm.Fields if str(f.T) == "Beneficiary")
        drawn = field.AP.N.read_bytes()
        height = max(float(field.AP.N.BBox[n]) for n in (1, 3))
    positions = [float(y) for y in re.findall(rb"Tf [\d.]+ ([\d.-]+) Td", drawn)]
    assert positions, "nothing was drawn"
    assert all(0 < y < height for y in positions)
    assert "Signature is Valid." in _pdfsig(path)


def test_a_name_that_no_font_can_write_is_refused_rather_than_left_blank(world: World) -> None:
    with pytest.raises(ApplicationError) as refusal:
        world.sign(Role.BENEFICIARY, first_name="\U00013000")
    assert refusal.value.type == "letters_missing"


def _with_trust(world: World, pki: DevPki, timestamper: HttpTimestamper, trust: Trust, level: Level) -> World:
    activities = SigningActivities(
        world.store, world.ledger, Proved(), signer_of(pki), timestamper, trust, now, level=level
    )
    return replace(world, activities=activities)


@pytest.mark.parametrize("listed", [(), (0,)], ids=["no list", "a list that covers nothing here"])
def test_without_revocation_lists_the_level_is_lower_and_is_refused_where_more_is_required(
    listed: tuple[int, ...], world: World, pki: DevPki, timestamper: HttpTimestamper
) -> None:
    trust = Trust((pki.root.read_bytes(),), revocation=CrlFiles([pki.lists[n] for n in listed]))
    answer, _ = _with_trust(world, pki, timestamper, trust, Level.B_T).sign(Role.BENEFICIARY)
    assert answer.level == "B-T"
    world.ledger.kept.clear()
    with pytest.raises(ApplicationError):
        _with_trust(world, pki, timestamper, trust, Level.B_LT).sign(Role.BENEFICIARY)
    assert world.ledger.kept == {}


def test_revocation_lists_that_cannot_be_had_are_an_outage(
    world: World, pki: DevPki, timestamper: HttpTimestamper, tmp_path: Path
) -> None:
    trust = Trust((pki.root.read_bytes(),), revocation=CrlFiles([tmp_path / "absent.crl"]))
    with pytest.raises(RevocationOutage):
        _with_trust(world, pki, timestamper, trust, Level.B_T).sign(Role.BENEFICIARY)
    assert world.ledger.kept == {}


def test_a_revoked_seal_signs_nothing(tmp_path: Path, approved: bytes) -> None:
    pki = ensure(tmp_path / "pki")
    revoke(pki, pki.seal_certificate)
    with served(authority_of(pki).answer) as url:
        client = HttpTimestamper([url])
        world = make_world(tmp_path / "store", pki, client, approved)
        with pytest.raises(ApplicationError) as refusal:
            world.sign(Role.BENEFICIARY)
        client.close()
    assert refusal.value.type == "signature_invalid"
    assert world.ledger.kept == {}


async def test_signing_works_where_an_event_loop_runs(world: World) -> None:
    assert world.sign(Role.BENEFICIARY)[0].level == "B-LT"


def test_a_side_signs_once(world: World) -> None:
    _, first = world.sign(Role.BENEFICIARY)
    with pytest.raises(ApplicationError) as refusal:
        world.sign(Role.BENEFICIARY, first)
    assert refusal.value.type == "field_filled"


def test_another_document_than_the_approved_one_is_refused(world: World, converted: bytes) -> None:
    with pytest.raises(ApplicationError) as refusal:
        world.sign(Role.BENEFICIARY, converted)
    assert refusal.value.type == "approved_differs"


def test_nothing_is_signed_upon_a_file_changed_after_the_first_signature(
    world: World, signed: tuple[bytes, bytes]
) -> None:
    first = bytearray(signed[0])
    where = first.index(b"/Reason", len(world.approved))
    first[where + 12] ^= 1
    with pytest.raises(ApplicationError) as refusal:
        world.sign(Role.AUTHORITY, bytes(first))
    assert refusal.value.type == "signature_invalid"


def test_the_comparison_refuses_a_changed_page(approved: bytes, signed: tuple[bytes, bytes]) -> None:
    from pyhanko.pdf_utils.generic import NumberObject, pdf_name
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(signed[0]))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page[pdf_name("/Rotate")] = NumberObject(90)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(SignatureRefused) as refusal:
        require_only_signed(approved, out.getvalue(), "Beneficiary")
    assert refusal.value.code == "content_changed"


@pytest.mark.parametrize("passphrase", ["", "fausse"])
def test_a_wrong_passphrase_is_refused_at_start(pki: DevPki, passphrase: str) -> None:
    with pytest.raises(SignatureRefused) as refusal:
        Pkcs12Signer(pki.seal, passphrase)
    assert refusal.value.code == "seal_unreadable"


class TestTheFinalFile:
    def _seal(self, world: World, content: bytes, approved: bytes | None = None) -> SealRequest:
        return SealRequest(
            convention_id="0123456789abcdef-1",
            document=world.store.put(content, PDF),
            approved=digest(world.approved if approved is None else approved),
            roles=(Role.BENEFICIARY, Role.AUTHORITY),
        )

    def test_it_is_validated_and_the_report_is_kept(self, world: World, signed: tuple[bytes, bytes]) -> None:
        request = self._seal(world, signed[1])
        answer = world.activities.validate_signed(request)
        assert answer.levels == {Role.BENEFICIARY: "B-LTA", Role.AUTHORITY: "B-LTA"}
        report = VerificationReport.model_validate_json(world.store.get(answer.report))
        assert (report.sha256, report.conclusion, report.ours) == (digest(signed[1]), "valid", True)
        assert world.activities.validate_signed(request) == answer

    def test_a_missing_signature_is_refused(self, world: World, signed: tuple[bytes, bytes]) -> None:
        with pytest.raises(ApplicationError, match="Signature de la collectivité"):
            world.activities.validate_signed(self._seal(world, signed[0]))

    def test_another_approved_version_is_refused(self, world: World, signed: tuple[bytes, bytes]) -> None:
        with pytest.raises(ApplicationError) as refusal:
            world.activities.validate_signed(self._seal(world, signed[1], approved=b"une autre version"))
        assert refusal.value.type == "approved_differs"

    def test_bytes_after_the_last_signature_are_refused(self, world: World, signed: tuple[bytes, bytes]) -> None:
        with pytest.raises(ApplicationError) as refusal:
            world.activities.validate_signed(self._seal(world, signed[1] + b"\n% une remarque\n"))
        assert refusal.value.type == "signature_invalid"


def test_the_signature_of_one_person_never_stands_for_the_next_who_is_asked(world: World) -> None:
    _, first = world.sign(Role.BENEFICIARY, last_name="Première")
    _, second = world.sign(Role.BENEFICIARY, last_name="Seconde")
    assert first != second
    assert "Seconde" in next(iter(judge(second, world.activities._trust).signatures)).name


def test_invariant_5_nothing_is_signed_without_a_proved_code(world: World) -> None:
    request = world.request(Role.BENEFICIARY).model_copy(update={"challenge_id": "never met"})
    stored = world.stored()
    with pytest.raises(ApplicationError) as refusal:
        world.activities.sign_document(request)
    assert refusal.value.type == "challenge_unproved"
    assert world.stored() == stored


class TestWhereTheSealCertifiesFirst:
    @pytest.fixture
    def sealing(self, world: World, pki: DevPki, timestamper: HttpTimestamper) -> World:
        signer = signer_of(pki)
        activities = SigningActivities(
            world.store, world.ledger, Proved(), signer, timestamper, trust_of(pki), now, certifier=signer
        )
        return replace(world, activities=activities)

    def test_the_persons_signatures_are_approvals_and_the_final_file_reaches_the_same_level(
        self, sealing: World, pki: DevPki
    ) -> None:
        _, first = sealing.sign(Role.BENEFICIARY)
        answer, second = sealing.sign(Role.AUTHORITY, first)
        assert answer.level == "B-LTA"
        found = judge(second, trust_of(pki))
        assert [(s.field, s.holds, s.level, s.certifies) for s in found.signatures] == [
            ("Certification", True, Level.B_LTA, True),
            ("Beneficiary", True, Level.B_LTA, False),
            ("Authority", True, Level.B_LTA, False),
        ]
        assert second.startswith(first)
        assert first.startswith(sealing.approved)
        assert _texts(second) == _texts(sealing.approved)
        request = SealRequest(
            convention_id="0123456789abcdef-1",
            document=sealing.store.put(second, PDF),
            approved=digest(sealing.approved),
            roles=(Role.BENEFICIARY, Role.AUTHORITY),
        )
        assert sealing.activities.validate_signed(request).levels == {
            Role.BENEFICIARY: "B-LTA",
            Role.AUTHORITY: "B-LTA",
        }

    def test_a_circuit_that_began_otherwise_goes_on_as_it_began(
        self, sealing: World, signed: tuple[bytes, bytes], pki: DevPki
    ) -> None:
        _, second = sealing.sign(Role.AUTHORITY, signed[0])
        assert [s.field for s in judge(second, trust_of(pki)).signatures] == ["Beneficiary", "Authority"]


def test_invariant_7_interrupted_before_the_timestamp_of_the_document_nothing_is_kept(
    tmp_path: Path, pki: DevPki, approved: bytes, signed: tuple[bytes, bytes]
) -> None:
    stamped = Counted(authority_of(pki).answer)

    def only_once(body: bytes) -> tuple[int, bytes]:
        return (503, b"") if stamped.requests else stamped(body)

    with served(only_once) as url:
        client = HttpTimestamper([url])
        world = make_world(tmp_path, pki, client, approved)
        request = world.request(Role.AUTHORITY, signed[0])
        stored = world.stored()
        with pytest.raises(Exception, match="no timestamp authority answers"):
            world.activities.sign_document(request)
        client.close()
    assert len(stamped.requests) == 1, "the signature was stamped, the document was not"
    assert (world.stored(), world.ledger.kept) == (stored, {})


def test_no_field_but_those_of_signing_may_appear_with_a_signature(
    approved: bytes, signed: tuple[bytes, bytes]
) -> None:
    with pytest.raises(SignatureRefused) as refusal:
        require_only_signed(signed[0], signed[1], "Authority")
    assert refusal.value.code == "content_changed"
    require_only_signed(signed[0], signed[1], "Authority", added=["ArchiveTimestamp"])


@pytest.mark.parametrize(
    "written", [b"<48 65\n6c6C6f>", b"<486>", b"<>", b"<48%c\n65>", b"<4g>", b"<48", b"<feff00e9>", b"<00ff" * 9 + b">"]
)
def test_hexadecimal_strings_are_read_as_pyhanko_reads_them(written: bytes) -> None:
    from activities.signing import hexadecimal

    results = []
    for read in (hexadecimal.read_at_once, hexadecimal._one_by_one):
        stream = io.BytesIO(b"\0" + written + b" /Next")
        stream.seek(1)
        try:
            results.append((read(stream), stream.tell()))
        except Exception as error:
            results.append((type(error), 0))
    assert results[0] == results[1]


def test_where_nobody_keeps_lists_the_authorities_are_asked_and_the_file_carries_their_answers(
    world: World, pki: DevPki, timestamper: HttpTimestamper
) -> None:
    import httpx

    from activities.signing.revocation import OnlineRevocation
    from service.ocsp import Responder

    responder = Responder(pki)
    online = OnlineRevocation(
        transport=httpx.MockTransport(lambda request: httpx.Response(200, content=responder.answer(request.content)))
    )
    trust = Trust((pki.root.read_bytes(),), online=online)
    asking = _with_trust(world, pki, timestamper, trust, Level.B_LT)
    _, first = asking.sign(Role.BENEFICIARY)
    answer, second = asking.sign(Role.AUTHORITY, first)
    online.close()
    assert answer.level == "B-LTA"
    with pikepdf.open(io.BytesIO(second)) as document:
        assert len(document.Root.DSS.OCSPs) == 3, "for the seal, the timestamp authority and their issuer"
        assert "/CRLs" not in document.Root.DSS
