"""Awards: who is granted what, in the many phrasings of deliberations; what grants nothing is no award."""

# ruff: noqa: E501 – the texts of deliberations, as they come
from decimal import Decimal

import pytest

from activities.reading import read_document
from domain.convention import fold
from domain.deliberation import Act, Award, AwardKind
from domain.facts import FactStatus

ACT = """Commune de Valbrune
EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS DU CONSEIL MUNICIPAL
Séance du 12 mars 2024
Délibération n° 2024-031
OBJET : {title}

Rapporteur : Mme Ada Roche
{report}

Vu le code général des collectivités territoriales,
Le Conseil municipal, après en avoir délibéré,
DÉCIDE :
{operative}

Adopté à l'unanimité.
Pour extrait conforme,
Le Maire,
Jeanne MARTIN
"""


def act(operative: str, *, title: str = "Subvention", report: str = "") -> Act:
    [only] = read_document(ACT.format(operative=operative, title=title, report=report).encode(), "acte.txt").acts
    return only


def award(operative: str, *, title: str = "Subvention", report: str = "") -> Award:
    [only] = act(operative, title=title, report=report).awards
    return only


def usable(read: Act) -> list[tuple[str | None, Decimal | None]]:
    return [(a.beneficiary.usable, a.amount.usable) for a in read.awards]


def codes(read: Act) -> set[str]:
    return {finding.code for finding in read.findings}


