"""The evidence as a timeline: every kind of event has its French words."""

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from portal_browser import Browser
from portal_memory import Memory
from portal_samples import OFFICER

from domain.convention import SYSTEM, Actor
from domain.tasks import Event
from portal.history import KINDS, line

WORKFLOWS = Path(__file__).parents[2] / "workflows"
AT = datetime(2019, 10, 2, 8, 30, tzinfo=UTC)


def event(kind: str, actor: Actor = SYSTEM, /, **detail: str) -> Event:
    return Event(key=kind, kind=kind, at=AT, actor=actor, detail=detail)


NOT_BY_WORKFLOWS = {"code_issued", "code_sent", "code_verified", "code_wrong", "dossier_closed"}
"""Recorded at the door (codes) and by the archive (the closing)."""


def test_every_kind_that_is_recorded_has_a_french_label_and_no_other() -> None:
    sources = "".join(path.read_text("utf-8") for path in WORKFLOWS.glob("*.py"))
    recorded = set(re.findall(r'(?:_journal\.event|self\.event|_by_signatory)\(\s*"([a-z_]+)"', sources))
    assert len(recorded) > 15
    assert set(KINDS) == recorded | NOT_BY_WORKFLOWS


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_without_any_detail_is_still_told(kind: str) -> None:
    told = line(event(kind))
    assert (told.kind, told.at, told.actor) == (kind, AT, "Paraphe")
    assert told.label == KINDS[kind][0]


@pytest.mark.parametrize(
    ("kind", "detail", "words"),
    [
        ("withdrawn", {"reason": "Erreur de bénéficiaire"}, "Erreur de bénéficiaire"),
        ("approved", {"document": "ab" * 32}, "Empreinte abababababab…"),
        (
            "receipt_recorded",
            {"receipt_id": "013-DE", "received_at": "2019-10-02T10:30:00+02:00", "published_at": "2019-10-03"},
            "013-DE, reçu le 2\u00a0octobre\u00a02019 à\u00a010\u00a0h\u00a030, publié le 3\u00a0octobre\u00a02019",
        ),
        ("mail_sent", {"kind": "request", "recipient": "a@example.org"}, "Demande de signature, a@example.org"),
        ("mail_refused", {"kind": "code", "code": "address_refused"}, "Code à usage unique, address_refused"),
        (
            "signed",
            {"level": "B-LT", "capacity": "Le Président", "ground": "Statuts"},
            "Le Président. Statuts. Niveau B-LT",
        ),
        ("address_corrected", {"before": "a@x.fr", "after": "b@x.fr"}, "a@x.fr, remplacée par b@x.fr"),
        ("handed_over", {"to": "b@x.fr"}, "b@x.fr"),
    ],
)
def test_what_matters_of_the_detail_is_told(kind: str, detail: dict[str, str], words: str) -> None:
    assert line(event(kind, **detail)).detail == words


def test_secrets_of_the_signing_page_are_not_told() -> None:
    told = line(event("signature_accepted", challenge="c-1", ip="192.0.2.1", agent="Firefox", document="0" * 64))
    assert "192.0.2.1" not in told.detail
    assert "c-1" not in told.detail


def test_an_event_of_a_later_version_is_shown_by_its_code() -> None:
    assert line(event("countersigned")).label == "countersigned"


async def test_the_page_and_the_api_tell_the_history_newest_last(
    browser: Browser, api: httpx.AsyncClient, memory: Memory, convention: str
) -> None:
    await browser.log_in()
    assert "Historique" not in (await browser.get(f"/conventions/{convention}")).text
    memory.happened[convention] = [
        event("opened", Actor.of(OFFICER)),
        event("changes_requested", Actor.of(OFFICER), reason="<b>Une faute</b>"),
    ]
    page = (await browser.get(f"/conventions/{convention}")).text
    assert page.index("convention ouverte") < page.index("Corrections demandées")
    assert "&lt;b&gt;Une faute" in page
    assert "2\u00a0octobre\u00a02019 à\u00a010\u00a0h\u00a030" in page
    told = (await api.get(f"/conventions/{convention}/events")).json()
    assert [(item["kind"], item["actor"]) for item in told] == [
        ("opened", "Jeanne Martin"),
        ("changes_requested", "Jeanne Martin"),
    ]
    assert (await api.get("/conventions/0000000000000000-1/events")).status_code == 404
