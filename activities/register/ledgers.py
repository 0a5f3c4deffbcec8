"""What was already done in the world: effects by business key, mails by business key (invariant 6)."""

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