@pytest.mark.parametrize(
    ("operative", "granted"),
    [
        (
            "Article 1 : Est attribuée une subvention de 5 000 € à l'association Les Amis du Port pour leur festival.",
            [("Les Amis du Port", "5000")],
        ),
        (
            "Article 1er : Une subvention de fonctionnement d'un montant de 12 000 euros est allouée à l'association « Le Petit Théâtre » au titre de l'exercice 2023.",
            [("Le Petit Théâtre", "12000")],
        ),
        (
            "ARTICLE 1 – D'ATTRIBUER à l'association CLAIR DE LUNE, une subvention de 3 500 €.",
            [("CLAIR DE LUNE", "3500")],
        ),
        (
            "- ATTRIBUE une subvention de 1 500,00 € à l'Amicale des Sapeurs-Pompiers de Valbrune.",
            [("Amicale des Sapeurs-Pompiers de Valbrune", "1500")],
        ),
        (
            "DECIDE d'attribuer une subvention exceptionnelle de 800 € au Comité des fêtes de Saint-Orens.",
            [("Comité des fêtes de Saint-Orens", "800")],
        ),
        (
            "- décide de verser à l'Union Sportive Valbrunoise la somme de 7 500 € au titre de la saison 2023-2024 ;",
            [("Union Sportive Valbrunoise", "7500")],
        ),
        (
            "Article 1 : D'accorder à la SARL Les Fromages du Lac une aide à l'investissement immobilier de 24 000 €, soit 20 % d'une dépense subventionnable de 120 000 € HT.",
            [("SARL Les Fromages du Lac", "24000")],
        ),
        (
            "Article 1 : d'allouer à la société Bois & Cie (SIRET 732 829 320 00074), sise 12 rue des Scieries à Valbrune, une aide de 15 000 €.",
            [("Bois & Cie", "15000")],
        ),
        (
            "Article 1 : Il est octroyé à la commune de Montclair un fonds de concours de 45 000 € pour la réhabilitation de l'école.",
            [("commune de Montclair", "45000")],
        ),
        (
            "- d'attribuer un fonds de concours à la commune de Saint-Rémy d'un montant de 30 000 € pour la toiture de l'église ;",
            [("commune de Saint-Rémy", "30000")],
        ),
        (
            "Article 1 : De verser une subvention d'équilibre de 100 000 € au CCAS de Valbrune.",
            [("CCAS de Valbrune", "100000")],
        ),
        (
            "Une subvention de deux cent trente-quatre mille cinq cents euros et cinquante centimes (234 500,50 €) est accordée à l'Office de Tourisme du Pays des Lacs.",
            [("Office de Tourisme du Pays des Lacs", "234500.50")],
        ),
        (
            "Article 1 : Une subvention de CINQUANTE MILLE EUROS (50 000 €) est attribuée à la Mission Locale du Bassin.",
            [("Mission Locale du Bassin", "50000")],
        ),
        (
            "Article 1 : une subvention d'un million d'euros est attribuée à la Fondation Hélène Roux.",
            [("Fondation Hélène Roux", "1000000")],
        ),
        (
            "Article 1 : Il est décidé d'attribuer à l'association Trait d'Union, représentée par sa présidente, Mme Claire DUBOIS, et dont le siège est situé 4 place du Marché, 99000 Valbrune, une subvention de 6 200 € pour l'organisation des Journées du livre.",
            [("Trait d'Union", "6200")],
        ),
        (
            "Article 1 : Approuve l'attribution d'une subvention de 18 000 € au Conservatoire d'espaces naturels (CEN).",
            [("Conservatoire d'espaces naturels", "18000")],
        ),
        (
            "- approuve le versement d'une subvention de 2 500 € en faveur de l'association Handi'Sport ;",
            [("Handi'Sport", "2500")],
        ),
        (
            "- d'approuver l'attribution, au bénéfice de l'association Le Relais, d'une subvention de 9 500 € ;",
            [("Le Relais", "9500")],
        ),
        (
            "- de fixer à 4 000 € le montant de la subvention attribuée à l'association Rando Plus pour 2024 ;",
            [("Rando Plus", "4000")],
        ),
        (
            "Le montant de la subvention accordée à l'association Rando Plus est fixé à 4 000 €.",
            [("Rando Plus", "4000")],
        ),
        (
            "Article 1 : La subvention allouée à l'association Rando Plus s'élève à 4 000 €.",
            [("Rando Plus", "4000")],
        ),
        (
            "Article 1 : La participation de la Ville au fonctionnement de l'association Crèche Pirouette est fixée à 63 000 € pour l'année 2024.",
            [("Crèche Pirouette", "63000")],
        ),
        (
            "- De soutenir l'association Jazz en Val à hauteur de 10 000 € pour l'édition 2024 du festival ;",
            [("Jazz en Val", "10000")],
        ),
        (
            "- d'attribuer à l'Association pour le Développement de la Lecture (ADL) une subvention de 11 000 € ;",
            [("Association pour le Développement de la Lecture", "11000")],
        ),
        (
            "ACCORDE une subvention de 350 € à l'école élémentaire Jules Ferry pour un voyage scolaire.",
            [("école élémentaire Jules Ferry", "350")],
        ),
        (
            "- d'attribuer une bourse de 1 000 € à Monsieur Paul LEROY, étudiant en médecine ;",
            [("Monsieur Paul LEROY", "1000")],
        ),
        (
            "Article 1 : Madame Anne MOREAU bénéficie d'une aide de 2 000 € pour la rénovation de sa façade.",
            [("Madame Anne MOREAU", "2000")],
        ),
        (
            "- d'attribuer une aide financière de 500 € à M. et Mme DURAND, 3 rue Haute, pour la rénovation de leur façade ;",
            [("M. et Mme DURAND", "500")],
        ),
        (
            "Article 1 : La Région attribue à l'établissement public Parc naturel régional des Trois Vallées une dotation de 400 K€.",
            [("Parc naturel régional des Trois Vallées", "400000")],
        ),
        (
            "Article 1 : Est attribuée à l'association Emergence une subvention d'un montant maximum de 20 000 €, dans la limite de 40 % des dépenses.",
            [("Emergence", "20000")],
        ),
        (
            "Article 1 : Est attribuée à la SAS Vertige une subvention plafonnée à 20 000 €.",
            [("SAS Vertige", "20000")],
        ),
        (
            "- octroie au Groupement d'employeurs Agri 12 une subvention de 8 000 € ;",
            [("Groupement d'employeurs Agri 12", "8000")],
        ),
        (
            "Le conseil décide l'attribution d'une subvention de 900 € à la Prévention routière.",
            [("Prévention routière", "900")],
        ),
        (
            "VOTE une subvention de 1 200 € à l'ACCA de Valbrune.",
            [("ACCA de Valbrune", "1200")],
        ),
        (
            "- de voter une subvention de 1 200 € pour l'association La Gaule Valbrunoise.",
            [("La Gaule Valbrunoise", "1200")],
        ),
        (
            "- d'attribuer une subvention complémentaire de 3 000 € à l'association Les Amis du Port, portant le montant total de la subvention 2024 à 8 000 €.",
            [("Les Amis du Port", "3000")],
        ),
        (
            "- d'attribuer à l'association Les Amis du Port un complément de subvention de 3 000 €, en sus des 5 000 € déjà versés.",
            [("Les Amis du Port", "3000")],
        ),
        (
            "- de renouveler la subvention de 5 000 € à l'association Les Amis du Port pour 2024.",
            [("Les Amis du Port", "5000")],
        ),
        (
            "- de reconduire pour l'année 2024 la subvention de 5 000 € attribuée à l'association Les Amis du Port.",
            [("Les Amis du Port", "5000")],
        ),
        (
            "Article 1 : Sur un coût total de 60 000 €, une subvention de 12 000 € est attribuée à l'association Bivouac.",
            [("Bivouac", "12000")],
        ),
        (
            "Article 1 : Une subvention de 12 000 €, sur un montant demandé de 20 000 €, est attribuée à l'association Bivouac.",
            [("Bivouac", "12000")],
        ),
        (
            "Article 1 : Au vu de la demande de 20 000 € de l'association Bivouac, il lui est attribué une subvention de 12 000 €.",
            [(None, "12000")],
        ),
        (
            "Article 1 : Est attribuée à l'association Bivouac une subvention de 30 000 €, versée en deux fois : 20 000 € à la signature et 10 000 € sur présentation du bilan.",
            [("Bivouac", "30000")],
        ),
        (
            "Article 1 : Est attribuée à l'association Bivouac une subvention globale de 30 000 € répartie comme suit : 10 000 € en 2023, 10 000 € en 2024 et 10 000 € en 2025.",
            [("Bivouac", "30000")],
        ),
        (
            "Article 1 : d'attribuer une subvention de 10 000 € par an pendant trois ans à l'association Bivouac, soit un montant total de 30 000 €.",
            [("Bivouac", None)],
        ),
        (
            "Article 1 : Une subvention de 200 000,00 euros HT, soit 240 000,00 euros TTC, est attribuée à la société Lumen.",
            [("Lumen", None)],
        ),
        (
            "Article 1 : Une subvention de 15.000 euros est attribuée à l'association Ex-Nihilo (10e) (X00123, 2004_00045) au titre de 2004.",
            [("Ex-Nihilo", "15000")],
        ),
        (
            "Article 2.- Une subvention de 18.500 euros est attribuée à l'association « Les Ateliers du Canal », 12, quai des Lilas (10e).",
            [("Les Ateliers du Canal", "18500")],
        ),
        (
            "Article 1 : Est allouée à l'Association de Gestion du Restaurant Inter-Entreprises (AGRIE) une subvention de 5 600 €.",
            [("Association de Gestion du Restaurant Inter-Entreprises", "5600")],
        ),
        (
            "Article 1 : Le Département apporte son soutien à l'association La Boussole par l'octroi d'une subvention de 17 000 €.",
            [("La Boussole", "17000")],
        ),
        (
            "Article unique : La commission permanente décide d'accorder, au profit du Collège Jean Moulin, une dotation complémentaire de 4 321,00 €.",
            [("Collège Jean Moulin", "4321")],
        ),
        (
            "1°) décide d'allouer à l'Association Sportive du Golf une subvention de 1 000 € ;\n2°) décide d'allouer au Ski Club une subvention de 2 000 € ;",
            [("Association Sportive du Golf", "1000"), ("Ski Club", "2000")],
        ),
        (
            "- d'attribuer une subvention de 5 000 € à l'association Alpha, de 6 000 € à l'association Bêta et de 7 000 € à l'association Gamma.",
            [("Alpha", "5000"), ("Bêta", "6000"), ("Gamma", "7000")],
        ),
        (
            "- d'attribuer 5 000 € à l'association Alpha et 6 000 € à la Ligue Bêta.",
            [("Alpha", "5000"), ("Ligue Bêta", "6000")],
        ),
        (
            "- d'attribuer les subventions suivantes :\n  - 5 000 € à l'association Alpha\n  - 6 000 € à l'association Bêta pour son tournoi\n  - 700 € au Judo Club\n",
            [("Alpha", "5000"), ("Bêta", "6000"), ("Judo Club", "700")],
        ),
        (
            "DÉCIDE d'attribuer, pour l'année 2024, les subventions de fonctionnement ci-après :\n• Association Alpha ............... 5 000 €\n• Judo Club ........... 700 €\n• Les Restos du Val ...... 1 250,50 €\nTOTAL ........ 6 950,50 €",
            [("Association Alpha", "5000"), ("Judo Club", "700"), ("Les Restos du Val", "1250.50")],
        ),
        (
            "Article 1 : Les subventions suivantes sont attribuées :\nAssociation Alpha : 5 000 €\nJudo Club : 700 €",
            [("Association Alpha", "5000"), ("Judo Club", "700")],
        ),
        (
            "- d'attribuer les subventions suivantes : Association Alpha (5 000 €), Judo Club (700 €) et Tennis Club (900 €).",
            [("Association Alpha", "5000"), ("Judo Club", "700"), ("Tennis Club", "900")],
        ),
        (
            "Article 1 : d'attribuer les subventions suivantes :\nAssociation\tMontant demandé\tMontant accordé\nAlpha\t8 000 €\t5 000 €\nJudo Club\t1 000 €\t700 €\nTOTAL\t9 000 €\t5 700 €\n",
            [("Alpha", "5000"), ("Judo Club", "700")],
        ),
        (
            "Article 1 : d'attribuer les subventions suivantes :\nAssociation            Demandé      Attribué (en €)\nAlpha                    8 000         5 000\nJudo Club                1 000           700\nTOTAL                    9 000         5 700\n",
            [("Alpha", "5000"), ("Judo Club", "700")],
        ),
        (
            "Article 1 : d'attribuer les subventions suivantes :\nBénéficiaire   Objet    Montant\nAlpha    Festival d'été   5 000 €\nJudo Club   Tournoi    700 €\nTotal    5 700 €\n",
            [("Alpha", "5000"), ("Judo Club", "700")],
        ),
        (
            "Article 1 : Les subventions sont attribuées selon le tableau suivant :\nNom de l'association | Montant en euros\nAmicale laïque | 1 500\nAinés ruraux | 300\nTOTAL | 1 800\n",
            [("Amicale laïque", "1500"), ("Ainés ruraux", "300")],
        ),
        (
            "Article 1 : d'attribuer les subventions suivantes :\nSPORT\nJudo Club   700 €\nTennis Club   900 €\nSous-total sport   1 600 €\nCULTURE\nChorale du Val   400 €\nSous-total culture   400 €\nTOTAL GÉNÉRAL   2 000 €\n",
            [("Judo Club", "700"), ("Tennis Club", "900"), ("Chorale du Val", "400")],
        ),
        (
            "Le conseil municipal décide d'attribuer les subventions suivantes pour 2023 :\nAmicale des pompiers           500 €\nClub du 3ème âge              450 €\nAPE de l'école               1 200 €\n",
            [("Amicale des pompiers", "500"), ("Club du 3ème âge", "450"), ("APE de l'école", "1200")],
        ),
        (
            "- d'attribuer une subvention à chacune des associations suivantes :\n* Alpha : 500 euros\n* Bêta : cinq cents euros\n",
            [("Alpha", "500"), ("Bêta", "500")],
        ),
        (
            "- d'attribuer à l'association Alpha, pour son festival, une subvention de 5 000 € ;\n- d'attribuer à la compagnie « Le Fil », pour sa création, une subvention de 7 000 € ;",
            [("Alpha", "5000"), ("compagnie « Le Fil »", "7000")],
        ),
        (
            "Article 1 : Le montant attribué à l'association Alpha est de 5 000 €.",
            [("Alpha", "5000")],
        ),
        (
            "Article 1 : L'association Alpha reçoit une subvention de 5 000 €.",
            [("Alpha", "5000")],
        ),
        (
            "Article 1 : Il est accordé une subvention d'un montant de 5 000 € (cinq mille euros) à l'association dénommée « Les Zèbres », dont le siège social est à Valbrune.",
            [("Les Zèbres", "5000")],
        ),
        (
            "Article 1 : Est approuvée la convention entre la Ville et l'association Alpha, prévoyant le versement d'une subvention de 5 000 € pour l'année 2024.",
            [("Alpha", "5000")],
        ),
        (
            "Article 1 : approuve la convention d'objectifs à conclure avec l'association Alpha pour 2024 ;\nArticle 2 : décide de verser à cette association une subvention de 5 000 €.",
            [("Alpha", "5000")],
        ),
        (
            "- d'attribuer à l’Association Départementale des Pupilles de l’Enseignement Public (PEP 99) une subvention d’un montant de 5 000 €,",
            [("Association Départementale des Pupilles de l'Enseignement Public", "5000")],
        ),
        (
            "DIT que la subvention de 5 000 € accordée à l'association Alpha sera versée en une fois.\n- Attribue à l'association Alpha une subvention de 5 000 €.",
            [("Alpha", "5000")],
        ),
        (
            "Article 1 : Une avance remboursable de 30 000 € est accordée à la SAS Pixel et une subvention de 10 000 € est attribuée à la SAS Pixel.",
            [("SAS Pixel", "10000")],
        ),
        (
            "Art. 1 : Une subvention d'investissement de 1,5 M€ est accordée à la SA d'HLM Habitat du Val pour la construction de 40 logements.",
            [("SA d'HLM Habitat du Val", "1500000")],
        ),
        (
            "Art. 1 : Une subvention de 1,5 million d'euros est accordée à la SEM Habitat du Val.",
            [("SEM Habitat du Val", "1500000")],
        ),
        (
            "Article 1 : accorde à l'Université de Valbrune - Institut des sciences une subvention de 20 000 €.",
            [("Université de Valbrune - Institut des sciences", "20000")],
        ),
        (
            "Article 1 : autorise le versement d'une subvention de 20 000 € à l'Institut Médico-Éducatif « Les Coccinelles ».",
            [("Institut Médico-Éducatif « Les Coccinelles »", "20000")],
        ),
        (
            "Article 1 : la Ville verse à l'OGEC Sainte-Marie une participation de 33 450 € aux dépenses de fonctionnement de l'école privée.",
            [("OGEC Sainte-Marie", "33450")],
        ),
        (
            "Article 1 : D'AUTORISER l'attribution d'une subvention de 3 000 € à : Association Les Lucioles.",
            [("Les Lucioles", "3000")],
        ),
        (
            "Article 1 : d'attribuer une subvention de 3 000 € pour l'organisation du festival de rue à l'association Les Lucioles ;",
            [("Les Lucioles", "3000")],
        ),
        (
            "Article 1 : d'attribuer, dans le cadre du contrat de ville, une subvention de fonctionnement de 3 000 € pour l'année 2024 à l'association Les Lucioles, sise à Valbrune.",
            [("Les Lucioles", "3000")],
        ),
        (
            "Article 1 : Il est attribué, au titre de l'année 2024, à l'association Les Lucioles (n° RNA W991234567), une subvention s'élevant à 3 000 €.",
            [("Les Lucioles", "3000")],
        ),
    ],
)
def test_who_is_granted_what_is_read_in_the_phrases_of_deliberations(
    operative: str, granted: list[tuple[str | None, str | None]]
) -> None:
    plain = [(name and fold(name), amount and Decimal(amount)) for name, amount in granted]
    assert [(name and fold(name), amount) for name, amount in usable(act(operative))] == plain


