"""The same journey on the parts of a production: PostgreSQL for the register, S3 for the documents."""

from pathlib import Path

import pytest
from world import Shared, world

from domain.convention import Role

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice, pytest.mark.postgresql]


async def test_the_journey_on_postgresql_and_s3(
    shared: Shared, tmp_path: Path, postgresql_url: str, bucket: str
) -> None:
    async with world(shared, tmp_path, database_url=postgresql_url, store_url=bucket) as paraphe:
        convention = await paraphe.submit()
        await paraphe.send(convention)
        view = await paraphe.complete(convention)
        assert [record.role for record in view.signatures] == [Role.BENEFICIARY, Role.AUTHORITY]
        assert paraphe.parts.register.verify_chain(convention)
        assert not (tmp_path / "documents").exists(), "no document was kept on this machine"
        assert not (tmp_path / "register.sqlite3").exists()
