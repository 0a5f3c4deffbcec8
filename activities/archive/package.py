"""What goes into the archive of one circuit: files that prove by themselves what happened, without us."""

import json
from datetime import UTC, datetime
from typing import Any

from activities.documents import Documents
from activities.register.register import Register
from domain.circuits import Circuit
from domain.convention import Role
from domain.documents import DOCX, JPEG, JSON, PDF, PNG, TEXT, XML, DocumentRef, digest
from domain.errors import ArchiveDamaged
from domain.evidence import verify_chain
from domain.executory import PARIS
from domain.lifecycle import LABELS, Stage
from domain.tasks import ArchiveRequest

SIGNED = "convention-signee.pdf"
PARTLY_SIGNED = "convention-partiellement-signee.pdf"
EVIDENCE = "evidence.json"
METADATA = "metadata.json"

_EXTENSIONS = {
    PDF: "pdf",
    DOCX: "docx",
    TEXT: "txt",
    JSON: "json",
    XML: "xml",
    PNG: "png",
    JPEG: "jpg",
}
_READ_ME = (
    "Chaque ligne porte l'empreinte SHA-256 du JSON canonique (clés triées, sans espaces, UTF-8) de ses champs"
    " convention_id, event, position et previous ; previous est l'empreinte de la ligne précédente, 64 zéros pour la"
    " première. documents donne l'empreinte SHA-256 de chaque fichier archivé."
)


def signed_document(request: ArchiveRequest) -> DocumentRef | None:
    """The PDF with all the signatures that were made."""
    return request.signatures[-1].document if request.signatures else None


def build(request: ArchiveRequest, store: Documents, register: Register) -> dict[str, bytes]:
    """Name to content of everything to archive; the same request at the same state of the register, the same bytes.

    :raises NotFound: a document or the convention is unknown.
    :raises ArchiveDamaged: the chain of evidence is broken, or what was signed is not what was approved.
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
        files["pouvoirs.json"] = _json(powers)
    if request.report:
        files["rapport-de-validation.json"] = store.get(request.report)
    files[EVIDENCE] = _json(_evidence(request, register, files))
    files[METADATA] = _json(_metadata(request, circuit, files))
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


def _evidence(request: ArchiveRequest, register: Register, files: dict[str, bytes]) -> dict[str, Any]:
    entries = register.events(request.convention_id)
    last = verify_chain(request.convention_id, entries)
    return {
        "format": "paraphe-evidence-1",
        "explanation": _READ_ME,
        "convention_id": request.convention_id,
        "convention_number": request.convention_number,
        "deliberation": request.award.model_dump(mode="json"),
        "beneficiary": request.beneficiary,
        "amount": None if request.amount is None else f"{request.amount:.2f}",
        "ending": request.ending.value,
        "archived_at": _instant(request.archived_at),
        # What ties a decision to a mailbox: the entries name the challenge, these say where its code was sent and when
        # it came back (Code civil, art. 1366 and 1367: the author must be duly identified).
        "identifications": register.identifications(request.convention_id),
        "messages": register.mails_of(request.convention_id),
        "signatures": [record.model_dump(mode="json") for record in request.signatures],
        "documents": {name: digest(content) for name, content in sorted(files.items())},
        "last_digest": last,
        "entries": [entry.model_dump(mode="json") for entry in entries],
    }


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
