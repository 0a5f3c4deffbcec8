"""The points of law that an authority's legal affairs decide, each with its default and the reason for it.

``PARAPHE_RULES_FILE`` names a JSON file of these fields; what it leaves out keeps its default.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.deliberation import Euros
from domain.documents import Model


class ProofNeeded(StrEnum):
    """When the proof that the act is executory must be there."""

    SIGNATURE = "signature"
    APPROVAL = "approval"


class RuleSettings(Model):
    """Amounts are in euros. Titles and descriptions are French: ``docs/rules.md`` prints them."""

    convention_threshold: Annotated[
        Euros,
        Field(
            ge=0,
            title="Montant annuel au-delà duquel la convention est obligatoire (droit privé)",
            description="23 000 € selon le décret n° 2001-495, article 1er ; « dépasse » : 23 000,00 € n'est pas"
            " au-delà. Une collectivité peut se fixer un seuil plus bas, jamais plus haut.",
            le=23_000,
        ),
    ] = Decimal(23_000)
    deposit_threshold: Annotated[
        Euros,
        Field(
            ge=0,
            title="Montant annuel au-delà duquel les comptes sont déposés à la préfecture",
            description="153 000 € selon le décret n° 2001-495, article 2, toutes autorités réunies ; seules les"
            " subventions connues du registre sont comptées.",
            le=153_000,
        ),
    ] = Decimal(153_000)
    cumulate: Annotated[
        bool,
        Field(
            title="Cumuler les subventions de l'année au même bénéficiaire",
            description="Le décret vise le « montant annuel » : plusieurs petites subventions au même organisme"
            " comptent ensemble. Oui par défaut, du côté où l'erreur coûte le moins.",
        ),
    ] = True
    highest_amount: Annotated[
        Euros,
        Field(
            gt=0,
            title="Montant à partir duquel une subvention paraît invraisemblable",
            description="Aucun texte : une garde contre un zéro de trop. Une personne peut passer outre.",
        ),
    ] = Decimal(5_000_000)
    de_minimis_ceiling: Annotated[
        Euros,
        Field(
            gt=0,
            title="Plafond de minimis sur trois ans, pour une aide accordée à partir de 2024",
            description="300 000 € selon le règlement (UE) 2023/2831, article 3.",
        ),
    ] = Decimal(300_000)
    de_minimis_ceiling_before_2024: Annotated[
        Euros,
        Field(
            gt=0,
            title="Plafond de minimis sur trois ans, pour une aide accordée avant 2024",
            description="200 000 € selon le règlement (UE) n° 1407/2013, article 3.",
        ),
    ] = Decimal(200_000)
    republican_commitment_from: Annotated[
        date,
        Field(
            title="Premières demandes soumises au contrat d'engagement républicain",
            description="Demandes présentées à compter du 2 janvier 2022, lendemain de la publication du décret"
            " n° 2021-1947. Sans date de demande, celle de la séance décide.",
        ),
    ] = date(2022, 1, 2)
    proof_needed_before: Annotated[
        ProofNeeded,
        Field(
            title="Moment où la preuve du caractère exécutoire est exigée",
            description="L'envoi à la signature est toujours refusé avant que la délibération soit exécutoire (CGCT,"
            " article L. 2131-1 ; CE, avis, 10 juin 1996, n° 176873), une date sans heure comptant pour la fin de la"
            " journée. « approval » demande en plus la preuve avant d'approuver le projet ; « signature » la laisse"
            " arriver entre-temps, comme il est d'usage.",
        ),
    ] = ProofNeeded.SIGNATURE
    publish_public_bodies: Annotated[
        bool,
        Field(
            title="Publier aussi les données essentielles des subventions aux organismes publics",
            description="L'article 10 de la loi n° 2000-321 ne vise que le droit privé ; publier davantage est permis.",
        ),
    ] = False
    signature_by_non_voter: Annotated[
        bool,
        Field(
            title="Arrêter la signature d'une personne qui n'a pas pris part au vote",
            description="Ne pas prendre part au vote est le signe d'un intérêt (CGCT, article L. 2131-11 ; décret"
            " n° 2014-90, article 5) : signer ensuite contredirait le déport. Oui par défaut ; une personne peut"
            " attester que l'absence avait une autre cause.",
        ),
    ] = True
