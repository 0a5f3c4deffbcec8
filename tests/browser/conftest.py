"""One stack and one Chromium for all the tests of this folder; a window of one's own for each test."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from servers import missing

from activities.conversion.office import OfficeMissing, find_office
from browser.pages import Visit, Watched, launch
from browser.people import Paraphe
from service import first_run
from service.settings import Settings
from service.stack import on_free_ports, running
from service.temporal_server import NoTemporalServer, ensure_binary


@pytest.fixture(scope="package")
def paraphe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paraphe]:
    """The embedded stack: real processes, as ``make up`` starts them."""
    try:
        ensure_binary()
        find_office()
    except (NoTemporalServer, OfficeMissing) as error:
        missing(str(error))
    settings = on_free_ports(Settings(data_dir=tmp_path_factory.mktemp("paraphe")))
    first_run.prepare(settings)
    with running(settings):
        yield Paraphe(settings)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, paraphe: Paraphe) -> Iterator[Visit]:
    """Opens windows; at the end, none of them may have gone elsewhere or complained."""
    windows: list[Watched] = []

    def opened(shape: dict[str, Any], **options: Any) -> Page:
        windows.append(Watched(chromium, paraphe.hosts, **shape, **options))
        return windows[-1].page()

    yield opened
    problems = [problem for window in windows for problem in window.problems]
    for window in windows:
        window.context.close()
    assert not problems, "\n".join(problems)
