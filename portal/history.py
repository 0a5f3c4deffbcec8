"""The evidence of a convention as a person reads it: a French label and what matters of the detail."""

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.chronicle import LABELS
from domain.correcting import NAMES
from domain.tasks import Event, MailKind
from portal import french
from portal.facts_table import shown_value
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


def _correction(detail: Detail) -> str:
    fact = detail.get("fact", "")
    name = NAMES.get(fact, fact)
    told = f"{name[:1].upper()}{name[1:]} : « {_value(fact, detail.get('after', ''))} »"
    if before := detail.get("before"):
        told += f" au lieu de « {_value(fact, before)} »"
    if words := detail.get("words"):
        page = f", page {detail['page']}" if detail.get("page") else ""
        return f"{told}, d'après « {' '.join(words.split())[:300]} »{page}"
    return f"{told}, valeur attestée du registre des délibérations" if detail.get("attested") else f"{told}, saisi"


def _value(fact: str, text: str) -> str:
    try:
        return shown_value(fact, text)
    except (KeyError, ValueError):  # written by a later version
        return text


def _archive(detail: Detail) -> str:
    return f"{detail.get('object', '')}, version {detail.get('version', '')}"


KINDS: dict[str, tuple[str, Callable[[Detail], str]]] = {
    "opened": (LABELS["opened"], _digest("deliberation")),
    "facts_supplied": (LABELS["facts_supplied"], _of("version", "Version ")),
    "changes_requested": (LABELS["changes_requested"], _of("reason")),
    "drafted": (LABELS["drafted"], _of("version", "Version ")),
    "approved": (LABELS["approved"], _digest("document")),
    "receipt_recorded": (LABELS["receipt_recorded"], _receipt),
    "sent_for_signature": (LABELS["sent_for_signature"], _digest("document")),
    "mail_sent": (LABELS["mail_sent"], _mail),
    "mail_refused": (LABELS["mail_refused"], _mail),
    "fact_corrected": (LABELS["fact_corrected"], _correction),
    "address_corrected": (LABELS["address_corrected"], _address),
    "code_issued": (LABELS["code_issued"], _of("mailbox")),
    "code_sent": (LABELS["code_sent"], _of("recipient")),
    "code_verified": (LABELS["code_verified"], _of("mailbox")),
    "code_wrong": (LABELS["code_wrong"], _of("tries", "Essai n° ")),
    "signature_accepted": (LABELS["signature_accepted"], _digest("document")),
    "signature_failed": (LABELS["signature_failed"], _of("code")),
    "signed": (LABELS["signed"], _signature),
    "handed_over": (LABELS["handed_over"], _of("to")),
    "power_ended": (LABELS["power_ended"], _of("ground")),
    "refused": (LABELS["refused"], _of("reason")),
    "expired": (LABELS["expired"], _nothing),
    "withdrawn": (LABELS["withdrawn"], _of("reason")),
    "validated": (LABELS["validated"], _nothing),
    "dossier_closed": (LABELS["dossier_closed"], _digest("documents")),
    "archived": (LABELS["archived"], _archive),
    "delivered": (LABELS["delivered"], _nothing),
}
