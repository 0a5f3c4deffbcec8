"""Collecting the signatures: who is asked, reminders, the signature itself, and what happens when a power ends."""

from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain import lifecycle as life
    from domain import tasks
    from domain.calendar import add_working_days
    from domain.convention import SYSTEM, Actor, Role, Signatory
    from domain.lifecycle import SIGNING
    from domain.parties import same_mailbox
    from domain.powers import PowerQuestion, Resolution
    from domain.tasks import MailKind, SignatureRecord
    from workflows.case import Accepted, Case
    from workflows.journal import Journal
    from workflows.letters import Letters
    from workflows.views import SignatoryStatus
    from workflows.world import Refused, World

LONGEST_PAUSE_MINUTES = 240
"""Between two looks at the register of powers, when nobody holds the power to sign."""


class Signing:
    """The signing stages of one convention."""

    def __init__(self, case: Case, world: World, journal: Journal, letters: Letters) -> None:
        self._case = case
        self._world = world
        self._journal = journal
        self._letters = letters

    async def collect(self) -> None:
        """Ask the person whose turn it is, remind, and sign when she decides; one pass per round."""
        case = self._case
        round_, role = case.life.round, case.life.turn
        assert role is not None
        signatory = await self._who_signs(role, round_)
        if signatory is None:
            return
        asked_at = workflow.now()
        policy = case.start.policy
        case.due_at = self._after(asked_at, policy.expiry_days)
        reminders = [self._after(asked_at, days) for days in sorted(policy.reminder_days)]
        case.asked.append(SignatoryStatus(signatory=signatory, round=round_, document=case.document, asked_at=asked_at))
        awaited = case.in_round(round_)
        kind = MailKind.HAND_OVER if case.preferred == signatory.person.email else MailKind.REQUEST
        await self._letters.send(kind, signatory, round_, wanted=awaited)
        sent = 0
        while awaited():
            if case.accepted is not None:
                await self._make(case.accepted)
                continue
            await self._journal.record()
            upcoming = reminders[sent] if sent < len(reminders) else case.due_at
            try:
                await workflow.wait_condition(
                    lambda: case.accepted is not None or not awaited() or self._journal.behind,
                    timeout=max(upcoming - workflow.now(), timedelta()),
                )
            except TimeoutError:
                if case.life.signing:
                    # Her decision came first: the deadline waits for its outcome.
                    await workflow.wait_condition(lambda: case.accepted is not None or not case.life.signing)
                elif sent < len(reminders):
                    sent += 1
                    await self._letters.send(
                        MailKind.REMINDER,
                        signatory,
                        round_,
                        sequence=sent,
                        wanted=lambda: awaited() and case.accepted is None,
                    )
                else:
                    case.advance(life.Expire())
                    case.reason = "Le délai de signature est dépassé."
                    self._journal.event("expired", SYSTEM, {})

    async def resolve(self) -> Resolution:
        """Who may sign for the authority at this instant."""
        case = self._case
        facts = case.facts
        answer = await self._world.ask(
            tasks.RESOLVE,
            tasks.ResolveRequest(
                delegate_first=case.start.policy.delegate_first,
                question=PowerQuestion(
                    authority=case.start.award.authority,
                    matter=facts.matter,
                    amount=case.amount_due,
                    beneficiary_siret=facts.beneficiary.siret,
                    signing_authority=case.signing_authority,
                    instant=workflow.now(),
                    beneficiary_representative=facts.beneficiary.representative,
                    not_voting=case.not_voting,
                ),
            ),
        )
        return answer.resolution

    async def still_in_power(self, signatory: Signatory, round_: int) -> bool:
        """Whether she still holds the power at the instant of signing; if not, the next person's round opens."""
        resolution = await self.resolve()
        # By the very power that she was shown and that the signature will state: another one, even of the same
        # person, is another capacity and another ground (CRPA L212-1).
        if any(
            same_mailbox(c.person, signatory.person)
            and (c.capacity_line, c.ground) == (signatory.capacity_line, signatory.ground)
            for c in resolution.candidates
        ):
            return True
        case = self._case
        case.power_ended.add(round_)
        case.advance(life.SignatureFailed(role=Role.AUTHORITY))
        case.advance(life.HandOver(role=Role.AUTHORITY, round=round_))
        self._journal.event("power_ended", SYSTEM, {"ground": signatory.ground})
        return False

    async def _who_signs(self, role: Role, round_: int) -> Signatory | None:
        """The person to ask; waits, visibly, while nobody holds the power. None: the round ended meanwhile."""
        case = self._case
        if role is Role.BENEFICIARY:
            person = case.facts.beneficiary.representative
            return Signatory(
                role=role,
                person=person,
                capacity_line=f"{person.capacity}, {case.facts.beneficiary.name}",
                ground="Représentant du bénéficiaire, désigné par le service instructeur",
            )
        awaited = case.in_round(round_)
        minutes = 1
        while True:
            resolution = await self.resolve()
            case.candidates = tuple(c.person for c in resolution.candidates)
            if resolution.candidates:
                case.attention = ""
                chosen = next(
                    (c for c in resolution.candidates if c.person.email == case.preferred),
                    resolution.candidates[0],
                )
                return Signatory(
                    role=role, person=chosen.person, capacity_line=chosen.capacity_line, ground=chosen.ground
                )
            await self._journal.trouble(resolution.reason)
            try:
                await workflow.wait_condition(lambda: not awaited(), timeout=minutes * 60)
            except TimeoutError:
                minutes = min(minutes * 2, LONGEST_PAUSE_MINUTES)
            else:
                return None

    async def _make(self, accepted: Accepted) -> None:
        case = self._case
        message = accepted.message
        assert case.draft is not None
        assert case.life.stage in SIGNING
        try:
            made = await self._world.ask(
                tasks.SIGN,
                tasks.SignRequest(
                    convention_id=case.start.convention_id,
                    convention_number=case.number,
                    role=message.role,
                    signatory=accepted.signatory,
                    document=case.document,
                    approved=case.draft.pdf.sha256,
                    accepted_at=accepted.at,
                    round=message.round,
                    challenge_id=message.challenge_id,
                    evidence=message.evidence,
                    assurance=case.assurance(message.role),
                ),
            )
        except Refused as refusal:
            case.advance(life.SignatureFailed(role=message.role))
            case.attention = refusal.message
            case.signing_problem = refusal
            self._journal.event("signature_failed", SYSTEM, {"code": refusal.code})
            case.accepted = None
            return
        case.signatures.append(
            SignatureRecord(
                role=message.role,
                signatory=accepted.signatory,
                signed_at=made.signed_at,
                level=made.level,
                document=made.document,
                assurance=made.assurance,
            )
        )
        case.asked = [
            s.model_copy(update={"signed_at": made.signed_at, "level": made.level}) if s.round == message.round else s
            for s in case.asked
        ]
        case.preferred = ""
        case.attention = ""
        case.due_at = None
        case.advance(life.SignatureMade(role=message.role, document=made.document.sha256))
        self._journal.event(
            "signed",
            Actor(kind="signatory", name=accepted.signatory.person.full_name),
            {
                "role": message.role.value,
                "before": message.document,
                "after": made.document.sha256,
                "level": made.level,
                "assurance": made.assurance.value,
                "signed_at": made.signed_at.isoformat(),
                "timestamp_authority": made.timestamp_authority,
                "certificate": made.certificate,
                "capacity": accepted.signatory.capacity_line,
                "ground": accepted.signatory.ground,
            },
        )
        case.accepted = None

    def _after(self, start: datetime, days: int) -> datetime:
        rehearsal = self._case.start.policy.rehearsal_day
        if rehearsal is not None:
            return start + timedelta(seconds=rehearsal * days)
        # The calendar is a pure function; its library reads its own translations, which the sandbox would stop.
        with workflow.unsafe.sandbox_unrestricted():
            return add_working_days(start, days)
