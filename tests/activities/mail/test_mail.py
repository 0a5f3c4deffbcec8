"""The mails: what they say, and that each leaves once. Real SMTP, and a server that misbehaves."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from register_samples import award, opening
from temporalio.exceptions import ApplicationError

from activities.documents import DocumentStore
from activities.mail.activity import MailActivities, MailSettings
from activities.mail.composer import Composer
from activities.mail.smtp import Encryption, MailOutage, SmtpServer
from activities.register.engine import open_engine
from activities.register.migrate import upgrade
from activities.register.register import Register
from domain.convention import Role, Signatory
from domain.documents import PDF
from domain.parties import Civility, Person
from domain.tasks import MailKind, MailRequest
from service.settings import ROOT

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 4, 2, 16, 0, tzinfo=UTC)


class TalkingServer:
    """An SMTP server that gives the answers it is told to, and counts the messages it took."""

    def __init__(self, rcpt: bytes = b"250 ok", data: bytes = b"250 2.0.0 Ok: queued") -> None:
        self.rcpt = rcpt
        self.data = data
        self.taken: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: "object") -> None:
        def say(line: bytes) -> None:
            stream.write(line + b"\r\n")  # type: ignore[attr-defined]
            stream.flush()  # type: ignore[attr-defined]

        say(b"220 here")
        for line in stream:  # type: ignore[attr-defined]
            verb = line[:4].upper()
            if verb in {b"EHLO", b"HELO"}:
                say(b"250 here")
            elif verb == b"RCPT":
                say(self.rcpt)
            elif verb == b"DATA":
                say(b"354 go")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += stream.readline()  # type: ignore[attr-defined]
                if self.data.startswith(b"2"):
                    self.taken.append(body)
                say(self.data)
            elif verb == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"250 ok")

    def stop(self) -> None:
        # Closing alone does not wake a thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def talking(**answers: bytes) -> Iterator[TalkingServer]:
    server = TalkingServer(**answers)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.stop()
    thread.join(5)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    url = f"sqlite:///{tmp_path / 'register.sqlite3'}"
    upgrade(url)
    engine = open_engine(url)
    register = Register(engine, b"s" * 32)
    register.open_circuit(opening())
    yield register
    engine.dispose()


def activities(tmp_path: Path, register: Register, port: int) -> MailActivities:
    return MailActivities(
        DocumentStore(str(tmp_path / "store")),
        register,
        Composer(ROOT / "templates" / "mails", "conventions@example.org", "Service des conventions"),
        SmtpServer(host="127.0.0.1", port=port, encryption=Encryption.NONE, timeout=2),
        MailSettings(sender="conventions@example.org", base_url="https://paraphe.example.org"),
        lambda: NOW,
    )


def request(tmp_path: Path, kind: MailKind = MailKind.REQUEST, **changes: object) -> MailRequest:
    person = Person(
        civility=Civility.MADAME,
        first_name="Zoé",
        last_name="L'Œuvre\r\nBcc: victim@example.org",
        capacity="Présidente",
        email="zoe@example.org",
    )
    values: dict[str, object] = {
        "kind": kind,
        "convention_id": f"{award().id}-1",
        "round": 1,
        "recipient": Signatory(role=Role.BENEFICIARY, person=person, capacity_line="Présidente", ground="statuts"),
        "convention_number": "2026-0001",
        "deliberation_number": "ECO 010-6552/19/BM",
        "subject_line": "Soutien au <projet> & suites",
        "beneficiary": "Association « Été »",
        "authority": "Métropole d'Exemple",
        "amount": Decimal("50000.00"),
        "document": DocumentStore(str(tmp_path / "store")).put(b"%PDF", PDF),
        "reason": "parce que",
        "due_at": DUE,
    }
    return MailRequest.model_validate(values | changes)


def test_a_mail_leaves_once_however_often_it_is_asked_for(tmp_path: Path, register: Register) -> None:
    with talking() as server:
        mail = activities(tmp_path, register, server.port)
        first = mail.send_mail(request(tmp_path))
        assert mail.send_mail(request(tmp_path)) == first
        assert first.smtp_reply == "250 2.0.0 Ok: queued"
    assert len(server.taken) == 1


def test_a_request_says_who_asks_what_of_whom_and_bears_the_link_as_text_and_html(
    tmp_path: Path, register: Register
) -> None:
    from email import message_from_bytes
    from email.policy import default

    with talking() as server:
        activities(tmp_path, register, server.port).send_mail(request(tmp_path))
    message = message_from_bytes(server.taken[0], policy=default)
    assert "Métropole d'Exemple" in message["Subject"]
    assert "2026-0001" in message["Subject"]
    assert message["Bcc"] is None, "a name cannot smuggle a header in"
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert "https://paraphe.example.org/s/" in text
    assert "https://paraphe.example.org/s/" in html
    assert "50\u202f000\u00a0€" in text
    assert "Soutien au &lt;projet&gt; &amp; suites" in html
    assert "<img" not in html
    assert "2 avril 2026 à 18 h 00 (heure de Paris)" in text


@pytest.mark.parametrize("kind", [kind for kind in MailKind if kind is not MailKind.CODE])
def test_every_kind_of_mail_can_be_written(tmp_path: Path, register: Register, kind: MailKind) -> None:
    with talking() as server:
        answer = activities(tmp_path, register, server.port).send_mail(request(tmp_path, kind))
    assert answer.message_id.encode() in server.taken[0]
    assert len(server.taken) == 1


def test_the_same_mail_sent_again_after_a_crash_bears_the_same_identity_and_link(
    tmp_path: Path, register: Register
) -> None:
    with talking(data=b"451 later") as server, pytest.raises(MailOutage):
        activities(tmp_path, register, server.port).send_mail(request(tmp_path))
    with talking() as first:
        one = activities(tmp_path, register, first.port).send_mail(request(tmp_path))
    assert server.taken == []
    fresh = request(tmp_path, round=2)
    with talking() as second:
        two = activities(tmp_path, register, second.port).send_mail(fresh)
    assert one.message_id != two.message_id


def test_an_address_refused_for_good_is_told_and_not_retried(tmp_path: Path, register: Register) -> None:
    with (
        talking(rcpt=b"550 5.1.1 <Zoe@example.org> no such user") as server,
        pytest.raises(ApplicationError) as refusal,
    ):
        activities(tmp_path, register, server.port).send_mail(request(tmp_path))
    assert refusal.value.non_retryable
    assert refusal.value.type == "recipient_refused"
    assert "550" in refusal.value.message
    assert "example.org" not in refusal.value.message, "the message ends up in logs"
    assert server.taken == []


@pytest.mark.parametrize("answers", [{"rcpt": b"450 greylisted"}, {"data": b"452 full"}])
def test_a_passing_refusal_is_an_outage_and_nothing_is_entered(
    tmp_path: Path, register: Register, answers: dict[str, bytes]
) -> None:
    with talking(**answers) as server:
        mail = activities(tmp_path, register, server.port)
        with pytest.raises(MailOutage):
            mail.send_mail(request(tmp_path))
        server.rcpt, server.data = b"250 ok", b"250 ok"
        mail.send_mail(request(tmp_path))
    assert len(server.taken) == 1


def test_a_server_that_is_not_there_is_an_outage(tmp_path: Path, register: Register) -> None:
    with talking() as server:
        port = server.port
    with pytest.raises(MailOutage):
        activities(tmp_path, register, port).send_mail(request(tmp_path))


def test_a_reason_that_somebody_typed_puts_no_button_in_our_message(tmp_path: Path, register: Register) -> None:
    from email import message_from_bytes
    from email.policy import default

    reason = "Voir la version corrigée :\n\nhttps://hameconnage.example.org/signer\n\nMerci"
    with talking() as server:
        activities(tmp_path, register, server.port).send_mail(request(tmp_path, MailKind.REFUSAL, reason=reason))
    html = message_from_bytes(server.taken[0], policy=default).get_body(("html",)).get_content()
    assert "hameconnage.example.org" in html, "what was said is told"
    assert 'href="https://hameconnage' not in html
