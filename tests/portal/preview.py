"""Look at the pages in a browser: ``python tests/portal/preview.py`` serves samples in every state, from memory."""

import asyncio
import sys
from datetime import date, timedelta
from pathlib import Path

import uvicorn

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from portal_memory import Memory  # noqa: E402
from portal_samples import AUTHORITY, CHAIR, DEPUTY, KEY, NUMBER, OFFICER, sample_facts  # noqa: E402

from domain.executory import ExecutoryProof  # noqa: E402
from domain.powers import Delegation, Mandate, PowerKind, PowerRegister  # noqa: E402
from portal.app import create_app  # noqa: E402
from portal.settings import PortalSettings  # noqa: E402

PORT = 8765


async def samples(memory: Memory) -> None:
    """One convention, copied at several stages under ids of their own."""
    await memory.submit(f"Délibération {NUMBER}".encode(), "deliberation.txt", OFFICER)
    [id_] = memory.conventions

    def copy(digit: str, **changes: object) -> str:
        other = digit * 16 + "-1"
        memory.conventions[other] = memory.conventions[id_].model_copy(update={"convention_id": other, **changes})
        return other

    await memory.supply_facts(copy("1"), sample_facts(), OFFICER)
    for digit in "2345":
        other = copy(digit, attention="Une dernière vérification du SIRET est nécessaire." if digit == "2" else "")
        await memory.supply_facts(other, sample_facts(), OFFICER)
        view = memory.conventions[other]
        assert view.draft is not None
        await memory.approve(other, view.draft.pdf.sha256, OFFICER)
        if digit == "2":
            continue
        day = date(2019, 10, 4)
        proof = ExecutoryProof(receipt_id="013-200054807-20190926-EX-DE", received_at=day, published_at=day)
        await memory.record_receipt(other, proof, OFFICER)
        await memory.send(other, OFFICER)
        if digit in "45":
            for _ in range(1 if digit == "4" else 2):
                token = next(
                    t
                    for t, link in memory.tokens.items()
                    if link.convention_id == other and link.round == memory.conventions[other].lifecycle.round
                )
                link = memory.tokens[token]
                await memory.sign(link, link.document, "challenge-1", {})
                memory.finish_signature(other)
    memory.register = PowerRegister(
        mandates=(Mandate(id="mandat-1", authority=AUTHORITY.name, holder=CHAIR, start=date(2018, 9, 20)),),
        delegations=(
            Delegation(
                id="delegation-1",
                authority=AUTHORITY.name,
                kind=PowerKind.FUNCTION,
                holder=DEPUTY,
                order_number="19/042",
                order_date=date(2019, 1, 2),
                transmitted_on=date(2019, 1, 3),
                published_on=date(2019, 1, 3),
                matters=("subventions", "economie"),
                start=date(2019, 1, 3),
                end=date(2019, 1, 3) + timedelta(days=1500),
            ),
        ),
    )


def main(folder: str = "") -> None:
    memory = Memory()
    if folder:
        memory.files.pictures = [path.read_bytes() for path in sorted(Path(folder).glob("*.png"))]
    asyncio.run(samples(memory))
    settings = PortalSettings(
        base_url=f"http://localhost:{PORT}",
        secure_cookies=False,
        demo=True,
        authority=AUTHORITY,
        contact="affaires juridiques, juridique@metropole.example.org",
    )
    print(f"http://localhost:{PORT}/connexion  (clé : {KEY})")
    for token, link in memory.tokens.items():
        print(f"http://localhost:{PORT}/s/{token}  ({link.role.value})")
    uvicorn.run(create_app(memory.ports(), settings), port=PORT, access_log=False, log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:2])
