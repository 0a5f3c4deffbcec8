"""What a validation may rely on: roots, intermediate certificates, revocation lists."""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import httpx
from asn1crypto import crl, pem, x509


class RevocationOutage(Exception):
    """A revocation list cannot be had. An outage, not a refusal: nothing is decided without it (invariant 7)."""


class RevocationLists(Protocol):
    """A source of certificate revocation lists (CRL, RFC 5280)."""

    def lists(self) -> tuple[bytes, ...]:
        """The lists in force, DER.

        :raises RevocationOutage: one cannot be had.
        """
        ...


class RevocationAnswers(Protocol):
    """Authorities that are asked about certificates; see :class:`activities.signing.revocation.OnlineRevocation`."""

    def about(self, certificates: Iterable[x509.Certificate]) -> tuple[list[bytes], list[bytes]]:
        """Revocation lists and OCSP answers, DER.

        :raises RevocationOutage: an authority cannot be reached.
        """
        ...

    def close(self) -> None: ...


class CrlFiles:
    """Lists that somebody else keeps fresh in files; read each time."""

    def __init__(self, paths: Sequence[Path], refresh: Callable[[], object] | None = None) -> None:
        """:param refresh: called before reading; the development authority renews its lists so."""
        self._paths = tuple(paths)
        self._refresh = refresh

    def lists(self) -> tuple[bytes, ...]:
        try:
            if self._refresh is not None:
                self._refresh()
            return tuple(der(path.read_bytes()) for path in self._paths)
        except OSError as error:
            raise RevocationOutage(str(error)) from error


class CrlUrls:
    """Lists fetched over HTTP, kept until they say a newer one is due."""

    def __init__(
        self, urls: Sequence[str], *, timeout: float = 10.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._urls = tuple(urls)
        self._client = httpx.Client(timeout=timeout, transport=transport, follow_redirects=True)
        self._kept: dict[str, tuple[datetime, bytes]] = {}
        self._lock = threading.Lock()

    def lists(self) -> tuple[bytes, ...]:
        with self._lock:
            return tuple(self._fetch(url) for url in self._urls)

    def _fetch(self, url: str) -> bytes:
        due, kept = self._kept.get(url, (datetime.min.replace(tzinfo=UTC), b""))
        if datetime.now(UTC) < due:
            return kept
        try:
            content = der(self._client.get(url).raise_for_status().content)
            next_update = crl.CertificateList.load(content)["tbs_cert_list"]["next_update"].native
        except (httpx.HTTPError, ValueError) as error:
            raise RevocationOutage(f"{url}: {error}") from error
        self._kept[url] = (next_update or datetime.now(UTC), content)
        return content

    def close(self) -> None:
        self._client.close()


class NoLists:
    """No revocation list at all: signatures stay at level B-T."""

    def lists(self) -> tuple[bytes, ...]:
        return ()


_NO_LISTS = NoLists()


@dataclass(frozen=True)
class Trust:
    """Whom we trust. Certificates are DER or PEM."""

    roots: tuple[bytes, ...]
    intermediates: tuple[bytes, ...] = ()
    revocation: RevocationLists = _NO_LISTS
    own: tuple[bytes, ...] = ()
    """Certificates of our seals, former ones included: they tell our files from others under the same roots."""
    online: RevocationAnswers | None = None
    """Asked when we sign, about the certificates of the signature and of its timestamps; None: the lists suffice."""

    def root_certificates(self) -> list[x509.Certificate]:
        return [parsed(c) for c in self.roots]

    def intermediate_certificates(self) -> list[x509.Certificate]:
        return [parsed(c) for c in self.intermediates]

    def is_own(self, certificate: x509.Certificate) -> bool:
        return certificate.dump() in {der(c) for c in self.own}


_thread = threading.local()
_MOST_PARSED = 64


def parsed(content: bytes) -> x509.Certificate:
    """The certificate, parsed once for each thread: asn1crypto parses lazily, without locks, and preparing the names
    that path building compares is most of the time of a validation."""
    kept: dict[bytes, x509.Certificate] = _thread.__dict__.setdefault("certificates", {})
    if content not in kept:
        if len(kept) >= _MOST_PARSED:
            kept.clear()
        kept[content] = x509.Certificate.load(der(content))
    return kept[content]


def der(content: bytes) -> bytes:
    """``content``, PEM or DER, as DER."""
    return pem.unarmor(content)[2] if pem.detect(content) else content
