"""Where the rooms meet: settings in, activities for the worker and ports for the portal out."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any

from temporalio.client import Client

from activities.archive.activity import ArchiveActivities
from activities.archive.package import Histories, Witnesses
from activities.companies.client import CompanyRegister
from activities.conversion.activity import ConversionActivities
from activities.conversion.libreoffice import LibreOfficePool
from activities.conversion.pages import page_png, page_text
from activities.documents import DocumentStore
from activities.drafting.activity import DraftingActivities
from activities.evidence.notary import ServiceNotary, evidence_level
from activities.mail.activity import CodeMailer, MailActivities, MailSettings
from activities.mail.composer import Composer, message_id
from activities.mail.smtp import SmtpServer
from activities.reading.activity import ReadingActivities
from activities.reading.limits import Limits
from activities.register.activities import RegisterActivities
from activities.register.engine import open_engine
from activities.register.register import Register
from activities.signing.activity import SigningActivities
from activities.signing.fields import prepare_fields
from activities.signing.personal import PersonalSignatures
from domain.documents import DocumentRef
from domain.lifecycle import Stage
from domain.links import CODE_LIFETIME, Link
from domain.parties import Staff
from domain.tasks import MailAnswer, MailKind
from domain.verification import VerificationReport, against_archive
from portal.ports import ArchivedEntry, Ports
from service.circuits import TemporalCircuits
from service.keys import SigningKeys, link_secret, signing_keys
from service.powers import RegisteredPowers
from service.provider import RemoteProvider, remote_service
from service.settings import Settings
from service.sources import StoredSources
from service.verify import archived_copy
from service.verifybox import verify_safely


class Parts:
    """The outside things of one process, each made when it is first needed and shared after that."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._to_close: list[Callable[[], None]] = []

    @cached_property
    def store(self) -> DocumentStore:
        return DocumentStore(self.settings.store)

    @cached_property
    def register(self) -> Register:
        engine = open_engine(self.settings.database)
        self._to_close.append(engine.dispose)
        return Register(engine, link_secret(self.settings))

    @cached_property
    def composer(self) -> Composer:
        return Composer(
            self.settings.templates_dir / "mails", self.settings.mail_sender, self.settings.mail_sender_name
        )

    @cached_property
    def smtp(self) -> SmtpServer:
        settings = self.settings
        return SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            encryption=settings.smtp_encryption,
            username=settings.smtp_username,
            password=settings.smtp_password.get_secret_value(),
        )

    @cached_property
    def mail_settings(self) -> MailSettings:
        return MailSettings(sender=self.settings.mail_sender, base_url=self.settings.base_url)

    @cached_property
    def signing(self) -> SigningKeys:
        keys = signing_keys(self.settings)
        self._to_close.append(keys.close)
        return keys

    @cached_property
    def personal(self) -> PersonalSignatures | None:
        """Signatures with people's own certificates, where a provider is configured."""
        service = remote_service(self.settings)
        if service is None:
            return None
        self._to_close.append(service.close)
        return PersonalSignatures(self.store, self.register, self.register, service, utc_now)

    @cached_property
    def converter(self) -> LibreOfficePool:
        converter = LibreOfficePool(self.settings.conversions)
        self._to_close.append(converter.close)
        return converter

    @cached_property
    def companies(self) -> CompanyRegister | None:
        """The public register of companies, unless it is switched off."""
        if self.settings.companies_url == "off":
            return None
        register = CompanyRegister(self.settings.companies_url, timeout=self.settings.companies_timeout)
        self._to_close.append(register.close)
        return register

    def close(self) -> None:
        """Let go of everything that was opened."""
        while self._to_close:
            self._to_close.pop()()


def main_activities(parts: Parts, histories: Histories) -> list[Callable[..., Any]]:
    """The activities of the main task queue."""
    reading = ReadingActivities(parts.store, Limits(ocr_confidence=parts.settings.ocr_confidence))
    register = RegisterActivities(parts.register)
    drafting = DraftingActivities(
        parts.store, parts.register, parts.settings.templates_dir / "conventions", parts.settings.rules()
    )
    mail = MailActivities(parts.store, parts.register, parts.composer, parts.smtp, parts.mail_settings)
    keys = parts.signing
    signing = SigningActivities(
        parts.store,
        parts.register,
        parts.register,
        keys.signer,
        keys.timestamper,
        keys.trust,
        utc_now,
        level=parts.settings.signature_level,
        final=parts.settings.final_level,
        certifier=keys.signer if parts.settings.certification == "seal" else None,
        personal=parts.personal,
    )
    witnesses = Witnesses(
        histories=histories,
        notary=ServiceNotary(keys.signer, keys.timestamper, keys.trust, evidence_level(keys.trust)),
        templates=parts.settings.templates_dir / "evidence",
    )
    archive = ArchiveActivities(parts.store, parts.register, parts.settings.archive, witnesses)
    return [
        reading.read_deliberation,
        register.open_circuit,
        register.allocate_number,
        register.record,
        register.resolve_powers,
        drafting.render_draft,
        mail.send_mail,
        signing.sign_document,
        signing.validate_signed,
        archive.archive_convention,
    ]


def conversion_activities(parts: Parts) -> list[Callable[..., Any]]:
    """The activities of the conversion task queue."""
    conversion = ConversionActivities(parts.store, parts.converter, prepare_fields, parts.register)
    return [conversion.convert_to_pdf]


