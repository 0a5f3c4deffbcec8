"""References to documents: bytes live in the store, everything else carries their digest."""

import hashlib
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest as 64 lower-case hexadecimal characters."""

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT = "text/plain"
JSON = "application/json"
XML = "application/xml"
PNG = "image/png"
JPEG = "image/jpeg"


class Model(BaseModel):
    """Base of all our models: immutable, and strict about names it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class WireModel(BaseModel):
    """Base of what crosses Temporal: immutable, and tolerant of fields that a newer version added."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class DocumentRef(WireModel):
    """A document in the store, named by its content."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0)]
    """Bytes."""
    media_type: str


def digest(content: bytes) -> str:
    """SHA-256 of ``content``, hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def reference(content: bytes, media_type: str) -> DocumentRef:
    """The reference that ``content`` has, or would have, in the store."""
    return DocumentRef(sha256=digest(content), size=len(content), media_type=media_type)