@pytest.mark.parametrize(
    "operative",
    [
        "- Dit que la dépense de 50 000 euros sera imputée au chapitre 65 du budget 2024.",
        "- d'accorder une garantie d'emprunt pour un prêt de 100 000 € à l'OPH de Valbrune.",
        "- d'accorder à l'OPH de Valbrune la garantie de la commune à hauteur de 50 % pour un emprunt de 100 000 €.",
        "- d'accorder une avance remboursable de 30 000 € à la SAS Pixel.",
        "- d'accorder à la SAS Pixel un prêt d'honneur de 30 000 €.",
        "- d'accorder un prêt à taux zéro de 30 000 € à la société Pixel.",
        "- d'approuver l'adhésion à l'association Amorce et le versement de la cotisation de 1 250 € à l'association Amorce.",
        "- d'approuver le versement d'une cotisation de 1 250 € à l'association Amorce.",
        "- d'attribuer le marché de travaux à l'entreprise Bâti Plus pour un montant de 120 000 € HT.",
        "- d'attribuer à l'entreprise Bâti Plus le marché de voirie pour un montant de 120 000 € HT.",
        "- d'attribuer le lot n° 1 à la société Bâti Plus pour la somme de 45 000 € HT.",
        "- de verser à M. Durand une indemnité de 500 €.",
        "- d'accorder une remise gracieuse de 500 € à Mme Petit.",
        "- d'accorder une exonération de loyer de 3 000 € à l'association Alpha.",
        "- d'approuver l'acquisition de la parcelle AB 12 au prix de 45 000 € à M. Durand.",
        "- de céder à la société Lumen la parcelle AB 12 pour la somme de 45 000 €.",
        "- de solliciter une subvention de 30 000 € auprès du Département.",
        "- de solliciter de l'État l'attribution d'une subvention de 30 000 € à la commune.",
        "- d'accepter la subvention de 30 000 € attribuée à la commune par le Département.",
        "- d'accepter le don de 5 000 € fait à la commune par Mme Roche.",
        "- d'autoriser le Maire à demander l'attribution d'une subvention de 30 000 € à la Région.",
        "- de prendre acte du versement d'une subvention de 3 000 € à l'association Alpha en 2022.",
        "- d'inscrire 50 000 € au budget de la commune.",
        "- de verser une subvention de 30 % d'une dépense de 50 000 € à l'association Alpha.",
        "- d'attribuer à l'association Alpha une subvention égale à 30 % d'une dépense subventionnable de 50 000 €.",
        "- de rembourser à l'association Alpha la somme de 500 €.",
        "- d'annuler la subvention de 3 000 € accordée à l'association Alpha.",
        "- de fixer le loyer à 500 € par mois à l'association Alpha.",
        "- de réduire de 3 000 € la subvention attribuée à l'association Alpha.",
        "- d'attribuer à l'association Alpha une subvention de 5.000 F.",
        "- d'attribuer à l'association Alpha une subvention de 5 000 dollars.",
        "- d'attribuer à l'association Alpha une subvention de 5 000 CHF.",
        "- d'attribuer à l'association Alpha une subvention de 5 000.",
        "- d'approuver le budget prévisionnel de l'association Alpha qui s'élève à 80 000 €.",
        "- d'attribuer une prime de 300 € aux agents de la collectivité.",
        "- de ne pas donner suite à la demande de subvention de 3 000 € de l'association Alpha.",
        "- d'ajourner l'attribution d'une subvention de 3 000 € à l'association Alpha.",
        "- de rejeter la demande de subvention de 3 000 € présentée par l'association Alpha.",
        "- d'accepter la convention par laquelle la Fondation Roux verse à la commune une aide de 5 000 €.",
        "- de prendre acte que le Rotary Club verse à la Ville un don de 5 000 €.",
        "- Si le projet se réalise, une subvention de 3 000 € pourra être attribuée à l'association Alpha.",
    ],
)
def test_what_is_not_granted_here_in_euros_is_never_an_amount(operative: str) -> None:
    assert [amount for _, amount in usable(act(operative)) if amount is not None] == []


