"""A signature with a person's own certificate, from the signing page to the signed file."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from csc_stand_in import Account, SigningService
from pyhanko.pdf_utils.reader import PdfFileReader
from signing_parts import Ledger, Proved, World, now, served, serving, signatory, signer_of
from temporalio.exceptions import ApplicationError

from activities.documents import DocumentStore
from activities.register.agreements import KeptAgreement
from activities.signing.activity import SigningActivities
from activities.signing.csc import RemoteAccount, RemoteOutage, RemoteService
from activities.signing.personal import PersonalSignatures
from activities.signing.timestamps import HttpTimestamper, TimestampOutage
from activities.signing.trust import CrlFiles, Trust
from domain.assurance import Assurance
from domain.convention import Role
from domain.documents import PDF, digest
from domain.errors import SignatureRefused
from domain.tasks import SignAnswer, SignRequest
from domain.verification import Level
from service.devpki import DevPki

pytestmark = pytest.mark.libreoffice

SESSION = "a" * 32


@dataclass
class Book:
    """Agreements in memory; the register's own are tested with it, and by the journeys."""

    kept: dict[str, KeptAgreement] = field(default_factory=dict)

    def keep_prepared(self, challenge: str, prepared: str) -> None:
        self.kept[challenge] = KeptAgreement(prepared)

    def keep_agreement(self, challenge: str, prepared: str, secret: str, expires_at: datetime) -> None:
        if self.kept[challenge].prepared == prepared:
            self.kept[challenge] = KeptAgreement(prepared, secret)

    def kept_agreement(self, challenge: str) -> KeptAgreement | None:
        return self.kept.get(challenge)

    def forget_agreement(self, challenge: str) -> None:
        self.kept[challenge] = KeptAgreement(self.kept[challenge].prepared)


@dataclass
class Personal:
    """A convention, the seal for whoever signs simply, and a provider for whoever has a certificate."""

    world: World
    personal: PersonalSignatures
    provider: SigningService
    service: RemoteService
    book: Book

    def request(
        self, role: Role, document: bytes | None = None, assurance: Assurance = Assurance.ADVANCED, **names: str
    ) -> SignRequest:
        asked = self.world.request(role, document, **names)
        return asked.model_copy(update={"challenge_id": SESSION, "assurance": assurance})

    def agreed(self, request: SignRequest, account: Account) -> None:
        self.personal.begin(SESSION, request.signatory, request.document)
        self.personal.agree(SESSION, request.signatory, request.document.sha256, code=account.code)

    def sign(self, request: SignRequest) -> tuple[SignAnswer, bytes]:
        answer = self.world.activities.sign_document(request)
        return answer, self.world.store.get(answer.document)


@pytest.fixture
def personal(pki: DevPki, timestamper: HttpTimestamper, approved: bytes, tmp_path: Path) -> Iterator[Personal]:
    provider, book = SigningService(), Book()
    trust = Trust(
        roots=(pki.root.read_bytes(), provider.authority.root_file(tmp_path).read_bytes()),
        revocation=CrlFiles((*pki.lists, provider.authority.revocation_list(tmp_path))),
        own=(pki.seal_certificate.read_bytes(),),
    )
    store, ledger = DocumentStore(str(tmp_path / "store")), Ledger()
    with serving(provider.application()) as url:
        base = url.rstrip("/")
        service = RemoteService(RemoteAccount(base, f"{base}/token", *provider.client))
        signatures = PersonalSignatures(store, ledger, book, service, now)
        activities = SigningActivities(
            store, ledger, Proved(), signer_of(pki), timestamper, trust, now, personal=signatures
        )
        world = World(store, ledger, activities, approved, tmp_path / "store")
        yield Personal(world, signatures, provider, service, book)
        service.close()


def enrolled(personal: Personal, role: Role, **changes: object) -> Account:
    person = signatory(role).person
    return personal.provider.enrol(person.full_name, str(person.email), **changes)


@pytest.mark.parametrize("curve", [False, True], ids=["rsa", "curve"])
def test_the_beneficiary_signs_by_the_seal_and_the_authority_with_her_own_certificate(
    personal: Personal, curve: bool
) -> None:
    account = enrolled(personal, Role.AUTHORITY, curve=curve)
    _, first = personal.sign(personal.request(Role.BENEFICIARY, assurance=Assurance.SIMPLE))
    request = personal.request(Role.AUTHORITY, first)
    personal.agreed(request, account)
    answer, second = personal.sign(request)
    assert (answer.assurance, answer.level) == (Assurance.ADVANCED, Level.B_LTA)
    assert "Martin-Dupré" in answer.certificate
    assert second.startswith(first)
    hers = PdfFileReader(io.BytesIO(second)).embedded_regular_signatures[1]
    assert hers.signer_cert.serial_number == account.chain[0].serial_number


def test_the_first_signature_may_be_the_personal_one_and_certifies_the_document(personal: Personal) -> None:
    request = personal.request(Role.BENEFICIARY)
    personal.agreed(request, enrolled(personal, Role.BENEFICIARY))
    answer, first = personal.sign(request)
    assert Level(answer.level).reaches(Level.B_LT)
    _, second = personal.sign(personal.request(Role.AUTHORITY, first, assurance=Assurance.SIMPLE))
    assert len(PdfFileReader(io.BytesIO(second)).embedded_regular_signatures) == 2


