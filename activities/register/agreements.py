"""Remote signatures that wait for their value, and the person's agreement to each: a secret, kept sealed, then erased.

What is kept about a signature is JSON of whoever prepared it; the register does not look into it.
"""

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import delete, insert, select, update

from activities.register.engine import Repository
from activities.register.tables import agreements

_NONCE_BYTES = 12


@dataclass(frozen=True)
class KeptAgreement:
    """A prepared signature; ``secret`` is empty until the person agreed, and once the agreement is over."""

    prepared: str
    secret: str = field(default="", repr=False)


class AgreementBook(Repository):
    """At most one per challenge: preparing again, for a fresh code of the provider, replaces."""

    def keep_prepared(self, challenge: str, prepared: str) -> None:
        """:raises sqlalchemy.exc.IntegrityError: no such challenge."""
        with self._writing() as connection:
            connection.execute(delete(agreements).where(agreements.c.challenge == challenge))
            connection.execute(
                insert(agreements).values(challenge=challenge, prepared=prepared, prepared_at=self._clock())
            )

    def keep_agreement(self, challenge: str, prepared: str, secret: str, expires_at: datetime) -> None:
        """The person agreed to ``prepared``. Nothing is kept if it was prepared anew meanwhile."""
        with self._writing() as connection:
            connection.execute(
                update(agreements)
                .where(agreements.c.challenge == challenge, agreements.c.prepared == prepared)
                .values(sealed=self._sealed(challenge, secret), expires_at=expires_at)
            )

    def kept_agreement(self, challenge: str) -> KeptAgreement | None:
        with self._reading() as connection:
            row = connection.execute(select(agreements).where(agreements.c.challenge == challenge)).first()
        if row is None:
            return None
        live = row.sealed is not None and self._clock() < row.expires_at
        return KeptAgreement(row.prepared, self._unsealed(challenge, row.sealed) if live else "")

    def forget_agreement(self, challenge: str) -> None:
        """Erase the secret: it was used."""
        with self._writing() as connection:
            connection.execute(
                update(agreements).where(agreements.c.challenge == challenge).values(sealed=None, expires_at=None)
            )

    def _sealed(self, challenge: str, secret: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._sealing_key()).encrypt(nonce, secret.encode(), challenge.encode())
        return b64encode(nonce + sealed).decode()

    def _unsealed(self, challenge: str, sealed: str) -> str:
        content = b64decode(sealed)
        try:
            opened = AESGCM(self._sealing_key()).decrypt(
                content[:_NONCE_BYTES], content[_NONCE_BYTES:], challenge.encode()
            )
        except InvalidTag:
            return ""  # the secret of the links was changed meanwhile: the person agrees again
        return opened.decode()

    def _sealing_key(self) -> bytes:
        return HKDF(hashes.SHA256(), length=32, salt=None, info=b"paraphe agreements").derive(self._secret)
