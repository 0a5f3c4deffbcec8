"""Timestamps: asked in order, checked, never done without."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import tsp
from signing_parts import Answer, Counted, authority_of, now, served, serving, trust_of
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from activities.signing.timestamps import HttpTimestamper, Reply, TimestampOutage
from domain.errors import SignatureRefused
from service.devpki import DevPki, ensure
from service.tsa import TimestampAuthority

DIGEST = hashlib.sha256(b"convention").digest()
NOBODY = "http://127.0.0.1:9/"


def _altered(pki: DevPki, change: Callable[[tsp.TimeStampReq], None]) -> Answer:
    """An authority that stamps something else than what it was asked."""
    honest = authority_of(pki)

    def answer(body: bytes) -> tuple[int, bytes]:
        request = tsp.TimeStampReq.load(body).copy()
        change(request)
        return honest.answer(request.dump(force=True))

    return answer


def _other_imprint(request: tsp.TimeStampReq) -> None:
    request["message_imprint"] = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"\x00" * 32}


def _other_nonce(request: tsp.TimeStampReq) -> None:
    request["nonce"] = 42


def _no_certificates(request: tsp.TimeStampReq) -> None:
    request["cert_req"] = False


def _ask(*urls: str, **options: object) -> datetime:
    client = HttpTimestamper(urls, timeout=5, **options)  # type: ignore[arg-type]
    try:
        token = client.timestamp(DIGEST)
    finally:
        client.close()
    at = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    assert isinstance(at, datetime)
    return at


def test_the_time_is_the_authority_s(pki: DevPki) -> None:
    with served(authority_of(pki).answer) as url:
        assert abs(_ask(url) - now()) < timedelta(seconds=5)


def test_the_next_authority_is_asked_when_the_first_is_out_and_only_then(pki: DevPki) -> None:
    second = Counted(authority_of(pki).answer)
    with served(authority_of(pki).answer) as good, served(second) as spare:
        _ask(good, spare)
        assert second.requests == []
        _ask(NOBODY, spare)
        assert len(second.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: (503, b""),
        lambda _: (200, b"<html>maintenance</html>"),
        lambda _: (200, b"\x30" * 1_000_000),
        lambda _: (200, Reply({"status": {"status": "rejection", "fail_info": {"bad_alg"}}}).dump()),
        lambda _: (200, Reply({"status": {"status": "granted"}}).dump()),
    ],
    ids=["503", "a web page", "too large", "not granted", "granted without a token"],
)
def test_an_authority_that_does_not_stamp_is_an_outage_and_the_next_is_asked(answer: Answer, pki: DevPki) -> None:
    with served(answer) as bad, served(authority_of(pki).answer) as good:
        with pytest.raises(TimestampOutage):
            _ask(bad)
        _ask(bad, good)


@pytest.mark.parametrize("change", [_other_imprint, _other_nonce, _no_certificates])
def test_a_false_answer_is_never_used(change: Callable[[tsp.TimeStampReq], None], pki: DevPki) -> None:
    with served(_altered(pki, change)) as liar, served(authority_of(pki).answer) as good:
        with pytest.raises(SignatureRefused) as refusal:
            _ask(liar, NOBODY)
        assert refusal.value.code == "timestamp_false"
        _ask(liar, good)


def test_a_time_far_from_ours_is_a_false_answer(pki: DevPki) -> None:
    with served(authority_of(pki).answer) as url, pytest.raises(SignatureRefused):
        _ask(url, clock=lambda: datetime(2020, 1, 1, tzinfo=UTC))


def test_no_authority_at_all_is_a_mistake_of_configuration() -> None:
    with pytest.raises(ValueError, match="at least one"):
        HttpTimestamper([])


def test_a_proxy_of_the_environment_is_not_asked_for_an_authority_on_this_machine(
    pki: DevPki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", NOBODY)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with served(authority_of(pki).answer) as url:
        assert abs(_ask(url) - now()) < timedelta(seconds=5)


def test_an_authority_that_was_out_a_moment_ago_is_asked_last(pki: DevPki) -> None:
    down = Counted(lambda _: (503, b""))
    with served(down) as first, served(authority_of(pki).answer) as second:
        client = HttpTimestamper([first, second])
        for _ in range(3):
            client.timestamp(DIGEST)
        client.close()
    assert len(down.requests) == 1


def test_an_authority_that_answers_drop_by_drop_is_out(pki: DevPki) -> None:
    async def drops() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"\x30"
            await asyncio.sleep(0.05)

    async def slow(_: Request) -> StreamingResponse:
        return StreamingResponse(drops(), media_type="application/timestamp-reply")

    with serving(Starlette(routes=[Route("/", slow, methods=["POST"])])) as url:
        client = HttpTimestamper([url], timeout=0.5)
        started = now()
        with pytest.raises(TimestampOutage, match="too slow"):
            client.timestamp(DIGEST)
        client.close()
    assert now() - started < timedelta(seconds=5)


def test_a_stranger_s_timestamp_is_not_used_and_the_next_authority_is_asked(
    pki: DevPki, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = ensure(tmp_path_factory.mktemp("stranger"))
    with served(authority_of(stranger).answer) as wrong, served(authority_of(pki).answer) as right:
        with pytest.raises(SignatureRefused) as refusal:
            _ask(wrong, trust=trust_of(pki))
        assert refusal.value.code == "timestamp_false"
        _ask(wrong, right, trust=trust_of(pki))


def test_a_certificate_that_is_not_for_timestamps_gives_none(pki: DevPki) -> None:
    # The issuing authority is trusted, but may not stamp (RFC 3161, 2.3).
    other = TimestampAuthority(pki.issuing, pki.folder / "issuing.key", (pki.root,))
    with served(other.answer) as url, pytest.raises(SignatureRefused) as refusal:
        _ask(url, trust=trust_of(pki))
    assert refusal.value.code == "timestamp_false"


@pytest.mark.parametrize("known", [False, True], ids=["first token", "certificate seen before"])
def test_a_token_whose_signature_is_wrong_is_not_used(known: bool, pki: DevPki) -> None:
    honest, spoil = authority_of(pki), not known

    def answer(body: bytes) -> tuple[int, bytes]:
        status, reply = honest.answer(body)
        if not spoil:
            return status, reply
        signature = Reply.load(reply)["time_stamp_token"]["content"]["signer_infos"][0]["signature"].native
        return status, reply.replace(signature, bytes(len(signature)))

    with served(answer) as url:
        client = HttpTimestamper([url], trust=trust_of(pki))
        if known:
            client.timestamp(DIGEST)
            spoil = True
        with pytest.raises(SignatureRefused) as refusal:
            client.timestamp(DIGEST)
        client.close()
    assert refusal.value.code == "timestamp_false"
