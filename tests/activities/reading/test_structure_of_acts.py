"""Who sat, what the act rests on and how it is built; its stamps, its vote, its signatory; what contradicts."""

from datetime import date

import pytest

from activities.reading import read_document
from domain.deliberation import Act, Outcome
from domain.facts import FactStatus

ACT = """République française
{authority}
EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS {assembly}
{session}
Délibération n° 2024-031

{attendance}
Objet : Subvention au Club Nautique

{report}
Vu le code général des collectivités territoriales,
Vu la délibération n° 2023-118 du 14 décembre 2023 adoptant le budget,
Considérant l'intérêt de la régate pour le territoire,
Après en avoir délibéré, DÉCIDE :
Article 1 : d'attribuer une subvention de 3 000 € au Club Nautique.
Article 2 : d'approuver la convention ci-annexée.
Article 3 : {signing}
Article 4 : d'imputer la dépense au chapitre 65, article 6574 du budget 2024.

{vote}
{ending}
{stamps}
"""
USUAL = {
    "authority": "Commune de Valbrune",
    "assembly": "DU CONSEIL MUNICIPAL",
    "session": "Séance du 12 mars 2024",
    "attendance": "",
    "report": "",
    "signing": "d'autoriser Madame la Maire à signer la convention.",
    "vote": "Adopté à l'unanimité.",
    "ending": "Pour extrait conforme,\nLe Maire,\nJeanne MARTIN",
    "stamps": "",
}


def act(**changed: str) -> Act:
    text = ACT.format(**{**USUAL, **changed})
    [only] = read_document(text.encode(), "acte.txt").acts
    return only


# Who sat


@pytest.mark.parametrize(
    "lists",
    [
        "Présents : Mme Jeanne MARTIN, M. Paul DURIEU, M. Hugo PETIT\n"
        "Représentés : Anne LEROI par Paul DURIEU\nAbsents excusés : Marc NOIR\nSecrétaire de séance : M. Hugo PETIT",
        "Étaient présents Mesdames et Messieurs :\nJeanne MARTIN - Paul DURIEU - Hugo PETIT.\n"
        "Étaient absents et représentés Mesdames et Messieurs :\nAnne LEROI représentée par Paul DURIEU.\n"
        "Étaient absents et excusés Mesdames et Messieurs :\nMarc NOIR.\nSecrétaire : Hugo PETIT",
        "PRÉSENTS : Jeanne MARTIN, Maire, Paul DURIEU et Hugo PETIT, adjoints.\n"
        "POUVOIRS : Mme Anne LEROI à M. Paul DURIEU\nEXCUSÉ : Marc NOIR\nM. Hugo PETIT a été désigné "
        "secrétaire de séance.",
        "Membres présents : Jeanne MARTIN, Paul DURIEU, Hugo PETIT\n"
        "Ont donné pouvoir :\nAnne LEROI a donné pouvoir à Paul DURIEU\nExcusés : Marc NOIR\nSecrétaire de "
        "séance : Hugo PETIT",
    ],
)
def test_members_present_represented_and_excused_are_named(lists: str) -> None:
    read = act(attendance=f"{lists}\n")
    assert [fact.usable for fact in read.attendance.present] == ["Jeanne MARTIN", "Paul DURIEU", "Hugo PETIT"]
    assert [(p.member.usable, p.by.usable) for p in read.attendance.represented] == [("Anne LEROI", "Paul DURIEU")]
    assert [fact.usable for fact in read.attendance.excused] == ["Marc NOIR"]
    assert read.secretary.usable == "Hugo PETIT"


def test_a_list_that_is_not_only_names_is_left_out_whole() -> None:
    read = act(attendance="Présents : Jeanne MARTIN, Paul DURIEU, 12 autres membres\n")
    assert read.attendance.present == ()


def test_counts_are_read_and_a_list_that_differs_is_noted() -> None:
    counts = "Nombre de membres en exercice : 19\nNombre de présents : 4\nNombre de votants : 15\nQuorum : 10\n"
    sat = act(attendance=counts).attendance
    assert [f.usable for f in (sat.in_office, sat.present_count, sat.voting, sat.quorum)] == [19, 4, 15, 10]
    read = act(attendance=f"{counts}Présents : Jeanne MARTIN, Paul DURIEU, Hugo PETIT\n")
    assert "attendance_mismatch" in {finding.code for finding in read.findings}


def test_president_rapporteur_and_commission_are_named() -> None:
    read = act(
        attendance="Le conseil s'est réuni sous la présidence de Mme Jeanne MARTIN, Maire.\n",
        report="Rapporteur : M. Paul DURIEU\nVu l'avis favorable de la commission des sports du 1er mars 2024,",
    )
    assert read.president.usable == "Jeanne MARTIN"
    assert read.rapporteur.usable == "Paul DURIEU"
    assert read.commission.usable == "commission des sports"


