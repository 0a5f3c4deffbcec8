"""What we write: one text per kind of message, from which the HTML part is made too.

A template is plain French text: its first line is the subject, blank lines part paragraphs, and a paragraph that is
only an address becomes a button. There is no remote image, no tracking, and nothing that the text part lacks.
"""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from domain.amounts import in_figures
from domain.calendar import long_date
from domain.tasks import MailKind

PARIS = ZoneInfo("Europe/Paris")


class Composer:
    """Makes the messages from ``templates/mails``."""

    def __init__(self, templates: Path, sender: str, sender_name: str) -> None:
        """:param sender: address that messages come from."""
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html.j2"]),
            keep_trailing_newline=False,
        )
        self._environment.filters["euros"] = in_figures
        self._environment.filters["instant"] = _instant
        local, _, domain = sender.partition("@")
        self._from = Address(sender_name, local, domain)

    def compose(
        self, kind: MailKind, key: str, recipient: Address, at: datetime, context: dict[str, Any]
    ) -> EmailMessage:
        """The message of ``kind``; ``key`` alone decides its Message-ID, so that a second sending is recognised."""
        text = self._environment.get_template(f"{kind.value}.txt.j2").render(context)
        subject, _, body = text.partition("\n")
        paragraphs = [part.strip() for part in body.strip().split("\n\n")]
        html = self._environment.get_template("layout.html.j2").render(
            subject=subject, paragraphs=paragraphs, **{k: v for k, v in context.items() if k == "authority"}
        )
        message = EmailMessage()
        message["Subject"] = " ".join(subject.split())
        message["From"] = self._from
        message["To"] = recipient
        message["Date"] = format_datetime(at)
        message["Message-ID"] = message_id(key, self._from.domain)
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = "fr"
        message.set_content(body.strip() + "\n", cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        return message


def _instant(instant: datetime) -> str:
    """E.g. ``2 avril 2026 à 18 h 00 (heure de Paris)``."""
    local = instant.astimezone(PARIS)
    return f"{long_date(local.date())} à {local:%H h %M} (heure de Paris)"


def message_id(key: str, domain: str) -> str:
    """The Message-ID that ``key`` always gets (RFC 5322 §3.6.4)."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def mailbox(full_name: str, email: str) -> Address:
    """A header address; a name cannot smuggle in a header, since line breaks are removed."""
    local, _, domain = email.rpartition("@")
    return Address(" ".join(full_name.split()), local, domain)
