"""What was already done in the world: effects by business key, mails by business key (invariant 6)."""

import re
from typing import Any

from sqlalchemy import Row, select

from activities.register import chain
from activities.register.engine import Repository, insert_if_new
from activities.register.tables import effects, mails
from domain.convention import SYSTEM, Role
from domain.dossier import SentMessage
from domain.tasks import Event, MailAnswer, MailKind

_OF_A_ROUND = re.compile(r"mail/[^/]+/[a-z_]+/(?P<round>\d+)/\d+/(?P<role>[a-z]+)/")
"""The business key of a convention's mail; see activities/mail/activity.py."""


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

    def mails_of(self, convention_id: str) -> tuple[SentMessage, ...]:
        """Every message that the mail server took for a convention, codes included, in order, for the evidence."""
        query = select(mails).where(mails.c.convention_id == convention_id).order_by(mails.c.sent_at, mails.c.key)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return tuple(_message(row) for row in rows)

    def record_mail(
        self, key: str, kind: MailKind, convention_id: str, recipient: str, answer: MailAnswer
    ) -> MailAnswer:
        """Remember that the message of this key was taken by the mail server; the first answer wins.

        A workflow enters its own mails in the evidence; a code's message is entered here.
        """
        with self._writing() as connection:
            known = chain.lock(connection, convention_id) is not None
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
            if known and kind is MailKind.CODE:
                chain.append(connection, convention_id, [_code_sent(row)])
        return MailAnswer(message_id=row.message_id, smtp_reply=row.smtp_reply, sent_at=row.sent_at)


def _code_sent(row: Row[Any]) -> Event:
    challenge = row.key.removeprefix("code/")
    return Event(
        key=f"code_sent/{challenge}",
        kind="code_sent",
        at=row.sent_at,
        actor=SYSTEM,
        detail={
            "challenge": challenge,
            "recipient": row.recipient,
            "message_id": row.message_id,
            "reply": row.smtp_reply,
        },
    )


def _message(row: Row[Any]) -> SentMessage:
    of_a_round = _OF_A_ROUND.match(row.key)
    return SentMessage(
        kind=row.kind,
        recipient=row.recipient,
        message_id=row.message_id,
        smtp_reply=row.smtp_reply,
        sent_at=row.sent_at,
        # A code's message is entered under its challenge: this is what ties it to a decision.
        challenge=row.key.removeprefix("code/") if row.kind == MailKind.CODE else None,
        round=int(of_a_round["round"]) if of_a_round else None,
        role=Role(of_a_round["role"]) if of_a_round and of_a_round["role"] in set(Role) else None,
    )
