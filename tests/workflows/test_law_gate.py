"""A rule of law that blocks the signature stops the sending, in sight, until a person has answered it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from world import OFFICER, Shared, world

from domain.convention import SettledFacts, SuppliedFacts
from domain.errors import ActionRefused
from domain.executory import ExecutoryProof
from domain.facts import Severity
from service import sample

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice]


async def test_a_body_that_the_register_gives_for_ceased_is_asked_to_sign_only_once_somebody_answered_for_it(
    shared: Shared, tmp_path: Path
) -> None:
    async with world(shared, tmp_path) as paraphe:
        convention = await paraphe.submit()
        opened = await paraphe.circuits.view(convention)
        award = {"beneficiary": opened.beneficiary, "amount": str(opened.amount)}
        siret = sample.supplied_facts(await paraphe.act(convention), award)["beneficiary"]["siret"]
        ceased = {
            "siren": siret[:9],
            "siret": siret,
            "state": "ceased",
            "name": "Exemple",
            "fetched_at": datetime.now(UTC).isoformat(),
            "source": "https://companies.example.org",
        }
        view = await paraphe.draft(convention, company=ceased)
        (blocking,) = (f for f in view.findings if f.severity is Severity.BLOCKING_SIGNATURE)
        assert blocking.code == "company_ceased"
        assert view.draft is not None
        assert view.supplied is not None
        await paraphe.circuits.approve(convention, view.draft.pdf.sha256, OFFICER)
        proof = ExecutoryProof.model_validate(sample.proof(await paraphe.act(convention)))
        await paraphe.circuits.record_receipt(convention, proof, OFFICER)
        with pytest.raises(ActionRefused) as refusal:
            await paraphe.circuits.send(convention, OFFICER)
        assert refusal.value.code == "signature_blocked"
        assert blocking.message in refusal.value.message
        assert blocking.mend in refusal.value.message
        assert (await paraphe.circuits.view(convention)).stage == "approved"

        await paraphe.circuits.request_changes(convention, "Avis de situation reçu.", OFFICER)
        answered = view.supplied.model_copy(update={"settled": SettledFacts(acknowledged=("company_ceased",))})
        await paraphe.circuits.supply_facts(convention, SuppliedFacts.model_validate(answered), OFFICER)
        view = await paraphe.until(convention, lambda v: v.stage == "review")
        assert not [f for f in view.findings if f.severity is Severity.BLOCKING_SIGNATURE]
        assert view.draft is not None
        await paraphe.circuits.approve(convention, view.draft.pdf.sha256, OFFICER)
        await paraphe.circuits.send(convention, OFFICER)
        await paraphe.until(convention, lambda v: v.stage == "signing_beneficiary")