@pytest.mark.parametrize(
    ("operative", "granted"),
    [
        ("FIXE à 4 000 € la subvention de l'association Alpha.", ("Alpha", 4000)),
        ("ATTRIBUE une subvention de 4 000 € à l'association Alpha\nDIT que la dépense est inscrite au budget.", ("Alpha", 4000)),
        ("ATTRIBUE UNE SUBVENTION DE 4 000 € À L'ASSOCIATION LES AMIS DU PORT\nAUTORISE LE MAIRE À SIGNER", ("LES AMIS DU PORT", 4000)),
        ("- d'attribuer à l'association Alpha une\nsubvention\nde 4 000 €.", ("Alpha", 4000)),
    ],
)  # fmt: skip
def test_a_name_ends_before_the_next_verb_and_across_lines(operative: str, granted: tuple[str, int]) -> None:
    assert usable(act(operative)) == [(granted[0], Decimal(granted[1]))]


TABLE = "Article 1 : d'attribuer les subventions suivantes :\n{}\nArticle 2 : d'imputer la dépense au chapitre 65."


@pytest.mark.parametrize(
    ("rows", "granted"),
    [
        ("Association\tDemandé\tAccordé\nAlpha\t8 000 €\t5 000 €\nBêta\t900 €\t\n", [("Alpha", "5000"), ("Bêta", None)]),
        ("Association | Budget | Subvention\nAlpha | 80 000 € | 5 000 €\nBêta | 9 000 € | 700 €\n", [("Alpha", "5000"), ("Bêta", "700")]),
        ("Association\tSubvention 2023\tSubvention 2024\nAlpha\t4 000 €\t5 000 €\n", [("Alpha", None)]),
        ("Alpha\t8 000 €\t5 000 €\nBêta\t900 €\t700 €\n", [("Alpha", None), ("Bêta", None)]),
        ("Alpha\t8 000\nBêta\t900\n", [("Alpha", None), ("Bêta", None)]),
        ("Association\tMontant en €\nAlpha\t8 000\nBêta\t900\n", [("Alpha", "8000"), ("Bêta", "900")]),
        ("Association\tMontant en francs\nAlpha\t8 000\n", [("Alpha", None)]),
        ("N°\tAssociation\tAdhérents\tMontant accordé\n1\tAlpha\t12\t1 200 €\n2\tBêta\t9\t200 €\n", [("Alpha", "1200"), ("Bêta", "200")]),
        ("Alpha : 500 €\nTOTAL : 500 €\n", [("Alpha", "500")]),
    ],
)  # fmt: skip
def test_of_the_columns_of_a_table_only_the_granted_one_is_read(
    rows: str, granted: list[tuple[str, str | None]]
) -> None:
    assert usable(act(TABLE.format(rows))) == [(name, amount and Decimal(amount)) for name, amount in granted]


