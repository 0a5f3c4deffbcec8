"""What a verification says of a signed file."""

from datetime import datetime
from enum import StrEnum

from domain.assurance import Assurance
from domain.convention import Role
from domain.documents import Model, Sha256

EVIDENCE_FIELD = "Preuve"
"""Name of the invisible field where our seal closes the readable evidence (``preuve.pdf``)."""


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
    seals_evidence: bool = False
    """For our files: no person signed, our seal closes a file of evidence."""
    assurance: Assurance | None = None
    """How strongly the person is tied to it (eIDAS), as far as the certificate tells; none: it does not hold."""
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


class Attached(Model):
    """A file inside the PDF."""

    name: str
    sha256: Sha256
    size: int


class ArchivedCopy(Model):
    """What the register says of an archived convention to whoever holds its signed copy: no person."""

    convention_number: str
    deliberation_number: str
    archived_at: datetime


class VerificationReport(Model):
    """All that is said of one file."""

    sha256: Sha256
    size: int
    conclusion: Conclusion
    ours: bool
    """Signed through this service, under its own seal."""
    verified_at: datetime
    modified: bool = False
    """The file was signed, and its bytes are known to have changed since."""
    archived: ArchivedCopy | None = None
    """It is, byte for byte, the signed copy that we archived."""
    archive_consulted: bool = False
    """The register was asked: without an answer, it is not an archived copy."""
    attachments: tuple[Attached, ...] = ()
    signatures: tuple[SignatureVerdict, ...] = ()
    document_timestamps: tuple[datetime, ...] = ()
    unsigned_fields: tuple[str, ...] = ()
    """Places for signatures that are still empty."""
    sentences: tuple[str, ...]
    """The whole in plain French, most important first."""


class Verdict(StrEnum):
    """What is found about one thing."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    """It could not be checked."""


class Check(Model):
    """One thing that was looked at in an archived package."""

    about: str
    """Name of the file, or ``""`` for the package as a whole."""
    verdict: Verdict
    sentence: str
    """French."""


class PackageReport(Model):
    """All that is said of an archived package (a folder)."""

    conclusion: Conclusion
    convention_number: str = ""
    deliberation_number: str = ""
    ending: str = ""
    """French."""
    archived_at: datetime | None = None
    timestamped_at: datetime | None = None
    """When the head of the evidence existed for certain."""
    verified_at: datetime
    checks: tuple[Check, ...]
    signed: VerificationReport | None = None
    """The signed convention."""
    sealed: VerificationReport | None = None
    """The readable evidence."""
    sentences: tuple[str, ...]

    @property
    def faults(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.verdict is Verdict.BAD)


def against_archive(report: VerificationReport, found: ArchivedCopy | None) -> VerificationReport:
    """``report``, and what the register answered for the digest of the file."""
    said = report.sentences
    if found is not None:
        said = (
            said[0],
            f"C’est, octet pour octet, l’exemplaire archivé de la convention n° {found.convention_number}.",
            *said[1:],
        )
    elif report.ours and not any(signature.seals_evidence for signature in report.signatures):
        said = (
            *said,
            "Ce n’est pas, octet pour octet, un exemplaire définitif que ce service a archivé :"
            " un exemplaire d’étape, ou un fichier complété depuis.",
        )
    return report.model_copy(update={"archived": found, "archive_consulted": True, "sentences": said})
