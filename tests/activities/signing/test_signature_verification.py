"""What a verification says, of our files and of others."""

import io
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, FloatObject, NumberObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from signing_parts import Counted, authority_of, make_world, now, served, signer_of, trust_of

from activities.signing.signer import Pkcs12Signer
from activities.signing.trust import CrlFiles, CrlUrls, Trust
from activities.signing.verification import verify
from domain.convention import Role
from domain.documents import digest
from domain.verification import Conclusion, Level, VerificationReport
from service.devpki import DevPki, ensure, revoke

pytestmark = pytest.mark.libreoffice


@pytest.fixture(scope="session")
def trust(pki: DevPki) -> Trust:
    return trust_of(pki)


def _said(report: VerificationReport) -> str:
    sentences = [*report.sentences, *(s for signature in report.signatures for s in signature.sentences)]
    return " ".join(sentences).replace("\u00a0", " ")


def test_our_file_is_told_in_plain_french(signed: tuple[bytes, bytes], trust: Trust) -> None:
    report = verify(signed[1], trust)
    assert (report.conclusion, report.ours, report.sha256) == (Conclusion.VALID, True, digest(signed[1]))
    beneficiary, authority = report.signatures
    assert (beneficiary.role, authority.role) == (Role.BENEFICIARY, Role.AUTHORITY)
    assert beneficiary.name == "Zoé D’Œuvrecœur-Lefèvre"
    assert authority.capacity == "Pour la Présidente et par délégation, la Vice-présidente déléguée"
    assert authority.ground.startswith("Arrêté n° 26/123/CM")
    assert authority.signed_at is not None
    assert now() - authority.signed_at < timedelta(minutes=5)
    said = _said(report)
    assert "Ce document porte 2 signatures valables et n’a pas été modifié depuis." in said
    assert "certificat d’essai, sans valeur juridique" in said
    assert "heure de Paris" in said


def test_a_half_signed_file_says_what_is_missing(signed: tuple[bytes, bytes], trust: Trust) -> None:
    report = verify(signed[0], trust)
    assert report.unsigned_fields == ("Authority",)
    assert report.conclusion is Conclusion.INDETERMINATE, "a convention that one party signed binds nobody"
    assert report.sentences[0].endswith("elle n’est pas conclue.")
    assert "Il reste une place de signature vide : Signature de la collectivité." in report.sentences


@pytest.mark.parametrize("where", [0.02, 0.1, 0.2, 0.3])
def test_one_changed_byte_of_the_approved_content_is_detected(
    where: float, approved: bytes, signed: tuple[bytes, bytes], trust: Trust
) -> None:
    damaged = bytearray(signed[1])
    damaged[int(len(approved) * where)] ^= 1
    report = verify(bytes(damaged), trust)
    assert report.conclusion in {Conclusion.INVALID, Conclusion.UNREADABLE}
    assert not any(signature.holds for signature in report.signatures)
    assert not report.ours


@pytest.mark.parametrize("rank", [0, 1])
def test_a_changed_signature_is_detected(rank: int, signed: tuple[bytes, bytes], trust: Trust) -> None:
    reader = PdfFileReader(io.BytesIO(signed[1]))
    value = reader.embedded_regular_signatures[rank].signer_info["signature"].native.hex().encode()
    where = signed[1].lower().index(value)
    other = b"0" if value[:1] != b"0" else b"1"
    report = verify(signed[1][:where] + other + signed[1][where + 1 :], trust)
    assert report.conclusion is Conclusion.INVALID
    assert not report.signatures[rank].intact


def test_nothing_can_be_hidden_in_the_space_kept_for_a_signature(signed: tuple[bytes, bytes], trust: Trust) -> None:
    end = signed[1].rindex(b"0" * 100 + b">") + 100
    hidden = b"500 000 euros".hex().encode()
    report = verify(signed[1][: end - len(hidden)] + hidden + signed[1][end:], trust)
    assert report.conclusion is Conclusion.INVALID


def _update(pdf: bytes, change: str) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    if change == "page":
        copy = DictionaryObject({key: page.raw_get(key) for key in page})
        writer.root["/Pages"]["/Kids"].append(writer.add_object(copy))
        writer.root["/Pages"][pdf_name("/Count")] = NumberObject(int(writer.root["/Pages"]["/Count"]) + 1)
        writer.update_container(writer.root["/Pages"])
    elif change == "annotation":
        note = DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Text"),
                pdf_name("/Rect"): ArrayObject([FloatObject(n) for n in (10, 10, 30, 30)]),
                pdf_name("/Contents"): pdf_string("500 000 euros"),
            }
        )
        annotations = page[pdf_name("/Annots")] if "/Annots" in page else ArrayObject()
        page[pdf_name("/Annots")] = ArrayObject([*annotations, writer.add_object(note)])
        writer.update_container(page)
    elif change == "content":
        writer.add_stream_to_page(0, writer.add_object(_stream(b"BT ET 0 0 m 100 100 l S")))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _stream(data: bytes) -> object:
    from pyhanko.pdf_utils.generic import StreamObject

    return StreamObject(stream_data=data)


