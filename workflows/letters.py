"""The mails that a convention sends."""

from collections.abc import Callable

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain import tasks
    from domain.convention import SYSTEM, Signatory
    from domain.lifecycle import Stage
    from domain.tasks import MailKind
    from workflows.case import Case
    from workflows.journal import Journal
    from workflows.views import MailStatus
    from workflows.world import Abandoned, Refused, World

ENDINGS = {
    Stage.REFUSED: MailKind.REFUSAL,
    Stage.WITHDRAWN: MailKind.WITHDRAWAL,
    Stage.EXPIRED: MailKind.EXPIRY,
}


class Letters:
    """Sends, remembers what the mail server said, and shows the desk what it refused."""

    def __init__(self, case: Case, world: World, journal: Journal) -> None:
        self._case = case
        self._world = world
        self._journal = journal

    async def send(
        self,
        kind: MailKind,
        recipient: Signatory,
        round_: int,
        sequence: int = 0,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Send one mail; a refusal by the mail server is shown, and does not stop the convention.

        :param wanted: asked while the mail server does not answer: a letter nobody wants any more is not sent.
        """
        case = self._case
        try:
            sent = await self._world.ask(
                tasks.SEND_MAIL,
                tasks.MailRequest(
                    kind=kind,
                    convention_id=case.start.convention_id,
                    round=round_,
                    sequence=sequence,
                    recipient=recipient,
                    convention_number=case.number,
                    deliberation_number=case.start.award.number,
                    subject_line=case.title,
                    beneficiary=case.facts.beneficiary.name,
                    authority=case.facts.authority.name,
                    amount=case.amount_due,
                    document=case.document,
                    reason=case.reason,
                    due_at=case.due_at,
                ),
                wanted,
            )
        except Abandoned:
            return
        except Refused as refusal:
            case.mails.append(MailStatus(kind=kind, recipient=recipient.person.email, problem=refusal.message))
            case.attention = refusal.message
            self._journal.event("mail_refused", SYSTEM, {"kind": kind.value, "code": refusal.code})
            return
        case.mails.append(
            MailStatus(kind=kind, recipient=recipient.person.email, sent_at=sent.sent_at, smtp_reply=sent.smtp_reply)
        )
        self._journal.event(
            "mail_sent",
            SYSTEM,
            {
                "kind": kind.value,
                "role": recipient.role.value,
                "recipient": str(recipient.person.email),
                "message_id": sent.message_id,
                "reply": sent.smtp_reply,
            },
        )

    async def tell_ending(self) -> None:
        """Those who were asked learn that it ended without them."""
        kind = ENDINGS.get(self._case.life.stage)
        if kind is None:
            return
        # Of each side, whoever was asked last: an address that was corrected, or a power that ended, is not told.
        for status in {status.signatory.role: status for status in self._case.asked}.values():
            await self.send(kind, status.signatory, self._case.life.round)
