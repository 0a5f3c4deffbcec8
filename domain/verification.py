"""What a verification says of a signed file."""

from datetime import datetime
from enum import StrEnum

from domain.convention import Role
from domain.documents import Model, Sha256


class Level(StrEnum):
    """PAdES baseline levels (ETSI EN 319 142-1), from the weakest. Measured on the file, never claimed."""

    B_B = "B-B"
    """Signed."""
    B_T = "B-T"
    """And timestamped."""
    B_LT = "B-LT"
    """And carrying all that its validation needs."""
    B_LTA = "B-LTA"
    """And that material timestamped in turn."""

    @property
    def rank(self) -> int:
        return list(Level).index(self)

    def reaches(self, other: "Level") -> bool:
        return self.rank >= other.rank


class Conclusion(StrEnum):
    """The whole file in one word."""

    VALID = "valid"
    """Every signature holds, comes from whom we trust, and nothing changed since."""
    INVALID = "invalid"
    """A signature is broken, its certificate was revoked, or the file was changed after it."""
    INDETERMINATE = "indeterminate"
    """Nothing is broken, but something could not be checked: an unknown issuer, for instance."""
    UNSIGNED = "unsigned"
    UNREADABLE = "unreadable"
    """Not a PDF, protected by a password, damaged or too large."""


class SignatureVerdict(Model):
    """One signature."""

    field: str
    role: Role | None = None
    """For our files: the side signed for."""
    name: str
    """The person, as the signature declares; for a file from elsewhere, possibly the certificate's subject."""
    capacity: str = ""
    ground: str = ""
    """The power relied upon, as the signature declares."""
    certificate: str
    """Subject of the certificate that signed."""
    issuer: str
    test_certificate: bool
    """The certificate says itself that it is for tests and has no legal value."""
    claimed_at: datetime | None = None
    """What the signing software's clock said; proves nothing."""
    signed_at: datetime | None = None
    """Proved by a valid timestamp of a trusted authority."""
    timestamp_authority: str = ""
    intact: bool
    """What was signed is, byte for byte, in the file, and the signature matches it."""
    unchanged: bool
    """Nothing was added since that the signature does not allow (a later signature is allowed)."""
    trusted: bool
    """The certificate comes from an authority that we trust and was not revoked."""
    level: Level | None = None
    """None: the signature does not hold."""
    unchecked: tuple[str, ...] = ()
    """What could not be checked, in French."""
    sentences: tuple[str, ...] = ()
    """The verdict in plain French."""

    @property
    def holds(self) -> bool:
        return self.intact and self.unchanged and self.trusted


class VerificationReport(Model):
    """All that is said of one file."""

    sha256: Sha256
    size: int
    conclusion: Conclusion
    ours: bool
    """Signed through this service, under its own seal."""
    verified_at: datetime
    signatures: tuple[SignatureVerdict, ...] = ()
    document_timestamps: tuple[datetime, ...] = ()
    unsigned_fields: tuple[str, ...] = ()
    """Places for signatures that are still empty."""
    sentences: tuple[str, ...]
    """The whole in plain French, most important first."""
