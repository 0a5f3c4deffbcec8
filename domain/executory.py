"""When a deliberation is executory, and the proof of it.

CGCT L2131-1 and L2131-2 (for EPCI: L5211-3): an act must be transmitted to the representative of the State
and published (or notified) before it can be carried out. Signing before is an illegality (CE avis 10 June 1996,
Préfet de la Côte-d'Or, n° 176873; same-day transmission struck down by TA Montpellier, 7 Nov 2002): the gate
is strict, and a proof that gives only a day counts from the end of that day.
"""

from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from domain.documents import DocumentRef, Model
from domain.errors import ActionRefused
from domain.parties import Text

PARIS = ZoneInfo("Europe/Paris")


class ExecutoryProof(Model):
    """Receipt of the transmission and publication, as recorded by a person."""

    receipt_id: Text
    """Identifier of the act at the control of legality, verbatim (Actes: ``013-…-DE``)."""
    sent_at: date | datetime | None = None
    received_at: date | datetime
    """Acknowledgement of receipt. A day without time counts as its last instant."""
    published_at: date | datetime
    """Publication, display or notification, whichever the act needs."""
    document: DocumentRef | None = Field(default=None)
    """The stamped copy or the acknowledgement itself."""

    @model_validator(mode="after")
    def _order(self) -> Self:
        for moment in (self.sent_at, self.received_at, self.published_at):
            if moment is not None and not 1900 < moment.year < 2900:
                raise ValueError("l'année n'est pas plausible")
        if self.sent_at is not None and _day(self.received_at) < _day(self.sent_at):
            raise ValueError("l'accusé de réception ne peut pas précéder l'envoi")
        return self


def _day(moment: date | datetime) -> date:
    if not isinstance(moment, datetime):
        return moment
    # Without a zone, it is Paris time, as in _end: never that of the machine, which differs from one to another.
    return (moment.astimezone(PARIS) if moment.tzinfo else moment).date()


def _end(moment: date | datetime) -> datetime:
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            return moment.replace(tzinfo=PARIS)
        return moment
    return datetime.combine(moment + timedelta(days=1), time(), PARIS)


def executory_from(proof: ExecutoryProof) -> datetime:
    """The first instant at which the deliberation is certainly executory (aware)."""
    return max(_end(proof.received_at), _end(proof.published_at))


def check_plausible(proof: ExecutoryProof, session_date: date, now: datetime) -> None:
    """Refuse a proof that precedes the session or lies in the future.

    :raises ActionRefused: ``receipt_before_session`` or ``receipt_in_future``.
    """
    moments = [m for m in (proof.sent_at, proof.received_at, proof.published_at) if m is not None]
    if any(_day(m) < session_date for m in moments):
        raise ActionRefused(
            "receipt_before_session",
            "Une des dates de la preuve est antérieure à la séance : la preuve ne peut pas être celle de cette"
            " délibération. Vérifiez les dates.",
        )
    if any(_day(m) > _day(now) for m in moments):
        raise ActionRefused("receipt_in_future", "Une des dates de la preuve est dans le futur. Vérifiez les dates.")


def require_executory(proof: ExecutoryProof | None, now: datetime) -> None:
    """The gate of invariant 3.

    :raises ActionRefused: ``not_executory`` when there is no proof, or it does not yet reach ``now``.
    """
    if proof is None:
        raise ActionRefused(
            "not_executory",
            "La délibération n'est pas encore exécutoire : aucune preuve de transmission au représentant de l'État"
            " ni de publication n'est enregistrée (CGCT, art. L2131-1). Enregistrez l'accusé de réception et la date"
            " de publication avant d'envoyer la convention à la signature.",
        )
    start = executory_from(proof)
    if now <= start:
        raise ActionRefused(
            "not_executory",
            "La délibération ne sera exécutoire avec certitude qu'à partir du"
            f" {start.astimezone(PARIS):%d/%m/%Y à %H h %M} (heure de Paris) : un envoi à la signature est refusé avant"
            " (CGCT, art. L2131-1).",
        )
