"""The development timestamp authority, over HTTP."""

import asyncio
import hashlib
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from asn1crypto import tsp
from starlette.applications import Starlette

from activities.signing.timestamps import Reply
from service.devpki import DevPki, ensure
from service.tsa import TimestampAuthority, app

QUERY = {"content-type": "application/timestamp-query"}
DIGEST = hashlib.sha256(b"convention").digest()


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DevPki:
    return ensure(tmp_path_factory.mktemp("pki"))


class Client:
    """HTTP requests handed to the application, without a socket."""

    def __init__(self, application: Starlette) -> None:
        self._transport = httpx.ASGITransport(application)

    def post(self, path: str, *, content: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._send("POST", path, content=content, headers=headers))

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._send("GET", path))

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=self._transport, base_url="http://tsa.example.org") as client:
            return await client.request(method, path, **more)


@pytest.fixture(scope="module")
def client(pki: DevPki) -> Client:
    return Client(app(TimestampAuthority(pki.tsa, pki.tsa_key, (pki.issuing,))))


def _request(algorithm: str = "sha256", imprint: bytes = DIGEST, **more: object) -> bytes:
    content = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": imprint},
        "cert_req": True,
        "nonce": 7,
        **more,
    }
    return bytes(tsp.TimeStampReq(content).dump())


def _fault(content: bytes) -> set[str]:
    status = Reply.load(content)["status"]
    assert status["status"].native == "rejection"
    return set(status["fail_info"].native)


def test_openssl_verifies_what_it_gives(client: Client, pki: DevPki, tmp_path: Path) -> None:
    data, query, reply = tmp_path / "data", tmp_path / "query.tsq", tmp_path / "reply.tsr"
    data.write_bytes(b"convention")
    command = ["openssl", "ts", "-query", "-data", str(data), "-sha256", "-cert", "-out", str(query)]
    subprocess.run(command, check=True, capture_output=True)
    answer = client.post("/", content=query.read_bytes(), headers=QUERY)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/timestamp-reply"
    reply.write_bytes(answer.content)
    command = ["openssl", "ts", "-verify", "-queryfile", str(query), "-in", str(reply), "-CAfile", str(pki.root)]
    done = subprocess.run([*command, "-untrusted", str(pki.issuing)], capture_output=True, text=True)
    assert "Verification: OK" in done.stdout + done.stderr


def test_the_certificate_is_sent_only_when_asked(client: Client) -> None:
    for asked in (True, False):
        reply = tsp.TimeStampResp.load(client.post("/", content=_request(cert_req=asked), headers=QUERY).content)
        certificates = reply["time_stamp_token"]["content"]["certificates"].native
        assert bool(certificates) is asked


@pytest.mark.parametrize("body", [b"", b"bonjour", b"\x30\x03\x02\x01\x01", _request()[:-3]])
def test_what_is_not_a_request_is_a_bad_request(client: Client, body: bytes) -> None:
    answer = client.post("/", content=body, headers=QUERY)
    assert answer.status_code == 400
    assert _fault(answer.content) == {"bad_data_format"}


def test_what_cannot_be_granted_is_said(client: Client) -> None:
    faults = {
        "bad_alg": _request("md5", b"\x00" * 16),
        "bad_data_format": _request("sha256", b"\x00" * 20),
        "unaccepted_policy": _request(req_policy="1.2.3.4"),
    }
    for fault, body in faults.items():
        answer = client.post("/", content=body, headers=QUERY)
        assert answer.status_code == 200
        assert _fault(answer.content) == {fault}


def test_only_a_timestamp_query_is_taken_and_none_too_large(client: Client) -> None:
    assert client.post("/", content=_request()).status_code == 415
    assert client.post("/", content=b"\x30" * 20_000, headers=QUERY).status_code == 413
    assert client.get("/").status_code == 405
    assert client.post("/autre", content=_request(), headers=QUERY).status_code == 404
