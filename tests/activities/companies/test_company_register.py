"""The register of companies: what it says is kept as said, and whatever goes wrong stops nobody."""

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from company_stand_in import LA_POSTE, OTHER, SIREN, SIRET, StandIn, unit
from servers import serving

from activities.companies.client import CompanyRegister
from activities.companies.pace import Pace
from domain.companies import CompanyState, legal_kind_of
from domain.parties import LegalKind
from service.stack import free_port

NOW = datetime(2024, 7, 1, 9, tzinfo=UTC)
DESCRIPTION = Path(__file__).parents[4] / "shared" / "schemas" / "recherche-entreprises.openapi.yml"


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


Opened = Callable[..., CompanyRegister]


@pytest.fixture
def opened(stand_in: StandIn) -> Iterator[Opened]:
    """Clients of the stand-in, over a real socket."""
    port = free_port()
    clients: list[CompanyRegister] = []

    def open_(**options: Any) -> CompanyRegister:
        clients.append(CompanyRegister(f"http://127.0.0.1:{port}/", clock=lambda: NOW, **options))
        return clients[-1]

    with serving(stand_in.app(), port):
        yield open_
    for client in clients:
        client.close()


def test_a_body_is_known_by_its_name_kind_state_and_address(opened: Opened, stand_in: StandIn) -> None:
    record = opened().look_up(SIRET)
    assert record is not None
    assert (record.siren, record.siret, record.name, record.short_name) == (
        SIREN,
        SIRET,
        "ASSOCIATION EXEMPLE OEUVRE",
        "AEO",
    )
    assert (record.state, record.establishment) == (CompanyState.ACTIVE, CompanyState.ACTIVE)
    assert record.legal_kind is LegalKind.ASSOCIATION
    assert record.address == "10 RUE DE L'EXEMPLE 13001 MARSEILLE"
    assert record.fetched_at == NOW
    assert record.source.startswith("http://127.0.0.1")
    (asked,) = stand_in.asked
    assert asked["q"] == SIRET
    assert int(asked["per_page"]) <= 25


def test_a_closed_establishment_of_a_living_body_is_told_apart(opened: Opened) -> None:
    record = opened().look_up(OTHER)
    assert record is not None
    assert (record.state, record.establishment) == (CompanyState.ACTIVE, CompanyState.CEASED)
    assert record.address == "1 QUAI NEUF 13002 MARSEILLE"


def test_an_establishment_that_is_not_listed_is_not_called_closed(opened: Opened, stand_in: StandIn) -> None:
    stand_in.units = [unit(matching_etablissements=[])]
    record = opened().look_up(OTHER)
    assert record is not None
    assert (record.state, record.establishment) == (CompanyState.ACTIVE, None)


def test_a_body_that_the_register_does_not_know_is_an_answer_too(opened: Opened) -> None:
    record = opened().look_up(LA_POSTE)
    assert record is not None
    assert (record.state, record.name) == (CompanyState.ABSENT, "")


def test_the_answer_about_another_body_is_not_taken_for_this_one(opened: Opened, stand_in: StandIn) -> None:
    stand_in.body = json.dumps({"results": [unit(siren="356000000")]}).encode()
    record = opened().look_up(SIRET)
    assert record is not None
    assert record.state is CompanyState.ABSENT


def test_a_ceased_body_is_said_so(opened: Opened, stand_in: StandIn) -> None:
    stand_in.units = [unit(etat_administratif="C")]
    record = opened().look_up(SIRET)
    assert record is not None
    assert record.state is CompanyState.CEASED


def test_the_same_question_is_asked_once(opened: Opened, stand_in: StandIn) -> None:
    client = opened()
    assert client.look_up(SIRET) == client.look_up(SIRET)
    assert len(stand_in.asked) == 1


def test_an_answer_is_asked_again_after_an_hour(opened: Opened, stand_in: StandIn) -> None:
    clock = HandClock()
    client = opened(monotonic=clock)
    for later, asked in ((0, 1), (3599, 1), (1, 2)):
        clock.now += later
        client.look_up(SIRET)
        assert len(stand_in.asked) == asked


HOSTILE = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'{"results": null}',
    b'{"results": {"siren": "130998875"}}',
    b'{"results": [{"siren": 130998875}]}',
    b'{"results": [{"siren": "130998875", "etat_administratif": "Z"}]}',
    b'{"results": [{"siren": "130998875", "etat_administratif": "A", "nom_raison_sociale": ["x"]}]}',
    b'{"results": [{"siren": "130998875", "etat_administratif": "A", "nom_raison_sociale": "' + b"x" * 2000 + b'"}]}',
    b'{"results": [' + b"{}," * 200 + b"{}]}",
    b"[" * 100_000,
    b'{"results": [], "x": "' + b"x" * 2_000_000 + b'"}',
    b"<html>Proxy</html>",
    b"\xff\xfe\x00",
]


