"""Records the histories that the replay tests keep for ever: ``.venv/bin/python tests/histories/record.py``.

Run it when a path is new, never to make a replay test pass: a history that no longer replays is a convention that
would be stuck in production. Use ``workflow.patched`` instead.
"""

import asyncio
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from servers import temporal_server  # noqa: E402
from world import OFFICER, Shared, World, world  # noqa: E402

from activities.conversion.libreoffice import LibreOfficePool  # noqa: E402
from domain.convention import Role  # noqa: E402
from domain.errors import PowerMissing  # noqa: E402
from service import devpki, sample  # noqa: E402
from workflows.deliberation import workflow_id  # noqa: E402

BENEFICIARY = sample.representative()["email"]
DELEGATE = sample.delegate()["email"]


async def signed(paraphe: World, convention: str) -> None:
    await paraphe.send(convention)
    await paraphe.complete(convention)


async def corrected_then_signed(paraphe: World, convention: str) -> None:
    await paraphe.draft(convention)
    await paraphe.circuits.request_changes(convention, "Corriger le lieu", OFFICER)
    await paraphe.send(convention)
    await paraphe.complete(convention)


async def refused(paraphe: World, convention: str) -> None:
    await paraphe.send(convention)
    link = await paraphe.link(BENEFICIARY)
    await paraphe.circuits.refuse(link, "Le calendrier ne convient pas", await paraphe.prove(link), {})
    await paraphe.until(convention, lambda v: v.stage == "refused")


async def withdrawn(paraphe: World, convention: str) -> None:
    await paraphe.send(convention)
    await paraphe.link(BENEFICIARY)
    await paraphe.circuits.withdraw(convention, "Montant à revoir", OFFICER)
    await paraphe.until(convention, lambda v: v.stage == "withdrawn")


async def reminded_twice_then_expired(paraphe: World, convention: str) -> None:
    await paraphe.send(convention)
    await paraphe.until(convention, lambda v: v.stage == "expired")


async def handed_over(paraphe: World, convention: str) -> None:
    await paraphe.send(convention)
    await paraphe.sign(convention, Role.BENEFICIARY)
    link = await paraphe.link(DELEGATE)
    executive = sample.executive(await paraphe.act(convention))["email"]
    await paraphe.circuits.hand_over(link, executive, await paraphe.prove(link), {})
    await paraphe.complete_authority(convention)


async def power_ended(paraphe: World, convention: str) -> None:
    await paraphe.send(convention)
    await paraphe.sign(convention, Role.BENEFICIARY)
    link = await paraphe.link(DELEGATE)
    challenge = await paraphe.prove(link)
    day = (await paraphe.until(convention, lambda v: True)).signatures[0].signed_at.date()
    paraphe.parts.register.revoke_delegation("delegation-economie", day.replace(year=day.year - 1))
    try:
        await paraphe.circuits.sign(link, link.document, challenge, {})
    except PowerMissing:
        await paraphe.complete_authority(convention)


PATHS: dict[Callable[[World, str], Awaitable[None]], dict[str, Any]] = {
    signed: {},
    corrected_then_signed: {},
    refused: {},
    withdrawn: {},
    reminded_twice_then_expired: {"rehearsal_day": 0.4, "reminder_days": (2, 4), "expiry_days": 6},
    handed_over: {},
    power_ended: {},
}


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        devpki.ensure(folder / "keys")
        converter = LibreOfficePool(1)
        with temporal_server(folder) as address:
            shared = Shared(temporal_address=address, converter=converter, keys=folder / "keys")
            for path, changes in PATHS.items():
                place = folder / path.__name__
                place.mkdir()
                async with world(shared, place, **changes) as paraphe:
                    convention = await paraphe.submit()
                    await path(paraphe, convention)
                    handle = paraphe.client.get_workflow_handle(workflow_id(convention))
                    await handle.result()
                    keep(path.__name__, (await handle.fetch_history()).to_json())
                shutil.rmtree(place)
        converter.close()


def keep(name: str, history: str) -> None:
    """Write the history without what tells the machine it was made on."""
    events = json.loads(history)
    text = json.dumps(events, ensure_ascii=False, indent=1)
    text = re.sub(r'("identity": )"[^"]*"', r'\1"worker"', text)
    text = re.sub(r'("stackTrace": )"(?:[^"\\]|\\.)*"', r'\1""', text)
    (HERE / f"{name}.json").write_text(text + "\n", "utf-8")
    print(f"{name}: {len(events['events'])} events")


if __name__ == "__main__":
    asyncio.run(main())
