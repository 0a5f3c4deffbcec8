"""The client of a remote signing service, over a real socket."""

import hashlib
import logging
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from csc_stand_in import SigningService
from signing_parts import serving

from activities.signing.csc import RemoteAccount, RemoteOutage, RemoteService
from domain.errors import SignatureRefused

EMAIL = "amelie@example.org"
DATA = b"la convention"
DIGEST = hashlib.sha256(DATA).digest()


@pytest.fixture
def provider() -> SigningService:
    return SigningService()


@pytest.fixture
def service(provider: SigningService) -> Iterator[RemoteService]:
    with serving(provider.application()) as url:
        client = RemoteService(_account(url.rstrip("/")))
        yield client
        client.close()


def _account(url: str, secret: str = "un secret d'essai") -> RemoteAccount:
    return RemoteAccount(base_url=url, token_url=f"{url}/token", client_id="paraphe", client_secret=secret)


def _answering(answer: httpx.Response) -> RemoteService:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "x"})
        return answer

    return RemoteService(_account("http://provider.example.org"), transport=httpx.MockTransport(handle))


@pytest.mark.parametrize("curve", [False, True])
def test_a_person_signs_a_digest_with_her_code(provider: SigningService, service: RemoteService, curve: bool) -> None:
    account = provider.enrol("Amélie Martin-Dupré", EMAIL, curve=curve)
    credential = service.credential_of(EMAIL)
    assert (credential.code, credential.pin) == (True, False)
    service.send_code(credential)
    agreed = service.authorise(credential, DIGEST, code=account.code)
    signature = service.sign(credential.id, credential.certificate, DIGEST, agreed.secret)
    public = account.key.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(signature, DATA, ec.ECDSA(hashes.SHA256()))
    else:
        public.verify(signature, DATA, padding.PKCS1v15(), hashes.SHA256())


def test_an_agreement_is_for_one_digest_and_for_once(provider: SigningService, service: RemoteService) -> None:
    account = provider.enrol("Amélie Martin-Dupré", EMAIL)
    credential = service.credential_of(EMAIL)
    service.send_code(credential)
    agreed = service.authorise(credential, DIGEST, code=account.code)
    with pytest.raises(SignatureRefused, match="rien n’a été enregistré") as other:
        service.sign(credential.id, credential.certificate, hashlib.sha256(b"autre chose").digest(), agreed.secret)
    assert other.value.code == "remote_activation_over"
    with pytest.raises(SignatureRefused):
        service.sign(credential.id, credential.certificate, DIGEST, agreed.secret)


def test_an_agreement_that_is_too_old_signs_nothing(provider: SigningService, service: RemoteService) -> None:
    provider.life = timedelta(0)
    provider.enrol("Amélie Martin-Dupré", EMAIL, mode="implicit")
    credential = service.credential_of(EMAIL)
    agreed = service.authorise(credential, DIGEST)
    with pytest.raises(SignatureRefused) as over:
        service.sign(credential.id, credential.certificate, DIGEST, agreed.secret)
    assert over.value.code == "remote_activation_over"


def test_a_wrong_code_or_pin_is_said_to_the_person(provider: SigningService, service: RemoteService) -> None:
    account = provider.enrol("Amélie Martin-Dupré", EMAIL, pin="2580")
    credential = service.credential_of(EMAIL)
    assert credential.pin
    service.send_code(credential)
    for code, pin in (("wrong", "2580"), (account.code, "0000")):
        with pytest.raises(SignatureRefused) as refusal:
            service.authorise(credential, DIGEST, code=code, pin=pin)
        assert refusal.value.code == "remote_not_authorised"
        assert pin not in str(refusal.value)
    assert service.authorise(credential, DIGEST, code=account.code, pin="2580").secret


def test_nobody_signs_without_a_certificate_in_force_nor_with_two(
    provider: SigningService, service: RemoteService
) -> None:
    provider.enrol("Amélie Martin-Dupré", EMAIL, enabled=False)
    with pytest.raises(SignatureRefused) as none:
        service.credential_of(EMAIL)
    assert none.value.code == "remote_no_credential"
    provider.enrol("Amélie Martin-Dupré", EMAIL)
    assert service.credential_of(EMAIL).id == "cle-2"
    provider.enrol("Amélie Martin-Dupré", EMAIL)
    with pytest.raises(SignatureRefused) as two:
        service.credential_of(EMAIL)
    assert two.value.code == "remote_several_credentials"


def test_a_token_that_was_revoked_is_asked_for_again(provider: SigningService, service: RemoteService) -> None:
    provider.enrol("Amélie Martin-Dupré", EMAIL)
    service.credential_of(EMAIL)
    provider.tokens.clear()
    assert service.credential_of(EMAIL).id == "cle-1"
    assert provider.calls.count("token") == 2


@pytest.mark.parametrize("status", [429, 500, 503, 302])
def test_a_service_that_does_not_answer_is_an_outage(
    provider: SigningService, service: RemoteService, status: int
) -> None:
    provider.fail = status
    with pytest.raises(RemoteOutage):
        service.credential_of(EMAIL)


def test_a_wrong_secret_of_ours_is_an_outage_that_does_not_show_it(provider: SigningService) -> None:
    with serving(provider.application()) as url:
        client = RemoteService(_account(url.rstrip("/"), "pas le bon"))
        with pytest.raises(RemoteOutage) as outage:
            client.credential_of(EMAIL)
        client.close()
    assert "pas le bon" not in str(outage.value)
    assert "pas le bon" not in repr(client.account)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json={"credentialIDs": "cle-1"}),
        httpx.Response(200, json={"credentialIDs": ["x"] * 5000}),
        httpx.Response(200, content=b" " * 600_000),
        httpx.Response(200, json={"credentialIDs": ["a"], "cert": {"certificates": ["bm9uIQ=="]}}),
    ],
)
def test_a_hostile_answer_is_an_outage(answer: httpx.Response) -> None:
    with pytest.raises(RemoteOutage):
        _answering(answer).credential_of(EMAIL)


def test_no_code_pin_or_activation_is_ever_logged(
    provider: SigningService, service: RemoteService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account = provider.enrol("Amélie Martin-Dupré", EMAIL, pin="258036")
    credential = service.credential_of(EMAIL)
    service.send_code(credential)
    code = account.code
    agreed = service.authorise(credential, DIGEST, code=code, pin="258036")
    service.sign(credential.id, credential.certificate, DIGEST, agreed.secret)
    assert agreed.secret not in repr(agreed)
    for secret in (code, "258036", agreed.secret, "un secret d'essai"):
        assert secret not in caplog.text