def test_a_total_that_is_not_the_sum_of_its_rows_is_reported() -> None:
    rows = "Alpha\t500 €\nBêta\t700 €\nTOTAL\t{} €\n"
    assert "total_mismatch" not in codes(act(TABLE.format(rows.format("1 200"))))
    assert "total_mismatch" in codes(act(TABLE.format(rows.format("1 300"))))


@pytest.mark.parametrize(
    ("operative", "kind"),
    [
        ("- d'attribuer une subvention de 500 € à l'association Alpha.", AwardKind.GRANT),
        ("- d'attribuer une subvention complémentaire de 500 € à l'association Alpha.", AwardKind.ADDITIONAL),
        ("- de renouveler la subvention de 500 € à l'association Alpha.", AwardKind.RENEWAL),
        ("- d'attribuer à l'association Alpha une subvention en nature de 500 €.", AwardKind.IN_KIND),
    ],
)
def test_the_kind_of_an_award_is_a_fact(operative: str, kind: AwardKind) -> None:
    read = award(operative)
    assert (read.kind.usable, read.amount.usable) == (kind, Decimal(500))
    assert read.kind.evidence


def test_a_ceiling_is_said_to_be_one() -> None:
    assert award("- d'attribuer à l'association Alpha une subvention plafonnée à 500 €.").is_maximum.usable is True
    assert award("- d'attribuer à l'association Alpha une subvention de 500 €.").is_maximum.usable is None


