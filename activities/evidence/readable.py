"""The evidence as a judge reads it: a French PDF/A-3, tagged, with ``evidence.json`` and the timestamp attached.

Nothing in it comes from anywhere but ``evidence.json``: the text is for people, the attachment is what is checked.
"""

import functools
import io
import logging
import re
import threading
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import pikepdf
from fontTools.ttLib import TTFont
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from activities.signing.fonts import SYSTEM_FOLDERS
from domain import chronicle
from domain.amounts import in_figures, in_full
from domain.assurance import Assurance
from domain.calendar import long_date
from domain.convention import Role
from domain.dossier import EvidenceFile, Identification
from domain.evidence import EvidenceEntry
from domain.executory import PARIS
from domain.lifecycle import Stage
from domain.powers import Delegation, Mandate
from domain.tasks import SignatureRecord

CONFORMANCE = "pdf/a-3a"
"""ISO 19005-3, level A: tagged, every character has its meaning; attachments of any kind."""

_FONTS = ("LiberationSans-Regular.ttf", "DejaVuSans.ttf")
_NBSP, _NNBSP = "\u00a0", "\u202f"
_KEPT_FOR_THE_SHEET = {"client_address", "user_agent", "statement", "certificate", "timestamp_authority"}
_DIGEST = re.compile(r"[0-9a-f]{32,128}")

# WeasyPrint tells of each CSS rule that it leaves aside; Pango's state is shared by the threads of a process.
logging.getLogger("weasyprint").setLevel(logging.ERROR)
_one_at_a_time = threading.Lock()

ENDINGS = {
    Stage.COMPLETED: "Signée par les deux parties",
    Stage.REFUSED: "Refusée",
    Stage.WITHDRAWN: "Retirée",
    Stage.EXPIRED: "Expirée",
}
ROLES = {Role.BENEFICIARY: "Bénéficiaire", Role.AUTHORITY: "Collectivité"}
ASSURANCE = {
    Assurance.SIMPLE: "Signature électronique simple : le cachet du service scelle l'accord donné par lien et code",
    Assurance.ADVANCED: "Signature électronique avancée : faite avec le certificat personnel du signataire",
    Assurance.QUALIFIED: "Signature électronique qualifiée : vaut signature manuscrite (règlement eIDAS, art. 25)",
}
FILES = {
    "deliberation": "La délibération, telle que déposée",
    "lecture": "Ce qui en a été lu, avec l'endroit de chaque information",
    "convention.docx": "Le projet approuvé, au format Word",
    "convention.pdf": "Le projet approuvé, présenté à la signature",
    "donnees-de-la-convention": "Les valeurs imprimées, et d'où vient chacune",
    "modele": "Le modèle de convention employé",
    "convention-signee": "L'original signé",
    "convention-partiellement-signee": "Le document avec les seules signatures obtenues",
    "preuve-executoire": "Ce qui établit le caractère exécutoire",
    "pouvoirs": "Les pouvoirs invoqués, tels qu'inscrits au registre",
    "rapport-de-validation": "Le contrôle des signatures, le jour même",
    "historique-temporal": "L'historique d'exécution, qui peut être rejoué",
    "evidence.schema": "Le schéma de evidence.json",
    "metadata": "La notice du dossier (Dublin Core)",
}


@dataclass(frozen=True)
class Attachment:
    """A file put inside the PDF."""

    name: str
    content: bytes
    description: str
    media_type: str


@dataclass(frozen=True)
class Sheet:
    """One signature, with all that the evidence holds about it."""

    record: SignatureRecord
    accepted: EvidenceEntry | None
    made: EvidenceEntry | None
    code: Identification | None
    powers: tuple[Delegation | Mandate, ...]
    level: str
    """PAdES level in the final file; it was lower before the last timestamp."""

    def detail(self, key: str) -> str:
        for entry in (self.made, self.accepted):
            if entry is not None and entry.event.detail.get(key):
                return entry.event.detail[key]
        return ""


def render(evidence: EvidenceFile, templates: Path, stamped_at: datetime, attached: tuple[Attachment, ...]) -> bytes:
    """The PDF of ``evidence``, not sealed yet.

    :param templates: folder of ``preuve.html.j2`` and its style sheet.
    :param stamped_at: instant of the timestamp on the head of the chain.
    :param attached: what goes inside, ``evidence.json`` first.
    """
    # Late: it takes more than a second, and most processes never print anything.
    from weasyprint import HTML
    from weasyprint import Attachment as Inside

    text = html(evidence, templates, stamped_at)
    insides = [
        Inside(
            string=one.content,
            name=one.name,
            description=one.description,
            relationship="Data",
            created=evidence.archived_at,
            modified=evidence.archived_at,
        )
        for one in attached
    ]
    with _one_at_a_time, warnings.catch_warnings():
        # WeasyPrint 70 leaves its colour profile to be closed by the interpreter, which closes it at once.
        warnings.simplefilter("ignore", ResourceWarning)
        # The text is of strangers' making: nothing is fetched for it, from the network or from the disk.
        made = HTML(string=text, url_fetcher=_fetch_nothing, base_url=None).write_pdf(
            pdf_variant=CONFORMANCE, pdf_tags=True, attachments=insides
        )
    return _one_by_one(made)


