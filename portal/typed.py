"""Short forms, read and checked: a file, a reason, an address, a digest, a proof. Shared by the desk and the others."""

import re
from datetime import date, datetime, time

from fastapi import Request
from pydantic import EmailStr, TypeAdapter, ValidationError

from domain.errors import UnreadableDocument
from domain.executory import PARIS, ExecutoryProof
from portal.access import Posted, Upload
from portal.failures import Incomplete
from portal.forms import read
from portal.sentences import sentence

REFRESHES = 20
"""A page that waits reloads itself that many times, then leaves it to the person."""


def next_refresh(request: Request, path: str, working: bool) -> str | None:
    """Where a page that waits for the machine reloads itself, a bounded number of times."""
    text = request.query_params.get("attente", "0")
    seen = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else REFRESHES
    return f"{path}?attente={seen + 1}" if working and seen < REFRESHES else None


def uploaded(form: Posted) -> Upload:
    """The file sent.

    :raises UnreadableDocument: ``no_file`` or ``empty_file``.
    """
    if form.file is None or not form.file.name:
        raise UnreadableDocument("no_file", "Aucun fichier n'a été choisi : choisissez un fichier, puis recommencez.")
    if not form.file.content:
        raise UnreadableDocument("empty_file", "Ce fichier est vide : vérifiez le fichier, puis recommencez.")
    return form.file


_EMAIL: TypeAdapter[str] = TypeAdapter(EmailStr)


def address_of(form: Posted) -> str:
    """:raises Incomplete: ``address_invalid``."""
    try:
        return _EMAIL.validate_python(form.text("email"))
    except ValidationError as refused:
        raise Incomplete(
            "address_invalid", "Cette adresse électronique n'est pas valable : vérifiez-la, puis recommencez."
        ) from refused


def shown_digest(form: Posted) -> str:
    """Digest of the document that the page showed.

    :raises Incomplete: ``digest_missing``: the form was tampered with.
    """
    shown = form.text("document_sha256")
    if not re.fullmatch(r"[0-9a-f]{64}", shown):
        raise Incomplete("digest_missing", "Ce formulaire est incomplet : rechargez la page et recommencez.")
    return shown


def reason_of(form: Posted) -> str:
    """:raises Incomplete: ``reason_missing`` or ``reason_too_long``."""
    reason = form.text("reason")
    if not reason:
        raise Incomplete("reason_missing", "Un motif est nécessaire : écrivez-le, puis recommencez.")
    if len(reason) > 2000:
        raise Incomplete("reason_too_long", "Ce motif est trop long : 2 000 caractères au plus.")
    return reason


def day_of(form: Posted) -> date:
    """:raises Incomplete: ``day_invalid``."""
    try:
        return date.fromisoformat(read("date", form.text("day")))
    except ValueError as error:
        raise Incomplete("day_invalid", "Une date est nécessaire : jour, mois et année.") from error


_PROOF_LABELS = {
    "receipt_id": "Identifiant de l'acte",
    "sent_at": "Date d'envoi",
    "received_at": "Date de réception",
    "published_at": "Date de publication",
}


def proof_of(form: Posted) -> ExecutoryProof:
    """:raises Incomplete: ``receipt_invalid``, with what is wrong."""
    try:
        typed = {name: _moment(form, name, label) for name, label in _PROOF_LABELS.items() if name != "receipt_id"}
        return ExecutoryProof.model_validate(
            {"receipt_id": form.text("receipt_id")} | {name: value for name, value in typed.items() if value}
        )
    except ValidationError as refused:
        said = []
        for error in refused.errors():
            label = _PROOF_LABELS.get(str(error["loc"][0])) if error["loc"] else None
            line = f"{label} : {sentence(error)}" if label else sentence(error)
            if line not in said:
                said.append(line)
        raise Incomplete("receipt_invalid", " ".join(said)) from refused


def _moment(form: Posted, name: str, label: str) -> date | datetime | None:
    text = form.text(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(read("date", text))
        hour = form.text(f"{name}_time")
        return datetime.combine(day, time.fromisoformat(hour), PARIS) if hour else day
    except ValueError as error:
        raise Incomplete("receipt_invalid", f"{label} : cette date ou cette heure n'existe pas.") from error
