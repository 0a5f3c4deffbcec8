"""Deliberations made from known facts: whatever is drawn, the text and what a person would read in it.

Everything is invented. The facts are in the format of ``index.json`` (``docs/reading-quality.md``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from num2words import num2words

from service.evaluation import Truth

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


@dataclass(frozen=True)
class Deliberation:
    text: str
    truth: Truth


# Pieces --------------------------------------------------------------------------------------------------------------

HOUSES = (
    ("Commune de Noirvent", "Conseil municipal", "DU CONSEIL MUNICIPAL", "Maire", "le Maire"),
    ("Ville de Port-Aubin", "Conseil municipal", "DU CONSEIL MUNICIPAL", "Maire", "Madame le Maire"),
    ("Communauté de communes du Pays d'Arvaine", "Conseil communautaire", "DU CONSEIL COMMUNAUTAIRE", "Président",
     "le Président"),
    ("Métropole de Roquebelle", "Conseil métropolitain", "DU CONSEIL METROPOLITAIN", "Présidente",
     "Madame la Présidente"),
    ("Département de la Viouze", "Commission permanente", "DE LA COMMISSION PERMANENTE", "Président",
     "M. le Président"),
    ("Syndicat mixte du Val de Sorne", "Comité syndical", "DU COMITÉ SYNDICAL", "Présidente", "la Présidente"),
)  # fmt: skip
"""Authority, assembly, the assembly in the header, office that signs, and how the act names it."""

BODIES = (
    ("à l'", "association Les Amis de la Tour"),
    ("à l'", "association Théâtre de l'Éphémère"),
    ("à l'", "association Lis & Ris"),
    ("au ", "Club nautique de l'Ourde"),
    ("au ", "Comité des fêtes"),
    ("à la ", "Fondation Hélène Œuvray"),
    ("à la ", "Mission locale Tourne et Lac"),
    ("à l'", "Office de tourisme du Val-de-Tourne"),
    ("à l'", "École de musique intercommunale"),
    ("au ", "Centre d'information sur les droits des femmes et des familles de Roquebelle"),
)

NUMBERS: tuple[Callable[[date, int], str], ...] = (
    lambda day, rank: f"{day.year}-{rank:03}",
    lambda day, rank: f"{day.year}/{rank}",
    lambda day, rank: f"{day:%y}.{day:%m}.{day:%d}.{rank:02}",
    lambda day, rank: f"DEL-{day.year}-{rank:03}",
    lambda day, rank: f"CP-{day.year}-{day.month}-{rank}",
    lambda day, rank: f"D{day.year}_{rank:02}",
)

GAPS = (" ", "\u00a0", "\u202f", ".")
MONEY = (" €", " euros", "€", " EUROS", " €uros", ",00 €", ",00 euros", " € TTC")


def grouped(euros: int, gap: str) -> str:
    return f"{euros:,}".replace(",", gap)


@st.composite
def amounts(draw: st.DrawFn) -> tuple[int, str]:
    """A sum of euros, and how it is written."""
    euros = draw(
        st.sampled_from((150, 480, 1_000, 2_500, 12_345, 50_000, 210_000, 1_250_000)) | st.integers(100, 2**20)
    )
    figures = grouped(euros, draw(st.sampled_from((*GAPS, "")))) + draw(st.sampled_from(MONEY))
    words = num2words(euros, lang="fr")
    match draw(st.integers(0, 5)):
        case 0:
            return euros, f"{words} euros ({figures})"
        case 1:
            return euros, f"{figures} ({words} euros)"
        case _:
            return euros, figures


def long_date(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def told_date(day: date) -> st.SearchStrategy[str]:
    weekday = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"][day.weekday()]
    return st.sampled_from((long_date(day), f"{weekday} {long_date(day)}", f"{day:%d/%m/%Y}"))


Fields = dict[str, Any]


# The whole -----------------------------------------------------------------------------------------------------------


@st.composite
def deliberations(draw: st.DrawFn) -> Deliberation:
    """One act of one assembly that grants one or several subsidies, or refuses them; nothing in it is damaged."""
    authority, assembly, of_assembly, office, named = draw(st.sampled_from(HOUSES))
    day = draw(st.dates(date(2008, 1, 1), date(2025, 12, 31)))
    number = draw(st.sampled_from(NUMBERS))(day, draw(st.integers(1, 240)))
    bodies = draw(st.lists(st.sampled_from(BODIES), min_size=1, max_size=4, unique=True))
    awards = [(to, name, *draw(amounts())) for to, name in bodies]
    title = "Attribution de subventions" if len(awards) > 1 else f"Subvention {awards[0][0]}{awards[0][1]}"
    vote, voted = draw(_votes())
    granted = voted["outcome"].startswith("adopté")

    approved, signing = draw(st.booleans()), draw(st.sampled_from(("", " ou son représentant")))
    nature, charged = draw(st.sampled_from(("6574", "65748", "657381"))), draw(st.booleans())
    others = ["d'approuver la convention ci-annexée"] if approved else []
    others.append(f"d'autoriser {named}{signing} à signer tous les actes utiles")
    if charged:
        others.append(f"d'imputer la dépense au chapitre 65, nature {nature}, fonction 311 du budget {day.year}")

    stamp, stamped = _stamp(draw, day, number)
    certified = draw(st.sampled_from(("", "Pour extrait conforme,\n")))
    parts = [
        _header(draw, (authority, assembly, of_assembly), day, number, title),
        draw(st.sampled_from(ATTENDANCES)),
        _report(draw, awards, day),
        _decision(draw, assembly, _operative(draw, awards, others), vote) if granted else _refusal(awards, vote),
        f"{certified}{named.split()[-2].capitalize()} {office},\nCamille VALOIS",
        stamp,
    ]
    truth: Truth = {
        "file": "drawn.txt", "document_kind": "délibération", "authority": authority, "assembly": assembly,
        "session_date": day.isoformat(), "deliberation_numbers": [number], "object": title, "vote": voted,
        "beneficiaries": [{"name": name, "amount_eur": euros} for _, name, euros, _ in awards] if granted else [],
        "signature_authorised_to": f"{office}{signing}" if granted else None,
        "convention_approved": granted and approved,
        "budget_line": {"exercice": str(day.year), "chapitre": "65", "nature": nature, "fonction": "311"}
        if charged and granted else None,
        "prefecture_stamp": stamped, "certifier": "Camille VALOIS" if certified else None,
        "also_right": {"certified_by": ["Camille VALOIS"]},
    }  # fmt: skip
    return Deliberation("\n\n".join(part for part in parts if part) + "\n", truth)


Drawn = tuple[str, str, int, str]
"""Of an award: « à l' », the body, the euros, and how they are written."""


