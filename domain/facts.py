"""A fact read from a deliberation: its value, how sure we are, and the very words it comes from."""

from enum import StrEnum
from typing import Annotated, Generic, TypeVar

from pydantic import Field

from domain.documents import Model

T = TypeVar("T")


class FactStatus(StrEnum):
    """How a fact stands. Only ``FOUND`` may be used without a person settling it (invariant 2)."""

    FOUND = "found"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    CONFLICTING = "conflicting"
    MALFORMED = "malformed"


class Evidence(Model):
    """A span of the text extracted from the source."""

    start: Annotated[int, Field(ge=0)]
    """Offset of the first character in the extracted text, in code points."""
    end: Annotated[int, Field(ge=0)]
    """Offset after the last character."""
    text: str
    """The span, verbatim."""
    page: int | None = None
    """Page of the source, from 1; none for sources without pages."""


class Fact(Model, Generic[T]):
    """A value with its status and the places it was read at."""

    value: T | None = None
    status: FactStatus = FactStatus.MISSING
    evidence: tuple[Evidence, ...] = ()

    @property
    def usable(self) -> T | None:
        """The value when it may be used as it is, else none."""
        return self.value if self.status is FactStatus.FOUND else None


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    BLOCKING = "blocking"


class Finding(Model):
    """Something a legal affairs officer should see about what was read or drafted."""

    code: str
    """Stable, snake_case: other programs read it."""
    severity: Severity
    message: str
    """French, one sentence."""
    evidence: tuple[Evidence, ...] = ()
