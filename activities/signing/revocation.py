"""Asking the authorities themselves whether certificates are revoked: OCSP (RFC 6960), else their lists (RFC 5280).

Only the certificates of our own signatures and of the timestamp authorities that we chose are asked about, at the
addresses that those certificates give; never those of a file that somebody sends in.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import httpx
from asn1crypto import crl, ocsp, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp as pyca_ocsp

from activities.signing.trust import RevocationOutage, der

_LARGEST = 8 * 1024 * 1024
"""Bytes: national lists reach some megabytes."""
_KEPT_AT_MOST = timedelta(minutes=10)
"""An answer is asked anew after this, though its authority may call it good for days: a revocation is seen soon."""


def _now() -> datetime:
    return datetime.now(UTC)


class OnlineRevocation:
    """Answers of the authorities, kept for some minutes. Usable from several threads."""

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._client = httpx.Client(timeout=timeout, transport=transport, follow_redirects=True)
        self._clock = clock
        self._kept: dict[bytes, tuple[datetime, bytes]] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        self._client.close()

    def about(self, certificates: Iterable[x509.Certificate]) -> tuple[list[bytes], list[bytes]]:
        """Lists and OCSP answers, DER, about each certificate that says where to ask and is not a root.

        What they say is judged by the validation; nothing here is believed.

        :param certificates: with their issuers among them.
        :raises RevocationOutage: an authority does not answer, neither by OCSP nor with its list.
        """
        known = {one.dump(): one for one in certificates}.values()
        lists: dict[bytes, None] = {}
        answers: dict[bytes, None] = {}
        for one in known:
            if one.self_issued:
                continue
            issuer = next((other for other in known if other.subject == one.issuer and other.ca), None)
            self._ask(one, issuer, lists, answers)
        return list(lists), list(answers)

    def _ask(
        self,
        one: x509.Certificate,
        issuer: x509.Certificate | None,
        lists: dict[bytes, None],
        answers: dict[bytes, None],
    ) -> None:
        problems = []
        if issuer is not None:
            for url in one.ocsp_urls:
                try:
                    answers[self._cached(b"ocsp" + url.encode() + one.sha256, self._answer, url, one, issuer)] = None
                except (httpx.HTTPError, ValueError) as error:
                    problems.append(f"{url}: {error}")
                else:
                    return
        for point in one.crl_distribution_points:
            if point.url is None:
                continue
            try:
                lists[self._cached(b"crl" + point.url.encode(), self._list, point.url)] = None
            except (httpx.HTTPError, ValueError) as error:
                problems.append(f"{point.url}: {error}")
            else:
                return
        if problems:
            raise RevocationOutage("; ".join(problems))

    def _cached(self, key: bytes, fetch: Callable[..., bytes], *arguments: object) -> bytes:
        with self._lock:
            until, kept = self._kept.get(key, (datetime.min.replace(tzinfo=UTC), b""))
        if self._clock() < until:
            return kept
        fresh = fetch(*arguments)
        with self._lock:
            self._kept[key] = (self._clock() + _KEPT_AT_MOST, fresh)
        return fresh

    def _answer(self, url: str, one: x509.Certificate, issuer: x509.Certificate) -> bytes:
        certificate, by = (pyca.load_der_x509_certificate(each.dump()) for each in (one, issuer))
        request = pyca_ocsp.OCSPRequestBuilder().add_certificate(certificate, by, hashes.SHA1()).build()  # noqa: S303
        body = self._fetch(
            "POST",
            url,
            content=request.public_bytes(serialization.Encoding.DER),
            headers={"Content-Type": "application/ocsp-request"},
        )
        status = ocsp.OCSPResponse.load(body, strict=True)["response_status"].native
        if status != "successful":
            raise ValueError(f"OCSP answer: {status}")
        return body

    def _list(self, url: str) -> bytes:
        body = der(self._fetch("GET", url))
        due = crl.CertificateList.load(body, strict=True)["tbs_cert_list"]["next_update"].native
        if due is not None and due < self._clock():
            raise ValueError("the list is out of date")
        return body

    def _fetch(self, method: str, url: str, **more: object) -> bytes:
        body = b""
        with self._client.stream(method, url, **more) as response:  # type: ignore[arg-type]
            response.raise_for_status()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    raise ValueError("too large")
        return body


def chain(certificates: Sequence[x509.Certificate], known: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """``certificates`` and those of ``known`` that issued them, up to a root."""
    found = {one.dump(): one for one in certificates}
    waiting = list(certificates)
    while waiting:
        one = waiting.pop()
        for issuer in known:
            if issuer.subject == one.issuer and issuer.dump() not in found:
                found[issuer.dump()] = issuer
                waiting.append(issuer)
    return list(found.values())
