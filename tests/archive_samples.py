"""A whole circuit ready to be archived, with real register and store, for the tests of the archive."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from asn1crypto import cms, tsp
from register_samples import NOON, OFFICER, SECRET, Clock, award, happening, opening, person, recording

from activities.archive import ArchiveActivities
from activities.archive.package import Witnesses
from activities.documents import DocumentStore
from activities.register import Register, open_engine, upgrade
from domain.convention import AwardKey, Draft, Role, Signatory
from domain.documents import DOCX, JSON, PDF, DocumentRef
from domain.executory import ExecutoryProof
from domain.lifecycle import Stage
from domain.powers import Delegation, Mandate, PowerKind
from domain.tasks import ArchiveRequest, SignatureRecord

APPROVED = b"%PDF-1.7 the approved convention"
SIGNED_ONCE = APPROVED + b" + beneficiary"
SIGNED = SIGNED_ONCE + b" + authority"
TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "evidence"
HISTORY = Path(__file__).resolve().parent / "histories" / "signed.json"


class KeptHistory:
    """A history that was recorded once, for the tests that look at the disk and not at what happened."""

    def export(self, convention_id: str) -> bytes:
        return HISTORY.read_bytes()


class PlainNotary:
    """Stands in for the seal and the timestamp authority where only the disk is looked at: it signs nothing."""

    def timestamp(self, digest: str) -> bytes:
        info = tsp.TSTInfo(
            {
                "version": "v1",
                "policy": "1.2.3",
                "message_imprint": {
                    "hash_algorithm": {"algorithm": "sha256"},
                    "hashed_message": bytes.fromhex(digest),
                },
                "serial_number": 1,
                "gen_time": NOON,
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [],
                "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(info.dump())},
                "signer_infos": [],
            }
        )
        token = cms.ContentInfo({"content_type": "signed_data", "content": signed})
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def seal(self, pdf: bytes) -> bytes:
        return pdf


OFFLINE = Witnesses(KeptHistory(), PlainNotary(), TEMPLATES)


@dataclass
class Bench:
    """The parts around the archive, in one folder."""

    folder: Path
    register: Register
    store: DocumentStore
    witnesses: Witnesses = OFFLINE

    @classmethod
    def at(cls, folder: Path, database: str = "", migrated: bool = False) -> "Bench":
        url = database or f"sqlite:///{folder / 'register.db'}"
        if not migrated:
            upgrade(url)
        return cls(folder, Register(open_engine(url), SECRET, Clock()), DocumentStore(str(folder / "store")))

    @property
    def root(self) -> Path:
        return self.folder / "archive"

    @property
    def activities(self) -> ArchiveActivities:
        return ArchiveActivities(self.store, self.register, self.root, self.witnesses)

    def close(self) -> None:
        self.register.engine.dispose()

    def circuit(self, key: AwardKey | None = None) -> str:
        """Open a circuit and record some evidence of it."""
        convention_id = self.register.open_circuit(opening(key)).convention_id
        events = (happening(f"{convention_id}-drafted", "drafted"), happening(f"{convention_id}-approved"))
        self.register.record(recording(convention_id, Stage.ARCHIVING, 3, *events))
        return convention_id

    def refused(self, convention_id: str, key: AwardKey | None = None) -> ArchiveRequest:
        """The beneficiary refused at once: there is a draft, and no signature."""
        return ArchiveRequest(
            convention_id=convention_id,
            award=key or award(),
            convention_number="2026-0001",
            ending=Stage.REFUSED,
            deliberation=self.store.put(b"deliberation", "text/plain"),
            reading=self.store.put(b"{}", JSON),
            draft=self._draft(),
            beneficiary="Association Exemple",
            amount=Decimal("50000.00"),
            archived_at=NOON,
        )

    def completed(self, convention_id: str, key: AwardKey | None = None) -> ArchiveRequest:
        """Everything went well."""
        return self.refused(convention_id, key).model_copy(
            update={
                "ending": Stage.COMPLETED,
                "proof": ExecutoryProof(
                    receipt_id="013-200054807-20190926-ECO010-DE",
                    received_at=date(2019, 10, 1),
                    published_at=date(2019, 10, 2),
                    document=self.store.put(b"%PDF stamped", PDF),
                ),
                "signatures": (
                    self._signature(Role.BENEFICIARY, SIGNED_ONCE, "Beneficiaire", NOON),
                    self._signature(Role.AUTHORITY, SIGNED, "Delegue", NOON + timedelta(hours=1)),
                ),
                "report": self.store.put(b'{"valid": true}', JSON),
                "archived_at": NOON + timedelta(hours=2),
            }
        )

    def give_powers(self, key: AwardKey | None = None) -> None:
        authority = (key or award()).authority
        mandate = Mandate(id="mandat-2026", authority=authority, holder=person(), start=date(2026, 4, 1))
        self.register.add_mandate(mandate)
        order = Delegation(
            id="arrete-2026-12",
            authority=authority,
            kind=PowerKind.FUNCTION,
            holder=person("Delegue"),
            order_number="2026-12",
            order_date=date(2026, 4, 10),
            transmitted_on=date(2026, 4, 11),
            published_on=date(2026, 4, 12),
            matters=("subventions",),
            start=date(2026, 4, 13),
        )
        self.register.add_delegation(order, OFFICER)
        other = order.model_copy(update={"id": "arrete-2026-13", "holder": person("Tiers")})
        self.register.add_delegation(other)

    def _draft(self) -> Draft:
        return Draft(
            version=1,
            docx=self.store.put(b"PK word", DOCX),
            pdf=self.store.put(APPROVED, PDF),
            facts=self.store.put(b'{"amount": "50000.00"}', JSON),
            template=self.store.put(b"PK template", DOCX),
            pages=4,
        )

    def _signature(self, role: Role, content: bytes, name: str, at: datetime) -> SignatureRecord:
        document: DocumentRef = self.store.put(content, PDF)
        who = Signatory(role=role, person=person(name), capacity_line="Pour la Présidente", ground="Arrêté n° 2026-12")
        return SignatureRecord(role=role, signatory=who, signed_at=at, level="B-T", document=document)
