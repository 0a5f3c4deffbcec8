"""The development authorities: made on first run, for one machine, plainly marked as tests.

    root authority ── issuing authority ── seal (cachet), timestamp authority

Each publishes a revocation list and answers by OCSP; the certificates say where.

Every subject says "ESSAI – SANS VALEUR JURIDIQUE". A real deployment configures its own seal, roots and timestamp
authorities, and never calls this module.

The folder (0700) holds the keys (0600): whoever reads them can sign in the name of the test authority.
"""

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

MARK = "ESSAI – SANS VALEUR JURIDIQUE"
ADDRESS = "http://127.0.0.1:8426/pki"
"""Where the companions serve the lists, the certificates and the OCSP responder (:mod:`service.ocsp`)."""

_YEARS = {"root": 20, "issuing": 15, "seal": 5, "tsa": 10}
_LIST_LIFE = timedelta(days=30)
_LIST_RENEWED = timedelta(days=20)
"""A list is made anew when less than this is left, so that one is always in force even after a long stop."""


@dataclass(frozen=True)
class DevPki:
    """Where everything is. Certificates are PEM, lists DER, keys PKCS#8 PEM or PKCS#12."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"

    @property
    def issuing(self) -> Path:
        return self.folder / "issuing.pem"

    @property
    def seal(self) -> Path:
        """PKCS#12: key, certificate and issuing authority."""
        return self.folder / "seal.p12"

    @property
    def seal_certificate(self) -> Path:
        return self.folder / "seal.pem"

    @property
    def seal_passphrase_file(self) -> Path:
        return self.folder / "seal.passphrase"

    @property
    def seal_passphrase(self) -> str:
        return self.seal_passphrase_file.read_text().strip()

    @property
    def tsa(self) -> Path:
        return self.folder / "tsa.pem"

    @property
    def tsa_key(self) -> Path:
        return self.folder / "tsa.key"

    @property
    def lists(self) -> tuple[Path, Path]:
        """Revocation lists of the root and of the issuing authority."""
        return self.folder / "root.crl", self.folder / "issuing.crl"

    def refresh(self) -> None:
        """Make the revocation lists anew if they are old. Safe to call at each use, from any process."""
        if not all(_fresh(path) for path in self.lists):
            with _locked(self.folder.parent):
                _renew_lists(self)


def ensure(folder: Path, address: str = ADDRESS) -> DevPki:
    """The development authorities in ``folder``, made if they are not there.

    :param address: written in new certificates, for whoever wants to ask about them (RFC 5280, 4.2.1.13 and 4.2.2.1).

    Two processes at once get the same; a process killed half-way leaves nothing that the next would take for whole.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    pki = DevPki(folder / "pki")
    with _locked(folder):
        if not pki.folder.exists():
            for left_over in folder.glob(".new-*"):
                shutil.rmtree(left_over)
            fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))  # mkdtemp makes it 0700
            _make(DevPki(fresh), address)
            _sync(fresh)
            fresh.rename(pki.folder)
            _sync(folder)
        _renew_lists(pki)
    return pki


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One at a time, between processes and threads; released by the system if the process dies."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(pki: DevPki, address: str) -> None:
    keys = {name: rsa.generate_private_key(public_exponent=65537, key_size=3072) for name in _YEARS}
    root = _certificate("root", "Autorité racine", keys["root"], keys["root"], None)
    issuing = _certificate("issuing", "Autorité d’émission", keys["issuing"], keys["root"], root, f"{address}/root")
    seal = _certificate("seal", "Cachet", keys["seal"], keys["issuing"], issuing, f"{address}/issuing")
    tsa = _certificate("tsa", "Horodatage", keys["tsa"], keys["issuing"], issuing, f"{address}/issuing")
    for path, certificate in ((pki.root, root), (pki.issuing, issuing), (pki.seal_certificate, seal), (pki.tsa, tsa)):
        _write(path, certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
    for name in ("root", "issuing", "tsa"):
        _write(pki.folder / f"{name}.key", _pem(keys[name]))
    passphrase = secrets.token_urlsafe(32)
    _write(pki.seal_passphrase_file, passphrase.encode())
    protection = serialization.BestAvailableEncryption(passphrase.encode())
    _write(pki.seal, pkcs12.serialize_key_and_certificates(b"cachet", keys["seal"], seal, [issuing], protection))


def _certificate(
    kind: str,
    title: str,
    key: rsa.RSAPrivateKey,
    issuer_key: rsa.RSAPrivateKey,
    issuer: x509.Certificate | None,
    about: str = "",
) -> x509.Certificate:
    """:param about: address of what the issuer publishes, without its suffix."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Paraphe ({MARK})"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{title} – {MARK}"),
        ]
    )
    now = datetime.now(UTC)
    authority = kind in {"root", "issuing"}
    issuer_public = issuer_key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # An hour of grace: machines whose clocks differ a little must still accept a certificate made just now.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * _YEARS[kind]))
        .add_extension(x509.BasicConstraints(ca=authority, path_length={"root": 1, "issuing": 0}.get(kind)), True)
        .add_extension(_usage(authority=authority), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), False)
    )
    if about:
        builder = builder.add_extension(_published(about), False).add_extension(
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([x509.UniformResourceIdentifier(f"{about}.crl")], None, None, None)]
            ),
            False,
        )
    if kind == "tsa":
        # RFC 3161, 2.3: critical, and nothing else.
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
    return builder.sign(issuer_key, hashes.SHA256())


def _published(about: str) -> x509.AuthorityInformationAccess:
    return x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(about.rpartition("/")[0] + "/ocsp")
            ),
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(f"{about}.cer")
            ),
        ]
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def revoke(pki: DevPki, certificate: Path) -> None:
    """Revoke a certificate of the issuing authority, to see what a verification says of it."""
    target = x509.load_pem_x509_certificate(certificate.read_bytes())
    entry = (
        x509.RevokedCertificateBuilder()
        .serial_number(target.serial_number)
        .revocation_date(datetime.now(UTC) - timedelta(minutes=1))
        .build()
    )
    with _locked(pki.folder.parent):
        _publish(pki, "issuing", pki.lists[1], entry)


def _renew_lists(pki: DevPki) -> None:
    for name, path in zip(("root", "issuing"), pki.lists, strict=True):
        if not _fresh(path):
            _publish(pki, name, path)


def _publish(pki: DevPki, name: str, path: Path, *more: x509.RevokedCertificate) -> None:
    """Make the list of an authority; what was revoked stays revoked."""
    issuer = x509.load_pem_x509_certificate((pki.folder / f"{name}.pem").read_bytes())
    key = serialization.load_pem_private_key((pki.folder / f"{name}.key").read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{name}.key is not an RSA key")
    now = datetime.now(UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now - timedelta(hours=1))
        .next_update(now + _LIST_LIFE)
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
    )
    for entry in (*(x509.load_der_x509_crl(path.read_bytes()) if path.exists() else ()), *more):
        builder = builder.add_revoked_certificate(entry)
    _write(path, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER), mode=0o644)


def _fresh(path: Path) -> bool:
    try:
        due = x509.load_der_x509_crl(path.read_bytes()).next_update_utc
    except (FileNotFoundError, ValueError):
        return False
    return due is not None and due - datetime.now(UTC) > _LIST_RENEWED


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write whole or not at all, never readable by others in between."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
