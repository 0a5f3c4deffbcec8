"""A whole Paraphe in processes of its own, whose parts a test may kill; and the account of what came of it.

People act through the portal's doors only. What is counted is outside the processes: mailbox, register, archive.
"""

import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from counting_companions import LOG
from killing_worker import BIRTHS, FOLDER, INSIDE

from activities.archive.storage import Storage, verify_object
from activities.reading.intake import take_in
from activities.signing.verification import verify
from domain.documents import digest
from domain.tasks import TASKS
from domain.verification import Conclusion
from service import first_run, sample
from service.catcher import Mailbox
from service.demo import SAMPLE
from service.keys import verification_trust
from service.settings import Settings, load
from service.stack import Stack, on_free_ports
from service.visitor import Desk, Refusal, Signer
from service.wiring import Parts

HERE = Path(__file__).parent
LONG = os.environ.get("PARAPHE_FAULTS") == "long"
POINTS = tuple(f"{task.name}.{side}" for task in TASKS for side in ("before", "after")) + INSIDE

View = dict[str, Any]


class LaterMails(Mailbox):
    """What has come into a mailbox since it was opened here."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._earlier = set(super().names())

    def names(self) -> list[str]:
        return [name for name in super().names() if name not in self._earlier]


@dataclass
class Tally:
    """What a run of fault tests says at its end."""

    tried: int = 0
    survived: int = 0
    duplicates: int = 0
    """Deliveries of a message that the mailbox already had."""
    lines: list[str] = field(default_factory=list)


class Scene:
    """The stack, and the people around it."""

    def __init__(self, settings: Settings, stack: Stack, desk: Desk, parts: Parts, tally: Tally) -> None:
        self.settings = settings
        self.stack = stack
        self.desk = desk
        self.parts = parts
        self.tally = tally
        self._serial = 10_000

    @property
    def mails(self) -> Path:
        return self.settings.data_dir / "mails"

    # Acting

    def deliberation(self) -> bytes:
        """The text of the sample, under a number that nothing has borne here."""
        self._serial += 1
        return take_in(SAMPLE.read_bytes(), "sample.pdf").text.replace("6552/19", f"{self._serial}/19").encode()

    def open(self) -> str:
        """Submit a new deliberation; the convention's id."""
        submission = self.desk.submit(self.deliberation(), "deliberation.txt")
        (started,) = submission["conventions"]
        return str(started["convention_id"])

    def act(self, convention: str) -> View:
        act: View = self.desk.reading(convention)["acts"][0]
        return act

    def facts(self, convention: str) -> View:
        view = self.desk.view(convention)
        awarded = {"beneficiary": view["beneficiary"], "amount": view["amount"]}
        return sample.supplied_facts(self.act(convention), awarded)

    def draft(self, convention: str) -> View:
        """From an open convention to a version to approve."""
        for kind, entry in sample.powers(self.act(convention)):
            self.desk.add_power(kind, entry)
        self.desk.supply(convention, self.facts(convention))
        return self.desk.wait(convention, lambda view: view["stage"] == "review")

    def send(self, convention: str) -> View:
        """From an open convention to the beneficiary's request for signature."""
        view = self.draft(convention)
        self.desk.approve(convention, view["draft"]["pdf"]["sha256"])
        self.desk.record_receipt(convention, sample.proof(self.act(convention)))
        self.desk.send(convention)
        return self.desk.wait(convention, lambda v: v["stage"] == "signing_beneficiary")

    def sign(self, convention: str, role: str, box: Mailbox) -> None:
        """The signatory of that side goes through her link; and comes back to it when a page was lost on the way."""
        email = sample.signatories(self.act(convention))[role]["email"]
        deadline = time.monotonic() + 120
        while True:
            signer = Signer(self.settings.base_url, box, email)
            try:
                for _ in signer.sign():
                    pass
            except Refusal:
                if self._signed(convention, role):
                    return
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)
            else:
                self.desk.wait(convention, lambda view: any(s["role"] == role for s in view["signatures"]))
                return

    def _signed(self, convention: str, role: str) -> bool:
        view = self.desk.view(convention)
        return view["lifecycle"]["signing"] or any(s["role"] == role for s in view["signatures"])

    def journey(self, between: Callable[[str], None] = lambda _step: None) -> "Account":
        """From the deliberation to the archive; ``between`` is told each step before it is taken."""
        box = LaterMails(self.mails)
        between("submit")
        convention = self.open()
        between("send")
        self.send(convention)
        for role in ("beneficiary", "authority"):
            between(role)
            self.sign(convention, role, box)
        between("complete")
        self.desk.wait(convention, lambda view: view["stage"] == "completed")
        return Account(self, convention, box)

    # Breaking

    def arm(self, point: str, calls: int = 0) -> None:
        """Have the worker die at ``point``, once ``calls`` have passed by."""
        folder = self.settings.data_dir / FOLDER
        folder.mkdir(exist_ok=True)
        waiting = self.settings.data_dir / f"{point}.new"
        waiting.write_text(str(calls))
        waiting.replace(folder / point)

    def armed(self) -> list[str]:
        """The points that no worker has come to."""
        return sorted(path.name for path in (self.settings.data_dir / FOLDER).glob("*"))

    def disarm(self) -> None:
        for name in self.armed():
            (self.settings.data_dir / FOLDER / name).unlink(missing_ok=True)

    def kill(self, *names: str) -> bool:
        """SIGKILL the processes of those names, at once; whether all were there to be killed."""
        pids = [self.stack.pid(name) for name in names]
        for pid in pids:
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
        return None not in pids

    @contextmanager
    def killing(self, instants: list[float], *names: str) -> Iterator[list[float]]:
        """Kill ``names`` at each of ``instants`` (seconds from now) while the block runs; yields those done."""
        done: list[float] = []
        over = threading.Event()
        start = time.monotonic()

        def kill() -> None:
            for instant in sorted(instants):
                if over.wait(max(0.0, start + instant - time.monotonic())):
                    return
                if self.kill(*names):
                    done.append(round(time.monotonic() - start, 2))

        thread = threading.Thread(target=kill, daemon=True)
        thread.start()
        try:
            yield done
        finally:
            over.set()
            thread.join(5)

    # Counting

    @contextmanager
    def faults(self, title: str) -> Iterator[list[str]]:
        """Tell the tally what was tried (the block fills the list), and that it was survived if the block ends well."""
        tried: list[str] = []
        start, births = time.monotonic(), self.births()
        try:
            yield tried
        finally:
            self.tally.tried += len(tried)
        self.tally.survived += len(tried)
        self.tally.lines.append(
            f"{title}: {len(tried)} faults in {time.monotonic() - start:.0f} s,"
            f" {self.births() - births} restarts of the worker: {', '.join(tried)}"
        )

    def births(self) -> int:
        """How many workers were started."""
        return len((self.settings.data_dir / BIRTHS).read_text().split())

    def deliveries(self) -> Counter[str]:
        """How often each Message-ID was delivered."""
        log = self.settings.data_dir / LOG
        return Counter(log.read_text().split()) if log.exists() else Counter()

    def require_numbers_without_gap(self) -> None:
        numbers = sorted(c.number for c in self.parts.register.conventions(limit=1000) if c.number)
        ranks = [int(number.split("-")[1]) for number in numbers]
        assert ranks == list(range(1, len(ranks) + 1)), numbers


