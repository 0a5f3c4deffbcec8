"""Two people decide at the same instant, through the portal: one outcome, the same for everybody, never both."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from lxml import html
from scene import LONG, LaterMails, Scene

from service import first_run, sample
from service.catcher import Mailbox
from service.visitor import Desk, Refusal, Signer

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice]

ROUNDS = range(10 if LONG else 1)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gives, or the refusal that it met, when all start together."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(30)
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def officer(paraphe: Scene) -> Desk:
    """Another one than the scene's, with a connection of her own."""
    key = first_run.staff_key_file(paraphe.settings).read_text("utf-8").strip()
    return Desk(paraphe.settings.base_url, key)


def events(paraphe: Scene, convention: str) -> list[str]:
    assert paraphe.parts.register.verify_chain(convention)
    return [entry.event.kind for entry in paraphe.parts.register.events(convention)]


@pytest.mark.parametrize("round_", ROUNDS)
def test_two_people_who_supply_facts_at_once_leave_one_set_and_its_own_draft(paraphe: Scene, round_: int) -> None:
    convention = paraphe.open()
    for kind, entry in sample.powers(paraphe.act(convention)):
        paraphe.desk.add_power(kind, entry)
    facts = paraphe.facts(convention)
    places = ("Martigues", "Aubagne")
    with officer(paraphe) as other:
        at_once(
            *(
                lambda desk=desk, place=place: desk._call(
                    "PUT", f"/conventions/{convention}/facts", json=facts | {"place": place}
                )
                for desk, place in zip((paraphe.desk, other), places, strict=True)
            )
        )
    view = paraphe.desk.wait(
        convention, lambda v: v["stage"] == "review" and v["draft"]["version"] == len(supplied(paraphe, convention))
    )
    assert view["supplied"]["place"] in places
    drawn_up = paraphe.parts.store.get(reference(view["draft"]["facts"])).decode()
    (loser,) = set(places) - {view["supplied"]["place"]}
    assert view["supplied"]["place"] in drawn_up
    assert loser not in drawn_up
    paraphe.require_numbers_without_gap()


def supplied(paraphe: Scene, convention: str) -> list[str]:
    return [kind for kind in events(paraphe, convention) if kind == "facts_supplied"]


def reference(wire: dict[str, Any]) -> Any:
    from domain.documents import DocumentRef

    return DocumentRef.model_validate(wire)


@pytest.mark.parametrize("round_", ROUNDS)
def test_an_approval_and_a_request_for_changes_at_once_never_both_hold(paraphe: Scene, round_: int) -> None:
    convention = paraphe.open()
    document = paraphe.draft(convention)["draft"]["pdf"]["sha256"]
    with officer(paraphe) as other:
        approval, changes = at_once(
            lambda: paraphe.desk._call(
                "POST", f"/conventions/{convention}/approval", json={"document_sha256": document}
            ),
            lambda: other._call("POST", f"/conventions/{convention}/changes", json={"reason": "Corriger le lieu."}),
        )
    assert not isinstance(changes, Refusal), "changes can be asked for before the approval and after it"
    view = paraphe.desk.wait(convention, lambda v: v["stage"] == "drafting")
    assert view["lifecycle"]["document"] is None, "no version is approved"
    decided = [kind for kind in wait_for(paraphe, convention, "changes_requested") if kind in DECISIONS]
    if isinstance(approval, Refusal):
        assert approval.code == "not_in_review"
        assert decided == ["changes_requested"]
    else:
        assert decided == ["approved", "changes_requested"]


DECISIONS = {"approved", "changes_requested"}


def wait_for(paraphe: Scene, convention: str, kind: str) -> list[str]:
    """The events, once ``kind`` is among them: they are recorded just after the answer."""
    paraphe.desk.wait(convention, lambda _view: kind in events(paraphe, convention))
    return events(paraphe, convention)


class Hesitating(Signer):
    """Waits for somebody else before the last click."""

    def __init__(self, base_url: str, mailbox: Mailbox, email: str, ready: threading.Barrier) -> None:
        super().__init__(base_url, mailbox, email)
        self._ready = ready

    def _submit(self, link: str, page: html.HtmlElement, action: str, fields: dict[str, str]) -> html.HtmlElement:
        if action == "/signature":
            self._ready.wait(60)
        return super()._submit(link, page, action, fields)


@pytest.mark.parametrize("round_", ROUNDS)
def test_a_last_signature_and_a_withdrawal_at_once_never_both_hold(paraphe: Scene, round_: int) -> None:
    box = LaterMails(paraphe.mails)
    convention = paraphe.open()
    paraphe.send(convention)
    paraphe.sign(convention, "beneficiary", box)
    email = sample.signatories(paraphe.act(convention))["authority"]["email"]
    ready = threading.Barrier(2)
    signer = Hesitating(paraphe.settings.base_url, box, email, ready)

    def withdraw() -> Any:
        ready.wait(60)
        return paraphe.desk._call("POST", f"/conventions/{convention}/withdrawal", json={"reason": "Erreur."})

    _signature, withdrawal = at_once(lambda: list(signer.sign()), withdraw)
    view = paraphe.desk.wait(convention, lambda v: v["stage"] in {"completed", "withdrawn"})
    paraphe.desk.wait(convention, lambda _view: paraphe.parts.register.find_archived(convention) is not None)
    kinds = events(paraphe, convention)
    if isinstance(withdrawal, Refusal):
        assert withdrawal.code in {"signature_in_progress", "too_late_to_withdraw"}
        assert view["stage"] == "completed"
        assert len(view["signatures"]) == 2
        assert "withdrawn" not in kinds
    else:
        assert view["stage"] == "withdrawn"
        assert len(view["signatures"]) == 1
        assert kinds.count("signed") == 1
        assert "signature_accepted" not in kinds[kinds.index("withdrawn") :]
