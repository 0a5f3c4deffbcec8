"""What the development authorities publish, as a stranger's tools see it; and asking them when we sign."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from asn1crypto import x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives.serialization import Encoding
from servers import free_port, serving

from activities.signing.revocation import OnlineRevocation
from activities.signing.trust import RevocationOutage
from service.devpki import DevPki, ensure, revoke
from service.ocsp import app


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DevPki, str]]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    pki = ensure(tmp_path_factory.mktemp("authorities"), address)
    with serving(app(pki), port):
        yield pki, address


def _openssl(pki: DevPki, certificate: Path, address: str) -> str:
    command = ["openssl", "ocsp", "-issuer", str(pki.issuing), "-cert", str(certificate), "-url", f"{address}/ocsp"]
    done = subprocess.run(
        [*command, "-CAfile", str(pki.root), "-verify_other", str(pki.issuing)], capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_openssl_verifies_its_answers_and_sees_a_revocation(published: tuple[DevPki, str]) -> None:
    pki, address = published
    said = _openssl(pki, pki.tsa, address)
    assert "Response verify OK" in said
    assert "tsa.pem: good" in said
    revoke(pki, pki.tsa)
    assert "tsa.pem: revoked" in _openssl(pki, pki.tsa, address)


def test_certificates_say_where_lists_certificates_and_answers_are(published: tuple[DevPki, str]) -> None:
    pki, address = published
    certificate = x509.Certificate.load(
        pyca.load_pem_x509_certificate(pki.seal_certificate.read_bytes()).public_bytes(Encoding.DER)
    )
    assert certificate.ocsp_urls == [f"{address}/ocsp"]
    [point] = certificate.crl_distribution_points
    assert httpx.get(point.url).content == pki.lists[1].read_bytes()
    issuer = pyca.load_der_x509_certificate(httpx.get(f"{address}/issuing.cer").content)
    assert issuer == pyca.load_pem_x509_certificate(pki.issuing.read_bytes())


def test_nothing_else_is_served(published: tuple[DevPki, str]) -> None:
    _, address = published
    for path in ("issuing.key", "seal.p12", "../pki/root.key", "tsa.cer"):
        assert httpx.get(f"{address}/{path}").status_code == 404
    assert httpx.post(f"{address}/ocsp", content=b"bonjour").content == b"\x30\x03\x0a\x01\x01", "malformedRequest"
    assert httpx.post(f"{address}/ocsp", content=bytes(100_000)).status_code == 413


def test_answers_are_asked_for_once_and_an_authority_that_is_out_is_an_outage(published: tuple[DevPki, str]) -> None:
    pki, _ = published
    chain = [
        x509.Certificate.load(pyca.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER))
        for path in (pki.seal_certificate, pki.issuing, pki.root)
    ]
    source = OnlineRevocation()
    lists, answers = source.about(chain)
    assert (len(lists), len(answers)) == (0, 2), "by OCSP, for the seal and for its issuer"
    assert source.about(chain) == (lists, answers)
    source.close()
    asked = []

    def out(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(503)

    silent = OnlineRevocation(transport=httpx.MockTransport(out))
    with pytest.raises(RevocationOutage):
        silent.about(chain)
    assert asked == ["/ocsp", "/issuing.crl"], "the list is asked for when OCSP does not answer"
    silent.close()
