"""RFC 3161 timestamps over HTTP: an ordered list of authorities, checked answers, real fail-over.

There is no way to go on without a timestamp (invariant 7):

    TimestampOutage    no authority gave one now: an outage, retried by Temporal
    SignatureRefused   ``timestamp_false``: an authority answered something false, and no other could be had
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import httpx
from asn1crypto import algos, cms, core, tsp
from pyhanko.sign.timestamps import TimeStamper

from domain.errors import SignatureRefused

_log = logging.getLogger(__name__)

_LARGEST_REPLY = 256 * 1024
# The embedded authority is on the loopback, where a proxy of the environment has no business.
_DIRECT: dict[str, httpx.BaseTransport | None] = {"all://127.0.0.1": None, "all://localhost": None}
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class TimestampOutage(Exception):
    """No timestamp authority of the list answers. An outage, not a refusal."""


class FalseTimestamp(Exception):
    """An authority answered, but not to what was asked: wrong imprint, nonce or time."""


class Reply(core.Sequence):  # type: ignore[misc,unused-ignore]
    """TimeStampResp (RFC 3161, 2.4.2). asn1crypto's own wants a token even where a request is rejected."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


def _now() -> datetime:
    return datetime.now(UTC)


class HttpTimestamper(TimeStamper):  # type: ignore[misc,unused-ignore]
    """Timestamps from the first authority of ``urls`` that gives a right one.

    Usable from several threads. Proxies come from the usual environment variables, by httpx.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        timeout: float = 10.0,
        tolerance: timedelta = timedelta(minutes=5),
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """:param timeout: seconds, for each authority.
        :param tolerance: how far an authority's time may be from ours.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        if not urls:
            raise ValueError("at least one timestamp authority is needed")
        self._urls = tuple(urls)
        self._client = httpx.Client(
            timeout=timeout, transport=transport, headers=_HEADERS, mounts=_DIRECT if transport is None else None
        )
        self._tolerance = tolerance
        self._clock = clock

    def close(self) -> None:
        self._client.close()

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        return self.timestamp(message_digest, md_algorithm)

    async def async_dummy_response(self, md_algorithm: str) -> cms.ContentInfo:
        # pyHanko asks for one to guess a size, which costs a second request: we reserve a size instead.
        raise NotImplementedError("a size is reserved for the signature, no timestamp is wasted on guessing it")

    def timestamp(self, message_digest: bytes, md_algorithm: str = "sha256") -> cms.ContentInfo:
        """A timestamp token over ``message_digest``.

        :raises TimestampOutage: see the module.
        :raises SignatureRefused: see the module.
        """
        false: FalseTimestamp | None = None
        problems = []
        for url in self._urls:
            try:
                return self._ask(url, message_digest, md_algorithm)
            except FalseTimestamp as error:
                _log.error("timestamp authority %s gave a false answer: %s", url, error)
                false = error
            except (httpx.HTTPError, TimestampOutage) as error:
                _log.warning("timestamp authority %s is out: %s", url, error)
                problems.append(f"{url}: {error}")
        if false is not None:
            raise SignatureRefused(
                "timestamp_false",
                "L’autorité d’horodatage a rendu un horodatage qui ne correspond pas à la demande. "
                "La signature n’a pas été enregistrée ; l’exploitant doit vérifier cette autorité.",
            ) from false
        raise TimestampOutage("no timestamp authority answers: " + "; ".join(problems))

    def _ask(self, url: str, imprint: bytes, algorithm: str) -> cms.ContentInfo:
        nonce = secrets.randbits(63) | 1 << 63
        request = tsp.TimeStampReq(
            {
                "version": 1,
                "message_imprint": {"hash_algorithm": {"algorithm": algorithm}, "hashed_message": imprint},
                "nonce": nonce,
                "cert_req": True,
            }
        )
        body = b""
        with self._client.stream("POST", url, content=request.dump()) as response:
            if response.status_code != httpx.codes.OK:
                raise TimestampOutage(f"HTTP {response.status_code}")
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST_REPLY:
                    raise TimestampOutage("reply too large")
        return check_reply(body, imprint, algorithm, nonce, self._clock(), self._tolerance)


def check_reply(
    body: bytes, imprint: bytes, algorithm: str, nonce: int, now: datetime, tolerance: timedelta
) -> cms.ContentInfo:
    """The token of a reply, if it answers the request (RFC 3161, 2.4.2). Its signature is judged by the validation.

    :raises TimestampOutage: no token, or not a reply at all.
    :raises FalseTimestamp: a token for something else.
    """
    try:
        reply = Reply.load(body, strict=True)
        status = reply["status"]["status"].native
        if status not in {"granted", "granted_with_mods"}:
            raise TimestampOutage(f"the request was not granted: {status}")
        token = reply["time_stamp_token"]
        signed = token["content"]
        info = signed["encap_content_info"]["content"].parsed
        asked = algos.DigestAlgorithm({"algorithm": algorithm})["algorithm"].native
        got_algorithm = info["message_imprint"]["hash_algorithm"]["algorithm"].native
        got_imprint = info["message_imprint"]["hashed_message"].native
        got_nonce = info["nonce"].native
        at = info["gen_time"].native
        certificates = [] if isinstance(signed["certificates"], core.Void) else list(signed["certificates"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise TimestampOutage(f"not a timestamp reply: {error}") from error
    if got_imprint != imprint or got_algorithm != asked:
        raise FalseTimestamp("the imprint is not the one that was sent")
    if got_nonce != nonce:
        raise FalseTimestamp("the nonce is not the one that was sent")
    if abs(at - now) > tolerance:
        raise FalseTimestamp(f"its time, {at.isoformat()}, is too far from ours")
    if not certificates:
        raise FalseTimestamp("it does not carry the certificate that was asked for")
    return token
