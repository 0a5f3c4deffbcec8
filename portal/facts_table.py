"""What was read of a deliberation, laid out for a person: each fact beside the words it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from domain.convention import SettledFacts
from domain.corrections import CORRECTABLE, SETTLED, Correction, apply_corrections, parsed, without_corrected
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
    """One fact. ``settled`` is what a person typed beside the reading, when the reading left a doubt."""

    name: str
    """In addresses and identifiers; unique in the table."""
    label: str
    value: str
    status: FactStatus
    evidence: tuple[Evidence, ...]
    settled: str = ""
    needed: bool = True
    """A convention cannot do without it; the others only inform."""
    correctable: bool = False
    correction: Correction | None = None
    """The standing one: ``value`` is then what a person chose."""

    @property
    def recognised(self) -> bool:
        """Some of its words come from character recognition (OCR)."""
        return any(words.ocr_confidence is not None for words in self.evidence)

    @property
    def read_first(self) -> str:
        """What the machine had read, when a person chose otherwise; empty when it had read nothing."""
        return shown_value(self.correction.fact, self.correction.before) if self.correction else ""


def act_of(view: ConventionView, reading: Reading) -> tuple[Act, Award]:
    """The act and the award that this convention carries out, as corrected."""
    act = apply_corrections(reading, view.corrections).acts[view.act_index]
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


def shown_value(fact: str, text: str) -> str:
    """A value that a correction holds, as people read it."""
    return show(parsed(CORRECTABLE[fact].kind, text)) if text else ""


def _needed(act: Act, award: Award) -> list[tuple[str, Fact[Any], str]]:
    return [
        ("Collectivité", act.authority, "authority"),
        ("Assemblée", act.assembly, "assembly"),
        ("Numéro de la délibération", act.number, "number"),
        ("Date de la séance", act.session_date, "session_date"),
        ("Objet de la délibération", act.title, "title"),
        ("Sens du vote", act.outcome, "outcome"),
        ("Bénéficiaire", award.beneficiary, "beneficiary"),
        ("Montant de la subvention", award.amount, "amount"),
        ("Objet de la subvention", award.purpose, "purpose"),
        ("Convention approuvée", act.convention_approved, "convention_approved"),
        ("Qui est autorisé à signer", act.signing_authority, "signing_authority"),
        ("Exercice budgétaire", act.budget.fiscal_year, "fiscal_year"),
    ]


def _optional(act: Act) -> list[tuple[str, Fact[Any], str]]:
    return [
        *(("Autre numéro", number, f"other_number_{rank}") for rank, number in enumerate(act.other_numbers, 1)),
        ("Voix pour", act.vote.for_, "vote_for"),
        ("Voix contre", act.vote.against, "vote_against"),
        ("Abstentions", act.vote.abstentions, "vote_abstentions"),
        ("Unanimité", act.vote.unanimous, "vote_unanimous"),
        *(("N'a pas pris part au vote", name, f"not_voting_{rank}") for rank, name in enumerate(act.not_voting, 1)),
        ("Chapitre", act.budget.chapter, "chapter"),
        ("Nature", act.budget.nature, "nature"),
        ("Fonction", act.budget.function, "function"),
        ("Autre imputation", act.budget.other, "other"),
        ("Identifiant de télétransmission", act.receipt.id, "receipt_id"),
        ("Envoyée au contrôle de légalité", act.receipt.sent_at, "sent_at"),
        ("Reçue au contrôle de légalité", act.receipt.received_at, "received_at"),
        ("Publiée", act.receipt.published_at, "published_at"),
        ("Présidence de la séance", act.president, "president"),
        ("Secrétaire de séance", act.secretary, "secretary"),
        ("Rapporteur", act.rapporteur, "rapporteur"),
        ("Extrait certifié par", act.certified_by, "certified_by"),
        *(
            ("Convention antérieure", linked.words, f"linked_convention_{rank}")
            for rank, linked in enumerate(act.linked_conventions, 1)
        ),
        *(("Annexe annoncée", annex.words, f"annex_{rank}") for rank, annex in enumerate(act.annexes, 1)),
        *(("Texte ou acte cité", cited, f"reference_{rank}") for rank, cited in enumerate(act.references, 1)),
    ]


def rows(
    act: Act, award: Award, settled: SettledFacts, standing: Mapping[str, Correction] = MappingProxyType({})
) -> tuple[FactRow, ...]:
    """The facts in reading order. What the act may well not say is shown only when it does.

    :param act: with the corrections applied, and so is ``award``.
    :param standing: the standing correction of each fact, by name.
    """
    kept = without_corrected(settled, standing)
    decided: dict[str, Any] = {name: getattr(kept, name) for name in SETTLED}
    decided["outcome"] = Outcome.ADOPTED if settled.adopted else None

    def row(label: str, fact: Fact[Any], name: str, *, needed: bool) -> FactRow:
        return FactRow(
            name,
            label,
            show(fact.value),
            fact.status,
            fact.evidence,
            show(decided.get(name)),
            needed,
            name in CORRECTABLE,
            standing.get(name),
        )

    return (
        *(row(*item, needed=True) for item in _needed(act, award)),
        *(
            row(*item, needed=False)
            for item in _optional(act)
            if item[1].status is not FactStatus.MISSING or item[2] in _OFFERED
        ),
    )


_OFFERED = frozenset({"chapter", "nature"})
"""Shown even when the act does not say them, so that a person can."""
