"""The seal in a PKCS#11 token: a hardware module (HSM), a smart card, or SoftHSM.

The key never leaves the token. The certificate and its chain may stand in the token too.
"""

import asyncio
import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from asn1crypto import x509
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, Session
from pkcs11.util.ec import encode_ecdsa_signature
from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.sign.pkcs11 import open_pkcs11_session
from pyhanko.sign.signers import Signer as CmsSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from domain.assurance import Assurance
from domain.errors import SignatureRefused

_WITH_RSA = {
    "sha256": Mechanism.SHA256_RSA_PKCS,
    "sha384": Mechanism.SHA384_RSA_PKCS,
    "sha512": Mechanism.SHA512_RSA_PKCS,
}


class TokenOutage(Exception):
    """The token does not answer now: retried, nothing is kept (invariant 7)."""


@dataclass(frozen=True)
class TokenPlace:
    """Where the key is."""

    module: Path
    """Library of the token's maker, e.g. ``libsofthsm2.so``."""
    token: str
    """Label of the token."""
    key: str
    """Label of the private key, and of its certificate."""


class Pkcs11Signer:
    """A seal in a token. One login for the process; one signature at a time, since few modules bear more."""

    assurance = Assurance.SIMPLE

    def __init__(self, place: TokenPlace, pin: str) -> None:
        """:raises SignatureRefused: ``seal_unreadable``: no such module, token, key or certificate, or a wrong PIN."""
        self._place = place
        self._pin = pin
        self._lock = threading.RLock()
        self._session: Session | None = None
        try:
            with self._lock:
                self._der, self._chain = self._certificates(self._opened())
        except (pkcs11.PKCS11Error, OSError, RuntimeError) as error:
            raise self._unreadable() from error
        self.certificate = x509.Certificate.load(self._der)

    def cms(self) -> CmsSigner:
        # A new object each time: pyHanko's signers keep state, and asn1crypto parses lazily, without locks.
        return _InToken(self, self._der, self._chain)

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        """:raises TokenOutage: the token was taken away, or went down."""
        with self._lock:
            try:
                return self._sign(data, digest_algorithm)
            except pkcs11.PKCS11Error:
                # The token was pulled out and put back, or the module started anew: once more, with a new session.
                self._session = None
            try:
                return self._sign(data, digest_algorithm)
            except (pkcs11.PKCS11Error, OSError, RuntimeError) as error:
                self._session = None
                raise TokenOutage(type(error).__name__) from error

    def _sign(self, data: bytes, digest_algorithm: str) -> bytes:
        key = self._key(self._opened())
        if key[Attribute.KEY_TYPE] == KeyType.RSA:
            return bytes(key.sign(data, mechanism=_WITH_RSA[digest_algorithm]))
        # Hashed here: not every module hashes before ECDSA, SoftHSM among those that do not.
        digest = hashlib.new(digest_algorithm, data).digest()
        return bytes(encode_ecdsa_signature(key.sign(digest, mechanism=Mechanism.ECDSA)))

    def _opened(self) -> Session:
        if self._session is None:
            self._session = open_pkcs11_session(
                str(self._place.module), token_criteria=TokenCriteria(label=self._place.token), user_pin=self._pin
            )
        # A session that died is to be noticed here: python-pkcs11 complains aside of a search begun in one.
        self._session.generate_random(8)
        return self._session

    def _certificates(self, session: Session) -> tuple[bytes, tuple[bytes, ...]]:
        """The seal's certificate, and the others of the token."""
        mine, others = None, []
        for entry in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})):
            if entry[Attribute.LABEL] == self._place.key and mine is None:
                mine = bytes(entry[Attribute.VALUE])
            else:
                others.append(bytes(entry[Attribute.VALUE]))
        if mine is None:
            raise self._unreadable()
        self._key(session)
        return mine, tuple(others)

    def _key(self, session: Session) -> Any:
        # To the end of the search: one left open cannot be closed once the token is gone.
        found = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: self._place.key}))
        if len(found) != 1:
            raise pkcs11.NoSuchKey if not found else pkcs11.MultipleObjectsReturned
        return found[0]

    def _unreadable(self) -> SignatureRefused:
        return SignatureRefused(
            "seal_unreadable",
            f"Le cachet « {self._place.key} » du jeton « {self._place.token} » est absent ou illisible, ou le code du"
            " jeton est faux.",
        )


class _InToken(CmsSigner):  # type: ignore[misc,unused-ignore]
    def __init__(self, token: Pkcs11Signer, certificate: bytes, chain: tuple[bytes, ...]) -> None:
        self._token = token
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register_multiple([x509.Certificate.load(der) for der in chain])
        # Roots prove nothing when they come with the file: whoever validates brings their own.
        super().__init__(signing_cert=x509.Certificate.load(certificate), cert_registry=registry, embed_roots=False)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(self.signing_cert.public_key.byte_size + 16 if self.signing_cert else 512)
        return await asyncio.to_thread(self._token.sign, data, digest_algorithm)
