"""What goes into the archive of one circuit: files that prove by themselves what happened, without us.

Each covers those before it: ``metadata.json`` the documents, the last entry of the chain all of them and the ledgers,
``evidence.tsr`` the head of the chain, ``preuve.pdf`` (sealed) both; ``empreintes.sha256`` is for common tools.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from activities.documents import Documents
from activities.evidence.notary import Notary
from activities.evidence.readable import Attachment, render
from activities.evidence.stamps import stamped_at
from activities.register.register import Register
from domain.circuits import Circuit
from domain.convention import SYSTEM, Role
from domain.documents import DOCX, JPEG, JSON, PDF, PNG, TEXT, XML, DocumentRef, digest
from domain.dossier import (
    CLOSED,
    EvidenceFile,
    Ledgers,
    Party,
    PowersReliedUpon,
    closing_detail,
    schema,
)
from domain.errors import ArchiveDamaged
from domain.evidence import canonical, digest_of, verify_chain
from domain.executory import PARIS
from domain.lifecycle import LABELS, Stage
from domain.tasks import ArchiveRequest, Event

SIGNED = "convention-signee.pdf"
PARTLY_SIGNED = "convention-partiellement-signee.pdf"
POWERS = "pouvoirs.json"
HISTORY = "historique-temporal.json"
SCHEMA = "evidence.schema.json"
METADATA = "metadata.json"
EVIDENCE = "evidence.json"
TIMESTAMP = "evidence.tsr"
READABLE = "preuve.pdf"
SUMS = "empreintes.sha256"

_EXTENSIONS = {
    PDF: "pdf",
    DOCX: "docx",
    TEXT: "txt",
    JSON: "json",
    XML: "xml",
    PNG: "png",
    JPEG: "jpg",
}


class Histories(Protocol):
    """What the archive needs of Temporal."""

    def export(self, convention_id: str) -> bytes:
        """The history of a convention's workflow until now, as JSON that a replay takes."""
        ...


@dataclass(frozen=True)
class Witnesses:
    """Those without whom nothing is archived (invariant 7)."""

    histories: Histories
    notary: Notary
    templates: Path
    """Folder of the readable evidence's template."""


def signed_document(request: ArchiveRequest) -> DocumentRef | None:
    """The PDF with all the signatures that were made."""
    return request.signatures[-1].document if request.signatures else None


def build(request: ArchiveRequest, store: Documents, register: Register, witnesses: Witnesses) -> dict[str, bytes]:
    """Name to content of everything to archive.

    The seal and the timestamp differ from one call to another: the first package that reaches the disk is the one.

    :raises NotFound: a document or the convention is unknown.
    :raises ArchiveDamaged: the chain of evidence is broken, or what was signed is not what was approved.
    :raises TimestampOutage, RevocationOutage: retried; nothing is archived without.
    """
    circuit = register.convention(request.convention_id)
    files = {f"deliberation.{_extension(request.deliberation)}": store.get(request.deliberation)}
    files["lecture.json"] = store.get(request.reading)
    if draft := request.draft:
        files["convention.docx"] = store.get(draft.docx)
        files["convention.pdf"] = store.get(draft.pdf)
        files["donnees-de-la-convention.json"] = store.get(draft.facts)
        files[f"modele.{_extension(draft.template)}"] = store.get(draft.template)
    if signed := signed_document(request):
        name = SIGNED if request.ending is Stage.COMPLETED else PARTLY_SIGNED
        files[name] = store.get(signed)
        if not files[name].startswith(files.get("convention.pdf", b"")):
            raise ArchiveDamaged(
                "signed_not_approved",
                "Le document signé n'est pas la suite de celui qui a été approuvé : il ne peut pas être archivé.",
            )
    if request.proof:
        files["preuve-executoire.json"] = _json(request.proof.model_dump(mode="json"))
        if document := request.proof.document:
            files[f"preuve-executoire-document.{_extension(document)}"] = store.get(document)
    if powers := _powers(request, register):
        files[POWERS] = _json(powers)
    if request.report:
        files["rapport-de-validation.json"] = store.get(request.report)
    files[HISTORY] = witnesses.histories.export(request.convention_id)
    files[SCHEMA] = _json(schema())
    files[METADATA] = _json(_metadata(request, circuit, files))
    evidence = _evidence(request, register, circuit, files, powers)
    files[EVIDENCE] = _json(evidence.as_json())
    files[TIMESTAMP] = witnesses.notary.timestamp(evidence.last_digest)
    attached = (
        Attachment(EVIDENCE, files[EVIDENCE], "Le journal de preuve complet", JSON),
        Attachment(
            TIMESTAMP, files[TIMESTAMP], "Horodatage (RFC 3161) du journal de preuve", "application/timestamp-reply"
        ),
    )
    readable = render(evidence, witnesses.templates, stamped_at(files[TIMESTAMP]), attached)
    files[READABLE] = witnesses.notary.seal(readable)
    files[SUMS] = "".join(f"{digest(content)}  {name}\n" for name, content in sorted(files.items())).encode()
    return files


