"""The mails of a convention: composed, sent once by kind, round and recipient, and entered in the ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from temporalio import activity

from activities.documents import Documents
from activities.mail.composer import Composer, mailbox
from activities.mail.smtp import SmtpServer, deliver
from activities.refusals import refusing
from domain.convention import Role, Signatory
from domain.tasks import SEND_MAIL, MailAnswer, MailKind, MailRequest

ATTACHMENT_LIMIT = 8 * 1024 * 1024
"""Bytes; above it many mail servers refuse a message."""


class MailRegister(Protocol):
    """What mail needs of the register: the ledger of what was sent, and the personal links."""

    def mail_recorded(self, key: str) -> MailAnswer | None: ...

    def record_mail(
        self, key: str, kind: MailKind, convention_id: str, recipient: str, answer: MailAnswer
    ) -> MailAnswer:
        """Enter it; the first answer under ``key`` wins."""
        ...

    def issue_link(
        self, convention_id: str, round_: int, role: Role, signatory: Signatory, document: str, expires_at: datetime
    ) -> str:
        """The secret of the link: the same for the same arguments, known to nobody but the mail."""
        ...


@dataclass(frozen=True)
class MailSettings:
    sender: str
    base_url: str
    """Public address of the portal, without trailing slash."""


class MailActivities:
    """See the module."""

    def __init__(
        self,
        store: Documents,
        register: MailRegister,
        composer: Composer,
        server: SmtpServer,
        settings: MailSettings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._register = register
        self._composer = composer
        self._server = server
        self._settings = settings
        self._clock = clock

    @activity.defn(name=SEND_MAIL.name, no_thread_cancel_exception=True)
    @refusing
    def send_mail(self, request: MailRequest) -> MailAnswer:
        """Send one message; a second call with the same business key answers what the first one was told."""
        key = mail_key(request)
        recorded = self._register.mail_recorded(key)
        if recorded is not None:
            return recorded
        request = MailRequest.model_validate(_one_line(request.model_dump()))
        now = self._clock()
        person = request.recipient.person
        message = self._composer.compose(
            request.kind, key, mailbox(person.full_name, person.email), now, self._context(request)
        )
        if request.kind is MailKind.COMPLETION and request.document is not None:
            content = self._store.get(request.document)
            if len(content) <= ATTACHMENT_LIMIT:
                message.add_attachment(
                    content,
                    maintype="application",
                    subtype="pdf",
                    filename=f"convention-{request.convention_number}-signee.pdf",
                )
        reply = deliver(self._server, message, self._settings.sender, person.email)
        answer = MailAnswer(message_id=str(message["Message-ID"]), smtp_reply=reply, sent_at=self._clock())
        return self._register.record_mail(key, request.kind, request.convention_id, person.email, answer)

    def _context(self, request: MailRequest) -> dict[str, Any]:
        context: dict[str, Any] = {
            "request": request,
            "person": request.recipient.person,
            "authority": request.authority,
            "verify_url": f"{self._settings.base_url}/verify",
            "link": "",
            "attached": request.document is not None and request.document.size <= ATTACHMENT_LIMIT,
        }
        if request.kind in {MailKind.REQUEST, MailKind.REMINDER, MailKind.HAND_OVER}:
            if request.document is None or request.due_at is None:
                raise ValueError("a request for signature needs the document and its deadline")
            token = self._register.issue_link(
                request.convention_id,
                request.round,
                request.recipient.role,
                request.recipient,
                request.document.sha256,
                request.due_at,
            )
            context["link"] = f"{self._settings.base_url}/s/{token}"
        return context


class CodeMailer:
    """Sends a one-time code. Called by the portal itself: a code never goes through Temporal."""

    def __init__(self, composer: Composer, server: SmtpServer, settings: MailSettings) -> None:
        self._composer = composer
        self._server = server
        self._settings = settings

    @property
    def sender_domain(self) -> str:
        """What the messages' ids end with."""
        return self._settings.sender.rpartition("@")[2]

    def send(self, signatory: Signatory, code: str, key: str, authority: str, at: datetime) -> str:
        """Send ``code``; returns the server's reply.

        :raises DeliveryRefused: the address is refused for good.
        :raises MailOutage: the server does not take it now.
        """
        person = signatory.person
        message = self._composer.compose(
            MailKind.CODE,
            key,
            mailbox(person.full_name, person.email),
            at,
            {"person": person, "code": code, "authority": authority},
        )
        return deliver(self._server, message, self._settings.sender, person.email)


def _one_line(value: Any) -> Any:
    """``value`` without line breaks in its texts: a paragraph that is only an address becomes a button, and a reason
    that somebody typed must not put one in our message."""
    if isinstance(value, dict):
        return {name: _one_line(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_one_line(inner) for inner in value]
    return " ".join(value.split()) if type(value) is str else value


def mail_key(request: MailRequest) -> str:
    """The business key: one message of a kind per convention, round, role and recipient."""
    return (
        f"mail/{request.convention_id}/{request.kind.value}/{request.round}/{request.sequence}"
        f"/{request.recipient.role.value}/{request.recipient.person.email.lower()}"
    )