@st.composite
def _votes(draw: st.DrawFn) -> tuple[str, Fields]:
    """What is said of the vote, and what it means; one in six refuses or puts off."""
    for_, against, abstaining = draw(st.integers(11, 60)), draw(st.integers(0, 9)), draw(st.integers(0, 5))
    counted = {"outcome": "adopté", "pour": for_, "contre": against, "abstention": abstaining}
    unanimous = {"outcome": "adopté à l'unanimité"}
    refused = {"outcome": "rejeté", "pour": against, "contre": for_, "abstention": abstaining}
    return draw(
        st.sampled_from(
            (
                ("Adopté à l'unanimité.", unanimous),
                ("Cette proposition, mise aux voix, est adoptée.", {"outcome": "adopté"}),
                (f"Pour : {for_} - Contre : {against} - Abstentions : {abstaining}\nDélibération adoptée.", counted),
                (f"ADOPTÉ par {for_} voix pour, {against} voix contre et {abstaining} abstentions.", counted),
                ("VOTE : UNANIMITÉ", unanimous),
                (f"Vote : {for_} pour, {against} contre, {abstaining} abstention(s). La délibération est adoptée.",
                 counted),
                ("Les conclusions, mises aux voix, sont adoptées à l'unanimité des suffrages exprimés.", unanimous),
                (f"Mise aux voix, la proposition est rejetée par {for_} voix contre, {against} voix pour et "
                 f"{abstaining} abstentions.", refused),
                ("Après débat, l'examen de cette affaire est ajourné à une prochaine séance.", {"outcome": "ajourné"}),
            )
        )
    )  # fmt: skip


ATTENDANCES = (
    "",
    "Nombre de membres en exercice : 61 - Présents : 47 - Pouvoirs : 9 - Votants : 56",
    "Date de convocation : 2 janvier 2007\nÉtaient présents : Mmes Ardouin, Bost, Cairn ; MM. Didier, Évrard, Fol.\n"
    "Absent excusé : M. Gour, qui a donné pouvoir à Mme Bost.\nSecrétaire de séance : M. Fol",
    "Rapporteur : Mme Odile Marchand",
)


def _header(draw: st.DrawFn, house: tuple[str, str, str], day: date, number: str, title: str) -> str:
    authority, assembly, of_assembly = house
    told = draw(told_date(day))
    return draw(
        st.sampled_from(
            (
                f"{authority}\n\nEXTRAIT DU REGISTRE DES DÉLIBÉRATIONS {of_assembly}\nSéance du {told}\n\n"
                f"Délibération n° {number}\nObjet : {title}",
                f"RÉPUBLIQUE FRANÇAISE\n{authority.upper()}\nDÉLIBÉRATION {of_assembly}\nSÉANCE DU {told.upper()}\n"
                f"N° {number}\nOBJET : {title}",
                f"{authority}\n{assembly} - séance du {told}\nDélibération n°{number} : {title}",
                f"DÉLIBÉRATION N° {number}\n{of_assembly.split(maxsplit=1)[1]}\n{authority.upper()}\n"
                f"Séance publique du {told}\n\nOBJET : {title}\n",
            )
        )
    )


