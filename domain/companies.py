"""What the public register of companies says of a body. Shown beside what was typed: a person decides, never it.

Source: API Recherche d'entreprises (base SIRENE of INSEE). Bodies that asked not to be published are not in it, and
neither are the predecessors and successors of an establishment: an absence proves nothing.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints

from domain.documents import Model
from domain.parties import LegalKind

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class CompanyState(StrEnum):
    ACTIVE = "active"
    CEASED = "ceased"
    ABSENT = "absent"
    """The register answered that it does not know it."""


class CompanyRecord(Model):
    """One answer of the register, about one SIRET, at one instant."""

    siren: Annotated[str, StringConstraints(pattern=r"^\d{9}$")]
    siret: Annotated[str, StringConstraints(pattern=r"^\d{14}$")]
    """The number that was asked about."""
    state: CompanyState
    """Of the legal unit (SIREN)."""
    establishment: CompanyState | None = None
    """Of the very establishment asked about (SIRET), never ``absent``; none when the answer does not list it."""
    name: Line = ""
    short_name: Line = ""
    legal_category: Annotated[str, StringConstraints(pattern=r"^\d{0,4}$")] = ""
    """INSEE's "catégorie juridique", four digits."""
    address: Line = ""
    """Of the establishment asked about, else of the seat."""
    fetched_at: AwareDatetime
    source: Line
    """Address of the service that answered."""

    @property
    def legal_kind(self) -> LegalKind | None:
        return legal_kind_of(self.legal_category)


_KINDS: tuple[tuple[str, LegalKind], ...] = (
    ("72", LegalKind.LOCAL_AUTHORITY),
    ("734", LegalKind.LOCAL_AUTHORITY),
    ("735", LegalKind.LOCAL_AUTHORITY),
    ("7361", LegalKind.PUBLIC_BODY),
    ("4", LegalKind.PUBLIC_BODY),
    ("7", LegalKind.PUBLIC_BODY),
    ("92", LegalKind.ASSOCIATION),
    ("93", LegalKind.FOUNDATION),
    ("1", LegalKind.COMPANY),
    ("2", LegalKind.COMPANY),
    ("3", LegalKind.COMPANY),
    ("5", LegalKind.COMPANY),
    ("6", LegalKind.COMPANY),
    ("8", LegalKind.OTHER),
    ("9", LegalKind.OTHER),
)
"""First digits of INSEE's legal categories, the longest first where one holds another. 734x and 735x are EPCI and
mixed syndicates; 4xxx public bodies under commercial law; 92xx associations; 93xx foundations."""


def legal_kind_of(category: str) -> LegalKind | None:
    """The kind that a legal category stands for; none for an unknown one."""
    if len(category) != 4:
        return None
    return next((kind for prefix, kind in _KINDS if category.startswith(prefix)), None)
