"""Invented people, bodies and a reading, for the portal's tests."""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from domain.convention import SuppliedFacts
from domain.deliberation import Act, Award, BudgetLine, Outcome, Reading, Source
from domain.documents import TEXT
from domain.facts import Evidence, Fact, FactStatus, Finding, Severity
from domain.parties import (
    Address,
    Beneficiary,
    Civility,
    GrantingAuthority,
    LegalKind,
    Person,
    Staff,
)
from domain.source import SourceText

KEY = "cle-de-test-0001"
OFFICER = Staff(id="j.martin", name="Jeanne Martin")
NUMBER = "ECO 010-6552/19/BM"
CODE = "123456"

CHAIR = Person(
    civility=Civility.MADAME,
    first_name="Claire",
    last_name="Exemple",
    capacity="Présidente",
    email="presidente@metropole.example.org",
)
DEPUTY = Person(
    civility=Civility.MONSIEUR,
    first_name="Paul",
    last_name="Modèle",
    capacity="Vice-président délégué à l'économie",
    email="paul.modele@metropole.example.org",
)
HEAD = Person(
    civility=Civility.MONSIEUR,
    first_name="Noël",
    last_name="Œuvrard",
    capacity="Président",
    email="president@cci.example.org",
)
AUTHORITY = GrantingAuthority(
    name="Métropole d'Exemple",
    short_name="la Métropole",
    legal_form="métropole",
    siret="20005480700017",
    seat=Address(street="1 place de l'Hôtel-de-Ville", postal_code="13002", city="Exempleville"),
    executive_title="la Présidente",
    court="Marseille",
)


def png(width: int = 248, height: int = 351) -> bytes:
    """A white page: a valid PNG without any library."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\x00" + b"\xff" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def found(value: object, text: str, page: int = 1) -> Fact[object]:
    return Fact[object](
        value=value, status=FactStatus.FOUND, evidence=(Evidence(start=0, end=len(text), text=text, page=page),)
    )


def sample_reading(
    content: bytes,
    name: str,
    *,
    beneficiary: str,
    title: str,
    blocking: tuple[Finding, ...] = (),
    outcome: Outcome | None = Outcome.ADOPTED,
) -> Reading:
    act = Act.model_validate(
        {
            "authority": found("Métropole d'Exemple", "Métropole d'Exemple"),
            "assembly": found("Bureau de la Métropole", "EXTRAIT DES REGISTRES DU BUREAU DE LA MÉTROPOLE"),
            "session_date": found(date(2019, 9, 26), "Séance du 26 septembre 2019"),
            "number": found(NUMBER, NUMBER),
            "title": found(title, title),
            "outcome": found(outcome, "Cette proposition est adoptée.", 4)
            if outcome
            else Fact[Outcome](value=Outcome.UNKNOWN),
            "convention_approved": found(value=True, text="La convention jointe est approuvée.", page=4),
            "signing_authority": found(
                "Présidente ou son représentant", "La Présidente ou son représentant peut signer la convention.", 4
            ),
            "budget": BudgetLine.model_validate(
                {
                    "fiscal_year": found(2019, "Crédits de l'exercice 2019", 4),
                    "chapter": found("65", "Chapitre 65", 4),
                    "nature": found("657381", "Nature 657381", 4),
                }
            ),
            "certified_by": found("Une vice-présidente", "Certifié conforme", 5),
            "awards": (
                Award.model_validate(
                    {
                        "beneficiary": found(beneficiary, f"Une subvention est attribuée à {beneficiary}", 4),
                        "amount": found(Decimal("50000.00"), "une subvention de 50 000 euros", 4),
                        "purpose": Fact[str](status=FactStatus.MISSING),
                    }
                ),
            ),
            "findings": (
                *blocking,
                Finding(
                    code="malformed_amount",
                    severity=Severity.WARNING,
                    message="Un montant est mal écrit dans l'exposé : il n'est pas utilisé.",
                    evidence=(Evidence(start=10, end=22, text="850 0000 euros", page=3),),
                ),
            ),
        }
    )
    reading = Reading(
        source=Source(name=name, sha256=hashlib.sha256(content).hexdigest(), media_type=TEXT, pages=5), acts=(act,)
    )
    return placed(reading)


def source_of(reading: Reading) -> SourceText:
    """A text of five pages that says what the reading quotes, on the pages where it says it is."""
    pages = ["" for _ in range(5)]
    for words in quoted(reading.model_dump(mode="json")):
        if words["text"] not in pages[words["page"] - 1]:
            pages[words["page"] - 1] += f"{words['text']}\n"
    text, spans = "\f".join(pages), []
    start = 0
    for page in pages:
        spans.append((start, start + len(page)))
        start += len(page) + 1
    return SourceText(text=text, pages=tuple(spans))


def quoted(value: Any) -> Iterator[dict[str, Any]]:
    """Every evidence of a reading's JSON."""
    if isinstance(value, dict):
        if {"start", "end", "text"} <= set(value):
            yield value
        for item in value.values():
            yield from quoted(item)
    elif isinstance(value, list):
        for item in value:
            yield from quoted(item)


def placed(reading: Reading) -> Reading:
    """The reading whose every evidence is where :func:`source_of` puts it."""
    text = source_of(reading).text
    data = reading.model_dump(mode="json", by_alias=True)
    for words in quoted(data):
        words["start"] = text.index(words["text"])
        words["end"] = words["start"] + len(words["text"])
    return Reading.model_validate(data)


def sample_facts() -> SuppliedFacts:
    return SuppliedFacts.model_validate(
        {
            "beneficiary": Beneficiary(
                name="Chambre de Commerce d'Exemple",
                short_name="CCE",
                legal_kind=LegalKind.PUBLIC_BODY,
                siret="73282932000074",
                seat=Address(street="9 rue du Port", postal_code="13001", city="Exempleville"),
                representative=HEAD,
            ),
            "authority": AUTHORITY,
            "schedule": {
                "instalments": [
                    {"label": "Acompte", "amount": "35000.00", "trigger": "à la notification de la convention"},
                    {"label": "Solde", "amount": "15000.00", "trigger": "sur présentation du compte rendu financier"},
                ]
            },
            "term": {"end": "2020-12-31"},
            "report_due": "2020-06-30",
            "project_summary": "Animer la deuxième phase d'un démonstrateur.",
            "place": "Exempleville",
            "settled": {"purpose": "Deuxième phase du démonstrateur"},
        }
    )