def test_an_office_without_a_name_is_nobody() -> None:
    read = act(attendance="sous la présidence de Monsieur le Maire\n", report="Rapporteur : Monsieur le Maire\n")
    assert read.president.status is read.rapporteur.status is FactStatus.MISSING


@pytest.mark.parametrize(
    "words",
    [
        "M. Paul DURIEU, adjoint, ne prend pas part au vote.",
        "M. Paul DURIEU sort de la salle et ne participe pas au vote.",
        "Ne prend pas part au vote : M. Paul DURIEU",
        "M. Paul DURIEU a quitté la salle.",
        "M. Paul DURIEU n'a pas pris part au vote.",
        "M. Paul DURIEU se déporte.",
    ],
)
def test_who_takes_no_part_in_the_vote_is_named_and_reported(words: str) -> None:
    read = act(vote=f"{words}\nAdopté à l'unanimité.")
    assert [fact.usable for fact in read.not_voting] == ["M. Paul DURIEU"]
    assert "recusal_mentioned" in {finding.code for finding in read.findings}


# How the act is built


def test_visas_recitals_and_articles_are_listed_with_their_words() -> None:
    read = act()
    assert [fact.usable for fact in read.visas] == [
        "le code général des collectivités territoriales",
        "la délibération n° 2023-118 du 14 décembre 2023 adoptant le budget",
    ]
    assert [fact.usable for fact in read.recitals] == ["l'intérêt de la régate pour le territoire"]
    assert [article.number for article in read.articles] == ["1", "2", "3", "4"]
    assert read.articles[0].text.usable == "d'attribuer une subvention de 3 000 € au Club Nautique."
    assert [fact.usable for fact in read.references] == ["2023-118"]
    assert read.number.usable == "2024-031"


def test_the_budget_article_6574_is_no_article_of_the_act() -> None:
    read = act()
    assert "6574" not in {article.number for article in read.articles}
    assert read.budget.other.usable == "article 6574"


def test_earlier_conventions_and_annexes_are_listed() -> None:
    read = act(report="La convention cadre n° 2021-07 du 3 mai 2021 lie la commune et le club.\n")
    [linked] = read.linked_conventions
    assert (linked.number.usable, linked.on.usable) == ("2021-07", date(2021, 5, 3))
    [annex] = read.annexes
    assert annex.words.usable == "d'approuver la convention ci-annexée"
    assert annex.enclosed.usable is False


# The stamp


@pytest.mark.parametrize(
    "stamp",
    [
        "Envoyé en préfecture le 14/03/2024\nReçu en préfecture le 15/03/2024\nPublié le 18/03/2024\nID : {id}",
        "Accusé de réception en préfecture\n{id}\nDate de télétransmission : 14/03/2024\n"
        "Date de réception préfecture : 15/03/2024\nAffiché le 18/03/2024",
        "{id}Date de télétransmission : 14/03/2024Date de réception préfecture : 15/03/2024\nMis en ligne le "
        "18/03/2024",
        "Transmis en préfecture le : 14/03/24\nReçu au Contrôle de légalité le vendredi 15 mars 2024\n"
        "Date de publication : 18/03/2024\nIdentifiant : {id}",
        "Certifié exécutoire, compte tenu de la transmission en Préfecture le 14/03/2024 et de la publication "
        "le 18/03/2024\n"
        "Date de réception : 15/03/2024\n{id}",
        "Identifiant unique de l'acte : {id}\nDate de transmission : 14/03/2024\n"
        "Date de réception de l'accusé : 15/03/2024\nPublication électronique le 18/03/2024",
    ],
)
def test_the_executory_stamp_is_read_in_all_its_forms(stamp: str) -> None:
    identifier = "034-213401722-20240312-2024-031-DE"
    receipt = act(stamps=stamp.format(id=identifier)).receipt
    assert receipt.id.usable == identifier
    dates = [receipt.sent_at.usable, receipt.received_at.usable, receipt.published_at.usable]
    assert dates == [date(2024, 3, 14), date(2024, 3, 15), date(2024, 3, 18)]


@pytest.mark.parametrize(
    "stamp",
    [
        "Affiché le\nID : 034-213401722-20240312-2024-031-DE",
        "Affiché le\n15/03/2024\n16/03/2024",
        "Date d'affichage : 5 mars 2024",
    ],
)
def test_an_empty_or_stacked_label_and_the_posting_of_the_convocation_publish_nothing(stamp: str) -> None:
    assert act(stamps=stamp).receipt.published_at.usable is None


