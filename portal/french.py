"""Figures, dates and labels as French readers expect them on screen (Lexique de l'Imprimerie nationale)."""

import re
from datetime import date, datetime
from decimal import Decimal

from domain.amounts import in_figures
from domain.calendar import long_date
from domain.convention import Role
from domain.errors import Actor
from domain.executory import PARIS
from domain.facts import FactStatus, Severity
from domain.parties import LegalKind
from domain.powers import PowerKind
from domain.tasks import MailKind

NBSP = "\u00a0"

FACT_STATUS = {
    FactStatus.FOUND: "Trouvé",
    FactStatus.MISSING: "Absent",
    FactStatus.AMBIGUOUS: "Ambigu",
    FactStatus.CONFLICTING: "Contradictoire",
    FactStatus.MALFORMED: "Mal formé",
}
SEVERITY = {
    Severity.INFO: "Information",
    Severity.WARNING: "À vérifier",
    Severity.BLOCKING: "Bloquant",
    Severity.BLOCKING_SIGNATURE: "Bloque la signature",
}
SEVERITY_GROUP = {
    Severity.BLOCKING: "Empêche l'approbation",
    Severity.BLOCKING_SIGNATURE: "Empêche l'envoi à la signature",
    Severity.WARNING: "À vérifier",
    Severity.INFO: "Pour information",
}
"""Titles of the lists of findings, the gravest first."""
ROLE = {Role.BENEFICIARY: "Bénéficiaire", Role.AUTHORITY: "Collectivité"}
NEXT_ACTOR = {
    Actor.LEGAL_AFFAIRS: "le service des affaires juridiques",
    Actor.SIGNATORY: "la personne appelée à signer",
    Actor.AUTHORITY: "l'exécutif de la collectivité",
    Actor.OPERATOR: "l'exploitant du service",
}
LEGAL_KIND = {
    LegalKind.ASSOCIATION: "Association",
    LegalKind.FOUNDATION: "Fondation",
    LegalKind.COMPANY: "Entreprise",
    LegalKind.PUBLIC_BODY: "Établissement public",
    LegalKind.LOCAL_AUTHORITY: "Collectivité territoriale",
    LegalKind.OTHER: "Autre personne de droit privé",
}
POWER_KIND = {
    PowerKind.FUNCTION: "Délégation de fonction (élu)",
    PowerKind.SIGNATURE: "Délégation de signature (agent)",
    PowerKind.SUBSTITUTION: "Suppléance",
    PowerKind.EXECUTIVE: "Exécutif",
}
MAIL_KIND = {
    MailKind.REQUEST: "Demande de signature",
    MailKind.REMINDER: "Rappel",
    MailKind.HAND_OVER: "Transmission",
    MailKind.REFUSAL: "Annonce du refus",
    MailKind.COMPLETION: "Copie signée",
    MailKind.EXPIRY: "Annonce de l'expiration",
    MailKind.WITHDRAWAL: "Annonce du retrait",
    MailKind.CODE: "Code à usage unique",
}


def euros(amount: Decimal) -> str:
    """``50 000 €``, ``1 234,50 €``: no-break spaces, cents only when there are some."""
    return in_figures(amount)


def day(value: date | datetime) -> str:
    """``26 septembre 2019``; the Paris day of an instant."""
    return long_date(value.astimezone(PARIS).date() if isinstance(value, datetime) else value).replace(" ", NBSP)


def moment(value: date | datetime) -> str:
    """``26 septembre 2019 à 14 h 05``, Paris time; the day alone when there is no time."""
    if not isinstance(value, datetime):
        return day(value)
    local = value.astimezone(PARIS)
    return f"{day(local.date())} à{NBSP}{local.hour}{NBSP}h{NBSP}{local.minute:02d}"


def spaced(text: str) -> str:
    """``text`` with no-break spaces where French typography puts a space that must not break."""
    return re.sub(r" (?=[:;?»]|!(?!=))|(?<=«) ", NBSP, text)


def size(count: int) -> str:
    """``184 ko``, ``2,4 Mo``."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))}{NBSP}ko"
    return f"{count / 1_000_000:.1f}".removesuffix(".0").replace(".", ",") + f"{NBSP}Mo"


def shortened(text: str, most: int = 400) -> str:
    """``text``, cut after ``most`` characters: a hostile quotation must not fill a page."""
    return text if len(text) <= most else f"{text[:most].rstrip()}…"
