"""The state of ``make up`` survives a restart."""

from pathlib import Path

import pytest
from servers import missing

from activities.conversion.office import OfficeMissing, find_office
from browser.people import Paraphe
from service import first_run
from service.settings import Settings
from service.stack import on_free_ports, running
from service.temporal_server import NoTemporalServer, ensure_binary

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice]


def test_a_convention_goes_on_where_it_stood_after_a_restart(tmp_path: Path) -> None:
    try:
        ensure_binary()
        find_office()
    except (NoTemporalServer, OfficeMissing) as error:
        missing(str(error))
    settings = Settings(data_dir=tmp_path)
    before = Paraphe(on_free_ports(settings))
    first_run.prepare(before.settings)
    with running(before.settings):
        convention = before.submit(50001)
    after = Paraphe(on_free_ports(settings))
    first_run.prepare(after.settings)
    assert after.key == before.key
    with running(after.settings):
        assert after.submit(50001) == convention, "the same deliberation finds the first circuit"
        view = after.draft(convention, "beneficiaire@example.org")
        assert view["draft"]["version"] == 1
        assert view["supplied_by"]["name"] == first_run.STAFF_NAME
