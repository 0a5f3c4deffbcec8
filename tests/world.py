"""One machine's Paraphe inside a test: real Temporal, SMTP, timestamps, LibreOffice, database and archive.

People act through the same ports as the portal; effects are counted in the mailbox, the register and the archive.
"""

import asyncio
import hashlib
import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servers import serving
from temporalio.client import Client, WorkflowHistory

from activities.conversion.libreoffice import LibreOfficePool
from activities.reading.intake import take_in
from domain.convention import Role, SuppliedFacts
from domain.executory import ExecutoryProof
from domain.links import Link
from domain.parties import Staff
from domain.powers import Delegation, Mandate
from service import first_run, sample
from service.catcher import Mailbox
from service.circuits import TemporalCircuits
from service.companions import create_app
from service.demo import SAMPLE
from service.settings import Settings
from service.stack import free_port
from service.temporal_server import register_search_attributes
from service.wiring import Parts, SigningLinks, ports
from service.worker import connect, workers
from workflows.deliberation import workflow_id
from workflows.views import ConventionView

OFFICER = Staff(id="officer", name="Service juridique")
PATIENCE = 60.0


@dataclass
class Shared:
    """What the tests of a run share, because it is slow to make and never changes."""

    temporal_address: str
    converter: LibreOfficePool
    keys: Path