@pytest.mark.parametrize("change", ["page", "annotation", "content"])
@pytest.mark.parametrize("after", [0, 1], ids=["after the first", "after the second"])
def test_anything_added_after_a_signature_is_detected(
    change: str, after: int, signed: tuple[bytes, bytes], trust: Trust
) -> None:
    report = verify(_update(signed[after], change), trust)
    assert report.conclusion is Conclusion.INVALID
    assert "modifié après cette signature" in _said(report)


def test_bytes_after_the_end_are_detected(signed: tuple[bytes, bytes], trust: Trust) -> None:
    assert verify(signed[1] + b"500 000 euros", trust).conclusion is not Conclusion.VALID


def test_a_file_of_another_house_is_not_ours_even_if_it_says_so(signed: tuple[bytes, bytes], tmp_path: Path) -> None:
    elsewhere = trust_of(ensure(tmp_path / "other"))
    report = verify(signed[1], elsewhere)
    assert (report.ours, report.conclusion) == (False, Conclusion.INDETERMINATE)
    assert "Ce fichier n’a pas été signé par l’intermédiaire de ce service." in report.sentences
    assert all(signature.intact and not signature.trusted for signature in report.signatures)
    assert "ne fait pas partie de celles que ce service connaît" in _said(report)


def test_a_plain_signature_without_timestamp_is_level_b_at_most(converted: bytes, pki: DevPki, trust: Trust) -> None:
    signer = PdfSigner(
        PdfSignatureMetadata(field_name="Autre"), signer_of(pki).cms(), new_field_spec=SigFieldSpec("Autre")
    )
    out = signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(converted)))
    report = verify(out.getvalue(), trust)
    assert (report.ours, report.conclusion) == (False, Conclusion.INDETERMINATE)
    assert report.signatures[0].signed_at is None
    assert "la date n’est pas prouvée" in _said(report)


def test_an_unsigned_pdf_is_said_to_be_unsigned(converted: bytes, trust: Trust) -> None:
    report = verify(converted, trust)
    assert (report.conclusion, report.ours) == (Conclusion.UNSIGNED, False)
    assert report.sentences[0] == "Ce document ne porte aucune signature électronique."


def _encrypted(pdf: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return out.getvalue()


def test_what_cannot_be_read_is_said_and_nothing_fails(signed: tuple[bytes, bytes], trust: Trust) -> None:
    whole = signed[1]
    cases = {
        "vide": b"",
        "n’est pas un PDF": b"\x00\xff" * 4000,
        "abîmé": b"%PDF-1.7\n" + b"\xfe" * 2000,
        "mot de passe": _encrypted(whole),
        "trop de signatures": whole + b"/ByteRange" * 100,
    }
    for words, content in cases.items():
        report = verify(content, trust)
        assert (report.conclusion, report.ours) == (Conclusion.UNREADABLE, False)
        assert words in report.sentences[0]
    assert "trop volumineux" in verify(whole, trust, largest=1000).sentences[0]


def test_a_truncated_file_never_passes(signed: tuple[bytes, bytes], trust: Trust) -> None:
    whole = signed[1]
    for part in range(1, 20):
        report = verify(whole[: len(whole) * part // 20], trust)
        assert report.conclusion is not Conclusion.VALID


def test_a_revoked_certificate_is_said(tmp_path: Path, approved: bytes) -> None:
    from activities.signing.timestamps import HttpTimestamper

    pki = ensure(tmp_path / "pki")
    with served(authority_of(pki).answer) as url:
        client = HttpTimestamper([url])
        _, content = make_world(tmp_path / "store", pki, client, approved).sign(Role.BENEFICIARY)
        client.close()
    assert verify(content, trust_of(pki)).signatures[0].trusted
    revoke(pki, pki.seal_certificate)
    report = verify(content, trust_of(pki))
    # Revoked a minute before: the signature came after.
    assert report.conclusion is Conclusion.INVALID
    assert "révoqué" in _said(report)


def test_revocation_lists_that_cannot_be_had_are_said(signed: tuple[bytes, bytes], pki: DevPki) -> None:
    gone = Trust(roots=(pki.root.read_bytes(),), revocation=CrlFiles([Path("/nonexistent.crl")]))
    report = verify(signed[1], gone)
    assert any("listes de certificats révoqués" in sentence for sentence in report.sentences)
    assert report.signatures[0].level is Level.B_LTA, "the file carries its own lists"


def test_revocation_lists_are_fetched_once_over_http(pki: DevPki, tmp_path: Path) -> None:
    counted = Counted(lambda _: (200, b""))
    import httpx

    def give(request: httpx.Request) -> httpx.Response:
        counted(request.content)
        return httpx.Response(200, content=pki.lists[1].read_bytes())

    source = CrlUrls(["http://lists.example.org/issuing.crl"], transport=httpx.MockTransport(give))
    assert source.lists() == source.lists() == (pki.lists[1].read_bytes(),)
    assert len(counted.requests) == 1
    source.close()


def test_a_signature_that_somebody_else_made_with_our_names_is_not_ours(
    signed: tuple[bytes, bytes], pki: DevPki, trust: Trust
) -> None:
    other_seal = Trust(roots=trust.roots, revocation=trust.revocation, own=(pki.tsa.read_bytes(),))
    assert not verify(signed[1], other_seal).ours
    assert Pkcs12Signer(pki.seal, pki.seal_passphrase).assurance == "simple"
