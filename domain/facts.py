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
    ocr_confidence: Annotated[int, Field(ge=0, le=100)] | None = None
    """Lowest confidence of its words when they come from character recognition (OCR); none when the file says them."""
    boxes: tuple[tuple[int, float, float, float, float], ...] = ()
    """Where recognised words stand: page, then left, top, right, bottom as fractions of it. Empty for other text."""


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
    """A note: nothing is wrong."""
    WARNING = "warning"
    BLOCKING = "blocking"
    """No draft, hence no approval, before a person has settled it."""
    BLOCKING_SIGNATURE = "blocking_signature"
    """The draft is made and may be approved; it is not sent for signature before a person has settled it."""


class Finding(Model):
    """Something a legal affairs officer should see about what was read or drafted."""

    code: str
    """Stable, snake_case: other programs read it."""
    severity: Severity
    message: str
    """French, one sentence."""
    evidence: tuple[Evidence, ...] = ()
    article: str = ""
    """The text of law that it rests on, when a rule of law found it."""
    mend: str = ""
    """French, one sentence: what to do about it."""
