"""The whole evidence of one circuit, as it is archived in ``evidence.json``: the form that a stranger reads later.

``docs/evidence.schema.json`` is its JSON Schema; the same file travels in each package.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from domain.convention import AwardKey, Role
from domain.documents import Sha256, WireModel
from domain.evidence import EvidenceEntry, canonical, digest_of
from domain.executory import ExecutoryProof
from domain.lifecycle import Stage
from domain.powers import PowerRegister, PowerTrace
from domain.tasks import Event, SignatureRecord

FORMAT: Literal["paraphe-evidence-2"] = "paraphe-evidence-2"
EXPLANATION = (
    "Chaque ligne de entries porte l'empreinte SHA-256 du JSON canonique (clés triées, sans espaces, UTF-8) de ses"
    " champs convention_id, event, position et previous ; previous est l'empreinte de la ligne précédente, 64 zéros"
    " pour la première. La dernière ligne, dossier_closed, porte l'empreinte du JSON canonique de documents et celle"
    " de {identifications, links, messages}. Son empreinte, last_digest, est celle que date evidence.tsr (RFC 3161)."
    " documents donne l'empreinte SHA-256 des autres fichiers archivés. preuve.pdf, scellé, porte en pièces jointes"
    " ce fichier et evidence.tsr."
)
CLOSED = "dossier_closed"
"""Kind of the entry that ends the chain when a circuit is archived."""


class Party(WireModel):
    """A body that the convention binds."""

    role: Role
    name: str
    siret: str = ""
    seat: str = ""


class IssuedLink(WireModel):
    """A signing link that was sent; the link itself is a secret, and is not here."""

    round: int
    role: Role
    mailbox: str
    name: str
    document: Sha256
    """What it lets read and sign."""
    issued_at: datetime
    expires_at: datetime
    closed: str = ""
    """French sentence: why it opens nothing any more."""


class Identification(WireModel):
    """A one-time code: where it was sent, and what came of it. Neither the code nor what it derives from."""

    challenge: str
    """Its name, which the decision that it proved bears too."""
    round: int
    role: Role
    mailbox: str
    document: Sha256
    link_issued_at: datetime
    code_issued_at: datetime
    code_expires_at: datetime | None = None
    code_verified_at: datetime | None = None
    """When the right code came back; none: it never did."""
    tries: int
    """How many times a code was typed."""
    spent_at: datetime | None = None
    """Instant of the signature that it was spent on."""


class SentMessage(WireModel):
    """A message that the mail server took."""

    kind: str
    recipient: str
    message_id: str
    smtp_reply: str
    """The server's own words."""
    sent_at: datetime
    challenge: str | None = None
    """For a code: the challenge that it answers."""
    round: int | None = None
    role: Role | None = None


class PowersReliedUpon(WireModel):
    """The entries of the register of powers behind the authority's signature, and who entered them."""

    register_entries: PowerRegister = Field(alias="register")
    traces: tuple[PowerTrace, ...] = ()


class EvidenceFile(WireModel):
    """``evidence.json``."""

    format: Literal["paraphe-evidence-2"] = FORMAT
    explanation: str = EXPLANATION
    convention_id: str
    convention_number: str
    title: str
    """What the convention is about."""
    authority: str
    deliberation: AwardKey
    parties: tuple[Party, ...] = ()
    beneficiary: str
    amount: str | None = None
    """Euros, with two decimals."""
    ending: Stage
    archived_at: datetime
    proof: ExecutoryProof | None = None
    """When the deliberation became executory."""
    signatures: tuple[SignatureRecord, ...] = ()
    powers: PowersReliedUpon | None = None
    identifications: tuple[Identification, ...] = ()
    links: tuple[IssuedLink, ...] = ()
    messages: tuple[SentMessage, ...] = ()
    """Up to the archiving: the copies sent afterwards are in the register alone."""
    documents: dict[str, Sha256]
    last_digest: Sha256
    entries: tuple[EvidenceEntry, ...]

    def as_json(self) -> dict[str, Any]:
        """As it is written; an optional value that is missing is null."""
        return self.model_dump(mode="json", by_alias=True)


class Ledgers(WireModel):
    """What the register keeps beside the chain; the chain's last entry carries its digest."""

    identifications: tuple[Identification, ...] = ()
    links: tuple[IssuedLink, ...] = ()
    messages: tuple[SentMessage, ...] = ()


def ledgers_of(evidence: EvidenceFile) -> Ledgers:
    return Ledgers(identifications=evidence.identifications, links=evidence.links, messages=evidence.messages)


def closing_detail(ledgers: Ledgers, documents: dict[str, str]) -> dict[str, str]:
    """What the last entry of the chain says of all that is not in the chain."""
    return {
        "documents": digest_of(canonical(documents)),
        "ledgers": digest_of(canonical(ledgers.model_dump(mode="json"))),
    }


def of_workflow(event: Event) -> bool:
    """Whether a workflow wrote it: the others come from the door (codes) and from the archive (the closing)."""
    return event.key.isdigit()


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of ``evidence.json``."""
    made = EvidenceFile.model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:paraphe:evidence-2", **made}
