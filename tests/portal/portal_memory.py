"""The portal's ports in memory: the law of ``domain.lifecycle`` over a dictionary, and a record of every change.

What decides is the real state machine; only the world (Temporal, the register, the mail server) is left out.
"""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal_samples import AUTHORITY, CHAIR, CODE, DEPUTY, HEAD, KEY, NUMBER, OFFICER, png, sample_reading, source_of

from activities.reading.activity import summaries
from domain.admission import admissible
from domain.convention import AwardKey, Draft, Role, Signatory, SuppliedFacts, fold
from domain.correcting import Asked, correction_of
from domain.corrections import Correction, apply_corrections, same_fact
from domain.deliberation import Outcome, Reading
from domain.documents import DOCX, JSON, PDF, TEXT, DocumentRef, reference
from domain.errors import (
    ActionRefused,
    DeliveryRefused,
    LinkRefused,
    NotADeliberation,
    NotFound,
    UnreadableDocument,
)
from domain.executory import ExecutoryProof
from domain.facts import Evidence, Finding, Severity
from domain.lifecycle import (
    Action,
    Approve,
    DraftReady,
    HandOver,
    Lifecycle,
    RecordReceipt,
    Refuse,
    RequestChanges,
    Send,
    Sign,
    SignatureMade,
    Stage,
    SupplyFacts,
    Withdraw,
    apply,
)
from domain.links import Link
from domain.parties import (
    Person,
    Staff,
)
from domain.powers import Delegation, Mandate, PowerEnding, PowerKind, PowerRegister, PowerTrace, Recusal
from domain.source import SourceText
from domain.tasks import ArchiveAnswer, Event, MailKind, SignatureRecord
from domain.verification import Conclusion, Level, SignatureVerdict, VerificationReport
from portal.history import line
from portal.ports import ArchivedEntry, ConventionFilters, Deposit, EventLine, Ports, Rectangle
from workflows.views import (
    ConventionRow,
    ConventionView,
    MailStatus,
    SignatoryStatus,
    SigningState,
    SigningView,
    StartedConvention,
    Submission,
)


@dataclass
class Store:
    """``Files``: bytes by digest. The page's picture can be set for a look at the real thing."""

    kept: dict[str, bytes] = field(default_factory=dict)
    pictures: list[bytes] = field(default_factory=lambda: [png()])
    page_words: str = "Article 1 – Objet\nLa présente convention fixe l'œuvre commune de l'année."

    def put(self, content: bytes, media_type: str) -> DocumentRef:
        ref = reference(content, media_type)
        self.kept[ref.sha256] = content
        return ref

    def get(self, ref: DocumentRef) -> bytes:
        if ref.sha256 not in self.kept:
            raise NotFound("document_unknown", "Ce document n'est pas dans le dépôt de documents.")
        return self.kept[ref.sha256]

    def page_png(self, pdf: DocumentRef, page: int) -> bytes:
        self.get(pdf)
        return self.pictures[(page - 1) % len(self.pictures)]

    def page_text(self, pdf: DocumentRef, page: int) -> str:
        self.get(pdf)
        return f"Page {page}\n{self.page_words}"


@dataclass(frozen=True)
class Sent:
    expires_at: datetime