@dataclass
class World:
    """The parts, and short ways for people to act."""

    settings: Settings
    parts: Parts
    client: Client
    circuits: TemporalCircuits
    links: SigningLinks
    mailbox: Mailbox

    async def until(self, convention: str, reached: Callable[[ConventionView], bool]) -> ConventionView:
        """The view once ``reached``; fails with the last view otherwise."""
        deadline = time.monotonic() + PATIENCE
        while True:
            view = await self.circuits.view(convention)
            if reached(view):
                return view
            assert time.monotonic() < deadline, f"never reached; last: {view.stage} {view.attention} {view.findings}"
            await asyncio.sleep(0.05)

    def deliberation(self) -> bytes:
        """The text of the sample, under a number of this test's own: all tests share one Temporal server."""
        serial = int(hashlib.sha256(self.settings.task_queue.encode()).hexdigest()[:8], 16) % 90000 + 10000
        return take_in(SAMPLE.read_bytes(), "sample.pdf").text.replace("6552/19", f"{serial}/19").encode()

    async def submit(self, content: bytes | None = None, name: str = "deliberation.txt") -> str:
        """Submit our deliberation (or ``content``) and give the first convention's id."""
        submission = await self.circuits.submit(content or self.deliberation(), name, OFFICER)
        return submission.conventions[0].convention_id

    async def act(self, convention: str) -> dict[str, Any]:
        import json

        view = await self.circuits.view(convention)
        reading: dict[str, Any] = json.loads(self.parts.store.get(view.reading))
        return reading["acts"][view.act_index]  # type: ignore[no-any-return]

    async def draft(self, convention: str, **changes: Any) -> ConventionView:
        """Register the powers, supply the facts of the demonstration, and wait for the draft."""
        act = await self.act(convention)
        for kind, entry in sample.powers(act):
            if kind == "mandates":
                self.parts.register.add_mandate(Mandate.model_validate(entry))
            else:
                self.parts.register.add_delegation(Delegation.model_validate(entry))
        view = await self.circuits.view(convention)
        facts = sample.supplied_facts(act, {"beneficiary": view.beneficiary, "amount": str(view.amount)})
        await self.circuits.supply_facts(convention, SuppliedFacts.model_validate(facts | changes), OFFICER)
        return await self.until(convention, lambda v: v.stage == "review")

    async def send(self, convention: str) -> ConventionView:
        """From nothing to the beneficiary's request for signature."""
        view = await self.draft(convention)
        assert view.draft is not None
        await self.circuits.approve(convention, view.draft.pdf.sha256, OFFICER)
        proof = ExecutoryProof.model_validate(sample.proof(await self.act(convention)))
        await self.circuits.record_receipt(convention, proof, OFFICER)
        await self.circuits.send(convention, OFFICER)
        return await self.until(convention, lambda v: v.stage == "signing_beneficiary")

    async def link(self, email: str, count: int = 1) -> Link:
        """The link of the ``count``-th message to ``email`` that bears one."""
        bodies = await self.mails(email, rf"{re.escape(self.settings.base_url)}/s/(\S+)", count)
        link = self.links.find(bodies[count - 1])
        assert link is not None
        return link

    async def mails(self, email: str, pattern: str, count: int) -> list[str]:
        """What ``pattern`` finds in the messages to ``email``, once there are ``count``."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = [m for text in self.texts(email) for m in re.findall(pattern, text)]
            if len(found) >= count:
                return found
            assert time.monotonic() < deadline, f"{len(found)} of {count} messages for {email}"
            await asyncio.sleep(0.05)

    def texts(self, email: str = "") -> list[str]:
        """Subject and text of each message to ``email``, in order of arrival."""
        texts = []
        for name in self.mailbox.names():
            message = self.mailbox.message(name)
            if message is not None and email in str(message["To"]):
                body = message.get_body(preferencelist=("plain",))
                texts.append(f"{message['Subject']}\n{body.get_content() if body else ''}")
        return texts

    async def prove(self, link: Link) -> str:
        """Ask for the code, read it in the mailbox, and give the challenge that it proves."""
        email = str(link.signatory.person.email)
        before = len(await self.mails(email, r"(?m)^\d{6}$", 0))
        await asyncio.to_thread(self.links.send_code, link)
        code = (await self.mails(email, r"(?m)^\d{6}$", before + 1))[-1]
        nonce = await asyncio.to_thread(self.links.check_code, link, code)
        return await asyncio.to_thread(self.links.check_session, link, nonce)

    async def sign(self, convention: str, role: Role) -> ConventionView:
        """Whoever's turn it is on that side signs."""
        view = await self.until(convention, lambda v: v.lifecycle.turn is role and bool(v.signatories))
        # Between two rounds the last person asked is still the one before.
        view = await self.until(
            convention,
            lambda v: v.signatories[-1].signatory.role is role and v.signatories[-1].round == v.lifecycle.round,
        )
        email = str(view.signatories[-1].signatory.person.email)
        link = await self.link(email)
        await self.circuits.sign(link, link.document, await self.prove(link), {})
        return await self.until(convention, lambda v: any(s.role is role for s in v.signatures))

    async def complete(self, convention: str) -> ConventionView:
        """Both sides sign; the convention is completed."""
        await self.sign(convention, Role.BENEFICIARY)
        await self.sign(convention, Role.AUTHORITY)
        return await self.until(convention, lambda v: v.stage == "completed")

    async def complete_authority(self, convention: str) -> ConventionView:
        """The authority's side signs; the convention is completed."""
        await self.sign(convention, Role.AUTHORITY)
        return await self.until(convention, lambda v: v.stage == "completed")

    async def history(self, convention: str) -> WorkflowHistory:
        return await self.client.get_workflow_handle(workflow_id(convention)).fetch_history()


@asynccontextmanager
async def world(shared: Shared, folder: Path, **changes: Any) -> AsyncIterator[World]:
    """A whole Paraphe in ``folder``."""
    shutil.copytree(shared.keys, folder / "keys")
    values: dict[str, Any] = {
        "data_dir": folder,
        "temporal_address": shared.temporal_address,
        "task_queue": f"test-{free_port()}-{folder.name}",
        "smtp_port": free_port(),
        "companion_port": free_port(),
    }
    settings = Settings(**{**values, **changes})
    await asyncio.to_thread(first_run.prepare, settings)
    parts = Parts(settings)
    parts.__dict__["converter"] = shared.converter
    with serving(create_app(settings), settings.companion_port):
        client = await connect(settings)
        await register_search_attributes(client)
        wired = ports(parts, client)
        assert isinstance(wired.circuits, TemporalCircuits)
        assert isinstance(wired.links, SigningLinks)
        main, conversion = workers(client, parts)
        async with main, conversion:
            yield World(settings, parts, client, wired.circuits, wired.links, Mailbox(settings.data_dir / "mails"))
    parts.close()


Act = Callable[[World], Awaitable[None]]
