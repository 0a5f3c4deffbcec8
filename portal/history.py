"""The evidence of a convention as a person reads it: a French label and what matters of the detail."""

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.tasks import Event, MailKind
from portal import french
from portal.ports import EventLine

Detail = Mapping[str, str]


def line(event: Event) -> EventLine:
    """An event of a kind unknown here (a later version wrote it) is shown by its code."""
    label, told = KINDS.get(event.kind, (event.kind, _nothing))
    return EventLine(at=event.at, kind=event.kind, actor=event.actor.name, label=label, detail=told(event.detail))


def _nothing(_detail: Detail) -> str:
    return ""


def _of(key: str, before: str = "") -> Callable[[Detail], str]:
    return lambda detail: f"{before}{detail[key]}" if detail.get(key) else ""


def _digest(key: str) -> Callable[[Detail], str]:
    return lambda detail: f"Empreinte {detail[key][:12]}…" if detail.get(key) else ""


def _receipt(detail: Detail) -> str:
    return (
        f"{detail.get('receipt_id', '')}, reçu le {_when(detail.get('received_at', ''))},"
        f" publié le {_when(detail.get('published_at', ''))}"
    )


def _when(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return french.day(moment) if len(text) == len("2026-01-01") else french.moment(moment)


def _mail(detail: Detail) -> str:
    kind = detail.get("kind", "")
    known = french.MAIL_KIND[MailKind(kind)] if kind in set(MailKind) else kind
    return ", ".join(part for part in (known, detail.get("recipient") or detail.get("code", "")) if part)


def _signature(detail: Detail) -> str:
    level = f"Niveau {detail['level']}" if detail.get("level") else ""
    return ". ".join(part for part in (detail.get("capacity", ""), detail.get("ground", ""), level) if part)


def _address(detail: Detail) -> str:
    return f"{detail['before']}, remplacée par {detail['after']}" if {"before", "after"} <= set(detail) else ""


def _archive(detail: Detail) -> str:
    return f"{detail.get('object', '')}, version {detail.get('version', '')}"


KINDS: dict[str, tuple[str, Callable[[Detail], str]]] = {
    "opened": ("Délibération déposée, convention ouverte", _digest("deliberation")),
    "facts_supplied": ("Informations enregistrées", _of("version", "Version ")),
    "changes_requested": ("Corrections demandées", _of("reason")),
    "drafted": ("Projet rédigé", _of("version", "Version ")),
    "approved": ("Version approuvée", _digest("document")),
    "receipt_recorded": ("Preuve du caractère exécutoire enregistrée", _receipt),
    "sent_for_signature": ("Envoi à la signature", _digest("document")),
    "mail_sent": ("Message remis au serveur de messagerie", _mail),
    "mail_refused": ("Message refusé par le serveur de messagerie", _mail),
    "address_corrected": ("Adresse du bénéficiaire corrigée", _address),
    "signature_accepted": ("Accord donné pour signer", _digest("document")),
    "signature_failed": ("Signature non réalisée", _of("code")),
    "signed": ("Convention signée", _signature),
    "handed_over": ("Signature transmise à une autre personne", _of("to")),
    "power_ended": ("Pouvoir de signer terminé : autre personne appelée", _of("ground")),
    "refused": ("Signature refusée", _of("reason")),
    "expired": ("Délai de signature expiré", _nothing),
    "withdrawn": ("Convention retirée", _of("reason")),
    "validated": ("Signatures contrôlées", _nothing),
    "archived": ("Dossier archivé", _archive),
    "delivered": ("Copies envoyées", _nothing),
}