class Memory:
    """``Circuits``, ``Links``, ``Powers``, ``StaffDirectory``, ``Verifier`` and ``Health`` over dictionaries."""

    def __init__(self) -> None:
        self.now = datetime(2019, 10, 14, 8, 0, tzinfo=UTC)
        self.files = Store()
        self.conventions: dict[str, ConventionView] = {}
        self.changes: list[str] = []
        """Every call that changes something, by name: a GET must leave it as it was."""
        self.evidence: list[dict[str, str]] = []
        self.tokens: dict[str, Link] = {}
        self.codes: dict[str, str] = {}
        self.proofs: dict[str, str] = {}
        self.spent: set[str] = set()
        self.dead_addresses: set[str] = set()
        self.power_ended = False
        self.happened: dict[str, list[Event]] = {}
        self.added: dict[str, PowerTrace] = {}
        self.blocking: tuple[Finding, ...] = ()
        """Of the reading of what is submitted next."""
        self.sessions: dict[str, Staff] = {}
        self.register = PowerRegister()
        self.state: dict[str, str | bool] = {"temporal": True, "register": True}
        self.outage: Exception | None = None
        self.outcome: Outcome | None = Outcome.ADOPTED
        """As the reading of what is submitted next finds it."""
        self.beneficiary = "Chambre de Commerce d'Exemple"
        self.reading: Reading | None = None
        """What the next file is read as; none: the sample."""
        self.source: SourceText | None = None
        self.media_type = TEXT
        self.title = "Attribution d'une subvention pour la deuxième phase d'un démonstrateur"

    def ports(self) -> Ports:
        return Ports(
            circuits=self,
            links=self,
            files=self.files,
            sources=self,
            powers=self,
            staff=self,
            verifier=self,
            health=self,
        )

    # Circuits

    async def submit(
        self,
        content: bytes,
        name: str,
        by: Staff,
        corrections: tuple[Asked, ...] = (),
        chosen: tuple[int, ...] | None = None,
    ) -> Submission:
        if self.outage:
            raise self.outage
        _, deposit = self.examine(content, name)
        return await self.open(deposit, by, corrections, chosen)

    async def open(
        self,
        deposit: Deposit,
        by: Staff,
        corrections: tuple[Asked, ...] = (),
        chosen: tuple[int, ...] | None = None,
    ) -> Submission:
        reading = Reading.model_validate_json(self.files.get(deposit.reading))
        made: tuple[Correction, ...] = ()
        for asked in corrections:
            made = (
                *made,
                correction_of(
                    apply_corrections(reading, made),
                    self.text(deposit.text, deposit.document),
                    asked,
                    made,
                    by,
                    self.now,
                ),
            )
        reading = apply_corrections(reading, made)
        acts = summaries(reading)
        started = []
        for act in admissible(acts, chosen):
            for award in act.awards:
                assert act.authority
                assert act.number
                assert act.session_date
                key = AwardKey(
                    authority=act.authority,
                    number=act.number,
                    session_date=act.session_date,
                    ordinal=award.ordinal,
                )
                id_ = f"{key.id}-1"
                existing = id_ in self.conventions
                if not existing:
                    self.changes.append("submit")
                    self.conventions[id_] = ConventionView(
                        convention_id=id_,
                        stage=Stage.DRAFTING,
                        lifecycle=Lifecycle(session_date=key.session_date),
                        award=key,
                        act_index=act.index,
                        title=act.title or "",
                        beneficiary=award.beneficiary,
                        amount=award.amount,
                        deliberation=deposit.document,
                        reading=self.files.put(reading.model_dump_json(by_alias=True).encode(), JSON),
                        text=deposit.text,
                        corrections=tuple(c for c in made if c.act == act.index),
                    )
                started.append(
                    StartedConvention(convention_id=id_, existing=existing, act_index=act.index, ordinal=award.ordinal)
                )
        return Submission(
            reading=deposit.reading, acts=acts, conventions=tuple(started), corrections=made, chosen=chosen
        )

    async def correct(self, convention_id: str, asked: Asked, seen: int, by: Staff) -> None:
        view = self.conventions[convention_id]
        apply(view.lifecycle, SupplyFacts(), self.now)
        made = correction_of(
            apply_corrections(Reading.model_validate_json(self.files.get(view.reading)), view.corrections),
            self.text(view.text, view.deliberation),
            asked.model_copy(update={"act": view.act_index, "award": view.award.ordinal}),
            view.corrections,
            by,
            self.now,
            view.award,
        )
        if any(same_fact(made, other) for other in view.corrections[seen:]):
            raise ActionRefused("correction_overtaken", "Une autre personne a corrigé ce fait.")
        view = self._apply(convention_id, "correct", SupplyFacts())
        amount = Decimal(made.value) if made.fact == "amount" else view.amount
        self._keep(view.model_copy(update={"corrections": (*view.corrections, made), "amount": amount}))

    # Sources

    def examine(self, content: bytes, name: str) -> tuple[str, Deposit]:
        if content.startswith(b"\x7fELF"):
            raise UnreadableDocument("wrong_type", "Ce fichier n'est ni un PDF, ni un document Word, ni un texte.")
        if b"recette" in content:
            raise NotADeliberation("not_a_deliberation", "Ce document n'est pas une délibération.")
        reading = self.reading or sample_reading(
            content, name, beneficiary=self.beneficiary, title=self.title, blocking=self.blocking, outcome=self.outcome
        )
        deposit = Deposit(
            document=self.files.put(content, self.media_type),
            name=name,
            reading=self.files.put(reading.model_dump_json(by_alias=True).encode(), JSON),
            text=self.files.put((self.source or source_of(reading)).model_dump_json().encode(), JSON),
            acts=summaries(reading),
        )
        return self.files.put(deposit.model_dump_json().encode(), JSON).sha256, deposit

    def deposit(self, key: str) -> Deposit:
        if key not in self.files.kept:
            raise NotFound("deposit_unknown", "Ce dépôt n'existe pas.")
        return Deposit.model_validate_json(self.files.kept[key])

    def text(self, text: DocumentRef | None, document: DocumentRef) -> SourceText:
        if text is None:
            raise NotFound("document_unknown", "Ce texte n'a pas été gardé.")
        return SourceText.model_validate_json(self.files.get(text))

    def page_png(self, document: DocumentRef, page: int) -> bytes:
        if document.media_type != PDF or page > 5:
            raise NotFound("page_unknown", "Ce document n'a pas cette page.")
        return self.files.page_png(document, page)

    def places(self, document: DocumentRef, evidence: Evidence, text: SourceText) -> list[tuple[int, list[Rectangle]]]:
        return [(evidence.page, [(0.1, 0.2, 0.6, 0.25)])] if evidence.page else []

    async def view(self, convention_id: str) -> ConventionView:
        if self.outage:
            raise self.outage
        if convention_id not in self.conventions:
            raise NotFound("convention_unknown", "Cette convention n'existe pas.")
        return self.conventions[convention_id]

    async def events(self, convention_id: str) -> tuple[EventLine, ...]:
        await self.view(convention_id)
        return tuple(line(event) for event in self.happened.get(convention_id, ()))

    async def list(self, filters: ConventionFilters) -> "list[ConventionRow]":
        rows = []
        for view in self.conventions.values():
            words = fold(f"{view.award.number} {view.convention_number} {view.title} {view.beneficiary}")
            if filters.stage not in {None, view.stage} or fold(filters.text) not in words:
                continue
            if filters.attention and not view.attention:
                continue
            rows.append(
                ConventionRow(
                    convention_id=view.convention_id,
                    stage=view.stage,
                    deliberation_number=view.award.number,
                    convention_number=view.convention_number,
                    title=view.title,
                    beneficiary=view.beneficiary or "",
                    amount=view.amount,
                    due_at=view.due_at,
                    attention=view.attention,
                )
            )
        return rows[: filters.limit]

    def _apply(self, convention_id: str, name: str, action: Action) -> ConventionView:
        view = self.conventions.get(convention_id)
        if view is None:
            raise NotFound("convention_unknown", "Cette convention n'existe pas.")
        lifecycle = apply(view.lifecycle, action, self.now)
        self.changes.append(name)
        return self._keep(view.model_copy(update={"lifecycle": lifecycle, "stage": lifecycle.stage}))

    def _keep(self, view: ConventionView) -> ConventionView:
        self.conventions[view.convention_id] = view
        return view

    async def supply_facts(self, convention_id: str, facts: SuppliedFacts, by: Staff) -> None:
        view = self._apply(convention_id, "supply_facts", SupplyFacts())
        pdf = self.files.put(b"%PDF-1.7 " + facts.model_dump_json().encode(), PDF)
        draft = Draft(
            version=(view.draft.version if view.draft else 0) + 1,
            docx=self.files.put(b"PK docx", DOCX),
            pdf=pdf,
            facts=self.files.put(b"{}", JSON),
            template=self.files.put(b"PK template", DOCX),
            pages=3,
        )
        finding = Finding(
            code="nature_and_kind",
            severity=Severity.WARNING,
            message="La nature comptable et la nature juridique du bénéficiaire sont à rapprocher.",
        )
        self._keep(
            view.model_copy(
                update={
                    "supplied": facts,
                    "supplied_by": by,
                    "convention_number": "2019-0001",
                    "draft": draft,
                    "findings": (finding,),
                }
            )
        )
        self._apply(convention_id, "draft_ready", DraftReady(document=pdf.sha256))

    async def request_changes(self, convention_id: str, reason: str, by: Staff) -> None:
        self._keep(
            self._apply(convention_id, "request_changes", RequestChanges()).model_copy(update={"reason": reason})
        )

    async def approve(self, convention_id: str, document_sha256: str, by: Staff) -> None:
        self._apply(convention_id, "approve", Approve.model_construct(document=document_sha256))

    async def record_receipt(self, convention_id: str, proof: ExecutoryProof, by: Staff) -> None:
        self._keep(
            self._apply(convention_id, "record_receipt", RecordReceipt(proof=proof)).model_copy(update={"proof": proof})
        )

    async def send(self, convention_id: str, by: Staff) -> None:
        self._ask(self._apply(convention_id, "send", Send()))

    async def correct_address(self, convention_id: str, email: str, by: Staff) -> None:
        view = self.conventions[convention_id]
        change = HandOver(role=Role.BENEFICIARY, round=view.lifecycle.round)
        self._ask(self._apply(convention_id, "correct_address", change), HEAD.model_copy(update={"email": email}))

    async def withdraw(self, convention_id: str, reason: str, by: Staff) -> None:
        self._end(self._apply(convention_id, "withdraw", Withdraw()), reason)

    def _end(self, view: ConventionView, reason: str) -> None:
        ending = view.lifecycle.ending
        assert ending is not None
        lifecycle = view.lifecycle.model_copy(update={"stage": ending})
        self._keep(view.model_copy(update={"stage": ending, "lifecycle": lifecycle, "reason": reason}))

    def _ask(self, view: ConventionView, person: Person | None = None) -> str:
        """Open a round: the token of its link."""
        role = view.lifecycle.turn
        assert role is not None
        assert view.draft is not None
        signatory = {
            Role.BENEFICIARY: Signatory(
                role=Role.BENEFICIARY,
                person=person or HEAD,
                capacity_line="Pour la Chambre de Commerce d'Exemple, le Président",
                ground="Représentant légal déclaré par le bénéficiaire",
            ),
            Role.AUTHORITY: Signatory(
                role=Role.AUTHORITY,
                person=person or DEPUTY,
                capacity_line="Pour la Présidente et par délégation, le Vice-président délégué à l'économie",
                ground="Arrêté n° 19/042 du 2 janvier 2019, publié le 3 janvier 2019",
            ),
        }[role]
        document = view.signatures[-1].document if view.signatures else view.draft.pdf
        token = f"jeton-secret-{role.value}-{view.lifecycle.round}-{view.convention_id[:8]}"
        self.tokens[token] = Link(
            id=hashlib.sha256(token.encode()).hexdigest(),
            convention_id=view.convention_id,
            round=view.lifecycle.round,
            role=role,
            signatory=signatory,
            document=document.sha256,
            expires_at=self.now + timedelta(days=60),
        )
        asked = SignatoryStatus(signatory=signatory, round=view.lifecycle.round, asked_at=self.now)
        mail = MailStatus(kind=MailKind.REQUEST, recipient=signatory.person.full_name, sent_at=self.now)
        self._keep(
            view.model_copy(
                update={
                    "signatories": (*view.signatories, asked),
                    "mails": (*view.mails, mail),
                    "due_at": self.now + timedelta(days=60),
                }
            )
        )
        return token

    async def sign(self, link: Link, document_sha256: str, challenge_id: str, evidence: dict[str, str]) -> SigningState:
        if challenge_id in self.spent:
            raise LinkRefused("session_used", "Ce code a déjà servi à une autre décision.")
        if self.power_ended:
            raise ActionRefused("power_ended", "Votre délégation n'est plus en vigueur.")
        view = self._apply(
            link.convention_id,
            "sign",
            Sign.model_construct(role=link.role, round=link.round, document=document_sha256),
        )
        self.spent.add(challenge_id)
        self.evidence.append(evidence | {"challenge": challenge_id})
        return SigningState.IN_PROGRESS if view.lifecycle.signing else SigningState.SIGNED

    def finish_signature(self, convention_id: str) -> str | None:
        """What the signing activity does next; the token of the following link, if there is one."""
        view = self.conventions[convention_id]
        role = view.lifecycle.turn
        assert role is not None
        signed = self.files.put(b"%PDF-1.7 signed by " + role.value.encode(), PDF)
        view = self._apply(convention_id, "signature_made", SignatureMade(role=role, document=signed.sha256))
        asked = view.signatories[-1]
        record = SignatureRecord(role=role, signatory=asked.signatory, signed_at=self.now, level="B-T", document=signed)
        done = asked.model_copy(update={"signed_at": self.now, "level": "B-T"})
        view = self._keep(
            view.model_copy(
                update={
                    "signatures": (*view.signatures, record),
                    "signatories": (*view.signatories[:-1], done),
                }
            )
        )
        if view.lifecycle.turn is not None:
            return self._ask(view)
        archive = ArchiveAnswer(
            object_id="deliberation:eco-010-6552-19-bm",
            version="v1",
            path="eco/010/6552-19-bm",
            manifest_digest="0" * 128,
            evidence=self.files.put(b'{"entries": []}', JSON),
        )
        lifecycle = view.lifecycle.model_copy(update={"stage": Stage.COMPLETED})
        self._keep(
            view.model_copy(
                update={"stage": Stage.COMPLETED, "lifecycle": lifecycle, "archive": archive, "due_at": None}
            )
        )
        return None

    async def refuse(self, link: Link, reason: str, challenge_id: str, evidence: dict[str, str]) -> None:
        self._end(self._apply(link.convention_id, "refuse", Refuse(role=link.role, round=link.round)), reason)
        self.evidence.append(evidence | {"challenge": challenge_id})

    async def hand_over(self, link: Link, candidate_email: str, challenge_id: str, evidence: dict[str, str]) -> None:
        view = self._apply(link.convention_id, "hand_over", HandOver(role=link.role, round=link.round))
        self._ask(view, CHAIR)
        self.evidence.append(evidence | {"challenge": challenge_id})

    async def signing_view(self, link: Link) -> SigningView:
        if self.outage:
            raise self.outage
        view = self.conventions[link.convention_id]
        assert view.draft is not None
        signed = view.signatures[-1].document if view.stage is Stage.COMPLETED else None
        return SigningView(
            state=self._state(link, view),
            stage=view.stage,
            round=view.lifecycle.round,
            document=self._document(link),
            pages=view.draft.pages,
            convention_number=view.convention_number,
            deliberation_number=view.award.number,
            deliberation_date=view.award.session_date,
            deliberation_title=view.title,
            authority=AUTHORITY.name,
            beneficiary=view.beneficiary or "",
            amount=view.amount or Decimal(0),
            signatory=link.signatory,
            due_at=view.due_at,
            candidates=(CHAIR,) if link.role is Role.AUTHORITY and link.signatory.person != CHAIR else (),
            signed_document=signed,
            completed=signed is not None,
        )

    def _document(self, link: Link) -> DocumentRef:
        return DocumentRef(sha256=link.document, size=len(self.files.kept[link.document]), media_type=PDF)

    def _state(self, link: Link, view: ConventionView) -> SigningState:
        lifecycle = view.lifecycle
        ended = {
            Stage.REFUSED: SigningState.REFUSED,
            Stage.WITHDRAWN: SigningState.WITHDRAWN,
            Stage.EXPIRED: SigningState.EXPIRED,
        }
        if view.stage in ended:
            return ended[view.stage]
        if link.role in lifecycle.signed:
            return SigningState.SIGNED
        if link.round != lifecycle.round:
            return SigningState.REPLACED
        if self.power_ended:
            return SigningState.POWER_ENDED
        if lifecycle.turn is not link.role:
            return SigningState.NOT_YOUR_TURN
        return SigningState.IN_PROGRESS if lifecycle.signing else SigningState.READY

    # Links

    def find(self, token: str) -> Link | None:
        return self.tokens.get(token)

    def send_code(self, link: Link) -> Sent:
        if link.signatory.person.email in self.dead_addresses:
            raise DeliveryRefused("address_refused", "Le serveur de messagerie refuse cette adresse.")
        self.changes.append("send_code")
        self.codes[link.id] = CODE
        return Sent(self.now + timedelta(minutes=10))

    def check_code(self, link: Link, code: str) -> str:
        self.changes.append("check_code")
        if self.codes.get(link.id) != code:
            raise LinkRefused("code_wrong", "Ce code n'est pas le bon.")
        del self.codes[link.id]
        nonce = secrets.token_urlsafe(24)
        self.proofs[nonce] = link.id
        return nonce

    def check_session(self, link: Link, nonce: str) -> str:
        if self.proofs.get(nonce) != link.id:
            raise LinkRefused("session_unknown", "Votre session est terminée.")
        return f"challenge-{list(self.proofs).index(nonce) + 1}"

    # Powers

    def entries(self) -> PowerRegister:
        return self.register

    def traces(self) -> tuple[PowerTrace, ...]:
        return tuple(self.added.values())

    def _trace(self, entry_id: str, by: Staff) -> None:
        self.added.setdefault(entry_id, PowerTrace(entry_id=entry_id, added_by=by, added_at=self.now))

    def add_mandate(self, mandate: Mandate, by: Staff) -> None:
        self.changes.append("add_mandate")
        self._trace(mandate.id, by)
        self.register = self.register.model_copy(update={"mandates": (*self.register.mandates, mandate)})

    def add_delegation(self, delegation: Delegation, by: Staff) -> None:
        if delegation.kind is PowerKind.EXECUTIVE:
            raise ActionRefused("not_a_delegation", "Un mandat n'est pas une délégation.")
        self.changes.append("add_delegation")
        self._trace(delegation.id, by)
        self.register = self.register.model_copy(update={"delegations": (*self.register.delegations, delegation)})

    def add_recusal(self, recusal: Recusal, by: Staff) -> None:
        self.changes.append("add_recusal")
        self._trace(recusal.id, by)
        self.register = self.register.model_copy(update={"recusals": (*self.register.recusals, recusal)})

    def end_mandate(self, entry_id: str, last_day: date, by: Staff) -> Mandate:
        return self._end_entry("mandates", entry_id, "end", last_day, by)

    def revoke_delegation(self, entry_id: str, day: date, by: Staff) -> Delegation:
        return self._end_entry("delegations", entry_id, "revoked_on", day, by)

    def end_recusal(self, entry_id: str, last_day: date, by: Staff) -> Recusal:
        return self._end_entry("recusals", entry_id, "end", last_day, by)

    def _end_entry(self, kind: str, entry_id: str, name: str, day: date, by: Staff) -> Any:
        entries = list(getattr(self.register, kind))
        rank = next((rank for rank, entry in enumerate(entries) if entry.id == entry_id), None)
        if rank is None:
            raise NotFound("power_unknown", "Le registre ne contient pas cette entrée.")
        if getattr(entries[rank], name) is not None:
            raise ActionRefused("already_ended", "Cette entrée a déjà une fin.")
        self.changes.append(f"end_{kind}")
        entries[rank] = entries[rank].model_copy(update={name: day})
        self.register = self.register.model_copy(update={kind: tuple(entries)})
        ending = PowerEnding(day=day, by=by, at=self.now)
        self.added[entry_id] = self.added[entry_id].model_copy(update={"endings": (ending,)})
        return entries[rank]

    # StaffDirectory

    def by_key(self, key: str) -> Staff | None:
        return OFFICER if key == KEY else None

    def open_session(self, staff: Staff) -> str:
        self.changes.append("open_session")
        token = secrets.token_urlsafe(24)
        self.sessions[token] = staff
        return token

    def by_session(self, token: str) -> Staff | None:
        return self.sessions.get(token)

    def close_session(self, token: str) -> None:
        self.changes.append("close_session")
        self.sessions.pop(token, None)

    # Verifier

    def verify(self, content: bytes) -> VerificationReport:
        if not content.startswith(b"%PDF"):
            raise UnreadableDocument("wrong_type", "Ce fichier n'est pas un PDF.")
        verdict = SignatureVerdict(
            field="Beneficiaire",
            role=Role.BENEFICIARY,
            name="Noël Œuvrard <b>",
            capacity="Pour la Chambre de Commerce d'Exemple, le Président",
            certificate="CN=Cachet de test",
            issuer="CN=Autorité de test",
            test_certificate=True,
            signed_at=self.now,
            timestamp_authority="Horodatage de test",
            intact=True,
            unchanged=True,
            trusted=True,
            level=Level.B_T,
            sentences=("La signature est valable.",),
        )
        return VerificationReport(
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            conclusion=Conclusion.VALID,
            ours=True,
            verified_at=self.now,
            signatures=(verdict,),
            sentences=("Les signatures tiennent et rien n'a été changé depuis.",),
        )

    def by_number(self, number: str) -> tuple[ArchivedEntry, ...]:
        if fold(number) not in {fold(NUMBER), "2019-0001"}:
            return ()
        return (
            ArchivedEntry(
                deliberation_number=NUMBER,
                convention_number="2019-0001",
                beneficiary=self.beneficiary,
                amount=Decimal("50000.00"),
                ending=Stage.COMPLETED,
                archived_at=self.now,
                signed_sha256="ab" * 32,
            ),
        )

    # Health

    async def ready(self) -> dict[str, str | bool]:
        return self.state
