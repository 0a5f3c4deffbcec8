"""RFC 3161 timestamps over HTTP: an ordered list of authorities, checked answers, real fail-over.

There is no way to go on without a timestamp (invariant 7):

    TimestampOutage    no authority gave one now: an outage, retried by Temporal
    SignatureRefused   ``timestamp_false``: an authority answered something false, and no other could be had
"""

import hashlib
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import httpx
from asn1crypto import algos, cms, core, tsp, x509
from pyhanko.sign.general import CMSExtractionError, extract_certificate_info
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity, validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from activities.signing.trust import Trust
from activities.signing.waiting import run
from domain.errors import SignatureRefused

_log = logging.getLogger(__name__)

_LARGEST_REPLY = 256 * 1024
_SET_ASIDE = 60.0
"""Seconds during which an authority that failed is only asked after the others: a signature takes two timestamps, and
an activity has a minute for all."""
# The embedded authority is on the loopback, where a proxy of the environment has no business.
_DIRECT: dict[str, httpx.BaseTransport | None] = {"all://127.0.0.1": None, "all://localhost": None}
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


_TRUSTED_FOR = 600.0
"""Seconds during which the certificate of an authority that was found good is not looked at again; the validation of
the signed file looks at it each time."""


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
        trust: Trust | None = None,
    ) -> None:
        """:param timeout: seconds for the whole answer of each authority.
        :param tolerance: how far an authority's time may be from ours.
        :param trust: whom a timestamp must come from; None: only the validation of the signed file says.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        if not urls:
            raise ValueError("at least one timestamp authority is needed")
        self._urls = tuple(urls)
        self._client = httpx.Client(
            timeout=timeout, transport=transport, headers=_HEADERS, mounts=_DIRECT if transport is None else None
        )
        self._timeout = timeout
        self._tolerance = tolerance
        self._clock = clock
        self._trust = trust
        self._failed: dict[str, float] = {}
        self._trusted: dict[bytes, float] = {}
        self._lock = threading.Lock()

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
        for url in self._in_order():
            try:
                token = self._ask(url, message_digest, md_algorithm)
            except FalseTimestamp as error:
                _log.error("timestamp authority %s gave a false answer: %s", url, error)
                false = error
            except (httpx.HTTPError, TimestampOutage) as error:
                _log.warning("timestamp authority %s is out: %s", url, error)
                problems.append(f"{url}: {error}")
            else:
                with self._lock:
                    self._failed.pop(url, None)
                return token
            with self._lock:
                self._failed[url] = time.monotonic()
        if false is not None:
            raise SignatureRefused(
                "timestamp_false",
                "L’autorité d’horodatage a rendu un horodatage qui ne correspond pas à la demande. "
                "La signature n’a pas été enregistrée ; l’exploitant doit vérifier cette autorité.",
            ) from false
        raise TimestampOutage("no timestamp authority answers: " + "; ".join(problems))

    def _in_order(self) -> list[str]:
        """As configured, but for those that failed a moment ago, which come last."""
        with self._lock:
            since = time.monotonic() - _SET_ASIDE
            aside = {url for url, at in self._failed.items() if at > since}
        return sorted(self._urls, key=lambda url: url in aside)

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
        # httpx bounds each read, not their sum: one that sends a byte a second would hold a signature for ever.
        deadline = time.monotonic() + self._timeout
        with self._client.stream("POST", url, content=request.dump()) as response:
            if response.status_code != httpx.codes.OK:
                raise TimestampOutage(f"HTTP {response.status_code}")
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST_REPLY:
                    raise TimestampOutage("reply too large")
                if time.monotonic() > deadline:
                    raise TimestampOutage("reply too slow")
        token = check_reply(body, imprint, algorithm, nonce, self._clock(), self._tolerance)
        if self._trust is not None:
            self._require_trusted(token, imprint, self._trust)
        return token

    def _require_trusted(self, token: cms.ContentInfo, imprint: bytes, trust: Trust) -> None:
        """As :func:`require_trusted`, once in a while for each certificate; its signature, each time."""
        try:
            certificate = extract_certificate_info(token["content"]).signer_cert
            signer = certificate.dump()
        except (CMSExtractionError, ValueError, TypeError, KeyError) as error:
            raise FalseTimestamp(f"its certificate cannot be read: {error}") from error
        with self._lock:
            known = self._trusted.get(signer, -_TRUSTED_FOR) > time.monotonic() - _TRUSTED_FOR
        if known:
            require_intact(token, certificate)
            return
        require_trusted(token, imprint, trust)
        with self._lock:
            self._trusted[signer] = time.monotonic()


def require_intact(token: cms.ContentInfo, certificate: x509.Certificate) -> None:
    """Check a token's signature by ``certificate``.

    :raises FalseTimestamp: it is wrong.
    """
    signed = token["content"]
    try:
        [signer] = signed["signer_infos"]
        name = signer["digest_algorithm"]["algorithm"].native
        content = hashlib.new(name, signed["encap_content_info"]["content"].contents).digest()
        intact, valid = validate_sig_integrity(
            signer, certificate, expected_content_type="tst_info", actual_digest=content
        )
    except (SignatureValidationError, CMSExtractionError, ValueError, TypeError, KeyError) as error:
        raise FalseTimestamp(f"its signature cannot be read: {error}") from error
    if not (intact and valid):
        raise FalseTimestamp("its signature is wrong")


def require_trusted(token: cms.ContentInfo, imprint: bytes, trust: Trust) -> None:
    """Check the token's signature, and that its certificate is for timestamps and comes from whom we trust: another
    authority of the list can still be asked then.

    Revocation is left to the validation of the signed file, which has the lists.

    :raises FalseTimestamp: it is not so.
    """
    context = ValidationContext(
        trust_roots=trust.root_certificates(),
        other_certs=trust.intermediate_certificates(),
        revocation_mode="soft-fail",
        allow_fetching=False,
    )
    try:
        found = run(lambda: validate_tst_signed_data(token["content"], context, lambda _: imprint))
        status = TimestampSignatureStatus(**found)
    except (SignatureValidationError, CMSExtractionError, ValueError, TypeError, KeyError) as error:
        raise FalseTimestamp(f"its signature cannot be read: {error}") from error
    if not (status.intact and status.valid):
        raise FalseTimestamp("its signature is wrong")
    if not status.trusted:
        raise FalseTimestamp("its certificate is not for timestamps, or not from an authority that we trust")


def check_reply(
    body: bytes, imprint: bytes, algorithm: str, nonce: int, now: datetime, tolerance: timedelta
) -> cms.ContentInfo:
    """The token of a reply, if it answers the request (RFC 3161, 2.4.2). Its signature is judged apart.

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