def test_invariant_6_a_retry_asks_the_provider_for_nothing_more(personal: Personal) -> None:
    request = personal.request(Role.BENEFICIARY)
    personal.agreed(request, enrolled(personal, Role.BENEFICIARY))
    once = personal.sign(request)
    assert personal.sign(request) == once
    assert personal.provider.calls.count("signatures/signHash") == 1
    assert personal.book.kept[SESSION].secret == ""


def test_invariant_6_what_the_provider_signed_outlives_an_outage_that_follows(
    personal: Personal, pki: DevPki, timestamper: HttpTimestamper
) -> None:
    request = personal.request(Role.BENEFICIARY)
    personal.agreed(request, enrolled(personal, Role.BENEFICIARY))
    with served(lambda _body: (503, b"")) as url:
        down = HttpTimestamper([url])
        with pytest.raises(TimestampOutage):
            personal.personal.make(request, down)
        down.close()
    # The agreement is spent: what follows can only come from the signature that was kept.
    answer, _ = personal.sign(request)
    assert answer.assurance is Assurance.ADVANCED
    assert personal.provider.calls.count("signatures/signHash") == 1


def test_nothing_is_signed_without_an_agreement_at_the_provider(personal: Personal) -> None:
    request = personal.request(Role.BENEFICIARY)
    enrolled(personal, Role.BENEFICIARY)
    for begin in (lambda: None, lambda: personal.personal.begin(SESSION, request.signatory, request.document)):
        begin()
        with pytest.raises(ApplicationError) as refusal:
            personal.sign(request)
        assert refusal.value.type == "remote_not_begun"
    assert "signatures/signHash" not in personal.provider.calls


def test_an_agreement_to_one_version_signs_no_other(personal: Personal) -> None:
    account = enrolled(personal, Role.AUTHORITY)
    personal.agreed(personal.request(Role.AUTHORITY), account)
    _, first = personal.sign(personal.request(Role.BENEFICIARY, assurance=Assurance.SIMPLE))
    with pytest.raises(ApplicationError) as refusal:
        personal.sign(personal.request(Role.AUTHORITY, first))
    assert refusal.value.type == "remote_not_begun"


def test_beginning_again_voids_the_code_and_the_agreement_of_before(personal: Personal) -> None:
    account = enrolled(personal, Role.BENEFICIARY)
    request = personal.request(Role.BENEFICIARY)
    personal.agreed(request, account)
    personal.personal.begin(SESSION, request.signatory, request.document)
    with pytest.raises(ApplicationError):
        personal.sign(request)
    personal.personal.agree(SESSION, request.signatory, request.document.sha256, code=account.code)
    assert personal.sign(request)[0].assurance is Assurance.ADVANCED


def test_a_certificate_in_another_name_signs_for_nobody(personal: Personal) -> None:
    person = signatory(Role.BENEFICIARY).person
    personal.provider.enrol("Quelqu’un D’Autre", str(person.email))
    request = personal.request(Role.BENEFICIARY)
    with pytest.raises(SignatureRefused) as refusal:
        personal.personal.begin(SESSION, request.signatory, request.document)
    assert refusal.value.code == "remote_holder_differs"
    assert "Quelqu’un D’Autre" in str(refusal.value)


def test_invariant_7_a_provider_under_the_level_asked_for_signs_nothing(personal: Personal) -> None:
    request = personal.request(Role.BENEFICIARY, assurance=Assurance.QUALIFIED)
    personal.agreed(request, enrolled(personal, Role.BENEFICIARY))
    with pytest.raises(ApplicationError) as refusal:
        personal.sign(request)
    assert refusal.value.type == "assurance_missing"
    assert "signatures/signHash" not in personal.provider.calls


def test_without_a_provider_the_level_is_missing_and_never_lowered(world: World) -> None:
    request = world.request(Role.BENEFICIARY).model_copy(update={"assurance": Assurance.ADVANCED})
    with pytest.raises(ApplicationError) as refusal:
        world.activities.sign_document(request)
    assert refusal.value.type == "assurance_missing"


def test_a_provider_that_signs_something_else_is_not_believed(personal: Personal) -> None:
    account = enrolled(personal, Role.BENEFICIARY)
    request = personal.request(Role.BENEFICIARY)
    personal.agreed(request, account)
    account.key = SigningService().enrol("Faux", "faux@example.org").key
    with pytest.raises(RemoteOutage):
        personal.sign(request)
    assert personal.world.ledger.kept == {}


def test_the_prepared_file_is_no_signed_file(personal: Personal) -> None:
    enrolled(personal, Role.BENEFICIARY)
    request = personal.request(Role.BENEFICIARY)
    personal.personal.begin(SESSION, request.signatory, request.document)
    begun = personal.personal.begun(SESSION)
    assert begun is not None
    assert begun.code
    prepared = personal.world.store.get(begun.prepared)
    assert prepared.startswith(personal.world.approved)
    again = personal.request(Role.AUTHORITY, prepared, assurance=Assurance.SIMPLE)
    assert again.document.sha256 == digest(prepared)
    assert again.document.media_type == PDF
    with pytest.raises(ApplicationError):
        personal.world.activities.sign_document(again)