@pytest.mark.parametrize(
    ("days", "read"), [("15/03/2024 15/03/2024", date(2024, 3, 15)), ("15/03/2024 16/03/2024", None)]
)
def test_labels_above_their_dates_are_read_only_where_the_dates_agree(days: str, read: date | None) -> None:
    receipt = act(stamps=f"Envoi Préfecture :\nRéception en Préfecture :\n{days}\n").receipt
    assert (receipt.sent_at.usable, receipt.received_at.usable) == (read, read)


def test_a_receipt_before_the_session_is_conflicting_with_both_places() -> None:
    fact = act(stamps="Reçu en préfecture le 02/03/2024").receipt.received_at
    assert fact.status is FactStatus.CONFLICTING
    assert [e.text for e in fact.evidence] == ["Reçu en préfecture le 02/03/2024", "12 mars 2024"]


@pytest.mark.parametrize(
    "changed",
    [
        {"stamps": "ID : 034-213401722-20240413-2024-031-DE"},
        {"session": "Séance du 12 mars 2024\nL'an deux mille vingt-quatre, le treize mars, le conseil s'est réuni."},
        {"ending": "Fait et délibéré à Valbrune, le 13 mars 2024.\nLe Maire,\nJeanne MARTIN"},
    ],
)
def test_a_session_that_another_place_dates_otherwise_is_conflicting(changed: dict[str, str]) -> None:
    fact = act(**changed).session_date
    assert (fact.status, fact.value) == (FactStatus.CONFLICTING, date(2024, 3, 12))
    assert len(fact.evidence) >= 2


def test_a_number_that_a_running_footer_contradicts_is_conflicting() -> None:
    fact = act(vote="Adopté à l'unanimité.", report="").number
    assert fact.usable == "2024-031"
    assert act(signing="d'autoriser le Maire à signer.\nDélibération n° 2024-013").number.usable is None


# The session, the vote, the signatory


@pytest.mark.parametrize(
    "session",
    [
        "L'an deux mille vingt-quatre, le douze mars à vingt heures, le conseil s'est réuni.",
        "L'an deux mil vingt-quatre et le douze du mois de mars",
        "L'an 2024, le mardi 12 mars,",
        "SÉANCE PUBLIQUE DU MARDI 12 MARS 2024",
        "Séance : 12/03/2024",
        "Réunion du conseil municipal du 12 mars 2024",
        "Séance du 1 2 mars 2024",
    ],
)
def test_the_day_of_the_session_is_read_however_it_is_written(session: str) -> None:
    assert act(session=session).session_date.usable == date(2024, 3, 12)


def test_the_day_of_another_session_is_not_this_one() -> None:
    title = "Approbation du procès-verbal de la séance du 6 février 2024\n"
    assert act(report=title).session_date.usable == date(2024, 3, 12)
    assert act(session="", report=title).session_date.usable is None


@pytest.mark.parametrize(
    ("vote", "outcome", "counts", "unanimous"),
    [
        ("Par vingt-sept voix pour et trois voix contre.", Outcome.ADOPTED, (27, 3, None), None),
        ("Adopté à l'unanimité des suffrages exprimés, 2 abstentions.", Outcome.ADOPTED, (None, None, 2), True),
        ("Adopté à la majorité.\nAbstentions : Mme Anne Leroi, M. Marc Noir.", Outcome.ADOPTED, (None, None, 2), False),
        ("Adopté avec un vote contre et une abstention.", Outcome.ADOPTED, (None, 1, 1), None),
        ("Adopté avec un vote contre du groupe Demain.", Outcome.ADOPTED, (None, None, None), None),
        ("Adopté à l'unanimité moins 2 voix contre.", Outcome.ADOPTED, (None, 2, None), None),
        ("Votants : 30 Pour : 27 Contre : 1 Abstentions : néant", Outcome.ADOPTED, (27, 1, 0), None),
        ("Mise aux voix, la délibération est rejetée.", Outcome.REJECTED, (None, None, None), None),
        ("Le conseil décide de surseoir à statuer.", Outcome.POSTPONED, (None, None, None), None),
        ("Le Club 33 pour ses membres, 12 pour cent.", None, (None, None, None), None),
    ],
)
def test_a_vote_is_counted_in_figures_letters_and_names(
    vote: str, outcome: Outcome | None, counts: tuple[int | None, ...], unanimous: bool | None
) -> None:
    read = act(vote=vote)
    assert read.outcome.usable is outcome
    assert (read.vote.for_.usable, read.vote.against.usable, read.vote.abstentions.usable) == counts
    assert read.vote.unanimous.usable is unanimous


