"""Archiving a circuit: all or nothing, once, under the deliberation's number."""

import json
from pathlib import Path

from temporalio import activity

from activities.archive import package
from activities.archive.naming import object_id
from activities.archive.storage import Storage, StoredVersion
from activities.documents import Documents
from activities.refusals import refusing
from activities.register.register import Register
from domain.circuits import Archived
from domain.documents import JSON
from domain.lifecycle import LABELS, Stage
from domain.tasks import ARCHIVE, ArchiveAnswer, ArchiveRequest


class ArchiveActivities:
    """One OCFL object per award; each circuit that ended is one version of it."""

    def __init__(self, store: Documents, register: Register, root: Path, witnesses: package.Witnesses) -> None:
        """:param root: folder of the archive, an OCFL storage root; made when it does not exist."""
        self._store = store
        self._register = register
        self._storage = Storage(Path(root))
        self._witnesses = witnesses

    @activity.defn(name=ARCHIVE.name, no_thread_cancel_exception=True)
    @refusing
    def archive_convention(self, request: ArchiveRequest) -> ArchiveAnswer:
        """The version that holds the circuit, found or made. What is on the disk decides, the catalogue follows it."""
        name = self._object_id(request)
        with self._storage.writing():
            stored = self._find(name, request.convention_id)
        if stored is None:
            # Without holding the archive: a timestamp authority that does not answer must not stop the others.
            files = package.build(request, self._store, self._register, self._witnesses)
            with self._storage.writing():
                stored = self._find(name, request.convention_id) or self._add(name, request, files)
        evidence = self._store.put(self._storage.read(name, package.EVIDENCE, stored.version), JSON)
        signed = package.signed_document(request) if request.ending is Stage.COMPLETED else None
        archived = self._register.record_archive(
            Archived(
                convention_id=request.convention_id,
                award_id=request.award.id,
                object_id=name,
                version=stored.version,
                path=stored.path,
                manifest_digest=stored.inventory_digest,
                evidence=evidence,
                document=signed.sha256 if signed else None,
                archived_at=request.archived_at,
            )
        )
        return ArchiveAnswer(
            object_id=archived.object_id,
            version=archived.version,
            path=archived.path,
            manifest_digest=archived.manifest_digest,
            evidence=archived.evidence,
        )

    def _object_id(self, request: ArchiveRequest) -> str:
        """The award's object, even when an earlier circuit spelt the deliberation's number otherwise."""
        earlier = self._register.archived_versions(request.award.id)
        return earlier[0].object_id if earlier else object_id(request.award)

    def _add(self, name: str, request: ArchiveRequest, files: dict[str, bytes]) -> StoredVersion:
        message = f"Convention {request.convention_number or request.convention_id} : {LABELS[request.ending].lower()}"
        return self._storage.add_version(name, files, message, request.award.authority, request.archived_at)

    def _find(self, name: str, convention_id: str) -> StoredVersion | None:
        for stored in self._storage.versions(name):
            metadata = json.loads(self._storage.read(name, package.METADATA, stored.version))
            if metadata["convention_id"] == convention_id:
                return stored
        return None
