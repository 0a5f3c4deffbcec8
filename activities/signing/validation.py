"""Judging the signatures of a PDF: integrity, trust, time, later changes; and measuring the PAdES level.

The level is read off the file: a level is reached when validation with only what that level promises succeeds.
Known limits: a timestamp whose own certificate has expired is not carried by later document timestamps; revocation
is judged by lists (CRL), and by OCSP answers only when the file carries them.
"""

import io
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from asn1crypto import crl, parser, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel, TimestampSignatureStatus
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError

from activities.signing.certificates import common_name
from activities.signing.material import Material
from activities.signing.trust import RevocationOutage, Trust
from activities.signing.waiting import run
from domain.verification import Level


@dataclass(frozen=True)
class Stamp:
    """The timestamp of a signature."""

    at: datetime
    authority: str
    intact: bool
    trusted: bool
    certificate: x509.Certificate


@dataclass(frozen=True)
class Judgement:
    """What is found about one signature."""

    field: str
    revision: int
    name: str
    reason: str
    application: str
    certificate: x509.Certificate
    claimed_at: datetime | None
    certifies: bool
    """It is the first signature, and fixes what may follow (DocMDP, ISO 32000-2, 12.8.2.2)."""
    intact: bool
    covers: bool
    """It covers the whole of the revision in which it was made."""
    later: ModificationLevel
    """The strongest change made after it."""
    permitted: bool
    """Those changes are within what the signatures allow."""
    trusted: bool
    revoked: bool
    revocation_checked: bool
    expired: bool
    """The certificate is out of date today; it may have been valid when it signed."""
    stamp: Stamp | None
    level: Level | None

    @property
    def holds(self) -> bool:
        return self.intact and self.covers and self.permitted and self.trusted


@dataclass(frozen=True)
class FileJudgement:
    """What is found about a whole file; signatures in the order in which they were made."""

    signatures: tuple[Judgement, ...]
    document_timestamps: tuple[datetime, ...]
    """Those that hold."""
    broken_timestamps: int
    empty_fields: tuple[str, ...]
    revisions: int
    lists_missing: bool
    """The configured revocation lists could not be had."""


def judge(
    pdf: bytes,
    trust: Trust,
    *,
    strict: bool = True,
    lists_required: bool = True,
    reader: PdfFileReader | None = None,
) -> FileJudgement:
    """Judge every signature of ``pdf`` as of now.

    :param strict: refuse PDFs that are not well-formed; ours are.
    :param lists_required: without the configured revocation lists, fail instead of saying so.
    :param reader: of ``pdf``, if there is one already: reading is a good part of the time.
    :raises PdfReadError: the file is not a PDF that can be read.
    :raises RevocationOutage: see ``lists_required``.
    """
    reader = reader or PdfFileReader(io.BytesIO(pdf), strict=strict)
    try:
        lists, missing = trust.revocation.lists(), False
    except RevocationOutage:
        if lists_required:
            raise
        lists, missing = (), True
    return replace(run(_Judge(reader, trust, lists, whole=_ends_well(pdf)).file), lists_missing=missing)


_WHOLE = {SignatureCoverageLevel.ENTIRE_REVISION, SignatureCoverageLevel.ENTIRE_FILE}


def _ends_well(pdf: bytes) -> bool:
    """The file ends where its last revision does: pyHanko tolerates bytes after it, which no signature covers."""
    return re.search(rb"startxref\s+\d+\s+%%EOF\s*$", pdf[-256:]) is not None