@pytest.mark.parametrize(
    ("signing", "office"),
    [
        ("d'autoriser Monsieur le Président à signer.", "Président"),
        (
            "d'autoriser la Présidente ou son-sa représentant-e à signer la convention.",
            "Présidente ou son-sa représentant-e",
        ),
        ("d'autoriser le Maire ou l'adjoint délégué à la signer.", "Maire ou l'adjoint délégué"),
        ("de donner pouvoir à Madame la Maire pour signer la convention.", "Maire"),
        ("d'habiliter le Président à signer la convention.", "Président"),
        ("de mandater Monsieur le Maire pour signer la convention.", "Maire"),
        ("de charger Monsieur le Maire de signer la convention.", "Maire"),
        ("d'autoriser M. Paul DURIEU, Maire, à signer la convention.", "Maire"),
        ("Monsieur le Maire est habilité à signer la convention.", "Maire"),
        ("la Première Vice-présidente est autorisée à signer.", "Première Vice-présidente"),
        ("d'autoriser Mme Anne LEROI, 3e adjointe, à signer la convention.", "3e adjointe"),
        ("que le Maire est autorisé à ester en justice.", None),
    ],
)
def test_the_signing_authority_is_read_in_all_its_turns(signing: str, office: str | None) -> None:
    assert act(signing=signing).signing_authority.usable == office


@pytest.mark.parametrize(
    ("authority", "assembly", "name", "sat"),
    [
        ("Département du Val", "DU CONSEIL DÉPARTEMENTAL", "Département du Val", "Conseil départemental"),
        ("DÉPARTEMENT DU VAL", "DE LA COMMISSION PERMANENTE", "DÉPARTEMENT DU VAL", "Commission permanente"),
        ("Région Haute-Orle", "DU CONSEIL RÉGIONAL", "Région Haute-Orle", "Conseil régional"),
        (
            "Communauté de communes du Pays\nde Valbrune",
            "DU CONSEIL COMMUNAUTAIRE",
            "Communauté de communes du Pays de Valbrune",
            "Conseil communautaire",
        ),
        (
            "Département du Val\nCommunauté d'agglomération Orle et Lac",
            "DU CONSEIL COMMUNAUTAIRE",
            "Communauté d'agglomération Orle et Lac",
            "Conseil communautaire",
        ),
        ("Valbrune Métropole", "DU CONSEIL MÉTROPOLITAIN", "Valbrune Métropole", "Conseil métropolitain"),
        (
            "Syndicat mixte du Bassin de l'Orle",
            "DU COMITÉ SYNDICAL",
            "Syndicat mixte du Bassin de l'Orle",
            "Comité syndical",
        ),
        ("SIVOM de l'Orle", "DU COMITÉ SYNDICAL", "SIVOM de l'Orle", "Comité syndical"),
        (
            "Ville de Valbrune\nCCAS de Valbrune",
            "DU CONSEIL D'ADMINISTRATION",
            "CCAS de Valbrune",
            "Conseil d'administration",
        ),
        ("SDIS du Val", "DU CONSEIL D'ADMINISTRATION", "SDIS du Val", "Conseil d'administration"),
        ("Université de Valbrune", "DU CONSEIL D'ADMINISTRATION", "Université de Valbrune", "Conseil d'administration"),
        ("PETR du Pays de l'Orle", "DU COMITÉ SYNDICAL", "PETR du Pays de l'Orle", "Comité syndical"),
        ("Mairie de Valbrune", "DU CONSEIL MUNICIPAL", "Commune de Valbrune", "Conseil municipal"),
        ("Département du Val", "DU CONSEIL MUNICIPAL DE VALBRUNE", "Commune de VALBRUNE", "Conseil municipal"),
        ("Département du Val", "DU CONSEIL MUNICIPAL", None, "Conseil municipal"),
        ("COMMUNE DE                     Direction des sports", "DU CONSEIL MUNICIPAL", None, "Conseil municipal"),
    ],
)  # fmt: skip
def test_the_authority_is_the_one_that_goes_with_the_assembly(
    authority: str, assembly: str, name: str | None, sat: str
) -> None:
    read = act(authority=authority, assembly=assembly)
    assert (read.authority.usable, read.assembly.usable) == (name, sat)


@pytest.mark.parametrize(
    "number",
    [
        "2024 - 031",
        "DEL 2024 031",
        "2024/031",
        "DL.2024-306",
        "CM/24/030",
        "2024 DAC 56",
        "1_300624",
        "D2024_12",
        "31 bis",
    ],
)
def test_a_number_is_taken_whole(number: str) -> None:
    text = ACT.format(**USUAL).replace("2024-031", number, 1)
    [read] = read_document(text.encode(), "acte.txt").acts
    assert read.number.usable == number
