"""Several acts in one file: each is read from its own span, and never has a fact of its neighbour."""

import time
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from activities.reading import read_document
from domain.deliberation import Act, Outcome
from domain.facts import FactStatus

PREFACE = "République française\nCommune de Valbrune\n\n"
ACT = """EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS DU CONSEIL MUNICIPAL
Séance du {day}
Délibération n° {number}
Objet : Subvention à l'association {name}

Vu le code général des collectivités territoriales,
Le conseil municipal, après en avoir délibéré, à l'unanimité, décide :
Article 1 : Est attribuée une subvention de {amount} € à l'association {name}.
Article 2 : Madame la Maire est autorisée à signer la convention.
Pour extrait conforme,
Le Maire,
Jeanne MARTIN
{stamp}
"""
ACTS = [
    ("12 mars 2024", "2024-031", "Les Amis du Lac", "5 000", date(2024, 3, 12)),
    ("12 mars 2024", "2024-032", "Le Refuge des Monts", "6 500", date(2024, 3, 12)),
    ("9 avril 2024", "2024-040", "La Boule d'Or", "700", date(2024, 4, 9)),
]


def register(preface: str = PREFACE, stamps: bool = True, between: str = "\n") -> str:
    texts = []
    for day, number, name, amount, on in ACTS:
        stamp = (
            f"Reçu en préfecture le {on.day + 3:02}/{on.month:02}/{on.year}\n"
            f"ID : 034-213401722-{on:%Y%m%d}-{number.replace('-', '_')}-DE"
        )
        texts.append(
            preface + ACT.format(day=day, number=number, name=name, amount=amount, stamp=stamp if stamps else "")
        )
    return between.join(texts)


def read(text: str) -> tuple[Act, ...]:
    return read_document(text.encode(), "registre.txt").acts


@pytest.mark.parametrize("between", ["\n", "\f"])
@pytest.mark.parametrize("preface", [PREFACE, "", "Envoyé en préfecture le 15/03/2024\n" + PREFACE])
def test_each_extract_of_a_register_is_an_act_of_its_own(preface: str, between: str) -> None:
    acts = read(register(preface, between=between))
    assert [act.number.usable for act in acts] == [number for _, number, *_ in ACTS]
    assert [act.session_date.usable for act in acts] == [on for *_, on in ACTS]
    assert [act.awards[0].amount.usable for act in acts] == [Decimal(5000), Decimal(6500), Decimal(700)]
    assert [act.receipt.received_at.usable and act.receipt.received_at.usable.day for act in acts] == [15, 15, 12]
    assert [act.receipt.id.usable and act.receipt.id.usable[-11:] for act in acts] == [
        f"{number.replace('-', '_')}-DE" for _, number, *_ in ACTS
    ]


def test_every_evidence_of_an_act_stands_in_its_span_and_spans_do_not_overlap() -> None:
    acts = read(register())
    spans = [act.span for act in acts]
    assert all(span is not None for span in spans)
    for before, after in pairwise(span for span in spans if span is not None):
        assert before.end <= after.start
    for act in acts:
        assert act.span is not None
        for fact in (
            act.number,
            act.title,
            act.outcome,
            act.receipt.id,
            act.awards[0].amount,
            act.awards[0].beneficiary,
        ):
            assert all(act.span.start <= e.start < e.end <= act.span.end for e in fact.evidence)


def test_a_stamp_before_each_act_is_that_of_the_act_below_it() -> None:
    pages = []
    for day, number, name, amount, on in ACTS:
        stamp = f"Reçu en préfecture le {on.day + 3:02}/{on.month:02}/{on.year}\n"
        pages.append(stamp + PREFACE + ACT.format(day=day, number=number, name=name, amount=amount, stamp=""))
    acts = read("\n".join(pages))
    assert [act.receipt.received_at.usable for act in acts] == [date(2024, 3, 15), date(2024, 3, 15), date(2024, 4, 12)]


def test_a_running_header_on_each_page_of_one_act_begins_no_other() -> None:
    header = "EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS DU CONSEIL MUNICIPAL – n° 2024-031\n"
    text = PREFACE + ACT.format(day="12 mars 2024", number="2024-031", name="Les Amis du Lac", amount="5 000", stamp="")
    cut = text.index("Vu le code")
    assert len(read(f"{text[:cut]}\f{header}{text[cut:]}")) == 1


MINUTES = """COMMUNE DE VALBRUNE
PROCÈS-VERBAL DE LA SÉANCE DU CONSEIL MUNICIPAL DU 12 MARS 2024

Présents : Jeanne MARTIN, Paul DURIEU, Anne LEROI, Hugo PETIT.
Absents excusés : Marc NOIR donne pouvoir à Anne LEROI.
Secrétaire de séance : Paul DURIEU

{items}
Questions diverses
Le club de voile demande 900 € : le sujet sera étudié.
La séance est levée à 22 h.
"""
ITEMS = [
    "1{sep} Approbation du procès-verbal de la séance du 6 février 2024\nLe procès-verbal est adopté à l'unanimité.\n",
    "2{sep} Subvention à la chorale\nLe Maire rappelle que la chorale a reçu 400 € en 2023. Le conseil, après "
    "en avoir\n"
    "délibéré, à l'unanimité, décide d'attribuer une subvention de 450 € à la chorale Les Voix Claires.\n",
    "3{sep} Réfection du préau\nLe devis s'élève à 12 000 €. Le conseil, après en avoir délibéré, par 3 voix pour et\n"
    "2 voix contre, approuve les travaux.\n",
    "4{sep} Subvention au judo\nLe conseil, après en avoir délibéré, rejette la demande de 300 € du Judo Club.\n",
]


