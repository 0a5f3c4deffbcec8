"""Kills an archiving process at every step it takes on the disk, and looks at what is left. Run by test_crash.py.

Usage: crash_driver.py FOLDER (first|second) (swap|no-swap) STRIDE

The steps are Python's own audit events (open, rename, mkdir, rmdir, remove…) that touch the archive, and the calls
to renameat2: the child kills itself with SIGKILL just before the n-th one. The parent only forks and looks: the
object store's threads would not survive a fork.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ocfl
from archive_samples import Bench
from register_samples import recording

from activities.archive import Storage, object_id
from activities.archive.activity import ArchiveActivities
from domain.documents import WireModel
from domain.errors import NotFound
from domain.lifecycle import Stage
from domain.tasks import ArchiveAnswer, ArchiveRequest

WATCHED = ("open", "os.", "shutil.", "ctypes.")


def prepare(folder: Path, which: str) -> ArchiveRequest:
    bench = Bench.at(folder)
    convention_id = bench.circuit()
    if which == "second":
        bench.activities.archive_convention(bench.refused(convention_id))
        bench.register.record(recording(convention_id, Stage.REFUSED, 3))
        convention_id = bench.circuit()
    request = bench.completed(convention_id)
    bench.close()
    return request


def archive(folder: Path, request: ArchiveRequest, swap: bool) -> ArchiveAnswer:
    bench = Bench.at(folder, migrated=True)
    activities = ArchiveActivities(bench.store, bench.register, bench.root, bench.witnesses)
    if not swap:
        activities._storage = Storage(bench.root, exchange=lambda first, second: False)
    try:
        return activities.archive_convention(request)
    finally:
        bench.close()


def in_child(work: Callable[[], WireModel], answer: Path) -> bool:
    """Leave what ``work`` returns in ``answer``, as JSON; False when the child was killed."""
    child = os.fork()
    if child == 0:
        try:
            answer.write_text(work().model_dump_json(), encoding="utf-8")
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0
    return True


def dying_at(step: int, folder: Path, request: ArchiveRequest, swap: bool) -> ArchiveAnswer:
    taken = 0
    archive_root = str(folder / "archive")

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal taken
        if event.startswith(WATCHED) and (event.startswith("ctypes") or archive_root in str(arguments)):
            taken += 1
            if taken == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    return archive(folder, request, swap)


def look(folder: Path, request: ArchiveRequest, which: str, swap: bool) -> None:
    """What a reader finds after the crash: nothing new, or the whole."""
    storage = Storage(folder / "archive")
    name = object_id(request.award)
    before = ("v1",) if which == "second" else ()
    after = (*before, f"v{len(before) + 1}")
    try:
        versions = storage.verify(name).versions
    except NotFound:
        versions = ()
    # Between the two renames of the fallback the object is not in place; writing again puts it back.
    allowed = {before, after} if swap else {before, after, ()}
    assert versions in allowed, versions
    displaced = bool(before) and not versions
    if (storage.root / "0=ocfl_1.1").exists() and not displaced:
        root = ocfl.StorageRoot(root=str(storage.root))
        assert root.validate(log_warnings=False), root.errors
        assert root.num_objects == root.good_objects


def main(folder: Path, which: str, swap: bool, stride: int) -> int:
    said, said_again = folder / "answer.json", folder / "again.json"
    assert in_child(lambda: prepare(folder / "model", which), said)
    request = ArchiveRequest.model_validate_json(said.read_text(encoding="utf-8"))
    trial = folder / "trial"
    step = crashes = 0
    finished = False
    while not finished:
        step += stride
        shutil.copytree(folder / "model", trial)
        finished = in_child(partial(dying_at, step, trial, request, swap), said)
        crashes += not finished
        look(trial, request, which, swap)
        for answer in (said, said_again):
            assert in_child(partial(archive, trial, request, swap), answer)
        assert said.read_bytes() == said_again.read_bytes()
        answer_given = ArchiveAnswer.model_validate_json(said.read_text(encoding="utf-8"))
        assert answer_given.version == ("v2" if which == "second" else "v1")
        report = Storage(trial / "archive").verify(answer_given.object_id)
        assert report.versions[-1] == answer_given.version
        assert not (trial / "archive" / "extensions" / "paraphe-staging").exists()
        shutil.rmtree(trial)
    return crashes


if __name__ == "__main__":
    folder, which, swap, stride = sys.argv[1:]
    print(main(Path(folder), which, swap == "swap", int(stride)))