def test_amounts_by_year_are_read_when_they_add_up() -> None:
    words = "- d'attribuer à l'association Alpha une subvention de {} €, soit 10 000 € en 2024 et 12 000 € en 2025."
    read = award(words.format("22 000"))
    assert [(y.year, y.amount.usable) for y in read.years] == [(2024, Decimal(10000)), (2025, Decimal(12000))]
    assert read.amount.usable == Decimal(22000)
    unsure = award(words.format("23 000"))
    assert (unsure.years, unsure.amount.usable) == ((), None)


def test_what_stands_beside_a_name_is_read_apart() -> None:
    read = award(
        "- d'attribuer à l'association Trait d'Union (TDU), n° RNA W991234567, SIRET 732 829 320 00074, dont le siège est"
        " situé 4 place du Marché, 99000 Valbrune, une subvention de 500 €."
    )
    assert read.beneficiary.usable == "Trait d'Union"
    assert read.beneficiary_acronym.usable == "TDU"
    assert read.beneficiary_rna.usable == "W991234567"
    assert read.beneficiary_siret.usable == "73282932000074"
    assert read.beneficiary_address.usable == "4 place du Marché, 99000 Valbrune"


def test_a_siret_with_a_wrong_check_digit_is_malformed() -> None:
    read = award("- d'attribuer à l'association Alpha (SIRET 732 829 320 00075) une subvention de 500 €.")
    assert read.beneficiary_siret.status is FactStatus.MALFORMED


