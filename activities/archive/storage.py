"""An OCFL 1.1 storage root in a folder: objects that only grow, each version whole or absent.

A version is built in ``extensions/paraphe-staging`` (same file system, and gone when nobody is writing), validated,
flushed, and put in place by one rename: a crash leaves the object as it was, or with the whole new version.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import ocfl
from ocfl.layout_0003_hash_and_id_n_tuple import Layout_0003_Hash_And_Id_N_Tuple

from activities.archive import disk
from domain.documents import WireModel
from domain.errors import ArchiveDamaged, NotFound

SPEC = "1.1"
LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
ALGORITHM = "sha512"
DECLARATION = f"0=ocfl_{SPEC}"
_STAGING = Path("extensions", "paraphe-staging")
_PREVIOUS = "previous"
_DESTINATION = "destination"


class StoredVersion(WireModel):
    """Where a version of an object stands."""

    object_id: str
    version: str
    path: str
    """Of the object, relative to the storage root."""
    inventory_digest: str
    """SHA-512 of the version's own inventory, which never changes once another version follows."""


class ObjectReport(WireModel):
    """An object whose every byte was read again and matches."""

    object_id: str
    path: str
    versions: tuple[str, ...]
    files: dict[str, str]
    """Content path to SHA-512, of all the versions."""


class Storage:
    """Objects under ``root``, which is made, and declared an OCFL storage root, when it is first written to."""

    def __init__(self, root: Path, exchange: Callable[[Path, Path], bool] = disk.exchange) -> None:
        """:param exchange: swaps two folders in one step, or answers that it cannot."""
        self.root = root
        self._exchange = exchange

    def path_of(self, object_id: str) -> Path:
        """Folder of the object, whether it exists or not; always inside the root."""
        relative: str = Layout_0003_Hash_And_Id_N_Tuple().identifier_to_path(object_id)
        return self.root / relative

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the archive: one writer at a time, on this machine."""
        self.root.mkdir(parents=True, exist_ok=True)
        with disk.locked(self.root):
            self._clean()
            self._declare()
            yield

    def add_version(
        self, object_id: str, files: Mapping[str, bytes], message: str, author: str, created: datetime
    ) -> StoredVersion:
        """Make ``files`` (name to content) the object's next version. Under :meth:`writing`.

        :raises ArchiveDamaged: the object was damaged before; nothing is added to it.
        """
        target = self.path_of(object_id)
        stage = self.root / _STAGING / uuid4().hex
        content, staged = stage / "content", stage / "object"
        content.mkdir(parents=True)
        for name, data in files.items():
            (content / name).write_bytes(data)
        metadata = ocfl.VersionMetadata(created=_w3c(created), message=message, name=author)
        if target.exists():
            self.verify(object_id)
            disk.copy_object(target, staged)
            _object(object_id).add_version_with_content(objdir=str(staged), srcdir=str(content), metadata=metadata)
        else:
            _object(object_id).create(srcdir=str(content), metadata=metadata, objdir=str(staged))
        _check(staged, object_id)
        disk.flush_tree(staged)
        self._place(staged, target, stage)
        stored = self._stored(object_id, self.inventory(object_id)["head"])
        self.verify(object_id)
        for name, data in files.items():
            if self.read(object_id, name, stored.version) != data:
                raise _damaged(object_id, name, "n'est pas celui qui a été remis à l'archive")
        self._clean()
        return stored

    def versions(self, object_id: str) -> list[StoredVersion]:
        """The versions of an object, oldest first; none when there is no such object."""
        if not self.path_of(object_id).exists():
            return []
        numbers = sorted(self.inventory(object_id)["versions"], key=lambda version: int(version[1:]))
        return [self._stored(object_id, version) for version in numbers]

    def read(self, object_id: str, name: str, version: str = "") -> bytes:
        """A file of a version (the newest by default), checked against its digest (invariant 9).

        :raises NotFound: ``archive_unknown`` or ``archived_file_unknown``.
        :raises ArchiveDamaged: ``archive_damaged``, naming the file.
        """
        inventory = self.inventory(object_id)
        state = inventory["versions"].get(version or inventory["head"], {"state": {}})["state"]
        digest = next((digest for digest, names in state.items() if name in names), None)
        if digest is None:
            raise NotFound(
                "archived_file_unknown", f"L'archive de « {object_id} » ne contient pas de fichier « {name} »."
            )
        return self._content(object_id, inventory["manifest"][digest][0], digest)

    def verify(self, object_id: str) -> ObjectReport:
        """Read the whole object again and validate it.

        :raises NotFound: ``archive_unknown``.
        :raises ArchiveDamaged: ``archive_damaged``, naming the first damaged file.
        """
        inventory = self.inventory(object_id)
        files = {path: digest for digest, paths in inventory["manifest"].items() for path in paths}
        for path, digest in sorted(files.items()):
            self._content(object_id, path, digest)
        versions = tuple(stored.version for stored in self.versions(object_id))
        _check(self.path_of(object_id), object_id)
        return ObjectReport(
            object_id=object_id,
            path=self._relative(object_id),
            versions=versions,
            files=files,
        )

    def inventory(self, object_id: str) -> dict[str, Any]:
        """The object's inventory, checked against its sidecar."""
        folder = self.path_of(object_id)
        if not folder.is_dir():
            raise NotFound("archive_unknown", f"Rien n'est archivé sous « {object_id} ».")
        data = _read(folder / "inventory.json", object_id)
        _sidecar(folder, object_id, data)
        inventory: dict[str, Any] = json.loads(data)
        if inventory.get("id") != object_id:
            raise _damaged(object_id, "inventory.json", "désigne un autre objet")
        return inventory

    def _content(self, object_id: str, path: str, digest: str) -> bytes:
        data = _read(self.path_of(object_id) / path, object_id, path)
        if hashlib.new(ALGORITHM, data).hexdigest() != digest:
            raise _damaged(object_id, path, "ne correspond plus à son empreinte")
        return data

    def _stored(self, object_id: str, version: str) -> StoredVersion:
        folder = self.path_of(object_id) / version
        data = _read(folder / "inventory.json", object_id, f"{version}/inventory.json")
        return StoredVersion(
            object_id=object_id,
            version=version,
            path=self._relative(object_id),
            inventory_digest=_sidecar(folder, object_id, data, f"{version}/"),
        )

    def _relative(self, object_id: str) -> str:
        return self.path_of(object_id).relative_to(self.root).as_posix()

    def _place(self, staged: Path, target: Path, stage: Path) -> None:
        if target.exists():
            if not self._exchange(staged, target):
                self._replace(staged, target, stage)
            disk.flush(target.parent)
            return
        # OCFL allows no empty folder in the hierarchy: the missing parents arrive with the object, in one rename.
        place = target
        while not place.parent.exists():
            place = place.parent
        tree = stage / "tree"
        moved = tree / target.relative_to(place.parent)
        moved.parent.mkdir(parents=True)
        staged.rename(moved)
        disk.flush_tree(tree)
        (tree / place.name).rename(place)
        disk.flush(place.parent)

    def _replace(self, staged: Path, target: Path, stage: Path) -> None:
        """Two renames, where one step is not to be had: :meth:`_clean` puts the object back if we stop in between."""
        (stage / _DESTINATION).write_text(target.relative_to(self.root).as_posix(), encoding="utf-8")
        disk.flush_tree(stage)
        target.rename(stage / _PREVIOUS)
        staged.rename(target)

    def _clean(self) -> None:
        """Put aside what a crash left in the staging area. Under :meth:`writing`, so that nobody else is staging."""
        staging = self.root / _STAGING
        if not staging.exists():
            return
        for stage in staging.iterdir():
            previous = stage / _PREVIOUS
            if previous.exists():
                target = self.root / (stage / _DESTINATION).read_text(encoding="utf-8")
                if not target.exists():
                    previous.rename(target)
                    disk.flush(target.parent)
            shutil.rmtree(stage)
        staging.rmdir()

    def _declare(self) -> None:
        if (self.root / DECLARATION).exists():
            return
        strangers = {entry.name for entry in self.root.iterdir()} - {"extensions", "ocfl_layout.json"}
        if strangers:
            raise ValueError(f"{self.root} is neither empty nor an OCFL storage root: it cannot become the archive")
        fresh = self.root / _STAGING / uuid4().hex / "root"
        fresh.parent.mkdir(parents=True)
        ocfl.StorageRoot(root=str(fresh), layout_name=LAYOUT).initialize(spec_version=SPEC)
        disk.flush_tree(fresh)
        shutil.copytree(fresh / "extensions" / LAYOUT, self.root / "extensions" / LAYOUT, dirs_exist_ok=True)
        os.replace(fresh / "ocfl_layout.json", self.root / "ocfl_layout.json")
        disk.flush_tree(self.root / "extensions")
        # The declaration comes last: a root that a crash left without it is simply declared again.
        os.replace(fresh / DECLARATION, self.root / DECLARATION)
        disk.flush(self.root)
        self._clean()


