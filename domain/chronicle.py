"""What happened to a convention, in French: the label of each kind of event, and the names of its details."""

from collections.abc import Iterator

from domain.tasks import Event, MailKind

LABELS = {
    "opened": "Délibération déposée, convention ouverte",
    "facts_supplied": "Informations enregistrées",
    "changes_requested": "Corrections demandées",
    "drafted": "Projet rédigé",
    "approved": "Version approuvée",
    "receipt_recorded": "Preuve du caractère exécutoire enregistrée",
    "sent_for_signature": "Envoi à la signature",
    "mail_sent": "Message remis au serveur de messagerie",
    "mail_refused": "Message refusé par le serveur de messagerie",
    "fact_corrected": "Fait de la délibération corrigé",
    "address_corrected": "Adresse du bénéficiaire corrigée",
    "code_issued": "Code de signature demandé",
    "code_sent": "Code remis au serveur de messagerie",
    "code_verified": "Code vérifié : identité prouvée",
    "code_wrong": "Code faux refusé",
    "signature_accepted": "Accord donné pour signer",
    "signature_failed": "Signature non réalisée",
    "signed": "Convention signée",
    "handed_over": "Signature transmise à une autre personne",
    "power_ended": "Pouvoir de signer terminé : autre personne appelée",
    "refused": "Signature refusée",
    "expired": "Délai de signature expiré",
    "withdrawn": "Convention retirée",
    "validated": "Signatures contrôlées",
    "dossier_closed": "Dossier de preuve clos",
    "archived": "Dossier archivé",
    "delivered": "Copies envoyées",
}
MAILS = {
    MailKind.REQUEST: "Demande de signature",
    MailKind.REMINDER: "Rappel",
    MailKind.HAND_OVER: "Transmission",
    MailKind.REFUSAL: "Annonce du refus",
    MailKind.COMPLETION: "Copie signée",
    MailKind.EXPIRY: "Annonce de l'expiration",
    MailKind.WITHDRAWAL: "Annonce du retrait",
    MailKind.CODE: "Code à usage unique",
}
_NAMES = {
    "assurance": "force",
    "after": "après",
    "authority": "collectivité",
    "beneficiary": "bénéficiaire",
    "before": "avant",
    "capacity": "qualité",
    "certificate": "certificat",
    "challenge": "code n°",
    "client_address": "adresse IP",
    "code": "motif",
    "deliberation": "délibération",
    "docx": "Word",
    "document": "document",
    "documents": "fichiers",
    "ground": "pouvoir",
    "kind": "message",
    "ledgers": "registres",
    "level": "niveau",
    "mailbox": "boîte",
    "manifest": "inventaire",
    "message_id": "identifiant",
    "object": "archive",
    "pdf": "PDF",
    "published_at": "publié",
    "reason": "motif",
    "receipt_id": "accusé",
    "received_at": "reçu",
    "recipient": "destinataire",
    "reply": "réponse du serveur",
    "role": "pour",
    "round": "demande n°",
    "signed_at": "horodatée",
    "statement": "texte accepté",
    "timestamp_authority": "autorité d'horodatage",
    "to": "à",
    "tries": "essais",
    "user_agent": "navigateur",
    "version": "version",
}
_ROLES = {"beneficiary": "le bénéficiaire", "authority": "la collectivité"}


def label(kind: str) -> str:
    """A kind unknown here (a later version wrote it) is shown by its code."""
    return LABELS.get(kind, kind)


def mail(kind: str) -> str:
    return MAILS[MailKind(kind)] if kind in set(MailKind) else kind


def details(event: Event) -> Iterator[tuple[str, str, str]]:
    """Key, French name and value of each detail of ``event``, in the order in which they were written."""
    for key, value in event.detail.items():
        shown = _ROLES.get(value, value) if key == "role" else mail(value) if key == "kind" else value
        yield key, _NAMES.get(key, key.replace("_", " ")), shown
