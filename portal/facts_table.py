"""What was read of a deliberation, laid out for a person: each fact beside the words it comes from."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from domain.convention import SettledFacts
from domain.deliberation import Act, Award, Outcome, Reading
from domain.facts import Evidence, Fact, FactStatus
from portal import french
from workflows.views import ConventionView

_OUTCOMES = {
    Outcome.ADOPTED: "Adoptée",
    Outcome.REJECTED: "Rejetée",
    Outcome.POSTPONED: "Ajournée",
    Outcome.UNKNOWN: "Inconnue",
}


@dataclass(frozen=True)
class FactRow:
    """One fact. ``settled`` is what a person decided instead, when the reading left a doubt."""

    label: str
    value: str
    status: FactStatus
    evidence: tuple[Evidence, ...]
    settled: str = ""
    needed: bool = True
    """A convention cannot do without it; the others only inform."""


@dataclass(frozen=True)
class Settleable:
    """A fact that a person may settle."""

    name: str
    label: str
    fact: Fact[Any]


def act_of(view: ConventionView, reading: Reading) -> tuple[Act, Award]:
    """The act and the award that this convention carries out."""
    act = reading.acts[view.act_index]
    return act, act.awards[view.award.ordinal - 1]


def show(value: Any) -> str:
    """A fact's value as people read it."""
    match value:
        case None:
            return ""
        case bool():
            return "Oui" if value else "Non"
        case Decimal():
            return french.euros(value)
        case Outcome():
            return _OUTCOMES[value]
        case datetime():
            return french.moment(value)
        case date():
            return french.day(value)
        case _:
            return str(value)


def settleable(act: Act, award: Award) -> tuple[Settleable, ...]:
    """All the facts that :class:`SettledFacts` can hold."""
    return (
        Settleable("beneficiary", "Bénéficiaire", award.beneficiary),
        Settleable("amount", "Montant de la subvention", award.amount),
        Settleable("purpose", "Objet de la subvention", award.purpose),
        Settleable("signing_authority", "Qui est autorisé à signer", act.signing_authority),
        Settleable("fiscal_year", "Exercice budgétaire", act.budget.fiscal_year),
    )


def doubtful(act: Act, award: Award, settled: SettledFacts) -> tuple[Settleable, ...]:
    """Those that a person must, or already did, settle."""
    return tuple(
        item
        for item in settleable(act, award)
        if item.fact.status is not FactStatus.FOUND or getattr(settled, item.name) is not None
    )


def rows(act: Act, award: Award, settled: SettledFacts) -> tuple[FactRow, ...]:
    """The facts in reading order. What the act may well not say is shown only when it does."""
    decided = {item.name: getattr(settled, item.name) for item in settleable(act, award)}
    decided["outcome"] = Outcome.ADOPTED if settled.adopted else None
    needed: list[tuple[str, Fact[Any], str]] = [
        ("Collectivité", act.authority, ""),
        ("Assemblée", act.assembly, ""),
        ("Numéro de la délibération", act.number, ""),
        ("Date de la séance", act.session_date, ""),
        ("Objet de la délibération", act.title, ""),
        ("Sens du vote", act.outcome, "outcome"),
        ("Bénéficiaire", award.beneficiary, "beneficiary"),
        ("Montant de la subvention", award.amount, "amount"),
        ("Objet de la subvention", award.purpose, "purpose"),
        ("Convention approuvée", act.convention_approved, ""),
        ("Qui est autorisé à signer", act.signing_authority, "signing_authority"),
        ("Exercice budgétaire", act.budget.fiscal_year, "fiscal_year"),
    ]
    optional: list[tuple[str, Fact[Any]]] = [
        *(("Autre numéro", number) for number in act.other_numbers),
        ("Voix pour", act.vote.for_),
        ("Voix contre", act.vote.against),
        ("Abstentions", act.vote.abstentions),
        ("Unanimité", act.vote.unanimous),
        ("Chapitre", act.budget.chapter),
        ("Nature", act.budget.nature),
        ("Fonction", act.budget.function),
        ("Autre imputation", act.budget.other),
        ("Identifiant de télétransmission", act.receipt.id),
        ("Envoyée au contrôle de légalité", act.receipt.sent_at),
        ("Reçue au contrôle de légalité", act.receipt.received_at),
        ("Publiée", act.receipt.published_at),
        ("Extrait certifié par", act.certified_by),
        *(("Texte ou acte cité", reference) for reference in act.references),
    ]
    return (
        *(
            FactRow(label, show(fact.value), fact.status, fact.evidence, show(decided.get(name)) if name else "")
            for label, fact, name in needed
        ),
        *(
            FactRow(label, show(fact.value), fact.status, fact.evidence, needed=False)
            for label, fact in optional
            if fact.status is not FactStatus.MISSING
        ),
    )