def verify_object(root: Path, object_id: str) -> ObjectReport:
    """See :meth:`Storage.verify`."""
    return Storage(root).verify(object_id)


def read_file(root: Path, object_id: str, name: str, version: str = "") -> bytes:
    """See :meth:`Storage.read`."""
    return Storage(root).read(object_id, name, version)


def _object(object_id: str) -> Any:
    return ocfl.Object(identifier=object_id, spec_version=SPEC, digest_algorithm=ALGORITHM)


def _check(folder: Path, object_id: str) -> None:
    """ocfl-py's own validator, which also finds files that no inventory knows."""
    passed, validator = ocfl.Object().validate(objdir=str(folder), log_warnings=False, log_errors=True)
    if not passed:
        raise _damaged(object_id, "; ".join(validator.log.messages), "n'est pas conforme à OCFL")


def _sidecar(folder: Path, object_id: str, inventory: bytes, prefix: str = "") -> str:
    name = f"inventory.json.{ALGORITHM}"
    kept = _read(folder / name, object_id, prefix + name).split()
    digest = hashlib.new(ALGORITHM, inventory).hexdigest()
    if not kept or kept[0].decode("ascii", "replace") != digest:
        raise _damaged(object_id, f"{prefix}inventory.json", "ne correspond plus à son empreinte")
    return digest


def _read(path: Path, object_id: str, name: str = "") -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _damaged(object_id, name or path.name, "a disparu") from error


def _damaged(object_id: str, name: str, what: str) -> ArchiveDamaged:
    return ArchiveDamaged(
        "archive_damaged",
        f"L'archive « {object_id} » est endommagée : le fichier « {name} » {what}. Restaurez-le depuis une sauvegarde.",
    )


def _w3c(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