@pytest.mark.parametrize("sep", ["/", ".", ")", " -", " –"])
def test_each_decision_of_minutes_is_an_act_without_number(sep: str) -> None:
    acts = read(MINUTES.format(items="\n".join(ITEMS).format(sep=sep)))
    assert [act.title.usable for act in acts] == [
        "Approbation du procès-verbal de la séance du 6 février 2024",
        "Subvention à la chorale",
        "Réfection du préau",
        "Subvention au judo",
    ]
    assert {act.number.status for act in acts} == {FactStatus.MISSING}
    assert {act.session_date.usable for act in acts} == {date(2024, 3, 12)}
    assert {act.authority.usable for act in acts} == {"COMMUNE DE VALBRUNE"}
    assert {len(act.attendance.present) for act in acts} == {4}
    assert {act.secretary.usable for act in acts} == {"Paul DURIEU"}
    assert [act.outcome.usable for act in acts] == [
        Outcome.ADOPTED,
        Outcome.ADOPTED,
        Outcome.ADOPTED,
        Outcome.REJECTED,
    ]
    assert [(act.vote.for_.usable, act.vote.against.usable) for act in acts] == [(None, None)] * 2 + [
        (3, 2),
        (None, None),
    ]
    assert [[a.amount.usable for a in act.awards] for act in acts] == [[], [Decimal(450)], [], []]
    assert [proxy.by.usable for proxy in acts[0].attendance.represented] == ["Anne LEROI"]


def test_decisions_that_no_title_parts_are_parted_by_their_formulas() -> None:
    items = (
        "La chorale demande une aide.\nLe conseil, après en avoir délibéré, à l'unanimité, décide :\n"
        "- d'attribuer une subvention de 450 € à la chorale Les Voix Claires.\n\n"
        "Le Maire présente ensuite le devis du préau, 12 000 €, et la demande du judo.\n"
        "Le conseil, après en avoir délibéré, à la majorité, décide :\n- d'attribuer une subvention de 300 € "
        "au Judo Club.\n"
    )
    acts = read(MINUTES.format(items=items))
    assert [[a.amount.usable for a in act.awards] for act in acts] == [[Decimal(450)], [Decimal(300)]]
    assert [act.vote.unanimous.usable for act in acts] == [True, False]
    assert [act.title.status for act in acts] == [FactStatus.MISSING] * 2


def test_a_number_that_minutes_give_to_a_decision_is_its_number() -> None:
    items = "\n".join(
        f"2024-03-{rank:02} : Subvention à {name}\nLe conseil, après en avoir délibéré, à l'unanimité, décide "
        f"d'attribuer\n"
        f"une subvention de {amount} € à {name}.\n"
        for rank, name, amount in ((1, "la Ligue Bêta", 300), (2, "la Ligue Gamma", 500))
    )
    acts = read(MINUTES.format(items=items))
    assert [act.number.usable for act in acts] == ["2024-03-01", "2024-03-02"]
    assert [act.title.usable for act in acts] == ["Subvention à la Ligue Bêta", "Subvention à la Ligue Gamma"]


def test_minutes_without_any_decision_stay_one_act_that_blocks() -> None:
    text = MINUTES.format(items="Le Maire informe le conseil des travaux en cours.")
    [act] = read(text)
    assert [finding.code for finding in act.findings] == ["minutes_not_split"]
    assert act.session_date.usable == date(2024, 3, 12)


@pytest.mark.timeout(60)
def test_a_long_register_is_read_in_seconds_and_tells_how_far_it_is() -> None:
    filler = "Le rapport expose la situation de l'association et l'intérêt de son action pour le territoire. " * 22
    acts = []
    for rank in range(150):
        text = ACT.format(
            day="12 mars 2024", number=f"2024-{rank + 1:03}", name=f"Les Amis du Lac {rank}", amount="500", stamp=""
        )
        acts.append(PREFACE + text.replace("Vu le code", f"{filler}\n\nVu le code"))
    told: list[tuple[int, int]] = []
    begun = time.perf_counter()
    reading = read_document(
        "\f".join(acts).encode(), "registre.txt", progress=lambda done, total: told.append((done, total))
    )
    assert time.perf_counter() - begun < 30
    assert [act.number.usable for act in reading.acts] == [f"2024-{rank + 1:03}" for rank in range(150)]
    assert told == [(done, 150) for done in range(150)]
