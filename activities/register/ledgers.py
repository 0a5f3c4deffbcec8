"""What was already done in the world: effects by business key, mails by business key (invariant 6)."""

from typing import Any

from sqlalchemy import select

from activities.register.engine import Repository, insert_if_new
from activities.register.tables import effects, mails
from domain.tasks import MailAnswer, MailKind


class Ledgers(Repository):
    """Write-once entries; implements :class:`activities.effects.Effects`."""

    def recall(self, key: str) -> str | None:
        with self._reading() as connection:
            return connection.execute(select(effects.c.value).where(effects.c.key == key)).scalar()

    def remember(self, key: str, value: str) -> str:
        with self._writing() as connection:
            insert_if_new(connection, effects, key=key, value=value, at=self._clock())
            return str(connection.execute(select(effects.c.value).where(effects.c.key == key)).scalar_one())

    def mail_recorded(self, key: str) -> MailAnswer | None:
        """How the message of this key went out, if it did."""
        with self._reading() as connection:
            row = connection.execute(select(mails).where(mails.c.key == key)).first()
        return MailAnswer(message_id=row.message_id, smtp_reply=row.smtp_reply, sent_at=row.sent_at) if row else None

    def mails_of(self, convention_id: str) -> list[dict[str, Any]]:
        """Every message that the mail server took for a convention, codes included, in order: JSON for the evidence."""
        query = select(mails).where(mails.c.convention_id == convention_id).order_by(mails.c.sent_at, mails.c.key)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [
            {
                "kind": row.kind,
                "recipient": row.recipient,
                "message_id": row.message_id,
                "smtp_reply": row.smtp_reply,
                "sent_at": row.sent_at.isoformat(),
                # A code's message is entered under its challenge: this is what ties it to a decision.
                "challenge": row.key.removeprefix("code/") if row.kind == MailKind.CODE else None,
            }
            for row in rows
        ]

    def record_mail(
        self, key: str, kind: MailKind, convention_id: str, recipient: str, answer: MailAnswer
    ) -> MailAnswer:
        """Remember that the message of this key was taken by the mail server; the first answer wins."""
        with self._writing() as connection:
            insert_if_new(
                connection,
                mails,
                key=key,
                kind=kind.value,
                convention_id=convention_id,
                recipient=recipient,
                message_id=answer.message_id,
                smtp_reply=answer.smtp_reply,
                sent_at=answer.sent_at,
            )
            row = connection.execute(select(mails).where(mails.c.key == key)).one()
        return MailAnswer(message_id=row.message_id, smtp_reply=row.smtp_reply, sent_at=row.sent_at)
