"""The beneficiary's SIRET, asked of the public register when facts are supplied."""

from starlette.concurrency import run_in_threadpool

from domain.convention import SuppliedFacts
from portal.ports import Companies


async def looked_up(companies: Companies | None, facts: SuppliedFacts) -> SuppliedFacts:
    """``facts`` with what the register says, and with nothing else: what a caller sent in its place is dropped."""
    record = await run_in_threadpool(companies.look_up, facts.beneficiary.siret) if companies else None
    return facts.model_copy(update={"company": record})
