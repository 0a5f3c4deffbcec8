"""Asks the register of companies about a SIRET. It helps a person to check; it never stops the work.

Whatever goes wrong (no network, an outage, too many requests, an answer that is not what the service promises) gives
no record, and the rules of law say "non vérifié". Only what was surely answered is kept, for an hour.
"""

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
from pydantic import ValidationError

from activities.companies.answers import Establishment, LegalUnit, SearchAnswer
from activities.companies.pace import Pace
from domain.companies import CompanyRecord, CompanyState

_log = logging.getLogger(__name__)

_LARGEST_ANSWER = 512 * 1024
_KEPT = 512
_KEPT_SECONDS = 3600.0
_LONGEST_SILENCE = 600.0
# A stand-in is on the loopback, where a proxy of the environment has no business.
_DIRECT: dict[str, httpx.BaseTransport | None] = {"all://127.0.0.1": None, "all://localhost": None}


class _NoAnswer(Exception):
    """The register did not answer, or not what it promises."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class CompanyRegister:
    """Implements :class:`portal.ports.Companies`. Usable from several threads; proxies come from the environment."""

    def __init__(
        self,
        base_url: str,
        *,
        timeout: float = 3.0,
        transport: httpx.BaseTransport | None = None,
        pace: Pace | None = None,
        clock: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """:param base_url: of the service, without ``/search``.
        :param timeout: seconds that a person may be kept waiting, in all.
        """
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._pace = pace or Pace()
        self._clock = clock
        self._monotonic = monotonic
        self._client = httpx.Client(
            timeout=timeout,
            transport=transport,
            # Not compressed: what is small on the wire must not be huge in memory.
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            mounts=_DIRECT if transport is None else None,
            follow_redirects=False,
        )
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, CompanyRecord]] = OrderedDict()

    def close(self) -> None:
        self._client.close()

    def look_up(self, siret: str) -> CompanyRecord | None:
        """What the register says of ``siret`` (14 digits), or none when it could not be asked. Never raises."""
        kept = self._remembered(siret)
        if kept is not None:
            return kept
        try:
            record = self._record(siret, self._ask(siret))
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError, _NoAnswer) as error:
            # The kind only: an answer or an address from outside has no place in a log.
            _log.warning("the register of companies gave no answer: %s", type(error).__name__)
            return None
        with self._lock:
            self._kept[siret] = (self._monotonic(), record)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return record

    def _remembered(self, siret: str) -> CompanyRecord | None:
        with self._lock:
            since, record = self._kept.get(siret, (-math.inf, None))
        return record if self._monotonic() - since < _KEPT_SECONDS else None

    def _ask(self, siret: str) -> SearchAnswer:
        deadline = self._monotonic() + self._timeout
        if not self._pace.take(self._timeout):
            raise _NoAnswer("busy")
        parameters = {"q": siret, "minimal": "true", "include": "siege,matching_etablissements", "per_page": "5"}
        body = b""
        with self._client.stream("GET", f"{self._base_url}/search", params=parameters) as response:
            if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                self._pace.silence(_seconds(response.headers.get("Retry-After")))
            if response.status_code != httpx.codes.OK:
                raise _NoAnswer(str(response.status_code))
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise _NoAnswer("compressed")
            for chunk in response.iter_raw():
                body += chunk
                # The timeout of httpx is between two chunks: a register that drips must not hold a person for ever.
                if len(body) > _LARGEST_ANSWER or self._monotonic() > deadline:
                    raise _NoAnswer("too large or too slow")
        return SearchAnswer.model_validate_json(body)

    def _record(self, siret: str, answer: SearchAnswer) -> CompanyRecord:
        unit = next((unit for unit in answer.results if unit.siren == siret[:9]), None)
        if unit is None:
            return CompanyRecord(
                siren=siret[:9],
                siret=siret,
                state=CompanyState.ABSENT,
                fetched_at=self._clock(),
                source=self._base_url,
            )
        found = _establishment(unit, siret)
        place = found or unit.siege
        return CompanyRecord(
            siren=siret[:9],
            siret=siret,
            state=_unit_state(unit),
            establishment=_establishment_state(found),
            name=_line(unit.nom_raison_sociale or unit.nom_complet),
            short_name=_line(unit.sigle),
            legal_category=_category(unit.nature_juridique),
            address=_line(place.adresse if place else None),
            fetched_at=self._clock(),
            source=self._base_url,
        )


def _establishment(unit: LegalUnit, siret: str) -> Establishment | None:
    every = (unit.siege, *(unit.matching_etablissements or ()))
    return next((place for place in every if place is not None and place.siret == siret), None)


def _unit_state(unit: LegalUnit) -> CompanyState:
    match unit.etat_administratif:
        case "A":
            return CompanyState.ACTIVE
        case "C":
            return CompanyState.CEASED
    raise _NoAnswer("unknown state")


def _establishment_state(found: Establishment | None) -> CompanyState | None:
    # One that is not listed is not known to be closed: the service may leave establishments out.
    states = {"A": CompanyState.ACTIVE, "F": CompanyState.CEASED}
    return states.get(found.etat_administratif or "") if found else None


def _line(text: str | None) -> str:
    """One printable line, of a bounded length."""
    plain = "".join(c if c.isprintable() else " " for c in text or "")
    return " ".join(plain.split())[:300]


def _category(text: str | None) -> str:
    return text if text and len(text) == 4 and text.isascii() and text.isdigit() else ""


def _seconds(header: str | None) -> float:
    """Seconds of a ``Retry-After`` (RFC 9110, 10.2.3), bounded; one when it says nothing that we read."""
    try:
        seconds = float(header or "")
    except ValueError:
        return 1.0
    return min(max(seconds, 1.0), _LONGEST_SILENCE) if math.isfinite(seconds) else 1.0
