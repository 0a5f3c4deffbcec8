"""Parts of the signing tests: real authorities, a real timestamp server on a socket, a real convention."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from activities.documents import DocumentStore
from activities.signing.activity import SigningActivities
from activities.signing.signer import Pkcs12Signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import CrlFiles, Trust
from domain.convention import Role, Signatory
from domain.documents import PDF, digest
from domain.errors import LinkRefused
from domain.parties import Civility, Person
from domain.tasks import SignAnswer, SignRequest
from service.devpki import DevPki
from service.tsa import TimestampAuthority

Answer = Callable[[bytes], tuple[int, bytes]]
Convert = Callable[[dict[str, str]], bytes]
"""Bookmarks, name to text, to a PDF that has them."""


@contextmanager
def served(answer: Answer) -> Iterator[str]:
    """A timestamp authority that answers so, on a real socket; its URL."""

    async def handle(request: Request) -> Response:
        status, body = answer(await request.body())
        return Response(body, status, media_type="application/timestamp-reply")

    with serving(Starlette(routes=[Route("/", handle, methods=["POST"])])) as url:
        yield url


@contextmanager
def serving(application: Starlette) -> Iterator[str]:
    # The protocol said, for asyncio to switch Nagle's algorithm off: each answer would wait 40 ms otherwise.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", ws="none", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        thread.join(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@dataclass
class Counted:
    """Counts what an authority was asked."""

    answer: Answer
    requests: list[bytes] = field(default_factory=list)

    def __call__(self, body: bytes) -> tuple[int, bytes]:
        self.requests.append(body)
        return self.answer(body)


@dataclass
class Ledger:
    """Effects in memory: the first result wins, for all threads."""

    kept: dict[str, str] = field(default_factory=dict)

    def recall(self, key: str) -> str | None:
        return self.kept.get(key)

    def remember(self, key: str, value: str) -> str:
        return self.kept.setdefault(key, value)


def now() -> datetime:
    return datetime.now(UTC)


def authority_of(pki: DevPki) -> TimestampAuthority:
    return TimestampAuthority(pki.tsa, pki.tsa_key, (pki.issuing,))


def trust_of(pki: DevPki) -> Trust:
    return Trust(
        roots=(pki.root.read_bytes(),),
        revocation=CrlFiles(pki.lists),
        own=(pki.seal_certificate.read_bytes(),),
    )


def signer_of(pki: DevPki) -> Pkcs12Signer:
    return Pkcs12Signer(pki.seal, pki.seal_passphrase)


def signatory(role: Role, **changes: str) -> Signatory:
    """An invented person for each side."""
    defaults = {
        Role.BENEFICIARY: (Civility.MADAME, "Zoé", "D’Œuvrecœur-Lefèvre", "Directrice générale", "Statuts, article 12"),
        Role.AUTHORITY: (
            Civility.MADAME,
            "Amélie",
            "Martin-Dupré",
            "Vice-présidente déléguée",
            "Arrêté n° 26/123/CM du 3 juillet 2026 portant délégation de fonction, publié le 6 juillet 2026",
        ),
    }[role]
    civility, first, last, capacity, ground = defaults
    line = "Directrice générale" if role is Role.BENEFICIARY else f"Pour la Présidente et par délégation, la {capacity}"
    return Signatory(
        role=role,
        person=Person(
            civility=civility,
            first_name=changes.get("first_name", first),
            last_name=changes.get("last_name", last),
            capacity=capacity,
            email=f"{role}@example.org",
        ),
        capacity_line=changes.get("capacity_line", line),
        ground=changes.get("ground", ground),
    )


@dataclass
class World:
    """The activities on a fresh store and ledger, and a convention in it."""

    store: DocumentStore
    ledger: Ledger
    activities: SigningActivities
    approved: bytes
    folder: Path

    def request(self, role: Role, document: bytes | None = None, **changes: str) -> SignRequest:
        content = self.approved if document is None else document
        return SignRequest(
            convention_id="0123456789abcdef-1",
            convention_number="2026-0001",
            role=role,
            signatory=signatory(role, **changes),
            document=self.store.put(content, PDF),
            approved=digest(self.approved),
            accepted_at=now(),
        )

    def sign(self, role: Role, document: bytes | None = None, **changes: str) -> tuple[SignAnswer, bytes]:
        answer = self.activities.sign_document(self.request(role, document, **changes))
        return answer, self.store.get(answer.document)

    def stored(self) -> int:
        return sum(1 for path in self.folder.rglob("*") if path.is_file())


class Proved:
    """Codes that were met; the register's own are tested with it, and by the journeys."""

    def spend(
        self, challenge: str, convention_id: str, round_: int, role: Role, email: str, document: str, at: datetime
    ) -> None:
        if challenge == "never met":
            raise LinkRefused("challenge_unproved", "Aucun code valable ne prouve qui a demandé cette signature.")


def make_world(folder: Path, pki: DevPki, timestamper: HttpTimestamper, approved: bytes) -> World:
    store, ledger = DocumentStore(str(folder)), Ledger()
    activities = SigningActivities(store, ledger, Proved(), signer_of(pki), timestamper, trust_of(pki), now)
    return World(store, ledger, activities, approved, folder)
