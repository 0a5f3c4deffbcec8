"""What a legal affairs officer would type for the demonstration. The people are invented, the addresses lead nowhere.

The facts of the deliberation come from its reading; only what it does not say is here.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

AUTHORITY_SIRET = "20005480700017"
BENEFICIARY_SIRET = "99999991500013"

Json = dict[str, Any]


def _value(fact: Json) -> Any:
    return fact["value"] if fact["status"] == "found" else None


def _title(act: Json) -> str:
    """The executive's title, with its article, from the words of the deliberation."""
    words = (_value(act["signing_authority"]) or "").lower()
    for word, title in (
        ("présidente", "la Présidente"),
        ("président", "le Président"),
        ("maire", "le Maire"),
    ):
        if word in words:
            return title
    return "le Président"


def _feminine(act: Json) -> bool:
    return _title(act).startswith("la ")


def executive(act: Json) -> Json:
    title = _title(act)
    known = "aix-marseille" in (_value(act["authority"]) or "").lower()
    return {
        "civility": "Madame" if _feminine(act) else "Monsieur",
        "first_name": "Martine" if known else "Claude",
        "last_name": "VASSAL" if known else "EXEMPLE",
        "capacity": title.split(" ", 1)[1],
        "email": "presidence@example.org",
    }


def delegate(act: Json | None = None) -> Json:
    mayor = act is not None and _title(act) == "le Maire"
    return {
        "civility": "Madame",
        "first_name": "Camille",
        "last_name": "FONTAINE",
        "capacity": "Adjointe déléguée à l'économie" if mayor else "Vice-présidente déléguée à l'économie",
        "email": "camille.fontaine@example.org",
    }


def representative() -> Json:
    return {
        "civility": "Monsieur",
        "first_name": "Gaël",
        "last_name": "L'HÉRITIER-NUÑEZ",
        "capacity": "Président",
        "email": "gael.lheritier@example.org",
    }


def signatories(act: Json) -> dict[str, Json]:
    """Who is expected to sign, by role."""
    wording = (_value(act["signing_authority"]) or "").lower()
    others = any(word in wording for word in ("représentant", "délégué", "adjoint"))
    return {"beneficiary": representative(), "authority": delegate(act) if others else executive(act)}


def powers(act: Json) -> list[tuple[str, Json]]:
    """Entries of the register of powers: (kind, entry)."""
    authority = _value(act["authority"])
    session = date.fromisoformat(_value(act["session_date"]))
    return [
        (
            "mandates",
            {
                "id": "mandat-executif",
                "authority": authority,
                "holder": executive(act),
                "start": session.replace(month=1, day=1).isoformat(),
            },
        ),
        (
            "delegations",
            {
                "id": "delegation-economie",
                "authority": authority,
                "kind": "fonction",
                "holder": delegate(act),
                "order_number": "EXEMPLE 19/001",
                "order_date": (session + timedelta(days=2)).isoformat(),
                "transmitted_on": (session + timedelta(days=4)).isoformat(),
                "published_on": (session + timedelta(days=5)).isoformat(),
                "matters": ["subventions"],
                "ceiling": "1000000.00",
                "start": (session + timedelta(days=6)).isoformat(),
            },
        ),
    ]


def proof(act: Json) -> Json:
    """An invented proof that the deliberation is executory."""
    session = date.fromisoformat(_value(act["session_date"]))
    number = "".join(c for c in _value(act["number"]).upper() if c.isalnum())[:15]
    return {
        "receipt_id": f"013-{AUTHORITY_SIRET[:9]}-{session:%Y%m%d}-{number}-DE",
        "sent_at": (session + timedelta(days=6)).isoformat(),
        "received_at": (session + timedelta(days=6)).isoformat(),
        "published_at": (session + timedelta(days=8)).isoformat(),
    }


def settled(act: Json, ordinal: int) -> Json:
    """What the officer settles because the reading left it open: the words of the title, plainly usable."""
    award = act["awards"][ordinal - 1]
    title = " ".join(str(act["title"]["value"] or "le projet du bénéficiaire").split())
    return {"purpose": title} if _value(award["purpose"]) is None else {}


def supplied_facts(act: Json, award: Json, ordinal: int = 1) -> Json:
    """What the officer fills in. Invented, but for what is public of the reference's authority."""
    amount = Decimal(award["amount"])
    first = (amount * Decimal("0.80")).quantize(Decimal("0.01"))
    today = date.today()  # noqa: DTZ011
    end = date(today.year + 1, 12, 31)
    metropolis = "métropole" in (_value(act["authority"]) or "").lower()
    nature = str(_value(act["budget"]["nature"]) or "")
    return {
        "beneficiary": {
            "name": award["beneficiary"],
            "legal_kind": "etablissement_public" if nature.startswith("6573") else "association",
            "siret": BENEFICIARY_SIRET,
            "seat": {"street": "1, place de l'Exemple", "postal_code": "13001", "city": "Marseille"},
            "representative": representative(),
        },
        "authority": {
            "name": _value(act["authority"]),
            "short_name": "la Métropole" if metropolis else "la Collectivité",
            "legal_form": "établissement public de coopération intercommunale"
            if metropolis
            else "collectivité territoriale",
            "siret": AUTHORITY_SIRET,
            "seat": {"street": "58, boulevard Charles-Livon", "postal_code": "13007", "city": "Marseille"},
            "executive_title": _title(act),
            "court": "Marseille",
        },
        "schedule": {
            "instalments": [
                {"label": "Acompte", "amount": f"{first:.2f}", "trigger": "à la notification de la convention"},
                {
                    "label": "Solde",
                    "amount": f"{amount - first:.2f}",
                    "trigger": "à la réception du compte rendu financier et du bilan de l'action",
                },
            ]
        },
        "term": {"end": end.isoformat()},
        "report_due": date(end.year + 1, 6, 30).isoformat(),
        "project_summary": "Le bénéficiaire porte l'animation de la démarche, son concours d'innovation et son"
        " démonstrateur.",
        "place": "Marseille",
        "settled": settled(act, ordinal),
    }