def _powers(request: ArchiveRequest, register: Register) -> dict[str, Any]:
    """The entries of the register that the authority's signatures rely upon, as they stand when archived."""
    signed = [record for record in request.signatures if record.role is Role.AUTHORITY]
    if not signed:
        return {}
    emails = {str(record.signatory.person.email).casefold() for record in signed}
    days = [record.signed_at.astimezone(PARIS).date() for record in signed]
    entries = register.power_register(request.award.authority)
    mandates = [
        mandate
        for mandate in entries.mandates
        if any(mandate.start <= day and (mandate.end is None or day <= mandate.end) for day in days)
    ]
    delegations = [entry for entry in entries.delegations if str(entry.holder.email).casefold() in emails]
    recusals = [entry for entry in entries.recusals if entry.person_email.strip().casefold() in emails]
    kept = {*(e.id for e in mandates), *(e.id for e in delegations), *(e.id for e in recusals)}
    return {
        "authority": request.award.authority,
        "mandates": [entry.model_dump(mode="json") for entry in mandates],
        "delegations": [entry.model_dump(mode="json") for entry in delegations],
        "recusals": [entry.model_dump(mode="json") for entry in recusals],
        "traces": [
            trace.model_dump(mode="json")
            for trace in register.power_traces(request.award.authority)
            if trace.entry_id in kept
        ],
    }


def _evidence(
    request: ArchiveRequest, register: Register, circuit: Circuit, files: dict[str, bytes], powers: dict[str, Any]
) -> EvidenceFile:
    id_ = request.convention_id
    # What ties a decision to a mailbox: the entries name the challenge, these say where its code was sent and when it
    # came back (Code civil, art. 1366 and 1367: the author must be duly identified).
    ledgers = Ledgers(
        identifications=register.identifications(id_), links=register.links_of(id_), messages=register.mails_of(id_)
    )
    documents = {name: digest(content) for name, content in sorted(files.items())}
    detail = closing_detail(ledgers, documents)
    # Its key holds what it closes over: a second attempt closes again only if something changed in between.
    key = f"{CLOSED}/{digest_of(canonical(detail))[:32]}"
    closing = Event(key=key, kind=CLOSED, at=request.archived_at, actor=SYSTEM, detail=detail)
    entries = register.close_evidence(id_, closing)
    return EvidenceFile(
        convention_id=id_,
        convention_number=request.convention_number,
        title=circuit.title,
        authority=request.award.authority,
        deliberation=request.award,
        parties=tuple(_parties(request, files)),
        beneficiary=request.beneficiary,
        amount=None if request.amount is None else f"{request.amount:.2f}",
        ending=request.ending,
        archived_at=request.archived_at,
        proof=request.proof,
        signatures=request.signatures,
        powers=_relied_upon(powers) if powers else None,
        identifications=ledgers.identifications,
        links=ledgers.links,
        messages=ledgers.messages,
        documents=documents,
        last_digest=verify_chain(id_, entries),
        entries=tuple(entries),
    )


def _relied_upon(powers: dict[str, Any]) -> PowersReliedUpon:
    entries = {name: powers[name] for name in ("mandates", "delegations", "recusals")}
    return PowersReliedUpon.model_validate({"register": entries, "traces": powers["traces"]})


def _parties(request: ArchiveRequest, files: dict[str, bytes]) -> list[Party]:
    """Both bodies, as the convention prints them; by their names alone when there is no draft yet."""
    printed = json.loads(files.get("donnees-de-la-convention.json", b"{}"))
    names = {Role.AUTHORITY: request.award.authority, Role.BENEFICIARY: request.beneficiary}
    parties = []
    for role, name in names.items():
        body = printed.get(role.value, {})
        seat = body.get("seat", {})
        address = f"{seat['street']}, {seat['postal_code']} {seat['city']}" if seat else ""
        if body.get("name") or name:
            parties.append(Party(role=role, name=body.get("name") or name, siret=body.get("siret", ""), seat=address))
    return parties


def _metadata(request: ArchiveRequest, circuit: Circuit, files: dict[str, bytes]) -> dict[str, Any]:
    award = request.award
    return {
        "dc:identifier": [award.number, request.convention_number],
        "dc:title": circuit.title,
        "dc:type": "Convention de subvention",
        "dc:creator": award.authority,
        "dc:contributor": request.beneficiary,
        "dc:date": request.archived_at.astimezone(PARIS).date().isoformat(),
        "dc:language": "fr",
        "dc:relation": f"Délibération n° {award.number} du {award.session_date.isoformat()}",
        "convention_id": request.convention_id,
        "award_id": award.id,
        "award": award.model_dump(mode="json"),
        "ending": request.ending.value,
        "ending_label": LABELS[request.ending],
        "amount": None if request.amount is None else f"{request.amount:.2f}",
        "archived_at": _instant(request.archived_at),
        "files": {name: {"sha256": digest(content), "size": len(content)} for name, content in sorted(files.items())},
    }


def _extension(ref: DocumentRef) -> str:
    return _EXTENSIONS.get(ref.media_type.partition(";")[0].strip(), "bin")


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
