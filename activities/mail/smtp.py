"""How a message leaves: one SMTP conversation, and the server's own words kept.

A final refusal (5xx, RFC 5321 §4.2.1) is a :class:`DeliveryRefused`: a person must correct the address. Anything
else that goes wrong is an outage: Temporal tries again, with the same Message-ID.
"""

import re
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from enum import StrEnum

from domain.errors import DeliveryRefused


class Encryption(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class MailOutage(Exception):
    """The server did not take the message now; trying again is right."""


@dataclass(frozen=True)
class SmtpServer:
    """Where mail goes."""

    host: str
    port: int
    encryption: Encryption = Encryption.STARTTLS
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20.0
    """Seconds, for each exchange."""


def deliver(server: SmtpServer, message: EmailMessage, sender: str, recipient: str) -> str:
    """Hand ``message`` over, and return the server's final reply, e.g. ``250 2.0.0 Ok: queued as …``.

    :raises DeliveryRefused: ``recipient_refused`` or ``message_refused``.
    :raises MailOutage: anything temporary.
    """
    try:
        with _connect(server) as smtp:
            if server.encryption is Encryption.STARTTLS:
                smtp.starttls(context=ssl.create_default_context())
            if server.username:
                smtp.login(server.username, server.password)
            smtp.ehlo_or_helo_if_needed()
            _accepted(smtp.mail(sender), "sender_refused", "l'expéditeur")
            _accepted(_without(recipient, smtp.rcpt(recipient)), "recipient_refused", "l'adresse du destinataire")
            return _accepted(smtp.data(message.as_bytes(policy=SMTP_POLICY)), "message_refused", "le message")
    except (smtplib.SMTPException, OSError) as error:
        raise MailOutage(f"{type(error).__name__} from {server.host}:{server.port}") from error


def _without(recipient: str, answer: tuple[int, bytes]) -> tuple[int, bytes]:
    """The answer without the address, which many servers repeat: what is said here ends up in logs."""
    status, words = answer
    return status, re.sub(re.escape(recipient.encode()), b"...", words, flags=re.IGNORECASE)


def _connect(server: SmtpServer) -> smtplib.SMTP:
    if server.encryption is Encryption.TLS:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=ssl.create_default_context())
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout)


def _accepted(answer: tuple[int, bytes], code: str, what: str) -> str:
    status, words = answer
    reply = f"{status} {words.decode('utf-8', 'replace')}"
    if 200 <= status < 300:
        return reply
    if status >= 500:
        raise DeliveryRefused(
            code, f"Le serveur de messagerie a refusé {what} : « {reply} ». Corrigez l'adresse, puis renvoyez."
        )
    raise MailOutage(reply)