def test_words_and_figures_that_differ_are_conflicting() -> None:
    read = act("- d'attribuer une subvention de mille cinq cents euros (1 050 €) à l'association Alpha.")
    [only] = read.awards
    assert (only.amount.status, only.amount.value) == (FactStatus.CONFLICTING, None)
    assert "amount_conflicting" in codes(read)


def test_a_title_with_another_amount_is_a_conflict_with_both_places() -> None:
    read = award(
        "- d'attribuer une subvention de 6 000 € à l'association Alpha.",
        title="Subvention de 5 000 € à l'association Alpha",
    )
    assert read.amount.status is FactStatus.CONFLICTING
    assert {e.text for e in read.amount.evidence} == {"5 000 €", "6 000 €"}


@pytest.mark.parametrize(
    "report",
    [
        "L'association Alpha sollicite une subvention de 8 000 € pour un budget de 90 000 €.",
        "En 2023, une subvention de 4 000 € avait été attribuée à l'association Alpha.",
        "Le coût total du projet est de 60 000 €, dont 20 000 € demandés à la Région.",
        "La Région participe à hauteur de 20 000 €. Il est proposé de verser 5 000 € à l'association Alpha.",
    ],
)
def test_other_amounts_of_the_report_are_no_conflict(report: str) -> None:
    read = award("- d'attribuer une subvention de 5 000 € à l'association Alpha.", report=report)
    assert (read.beneficiary.usable, read.amount.usable) == ("Alpha", Decimal(5000))