def _decision(draw: st.DrawFn, assembly: str, operative: str, vote: str) -> str:
    the = "La" if assembly.startswith("Commission") else "Le"
    visas = "Vu le code général des collectivités territoriales,\nConsidérant l'intérêt local de ces actions,\n"
    return draw(
        st.sampled_from(
            (
                f"{visas}Après en avoir délibéré, DÉCIDE :\n{operative}\n\n{vote}",
                f"{the} {assembly},\n{visas}\nDÉCIDE\n\n{operative}\n\n{vote}",
                f"{visas}\n{the} {assembly.lower()}, après en avoir délibéré, décide :\n\n{operative}\n{vote}",
                f"{visas}Il est proposé :\n{operative}\n\n{the} {assembly.lower()}, après en avoir délibéré, adopte les"
                f" propositions du rapporteur.\n{vote}",
            )
        )
    )


def _refusal(awards: list[Drawn], vote: str) -> str:
    proposed = "".join(f"- {name} : {told}\n" for _, name, _, told in awards)
    return f"Il est proposé d'attribuer les subventions suivantes :\n{proposed}\nAprès en avoir délibéré,\n{vote}"


def _operative(draw: st.DrawFn, awards: list[Drawn], others: list[str]) -> str:
    """The operative part in one style; awards first, then what else is decided."""
    sentence = draw(
        st.sampled_from(
            (
                "d'attribuer {to}{name} une subvention de {sum}",
                "d'accorder une subvention d'un montant de {sum} {to}{name}",
                "d'allouer une subvention de fonctionnement de {sum} {to}{name}",
                "d'octroyer {to}{name} une subvention d'un montant de {sum}",
                "d'approuver le versement d'une subvention de {sum} {to}{name}",
            )
        )
    )
    style = draw(st.sampled_from(("sentences", "list", "table"))) if len(awards) > 1 else "sentences"
    if style == "sentences":
        decided = [sentence.format(to=to, name=name, sum=told) for to, name, _, told in awards]
    elif style == "list":
        rows = "\n".join(f"  - {name} : {told}" for _, name, _, told in awards)
        decided = [f"d'attribuer les subventions suivantes :\n{rows}\n"]
    else:
        rows = "\n".join(
            f"{n:80}{grouped(euros * 2, ' '):>12} €{grouped(euros, ' '):>14} €" for _, n, euros, _ in awards
        )
        total = grouped(sum(euros for _, _, euros, _ in awards), " ")
        head = f"{'Bénéficiaire':80}{'Demandé':>14}{'Attribué':>16}"
        decided = [f"d'attribuer les subventions suivantes :\n{head}\n{rows}\n{'Total':80}{total:>30} €\n"]
    match draw(st.sampled_from(("dashes", "articles", "numbers"))):
        case "dashes":
            return "\n".join(f"- {one} ;" for one in (*decided, *others))
        case "numbers":
            return "\n".join(f"{rank}. {one} ;" for rank, one in enumerate((*decided, *others), 1))
        case _:
            return "\n".join(f"Article {rank} : {one}." for rank, one in enumerate((*decided, *others), 1))


def _report(draw: st.DrawFn, awards: list[Drawn], day: date) -> str:
    """What is told before the decision: sums that are not the award."""
    to, name, euros, _ = awards[0]
    return draw(
        st.sampled_from(
            (
                "",
                f"Le coût total de l'action est de {grouped(euros * 3 + 7, ' ')} €.",
                f"En {day.year - 1}, une subvention de {grouped(euros + 333, ' ')} € avait été versée {to}{name}.",
                f"L'aide demandée était de {grouped(euros * 2 + 11, ' ')} €, pour 1 240 personnes suivies.",
                f"La délibération n° {day.year - 1}-999 du 3 mars {day.year - 1} a fixé les critères d'attribution.",
            )
        )
    )


def _stamp(draw: st.DrawFn, day: date, number: str) -> tuple[str, Fields | None]:
    sent, seen = day + timedelta(draw(st.integers(1, 9))), day + timedelta(draw(st.integers(9, 15)))
    act = f"099-200012345-{day:%Y%m%d}-{number.replace('/', '_').replace('.', '_').replace('-', '_')}-DE"
    dates = {"envoye": sent.isoformat(), "recu": sent.isoformat(), "affiche_ou_publie": seen.isoformat(), "id": act}
    return draw(
        st.sampled_from(
            (
                ("", None),
                (f"Envoyé en préfecture le {sent:%d/%m/%Y}\nReçu en préfecture le {sent:%d/%m/%Y}\n"
                 f"Affiché le {seen:%d/%m/%Y}\nID : {act}", dates),
                (f"Accusé de réception en préfecture\n{act}\nDate de télétransmission : {sent:%d/%m/%Y}\n"
                 f"Date de réception préfecture : {sent:%d/%m/%Y}", dates | {"affiche_ou_publie": None}),
                (f"REÇU EN PRÉFECTURE LE : {long_date(sent).upper()}\nPUBLIÉ LE : {long_date(seen).upper()}",
                 dates | {"envoye": None, "id": None}),
            )
        )
    )  # fmt: skip