class _Judge:
    def __init__(self, reader: PdfFileReader, trust: Trust, lists: tuple[bytes, ...], *, whole: bool) -> None:
        self.whole = whole
        self.reader = reader
        # Once for the file: asn1crypto keeps what it has parsed with each object.
        self.roots = trust.root_certificates()
        self.intermediates = trust.intermediate_certificates()
        self.lists = [crl.CertificateList.load(der) for der in lists]
        self.store = Material.of(reader)

    async def file(self) -> FileJudgement:
        self.whole = self.whole and all(map(_padded_with_nothing, self.reader.embedded_signatures))
        stamps = [await self._document_timestamp(e) for e in self.reader.embedded_timestamp_signatures]
        held = [(revision, at) for revision, at in stamps if at is not None]
        judged = [await self._signature(e, held) for e in self.reader.embedded_regular_signatures]
        return FileJudgement(
            signatures=tuple(judged),
            document_timestamps=tuple(at for _, at in held),
            broken_timestamps=len(stamps) - len(held),
            empty_fields=tuple(name for name, _, _ in enumerate_sig_fields(self.reader, filled_status=False)),
            revisions=self.reader.total_revisions,
            lists_missing=False,
        )

    async def _signature(self, embedded: EmbeddedPdfSignature, held: list[tuple[int, datetime]]) -> Judgement:
        status = await self._status(embedded, require=True)
        revocation_checked = status.trusted
        stamp = _stamp(status.timestamp_validity)
        if not status.trusted and not status.revoked and stamp is not None and stamp.trusted and stamp.intact:
            # The certificate may have expired since: what counts is that it was valid when the signature was made.
            then = await self._status(embedded, require=True, at=stamp.at)
            if then.trusted:
                status, revocation_checked = then, True
        if not status.trusted and not status.revoked:
            loose = await self._status(embedded, require=False, at=stamp.at if stamp and stamp.trusted else None)
            if loose.trusted:
                status = loose
            if stamp is None or not stamp.trusted:
                stamp = _stamp(loose.timestamp_validity)
        certificate = embedded.signer_cert
        later = status.modification_level
        judgement = Judgement(
            field=embedded.fq_name,
            revision=embedded.signed_revision,
            name=_text(embedded, "/Name"),
            reason=_text(embedded, "/Reason"),
            application=_application(embedded),
            certificate=certificate,
            claimed_at=_aware(status.signer_reported_dt),
            certifies=embedded.docmdp_level is not None,
            intact=status.intact and status.valid,
            covers=status.coverage in _WHOLE,
            later=ModificationLevel.OTHER if later is None else later,
            permitted=bool(status.docmdp_ok) and self.whole,
            trusted=status.trusted,
            revoked=status.revoked,
            revocation_checked=revocation_checked,
            expired=certificate.not_valid_after < datetime.now(UTC),
            stamp=stamp,
            level=None,
        )
        return replace(judgement, level=await self._level(embedded, judgement, held))

    async def _status(
        self, embedded: EmbeddedPdfSignature, *, require: bool, at: datetime | None = None
    ) -> PdfSignatureStatus:
        own = self._context(self.store, self.lists, require=require, at=at)
        stamps = self._context(self.store, self.lists, require=require)
        # The difference analysis walks the whole document: once is enough, its result stays with the signature.
        return await async_validate_pdf_signature(embedded, own, stamps, skip_diff=embedded.diff_result is not None)

    async def _level(
        self, embedded: EmbeddedPdfSignature, judgement: Judgement, held: list[tuple[int, datetime]]
    ) -> Level | None:
        if not judgement.holds or _text(embedded, "/SubFilter") != "/ETSI.CAdES.detached":
            return None
        stamp = judgement.stamp
        if stamp is None or not (stamp.trusted and stamp.intact):
            return Level.B_B
        # What a later timestamp covers proves most; the rest is only looked at where that does not suffice.
        for revision, _ in held:
            if revision > judgement.revision:
                material = Material.of(self.reader.get_historical_resolver(revision))
                if await self._self_sufficient(embedded, material, stamp.at):
                    return Level.B_LTA
        return Level.B_LT if await self._self_sufficient(embedded, self.store, stamp.at) else Level.B_T

    async def _self_sufficient(self, embedded: EmbeddedPdfSignature, material: Material, at: datetime) -> bool:
        """The certificates of the signature and its timestamp validate, revocation included, with what the file
        carries alone. That the signature and the timestamp match what they sign has been found before."""
        if not material.lists and not material.answers:
            return False
        context = self._context(material, [], require=True, at=at, known=False)
        try:
            for one in (embedded.signed_data, *extract_tst_data_iter(embedded.signer_info, signed=False)):
                certificates = extract_certificate_info(one)
                await CertificateValidator(
                    certificates.signer_cert, intermediate_certs=certificates.other_certs, validation_context=context
                ).async_validate_usage(key_usage=set())  # type: ignore[no-untyped-call]
        except (PathBuildingError, PathValidationError):
            return False
        return True

    async def _document_timestamp(self, embedded: EmbeddedPdfSignature) -> tuple[int, datetime | None]:
        for require in (True, False):
            context = self._context(self.store, self.lists, require=require)
            status = await async_validate_pdf_timestamp(embedded, context, skip_diff=True)
            if status.revoked:
                break
            if status.intact and status.valid and status.trusted and status.coverage in _WHOLE:
                return embedded.signed_revision, status.timestamp
        return embedded.signed_revision, None

    def _context(
        self,
        material: Material,
        lists: list[crl.CertificateList],
        *,
        require: bool,
        at: datetime | None = None,
        known: bool = True,
    ) -> ValidationContext:
        return ValidationContext(
            trust_roots=self.roots,
            other_certs=[*material.certificates, *(self.intermediates if known else ())],
            crls=[*material.lists, *lists],
            ocsps=material.answers,
            revocation_mode="require" if require else "soft-fail",
            moment=at,
            # A list made after the moment in question still tells whether the certificate was revoked by then.
            retroactive_revinfo=True,
            allow_fetching=False,
        )


def _stamp(status: TimestampSignatureStatus | None) -> Stamp | None:
    if status is None:
        return None
    return Stamp(
        at=status.timestamp,
        authority=common_name(status.signing_cert),
        intact=status.intact and status.valid,
        trusted=status.trusted,
        certificate=status.signing_cert,
    )


def _padded_with_nothing(embedded: EmbeddedPdfSignature) -> bool:
    """The space kept for a signature is the one place that it cannot cover: what is left of it must be zeros."""
    return not any(embedded.pkcs7_content[parser.peek(embedded.pkcs7_content) :])


def _text(embedded: EmbeddedPdfSignature, key: str) -> str:
    # Not get(): it hands out references unresolved.
    return str(embedded.sig_object[key])[:2000] if key in embedded.sig_object else ""


def _application(embedded: EmbeddedPdfSignature) -> str:
    try:
        return str(embedded.sig_object["/Prop_Build"]["/App"]["/Name"]).removeprefix("/")
    except (KeyError, TypeError, AttributeError):
        return ""


def _aware(instant: datetime | None) -> datetime | None:
    return None if instant is None or instant.tzinfo is None else instant.astimezone(UTC)
