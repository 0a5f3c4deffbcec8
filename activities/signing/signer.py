"""Who holds the key: a port, and the PKCS#12 backend.

A PKCS#11 token (:mod:`activities.signing.pkcs11`) implements the same port. A person's own certificate held by a remote
service goes another way, since the person must agree to each signature there (:mod:`activities.signing.remote`).
"""

from pathlib import Path
from typing import Protocol

from asn1crypto import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.sign.signers import Signer as CmsSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from domain.assurance import Assurance
from domain.errors import SignatureRefused


class Signer(Protocol):
    """What makes the cryptographic signature. It MUST be usable from several threads at once."""

    @property
    def assurance(self) -> Assurance:
        """The highest level it can give the person's signature."""
        ...

    @property
    def certificate(self) -> x509.Certificate: ...

    def cms(self) -> CmsSigner:
        """The same, as pyHanko takes it."""
        ...


class Pkcs12Signer:
    """A seal (cachet) in a PKCS#12 file.

    The key is read and checked once. pyHanko's own signer reads and checks it twice per signature, which is most of
    the time of a signature with RSA.
    """

    assurance = Assurance.SIMPLE

    def __init__(self, path: Path, passphrase: str) -> None:
        """:raises SignatureRefused: ``seal_unreadable``: no such file, wrong passphrase, no key, key not supported."""
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase.encode())
        except (OSError, ValueError) as error:
            raise _unreadable(path) from error
        if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey) or certificate is None:
            raise _unreadable(path)
        self._key = key
        self._der = certificate.public_bytes(serialization.Encoding.DER)
        self._chain = tuple(other.public_bytes(serialization.Encoding.DER) for other in others)
        self.certificate = x509.Certificate.load(self._der)

    def cms(self) -> CmsSigner:
        # A new object each time: pyHanko's signers keep state, and asn1crypto parses lazily, without locks.
        return _KeyInMemory(self._key, self._der, self._chain)


_ALGORITHMS: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class _KeyInMemory(CmsSigner):  # type: ignore[misc,unused-ignore]
    def __init__(
        self, key: RSAPrivateKey | EllipticCurvePrivateKey, certificate: bytes, chain: tuple[bytes, ...]
    ) -> None:
        self._key = key
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register_multiple([x509.Certificate.load(der) for der in chain])
        # Roots prove nothing when they come with the file: whoever validates brings their own.
        super().__init__(signing_cert=x509.Certificate.load(certificate), cert_registry=registry, embed_roots=False)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        algorithm = _ALGORITHMS[digest_algorithm]
        if isinstance(self._key, RSAPrivateKey):
            return bytes(self._key.key_size // 8) if dry_run else self._key.sign(data, PKCS1v15(), algorithm)
        return bytes(2 * self._key.key_size // 8 + 9) if dry_run else self._key.sign(data, ECDSA(algorithm))


def _unreadable(path: Path) -> SignatureRefused:
    return SignatureRefused(
        "seal_unreadable",
        f"Le fichier du cachet ({path.name}) est absent ou illisible, ou sa phrase secrète est fausse.",
    )