def ports(parts: Parts, client: Client) -> Ports:
    """What the portal is given."""
    sources = StoredSources(parts.store, parts.settings.ocr_confidence)
    return Ports(
        circuits=TemporalCircuits(
            client, parts.settings.task_queue, parts.register, parts.store, parts.settings.policy, sources
        ),
        links=SigningLinks(parts.register, CodeMailer(parts.composer, parts.smtp, parts.mail_settings)),
        files=StoredFiles(parts.store),
        sources=sources,
        powers=RegisteredPowers(parts.register),
        staff=RegisteredStaff(parts.register),
        verifier=ArchiveVerifier(parts),
        health=StackHealth(parts, client),
        provider=RemoteProvider(parts.personal) if parts.personal else None,
        companies=parts.companies,
    )


CONCLUDED = {Stage.DELIVERING, Stage.COMPLETED}
"""What anybody may look up: a convention that was refused or withdrawn concerns nobody else."""


@dataclass(frozen=True)
class SentCode:
    expires_at: datetime


class SigningLinks:
    """Implements :class:`portal.ports.Links`."""

    def __init__(self, register: Register, mailer: CodeMailer) -> None:
        self._register = register
        self._mailer = mailer

    def find(self, token: str) -> Link | None:
        return self._register.find_link(token)

    def send_code(self, link: Link) -> SentCode:
        now = utc_now()
        code, challenge = self._register.issue_code(link, now)
        key = f"code/{challenge}"
        sender = self._mailer.sender_domain
        authority = self._register.convention(link.convention_id).award.authority
        reply = self._mailer.send(link.signatory, code, key, authority, now)
        self._register.record_mail(
            key,
            MailKind.CODE,
            link.convention_id,
            str(link.signatory.person.email),
            MailAnswer(message_id=message_id(key, sender), smtp_reply=reply, sent_at=now),
        )
        return SentCode(expires_at=now + CODE_LIFETIME)

    def check_code(self, link: Link, code: str) -> str:
        return self._register.check_code(link, code, utc_now())

    def check_session(self, link: Link, nonce: str) -> str:
        return self._register.check_session(link, nonce, utc_now())


_PICTURES = 128
"""Some 100 kB each."""
_TEXTS = 1024


class StoredFiles:
    """Implements :class:`portal.ports.Files`."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        # Whoever holds a link may ask for its pages as often as they like. A document is named by its digest: what
        # one of its pages shows never changes.
        self._png = lru_cache(_PICTURES)(lambda pdf, page: page_png(store.get(pdf), page))
        self._text = lru_cache(_TEXTS)(lambda pdf, page: page_text(store.get(pdf), page))

    def put(self, content: bytes, media_type: str) -> DocumentRef:
        return self._store.put(content, media_type)

    def get(self, ref: DocumentRef) -> bytes:
        return self._store.get(ref)

    def page_png(self, pdf: DocumentRef, page: int) -> bytes:
        return self._png(pdf, page)

    def page_text(self, pdf: DocumentRef, page: int) -> str:
        return self._text(pdf, page)


class RegisteredStaff:
    """Implements :class:`portal.ports.StaffDirectory`."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def by_key(self, key: str) -> Staff | None:
        return self._register.staff_by_key(key)

    def open_session(self, staff: Staff) -> str:
        return self._register.open_session(staff)

    def by_session(self, token: str) -> Staff | None:
        return self._register.staff_by_session(token)

    def close_session(self, token: str) -> None:
        self._register.close_session(token)


class ArchiveVerifier:
    """Implements :class:`portal.ports.Verifier`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def verify(self, content: bytes) -> VerificationReport:
        report = verify_safely(content, self._parts.signing.trust)
        # By digest: whoever holds the very bytes learns that we hold them too, and nobody else learns anything.
        return against_archive(report, archived_copy(self._parts.register, report.sha256))

    def by_number(self, number: str) -> tuple[ArchivedEntry, ...]:
        register = self._parts.register
        found = []
        for archived in register.archived_under(number):
            circuit = register.convention(archived.convention_id)
            if circuit.stage not in CONCLUDED:
                continue
            found.append(
                ArchivedEntry(
                    deliberation_number=circuit.award.number,
                    convention_number=circuit.number or "",
                    beneficiary=circuit.beneficiary or "",
                    amount=circuit.amount,
                    ending=circuit.stage,
                    archived_at=archived.archived_at,
                    signed_sha256=archived.document,
                )
            )
        return tuple(found)


class StackHealth:
    """Implements :class:`portal.ports.Health`."""

    def __init__(self, parts: Parts, client: Client) -> None:
        self._parts = parts
        self._client = client

    async def ready(self) -> dict[str, str | bool]:
        return {
            "temporal": await _answer(self._temporal()),
            "register": await _answer(asyncio.to_thread(self._parts.register.authorities)),
        }

    async def _temporal(self) -> None:
        if not await self._client.service_client.check_health():
            raise RuntimeError("not serving")


async def _answer(question: Any) -> str | bool:
    try:
        async with asyncio.timeout(5):
            await question
    except Exception as error:
        return type(error).__name__
    return True


def utc_now() -> datetime:
    return datetime.now(UTC)