@pytest.mark.parametrize("body", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_answer_is_no_answer(opened: Opened, stand_in: StandIn, body: bytes) -> None:
    stand_in.body = body
    assert opened().look_up(SIRET) is None


def test_what_would_change_a_line_of_a_page_is_taken_out_of_a_name(opened: Opened, stand_in: StandIn) -> None:
    stand_in.units = [unit(nom_raison_sociale="EXEMPLE\u202e\n<b>X</b>\u0000", nature_juridique="92<0")]
    record = opened().look_up(SIRET)
    assert record is not None
    assert record.name == "EXEMPLE <b>X</b>"
    assert record.legal_category == ""


def test_a_compressed_answer_is_not_unpacked(opened: Opened, stand_in: StandIn) -> None:
    stand_in.body, stand_in.headers = b"\x1f\x8b", {"Content-Encoding": "gzip"}
    assert opened().look_up(SIRET) is None


@pytest.mark.parametrize("status", [301, 400, 404, 500, 503])
def test_an_error_of_the_register_is_no_answer(opened: Opened, stand_in: StandIn, status: int) -> None:
    stand_in.refuse = (status, {"Location": "http://127.0.0.1:1/"})
    assert opened().look_up(SIRET) is None


def test_an_outage_is_not_remembered(opened: Opened, stand_in: StandIn) -> None:
    client = opened()
    stand_in.refuse = (500, {})
    assert client.look_up(SIRET) is None
    stand_in.refuse = None
    assert client.look_up(SIRET) is not None


def test_nobody_is_kept_waiting_by_a_register_that_drips(opened: Opened, stand_in: StandIn) -> None:
    stand_in.drip = 0.05
    started = time.monotonic()
    assert opened(timeout=0.3).look_up(SIRET) is None
    assert time.monotonic() - started < 3


def test_nothing_listens_there() -> None:
    client = CompanyRegister(f"http://127.0.0.1:{free_port()}", timeout=0.5)
    assert client.look_up(SIRET) is None
    client.close()


def test_no_number_or_answer_is_logged(opened: Opened, stand_in: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    stand_in.body = b'{"results": [{"siren": 1, "nom": "Secret"}]}'
    with caplog.at_level(logging.WARNING):
        opened().look_up(SIRET)
    assert "no answer" in caplog.text
    assert SIREN not in caplog.text
    assert "Secret" not in caplog.text


class HandClock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_no_second_sees_more_than_seven_requests() -> None:
    clock = HandClock()
    pace = Pace(7, clock, clock.sleep)
    moments = []
    for _ in range(30):
        assert pace.take(10)
        moments.append(clock.now)
    assert all(later - earlier > 0.999 for earlier, later in zip(moments, moments[7:], strict=False))


def test_the_pace_is_one_for_all_the_threads() -> None:
    clock = HandClock()
    pace = Pace(7, clock, lambda seconds: None)
    got: list[bool] = []
    threads = [threading.Thread(target=lambda: got.append(pace.take(1.0))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sum(got) == 8  # at once, and one each seventh of a second up to the second
    assert len(got) == 20


@pytest.mark.parametrize(("header", "silence"), [("30", 30), ("", 1), ("soon", 1), ("-4", 1), ("1e9", 600), ("nan", 1)])
def test_after_429_the_register_is_left_alone_as_long_as_it_asks(header: str, silence: float) -> None:
    clock = HandClock()
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.params["q"])
        return httpx.Response(429, headers={"Retry-After": header})

    client = CompanyRegister(
        "https://companies.example.org",
        timeout=0.5,
        transport=httpx.MockTransport(answer),
        pace=Pace(7, clock, clock.sleep),
    )
    assert client.look_up(SIRET) is None
    clock.now += silence - 0.6
    assert client.look_up(SIRET) is None
    assert len(asked) == 1
    clock.now += 0.6
    assert client.look_up(SIRET) is None
    assert len(asked) == 2
    client.close()


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        ("9220", LegalKind.ASSOCIATION),
        ("9300", LegalKind.FOUNDATION),
        ("5710", LegalKind.COMPANY),
        ("1000", LegalKind.COMPANY),
        ("7381", LegalKind.PUBLIC_BODY),
        ("4110", LegalKind.PUBLIC_BODY),
        ("7210", LegalKind.LOCAL_AUTHORITY),
        ("7344", LegalKind.LOCAL_AUTHORITY),
        ("8450", LegalKind.OTHER),
        ("", None),
        ("92", None),
        ("0000", None),
    ],
)
def test_the_legal_category_tells_the_kind(category: str, kind: LegalKind | None) -> None:
    assert legal_kind_of(category) is kind


def test_the_stand_in_says_nothing_that_the_description_does_not() -> None:
    if not DESCRIPTION.is_file():
        pytest.skip("no shared deliberations, nor the description of the service, beside the project")
    described = set(re.findall(r"^\s+([a-z_]+):\s*$", DESCRIPTION.read_text("utf-8"), re.MULTILINE))
    told = unit()
    names = {*told, *told["siege"], *(name for place in told["matching_etablissements"] for name in place)}
    assert names <= described
