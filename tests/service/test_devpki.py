"""The development authorities."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from service.devpki import MARK, DevPki, ensure, revoke


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DevPki:
    return ensure(tmp_path_factory.mktemp("pki"))


def _load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_every_certificate_says_that_it_has_no_legal_value(pki: DevPki) -> None:
    for path in (pki.root, pki.issuing, pki.seal_certificate, pki.tsa):
        assert MARK == "ESSAI – SANS VALEUR JURIDIQUE"
        assert MARK in _load(path).subject.rfc4514_string()


def test_the_chain_is_whole(pki: DevPki) -> None:
    _load(pki.issuing).verify_directly_issued_by(_load(pki.root))
    _load(pki.seal_certificate).verify_directly_issued_by(_load(pki.issuing))
    _load(pki.tsa).verify_directly_issued_by(_load(pki.issuing))


def test_the_timestamp_certificate_may_do_nothing_else(pki: DevPki) -> None:
    usage = _load(pki.tsa).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def test_keys_are_for_their_owner_alone(pki: DevPki) -> None:
    for folder in (pki.folder.parent, pki.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secrets = [pki.seal, pki.seal_passphrase_file, *pki.folder.glob("*.key")]
    assert len(secrets) == 5
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_seal_opens_with_its_passphrase_only(pki: DevPki) -> None:
    content = pki.seal.read_bytes()
    key, certificate, _ = pkcs12.load_key_and_certificates(content, pki.seal_passphrase.encode())
    assert key is not None
    assert certificate == _load(pki.seal_certificate)
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_key_and_certificates(content, b"fausse")


def test_a_second_run_changes_nothing(pki: DevPki) -> None:
    before = {path: path.read_bytes() for path in pki.folder.iterdir()}
    assert ensure(pki.folder.parent) == pki
    assert {path: path.read_bytes() for path in pki.folder.iterdir()} == before


def test_threads_and_processes_at_once_get_the_same_authorities(tmp_path: Path) -> None:
    folder = tmp_path / "pki"
    with get_context("spawn").Pool(2) as processes, ThreadPoolExecutor(2) as threads:
        pending = processes.map_async(_root_of, [folder, folder])
        roots = {*threads.map(_root_of, [folder, folder]), *pending.get(60)}
        processes.close()
        processes.join()
    assert len(roots) == 1


def _root_of(folder: Path) -> bytes:
    return ensure(folder).root.read_bytes()


def test_a_run_that_died_half_way_is_done_again(tmp_path: Path) -> None:
    left_over = tmp_path / ".new-abcd"
    left_over.mkdir()
    (left_over / "root.pem").write_text("à moitié écrit")
    pki = ensure(tmp_path)
    assert _load(pki.root)
    assert not left_over.exists()


def test_an_old_revocation_list_is_made_anew_and_keeps_what_was_revoked(tmp_path: Path) -> None:
    pki = ensure(tmp_path)
    revoke(pki, pki.seal_certificate)
    serial = _load(pki.seal_certificate).serial_number
    listed = x509.load_der_x509_crl(pki.lists[1].read_bytes())
    key = serialization.load_pem_private_key((pki.folder / "issuing.key").read_bytes(), None)
    long_ago = datetime.now(UTC) - timedelta(days=40)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(listed.issuer)
        .last_update(long_ago)
        .next_update(long_ago + timedelta(days=30))
    )
    for entry in listed:
        builder = builder.add_revoked_certificate(entry)
    old = builder.sign(key, hashes.SHA256())  # type: ignore[arg-type]
    pki.lists[1].write_bytes(old.public_bytes(serialization.Encoding.DER))
    pki.refresh()
    renewed = x509.load_der_x509_crl(pki.lists[1].read_bytes())
    assert renewed.next_update_utc is not None
    assert renewed.next_update_utc > datetime.now(UTC)
    assert renewed.get_revoked_certificate_by_serial_number(serial) is not None
    assert renewed.is_signature_valid(_load(pki.issuing).public_key())  # type: ignore[arg-type]
