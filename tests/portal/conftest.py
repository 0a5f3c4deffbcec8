"""The portal over ports in memory, driven through ASGI: no socket, no browser."""

from collections.abc import AsyncIterator

import httpx
import pytest
from portal_browser import BASE, Browser, token_of
from portal_memory import Memory
from portal_samples import KEY, OFFICER, sample_facts

from domain.convention import Role
from domain.executory import ExecutoryProof
from portal.app import create_app
from portal.settings import PortalSettings


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def settings() -> PortalSettings:
    return PortalSettings(
        base_url=BASE,
        trusted_hosts=("testserver",),
        max_upload_bytes=1_000_000,
        contact="juridique@metropole.example.org",
    )


@pytest.fixture
async def browser(memory: Memory, settings: PortalSettings) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(create_app(memory.ports(), settings))
    async with Browser(transport=transport, base_url=BASE, headers={"accept": "text/html"}) as client:
        yield client


@pytest.fixture
async def api(memory: Memory, settings: PortalSettings) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(memory.ports(), settings))
    async with httpx.AsyncClient(
        transport=transport, base_url=f"{BASE}/api/v1", headers={"authorization": f"Bearer {KEY}"}
    ) as client:
        yield client


@pytest.fixture
async def convention(memory: Memory) -> str:
    """A convention just opened."""
    submission = await memory.submit(b"Une deliberation", "deliberation.txt", OFFICER)
    memory.changes.clear()
    return submission.conventions[0].convention_id


@pytest.fixture
async def approved(memory: Memory, convention: str) -> str:
    await memory.supply_facts(convention, sample_facts(), OFFICER)
    draft = memory.conventions[convention].draft
    assert draft is not None
    await memory.approve(convention, draft.pdf.sha256, OFFICER)
    memory.changes.clear()
    return convention


@pytest.fixture
async def sent(memory: Memory, approved: str) -> str:
    """Executory, and sent to the beneficiary."""
    proof = ExecutoryProof.model_validate(
        {"receipt_id": "013-EX-DE", "received_at": "2019-10-02", "published_at": "2019-10-03"}
    )
    await memory.record_receipt(approved, proof, OFFICER)
    await memory.send(approved, OFFICER)
    memory.changes.clear()
    return approved


@pytest.fixture
def token(memory: Memory, sent: str) -> str:
    """The beneficiary's signing link."""
    return token_of(memory, Role.BENEFICIARY)
