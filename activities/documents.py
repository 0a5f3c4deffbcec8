"""The store of working documents: content-addressed, write-once, a folder by default, S3 by URL.

A document is named by its SHA-256, so that writing it twice writes it once, and reading it proves it.
"""

from pathlib import Path
from typing import Any, Protocol

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, from_url

from domain.documents import DocumentRef, digest, reference
from domain.errors import NotFound


class StoreDamaged(Exception):
    """A stored document does not match its digest. An outage, not a refusal: an operator must look."""


class Documents(Protocol):
    """What the other activities need of a store."""

    def put(self, content: bytes, media_type: str) -> DocumentRef: ...

    def get(self, ref: DocumentRef) -> bytes: ...


class DocumentStore:
    """Documents in a folder (``file:///…`` or a path) or in an object store (``s3://bucket/prefix``)."""

    def __init__(self, url: str, **options: Any) -> None:
        """:param options: passed to the object store (endpoint, region, credentials)."""
        if "://" in url and not url.startswith("file://"):
            self._store: Any = from_url(url, **options)
        else:
            folder = Path(url.removeprefix("file://"))
            folder.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(folder)

    def put(self, content: bytes, media_type: str) -> DocumentRef:
        """Keep ``content``; the same bytes twice are kept once."""
        ref = reference(content, media_type)
        try:
            obstore.put(self._store, _path(ref.sha256), content, mode="create")
        except AlreadyExistsError:
            # A write cut short by a crash would stand under this name for ever: prove it before trusting it.
            if digest(self._read(ref.sha256)) != ref.sha256:
                obstore.put(self._store, _path(ref.sha256), content, mode="overwrite")
        return ref

    def get(self, ref: DocumentRef) -> bytes:
        """The bytes of ``ref``, checked against its digest.

        :raises NotFound: ``document_unknown``.
        :raises StoreDamaged: the bytes are not those of the digest.
        """
        content = self._read(ref.sha256)
        if digest(content) != ref.sha256:
            raise StoreDamaged(f"document {ref.sha256} does not match its digest")
        return content

    def _read(self, sha256: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, _path(sha256)).bytes())
        except FileNotFoundError as error:
            raise NotFound("document_unknown", "Ce document n'est pas dans le dépôt de documents.") from error


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
