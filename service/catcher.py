"""The mail catcher of a single machine: real SMTP in, ``.eml`` files, and a page to read them.

It stands for the mailboxes of everybody: nothing leaves the machine. Like a mailbox, it keeps one copy of a message
that is delivered twice under one Message-ID.
"""

import asyncio
import hashlib
import os
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default as default_policy
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, select_autoescape

from portal.french import moment

MESSAGE_LIMIT = 30_000_000
"""Bytes."""


class Mailbox:
    """A folder of ``.eml`` files, in order of arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes) -> Path:
        """Write the message, whole or not at all, once per Message-ID."""
        message = message_from_bytes(content, policy=default_policy)
        identity = str(message["Message-ID"] or hashlib.sha256(content).hexdigest())
        mark = hashlib.sha256(identity.encode()).hexdigest()[:16]
        known = next(self._folder.glob(f"*-{mark}.eml"), None)
        if known is not None:
            return known
        path = self._folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{mark}.eml"
        waiting = path.with_suffix(f".{os.getpid()}.part")
        waiting.write_bytes(content)
        waiting.replace(path)
        return path

    def names(self) -> list[str]:
        return sorted(path.name for path in self._folder.glob("*.eml"))

    def message(self, name: str) -> EmailMessage | None:
        """The message of that name, with plain line ends."""
        content = self.source(name)
        if content is None:
            return None
        return message_from_bytes(content.replace(b"\r\n", b"\n"), _class=EmailMessage, policy=default_policy)

    def source(self, name: str) -> bytes | None:
        """The message as it came, among those that are there: a name is never joined to a path unseen."""
        return (self._folder / name).read_bytes() if name in self.names() else None


class _Handler:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.original_content
        if content is None:
            return "554 5.6.0 empty message"
        path = await asyncio.to_thread(self._mailbox.keep, content)
        return f"250 2.0.0 Ok: queued as {path.stem}"


async def listen(mailbox: Mailbox, host: str, port: int) -> asyncio.Server:
    """Start the SMTP side in the running loop."""
    loop = asyncio.get_running_loop()
    handler = _Handler(mailbox)
    return await loop.create_server(
        lambda: SMTP(handler, data_size_limit=MESSAGE_LIMIT, enable_SMTPUTF8=True, ident="Paraphe"), host, port
    )


def add_pages(app: FastAPI, mailbox: Mailbox, templates: Path) -> None:
    """Add the pages of the mailbox to ``app``."""
    pages = Environment(loader=FileSystemLoader(templates), autoescape=select_autoescape(default=True))
    pages.filters["moment"] = _sent_at

    @app.get("/", response_class=HTMLResponse)
    def listing() -> str:
        messages = [(name, mailbox.message(name)) for name in reversed(mailbox.names())]
        return pages.get_template("mails.html.j2").render(messages=messages)

    @app.get("/mails/{name}", response_class=HTMLResponse)
    def message(name: str) -> str:
        found = _found(mailbox, name)
        body = found.get_body(preferencelist=("plain",))
        text = str(body.get_content()) if body is not None else ""
        return pages.get_template("mail.html.j2").render(
            name=name,
            message=found,
            paragraphs=[part.strip() for part in text.split("\n\n")],
            attachments=[part.get_filename() for part in found.iter_attachments()],
        )

    @app.get("/mails/{name}/source")
    def source(name: str) -> Response:
        content = mailbox.source(name)
        if content is None:
            raise HTTPException(404)
        return Response(content, media_type="text/plain; charset=utf-8")

    @app.get("/mails/{name}/pieces/{index}")
    def attachment(name: str, index: int) -> Response:
        parts: list[Any] = list(_found(mailbox, name).iter_attachments())
        if not 0 <= index < len(parts):
            raise HTTPException(404)
        part: MIMEPart = parts[index]
        content = part.get_payload(decode=True)
        return Response(
            content if isinstance(content, bytes) else b"",
            media_type="application/octet-stream",
            headers={"Content-Disposition": f'attachment; filename="piece-{index + 1}.pdf"'},
        )


def _sent_at(header: Any) -> str:
    """A ``Date`` header in French, Paris time; nothing for a message without a date that can be read."""
    instant = getattr(header, "datetime", None)
    return moment(instant) if instant is not None else ""


def _found(mailbox: Mailbox, name: str) -> EmailMessage:
    message = mailbox.message(name)
    if message is None:
        raise HTTPException(404)
    return message
