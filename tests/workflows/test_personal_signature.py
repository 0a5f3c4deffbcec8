"""Conventions whose amount asks for a signature with the person's own certificate."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from csc_stand_in import SigningService
from servers import serving
from world import Shared, World, world

from domain.assurance import Assurance
from domain.convention import Role
from domain.errors import ActionRefused, SignatureRefused
from domain.links import Link
from portal.ports import Provider
from service.stack import free_port
from service.wiring import ports

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice]


@dataclass
class Personal:
    """A Paraphe where the authority's side signs with a certificate above 23 000 €."""

    world: World
    provider: Provider
    service: SigningService

    async def asked(self) -> tuple[str, Link, str]:
        """The convention, the link of the authority's signatory, and the challenge she proved."""
        convention = await self.world.submit()
        await self.world.send(convention)
        view = await self.world.sign(convention, Role.BENEFICIARY)
        assert view.signatures[0].assurance is Assurance.SIMPLE
        view = await self.world.until(
            convention, lambda v: v.lifecycle.turn is Role.AUTHORITY and len(v.signatories) > 1
        )
        person = view.signatories[-1].signatory.person
        link = await self.world.link(str(person.email))
        self.service.enrol(person.full_name, str(person.email))
        return convention, link, await self.world.prove(link)

    async def agree(self, link: Link, challenge: str) -> None:
        shown = await self.world.circuits.signing_view(link)
        assert shown.assurance is Assurance.ADVANCED
        await asyncio.to_thread(self.provider.begin, link, challenge, shown.document)
        code = next(iter(self.service.accounts.values())).code
        await asyncio.to_thread(self.provider.agree, link, challenge, link.document, code, "")


@pytest.fixture
async def personal(shared: Shared, tmp_path: Path) -> AsyncIterator[Personal]:
    service, port = SigningService(), free_port()
    secret = tmp_path / "csc-secret"
    secret.write_text(service.client[1])
    base = f"http://127.0.0.1:{port}"
    with serving(service.application(), port):
        async with world(
            shared,
            tmp_path,
            csc_url=base,
            csc_token_url=f"{base}/token",
            csc_client_id=service.client[0],
            csc_client_secret_file=secret,
            signature_assurance="authority:advanced:23000",
            trust_roots=str(service.authority.root_file(tmp_path)),
            crl_files=str(service.authority.revocation_list(tmp_path)),
        ) as made:
            provider = ports(made.parts, made.client).provider
            assert provider is not None
            yield Personal(made, provider, service)


async def test_the_convention_is_signed_archived_and_says_who_signed_at_what_level(personal: Personal) -> None:
    convention, link, challenge = await personal.asked()
    await personal.agree(link, challenge)
    await personal.world.circuits.sign(link, link.document, challenge, {})
    view = await personal.world.until(convention, lambda v: v.stage == "completed")
    assert [one.assurance for one in view.signatures] == [Assurance.SIMPLE, Assurance.ADVANCED]
    signed = [line for line in await personal.world.circuits.events(convention) if line.kind == "signed"]
    assert len(signed) == 2
    assert personal.service.calls.count("signatures/signHash") == 1


async def test_without_her_agreement_at_the_provider_nothing_is_signed_and_she_is_still_asked(
    personal: Personal,
) -> None:
    convention, link, challenge = await personal.asked()
    with pytest.raises((SignatureRefused, ActionRefused)) as refusal:
        await personal.world.circuits.sign(link, link.document, challenge, {})
    assert refusal.value.code == "remote_not_begun"
    view = await personal.world.circuits.view(convention)
    assert [one.role for one in view.signatures] == [Role.BENEFICIARY]
    assert (await personal.world.circuits.signing_view(link)).state == "ready"
    assert "signatures/signHash" not in personal.service.calls