def test_a_short_name_and_an_acronym_are_no_other_beneficiary() -> None:
    name = "Association pour le Développement de la Lecture"
    for title in (
        f"Subvention à l'{name} (ADL)",
        "Subvention à l'ADL",
        "Subvention à l'association pour le développement",
    ):
        read = award(f"- d'attribuer à l'{name} (ADL) une subvention de 500 €.", title=title)
        assert read.beneficiary.usable == name


def test_a_convention_with_somebody_else_is_reported() -> None:
    articles = (
        "Article 1 : Est attribuée une subvention de 5 000 € à l'association Alpha.\n"
        "Article 2 : Est approuvée la convention avec l'association {}."
    )
    assert "beneficiary_names_differ" not in codes(act(articles.format("Alpha")))
    assert "beneficiary_names_differ" in codes(act(articles.format("Oméga Sports")))


def test_this_association_is_the_one_that_the_act_names() -> None:
    operative = "- d'attribuer à cette association une subvention de 5 000 €."
    assert award(operative, title="Subvention à l'association Alpha").beneficiary.usable == "Alpha"
    assert award(operative, title="Subventions aux associations Alpha et Bêta").beneficiary.usable is None


def test_proposals_that_are_adopted_as_such_are_awards() -> None:
    report = "Il est proposé :\n- d'attribuer à l'association Alpha une subvention de 500 €."
    assert usable(act("adopte les propositions du rapporteur.", report=report)) == [("Alpha", Decimal(500))]
    assert usable(act("prend acte des propositions du rapporteur.", report=report)) == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece",
    [
        "attribuer la somme de 5 euros à la ",
        "- Alpha : 500 €\n",
        "- d'attribuer les subventions suivantes :\n",
        "1 000 € à l'association Alpha ",
        "une subvention à l'association A pour 5 € ",
        "les subventions suivantes ",
        "entre a et ",
        "((",
        "., ",
    ],
)
def test_awards_of_a_hostile_text_are_read_in_reasonable_time(piece: str) -> None:
    assert act(piece * (300_000 // len(piece)))