@dataclass
class Account:
    """What came of one journey."""

    scene: Scene
    convention: str
    box: Mailbox

    def require_once(self, *, codes: int | None = 1) -> None:
        """The convention is completed, and everything about it happened exactly once.

        :param codes: one-time codes per signatory; None when people may have had to ask again.
        """
        scene, convention = self.scene, self.convention
        register, settings = scene.parts.register, scene.settings
        view = scene.desk.view(convention)
        assert view["stage"] == "completed"
        assert not view["attention"], view["attention"]
        scene.require_numbers_without_gap()
        row = register.convention(convention)
        assert row.number == view["convention_number"]
        assert len(register.conventions(award_id=row.award.id)) == 1, "one circuit"

        people = sample.signatories(scene.act(convention))
        kinds = self.kinds()
        for person in people.values():
            received = {kind: n for (email, kind), n in kinds.items() if email == person["email"]}
            sent_codes = received.pop("code")
            assert received == {"request": 1, "completion": 1}, received
            assert sent_codes == codes if codes is not None else sent_codes >= 1, sent_codes
        assert {email for email, _ in kinds} == {person["email"] for person in people.values()}

        versions = Storage(settings.archive).versions(view["archive"]["object_id"])
        assert [stored.version for stored in versions] == ["v1"]
        verify_object(settings.archive, view["archive"]["object_id"])
        signed = scene.desk.document(convention, "signed")
        report = verify(signed, verification_trust(settings))
        assert report.conclusion is Conclusion.VALID, report.sentences
        assert len(report.signatures) == 2
        assert signed.startswith(scene.desk.document(convention, "pdf")), "what is signed is what was approved"
        assert digest(signed) == view["signatures"][-1]["document"]["sha256"]

        assert register.verify_chain(convention)
        events = Counter(entry.event.kind for entry in register.events(convention))
        once = ("opened", "approved", "receipt_recorded", "sent_for_signature", "validated", "archived", "delivered")
        assert {kind: events[kind] for kind in once} == dict.fromkeys(once, 1)
        assert events["signed"] == events["signature_accepted"] == 2
        assert events["mail_sent"] == 4, "two requests, two completions; codes are the portal's own"

    def kinds(self) -> Counter[tuple[str, str]]:
        """How many messages of each kind each person has."""
        found: Counter[tuple[str, str]] = Counter()
        for name in self.box.names():
            message = self.box.message(name)
            assert message is not None
            body = message.get_body(preferencelist=("plain",))
            text = str(body.get_content()) if body else ""
            if re.search(r"/s/\S{16,}", text):
                kind = "request"
            elif re.search(r"(?m)^\d{6}$", text):
                kind = "code"
            elif "signée par toutes les parties" in str(message["Subject"]):
                kind = "completion"
            else:
                kind = str(message["Subject"])
            email = re.sub(r".*<|>.*", "", str(message["To"]))
            found[email, kind] += 1
        return found


@contextmanager
def scene(folder: Path, keys: Path, tally: Tally) -> Iterator[Scene]:
    """A stack in ``folder``, with the worker that can be told where to die."""
    shutil.copytree(keys, folder / "keys")
    settings = on_free_ports(load(data_dir=folder, temporal_address=""))
    first_run.prepare(settings)
    commands = {
        "worker": [sys.executable, str(HERE / "killing_worker.py")],
        "companions": [sys.executable, str(HERE / "counting_companions.py")],
    }
    stack = Stack(settings, commands=commands)
    # Short: LibreOffice puts a socket in it, and a socket's path has a hundred characters at most.
    temporary = Path(tempfile.mkdtemp(prefix="pf-"))
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(temporary)
    try:
        stack.start()
        parts = Parts(settings)
        key = first_run.staff_key_file(settings).read_text("utf-8").strip()
        with Desk(settings.base_url, key) as desk:
            yield Scene(stack.settings, stack, desk, parts, tally)
        parts.close()
    finally:
        stack.stop()
        if before is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before
        shutil.rmtree(temporary, ignore_errors=True)
