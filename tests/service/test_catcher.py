"""The mail catcher, by real SMTP."""

import smtplib
import stat
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from servers import serving

from service import devpki, first_run
from service.catcher import Mailbox
from service.companions import create_app
from service.settings import Settings
from service.stack import free_port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    devpki.ensure(tmp_path / "keys")
    return Settings(data_dir=tmp_path, smtp_port=free_port(), companion_port=free_port())


def message(identity: str, subject: str = "Été <b>gras</b>") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = "a@example.org"
    mail["To"] = "Œuvre & Cie <b@example.org>"
    mail["Message-ID"] = f"<{identity}@example.org>"
    mail.set_content("Bonjour,\n\nhttp://127.0.0.1/s/abc\n")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="../../x.pdf")
    return mail


def send(settings: Settings, mail: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", settings.smtp_port, timeout=10) as smtp:
        smtp.send_message(mail)


def test_a_message_is_kept_once_however_often_it_is_delivered(settings: Settings) -> None:
    with serving(create_app(settings), settings.companion_port):
        for _ in range(3):
            send(settings, message("same"))
        send(settings, message("other"))
    mailbox = Mailbox(settings.data_dir / "mails")
    assert len(mailbox.names()) == 2


def test_the_page_shows_messages_without_running_what_they_say(settings: Settings) -> None:
    with serving(create_app(settings), settings.companion_port):
        send(settings, message("one", "<script>alert(1)</script>"))
        base = f"http://127.0.0.1:{settings.companion_port}"
        with httpx.Client(base_url=base, trust_env=False) as http:
            listing = http.get("/").text
            assert "<script>" not in listing
            name = Mailbox(settings.data_dir / "mails").names()[0]
            page = http.get(f"/mails/{name}").text
            assert 'href="http://127.0.0.1/s/abc"' in page
            attachment = http.get(f"/mails/{name}/pieces/0")
            assert attachment.content == b"%PDF-1.7"
            assert ".." not in attachment.headers["content-disposition"]
            assert http.get("/mails/..%2f..%2fkeys%2fstaff-key").status_code == 404
            assert http.get("/mails/nothing.eml").status_code == 404


def test_a_page_of_the_web_cannot_read_the_mails_under_a_name_of_its_own(settings: Settings) -> None:
    with serving(create_app(settings), settings.companion_port):
        address = f"http://127.0.0.1:{settings.companion_port}/"
        assert httpx.get(address, trust_env=False).status_code == 200
        answer = httpx.get(address, headers={"host": "attaquant.example.org"}, trust_env=False)
    assert answer.status_code == 400


def test_links_and_codes_in_the_data_folder_are_this_users_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "var" / "paraphe")
    first_run.prepare(settings)
    assert stat.S_IMODE(settings.data_dir.stat().st_mode) == 0o700