def _one_by_one(pdf: bytes) -> bytes:
    """``pdf`` with each object on its own: WeasyPrint packs them all in one stream, which pyHanko reads again for
    each of them (50 s for a verification, instead of one)."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True)
    return out.getvalue()


def html(evidence: EvidenceFile, templates: Path, stamped_at: datetime) -> str:
    """What :func:`render` prints."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: drawable(value) if type(value) is str else value,
    )
    environment.filters |= {
        "day": _day,
        "instant": _instant,
        "clock": _clock,
        "french": french,
        "euros": lambda text: in_figures(Decimal(text)),
        "in_full": lambda text: in_full(Decimal(text)),
        "hex": _hexadecimal,
    }
    return environment.get_template("preuve.html.j2").render(
        evidence=evidence,
        stamped_at=stamped_at,
        sheets=tuple(_sheets(evidence)),
        files=tuple((name, _what(name), digest) for name, digest in sorted(evidence.documents.items())),
        label=chronicle.label,
        mail=chronicle.mail,
        told=_told,
        ending=ENDINGS.get(evidence.ending, evidence.ending.value),
        concluded=evidence.ending is Stage.COMPLETED,
        roles=ROLES,
        assurance=ASSURANCE,
        executive=lambda entry: isinstance(entry, Mandate),
    )


def _sheets(evidence: EvidenceFile) -> Iterator[Sheet]:
    for record in evidence.signatures:
        accepted = _entry(evidence, "signature_accepted", record.role)
        challenge = accepted.event.detail.get("challenge") if accepted else None
        yield Sheet(
            record=record,
            accepted=accepted,
            made=_entry(evidence, "signed", record.role),
            code=next((one for one in evidence.identifications if one.challenge == challenge), None),
            powers=tuple(_powers(evidence, record)),
            level=_final_level(evidence, record),
        )


def _entry(evidence: EvidenceFile, kind: str, role: Role) -> EvidenceEntry | None:
    """The last of its kind for a side: an acceptance whose signature failed was given again."""
    found = [e for e in evidence.entries if e.event.kind == kind and e.event.detail.get("role") == role.value]
    return found[-1] if found else None


def _final_level(evidence: EvidenceFile, record: SignatureRecord) -> str:
    for entry in evidence.entries:
        if entry.event.kind == "validated":
            return entry.event.detail.get(record.role.value, record.level)
    return record.level


def _powers(evidence: EvidenceFile, record: SignatureRecord) -> Iterator[Delegation | Mandate]:
    if record.role is not Role.AUTHORITY or evidence.powers is None:
        return
    email = str(record.signatory.person.email).casefold()
    for delegation in evidence.powers.register_entries.delegations:
        if str(delegation.holder.email).casefold() == email and delegation.order_number in record.signatory.ground:
            yield delegation
    yield from evidence.powers.register_entries.mandates


def _what(name: str) -> str:
    return (
        FILES.get(name)
        or FILES.get(name.partition(".")[0])
        or next((what for start, what in FILES.items() if name.startswith(start)), "")
    )


def _told(entry: EvidenceEntry) -> list[tuple[str, str, bool]]:
    """Name, value, and whether it is a digest, of what the timeline shows of an entry."""
    return [
        (name, _shown(value), bool(_DIGEST.fullmatch(value)))
        for key, name, value in chronicle.details(entry.event)
        if key not in _KEPT_FOR_THE_SHEET and value
    ]


def _shown(value: str) -> str:
    if _DIGEST.fullmatch(value):
        return f"{value[:16]}…"
    try:
        return _instant(datetime.fromisoformat(value)) if "T" in value else _day(date.fromisoformat(value))
    except ValueError:
        return value


def _day(value: date | datetime) -> str:
    day = value.astimezone(PARIS).date() if isinstance(value, datetime) and value.tzinfo else value
    return long_date(day.date() if isinstance(day, datetime) else day).replace(" ", _NBSP)


def _instant(value: date | datetime) -> str:
    """``24 novembre 2026 à 9 h 05 min 12 s``, Paris time; the day alone when there is no time."""
    if not isinstance(value, datetime):
        return _day(value)
    local = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(PARIS)
    clock = f"{local.hour}{_NBSP}h{_NBSP}{local.minute:02d}{_NBSP}min{_NBSP}{local.second:02d}{_NBSP}s"
    return f"{_day(value)} à {clock}"


def _clock(value: datetime) -> str:
    """``09:05:12 (UTC+1)``: for tables, where an hour that comes twice a year must not be taken for the other."""
    local = value.astimezone(PARIS)
    offset = local.utcoffset()
    hours = int(offset.total_seconds() // 3600) if offset else 0
    return f"{local:%H:%M:%S}{_NBSP}(UTC+{hours})"


def _hexadecimal(value: str) -> str:
    """In groups of eight digits, between which a line may break."""
    return " ".join(value[n : n + 8] for n in range(0, len(value), 8))


def french(text: str) -> str:
    """``text`` with French apostrophes and the spaces that must not break."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r" +([;!?])", rf"{_NNBSP}\1", text)
    text = re.sub(r" +([:»€%])", rf"{_NBSP}\1", text)
    return re.sub(r"« ?|n° ?", lambda m: m[0].strip() + _NBSP, text)


def drawable(text: str) -> str:
    """``text`` composed, without what is invisible; a character that no font of ours draws is said by its code."""
    text = unicodedata.normalize("NFC", text)
    kept = (" " if c in "\t\r\n\v\f\x85\u2028\u2029" else c for c in text)
    return "".join(_drawn(c) for c in kept if c == "\u200b" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def _drawn(character: str) -> str:
    known = _characters()
    return character if not known or ord(character) in known else f"[U+{ord(character):04X}]"


@functools.lru_cache(1)
def _characters() -> Mapping[int, str]:
    """Code points that our fonts have; none when the fonts are elsewhere (the file is then judged by its look)."""
    found: dict[int, str] = {}
    for folder in SYSTEM_FOLDERS:
        for name in _FONTS:
            if (folder / name).is_file():
                with TTFont(folder / name, lazy=True) as font:
                    found |= font.getBestCmap()
    return found


def _fetch_nothing(url: str, *_: Any, **__: Any) -> NoReturn:
    raise ValueError(f"nothing is fetched: {url[:100]}")
