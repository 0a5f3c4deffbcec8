"""The seal in a PKCS#11 token, with SoftHSM as the token."""

import io
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import Certificate, load_pem_x509_certificate
from pkcs11 import Attribute, ObjectClass
from pyhanko.pdf_utils.reader import PdfFileReader
from signing_parts import Ledger, Proved, World, now, trust_of

from activities.documents import DocumentStore
from activities.signing.activity import SigningActivities
from activities.signing.pkcs11 import Pkcs11Signer, TokenOutage, TokenPlace
from activities.signing.timestamps import HttpTimestamper
from activities.signing.waiting import run
from domain.convention import Role
from domain.errors import SignatureRefused
from domain.verification import Level
from service.devpki import DevPki

MODULES = (Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib64/pkcs11/libsofthsm2.so"))
PIN = "4271"

Tokens = Callable[[RSAPrivateKey | EllipticCurvePrivateKey, list[bytes]], TokenPlace]


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = next((path for path in MODULES if path.is_file()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    # Read once, when the module is loaded into this process; and by each run of softhsm2-util.
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    return found


@pytest.fixture
def token(module: Path, tmp_path: Path) -> Tokens:
    """A token with this key, and these certificates (DER), the key's own first."""

    def make(key: RSAPrivateKey | EllipticCurvePrivateKey, certificates: list[bytes]) -> TokenPlace:
        place = TokenPlace(module, token=f"essai-{secrets.token_hex(4)}", key="cachet")
        file = tmp_path / "key.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        _softhsm("--init-token", "--free", "--label", place.token, "--so-pin", PIN, "--pin", PIN)
        _softhsm("--import", str(file), "--token", place.token, "--label", place.key, "--id", "01", "--pin", PIN)
        library = pkcs11.lib(str(module))
        library.reinitialize()
        with library.get_token(token_label=place.token).open(user_pin=PIN, rw=True) as session:
            for rank, der in enumerate(certificates):
                session.create_object(_certificate(der, place.key if rank == 0 else f"autorité {rank}"))
        return place

    return make


def _softhsm(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


def _certificate(der: bytes, label: str) -> dict[Attribute, object]:
    return pkcs11.util.x509.decode_x509_certificate(der) | {
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.TOKEN: True,
        Attribute.LABEL: label,
    }


def _of_the_seal(pki: DevPki) -> tuple[RSAPrivateKey, Certificate, list[bytes]]:
    key, certificate, others = pkcs12.load_key_and_certificates(pki.seal.read_bytes(), pki.seal_passphrase.encode())
    assert isinstance(key, RSAPrivateKey)
    assert certificate is not None
    der = [one.public_bytes(serialization.Encoding.DER) for one in (certificate, *others)]
    return key, certificate, der


def test_a_convention_is_signed_by_the_key_of_a_token_and_holds(
    token: Tokens, pki: DevPki, timestamper: HttpTimestamper, approved: bytes, tmp_path: Path
) -> None:
    key, certificate, chain = _of_the_seal(pki)
    signer = Pkcs11Signer(token(key, chain), PIN)
    assert signer.certificate.serial_number == certificate.serial_number
    store, ledger = DocumentStore(str(tmp_path / "store")), Ledger()
    activities = SigningActivities(store, ledger, Proved(), signer, timestamper, trust_of(pki), now, level=Level.B_LT)
    world = World(store, ledger, activities, approved, tmp_path / "store")
    answer, first = world.sign(Role.BENEFICIARY)
    assert Level(answer.level).reaches(Level.B_LT)
    _, second = world.sign(Role.AUTHORITY, first)
    for made in PdfFileReader(io.BytesIO(second)).embedded_regular_signatures:
        assert made.signer_cert.serial_number == certificate.serial_number


def test_a_token_s_signatures_are_those_of_its_key_from_several_threads_at_once(token: Tokens, pki: DevPki) -> None:
    key, certificate, chain = _of_the_seal(pki)
    signer = Pkcs11Signer(token(key, chain), PIN)

    def sign(n: int) -> bytes:
        return run(lambda: signer.cms().async_sign_raw(b"%d" % n, "sha256"))

    with ThreadPoolExecutor(4) as many:
        made = list(many.map(sign, range(16)))
    public = certificate.public_key()
    for n, signature in enumerate(made):
        public.verify(signature, b"%d" % n, PKCS1v15(), hashes.SHA256())  # type: ignore[call-arg,union-attr]


def test_a_key_on_an_elliptic_curve_signs_too(token: Tokens, pki: DevPki) -> None:
    key = generate_private_key(SECP256R1())
    some = load_pem_x509_certificate(pki.seal_certificate.read_bytes()).public_bytes(serialization.Encoding.DER)
    signer = Pkcs11Signer(token(key, [some]), PIN)
    signature = signer.sign("une délibération".encode(), "sha256")
    key.public_key().verify(signature, "une délibération".encode(), ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("wrong", ["pin", "token", "key", "module"])
def test_a_token_that_cannot_be_used_is_refused_at_the_start_with_its_name(
    wrong: str, token: Tokens, pki: DevPki, tmp_path: Path
) -> None:
    key, _, chain = _of_the_seal(pki)
    place = token(key, chain)
    pin = "0000" if wrong == "pin" else PIN
    if wrong != "pin":
        place = replace(place, **{wrong: tmp_path / "absent.so" if wrong == "module" else "absent"})
    with pytest.raises(SignatureRefused) as refusal:
        Pkcs11Signer(place, pin)
    assert refusal.value.code == "seal_unreadable"
    assert place.token in str(refusal.value)
    assert pin not in str(refusal.value)


def test_a_token_that_goes_down_is_an_outage_and_serves_again_once_it_is_back(
    token: Tokens, pki: DevPki, module: Path
) -> None:
    key, _, chain = _of_the_seal(pki)
    signer = Pkcs11Signer(token(key, chain), PIN)
    library = pkcs11.lib(str(module))
    # What a module that starts anew does to whoever holds a session: its handle means nothing any more.
    library.reinitialize()
    before = signer.sign(b"la meme chose", "sha256")
    folder = Path(os.environ["SOFTHSM2_CONF"]).parent / "tokens"
    away = folder.with_name("away")
    folder.rename(away)
    folder.mkdir()
    library.reinitialize()
    with pytest.raises(TokenOutage):
        signer.sign(b"la meme chose", "sha256")
    folder.rmdir()
    away.rename(folder)
    library.reinitialize()
    assert signer.sign(b"la meme chose", "sha256") == before
