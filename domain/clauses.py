"""Which clauses the law brings into a convention. What it calls for besides is in ``domain/rules``.

Sources: loi n° 2000-321 du 12 avril 2000, art. 9-1, 10 and 10-1; décret n° 2001-495 (23 000 € and 153 000 €);
loi n° 2021-875 du 1er juillet 2021; décret n° 2021-1947 (contrat d'engagement républicain); CGCT, art. L1611-4;
décret n° 2017-779 (essential data); règlements (UE) n° 1407/2013 and 2023/2831 (de minimis).

Thresholds are amounts "dont le montant dépasse": exactly 23 000 € is not above. The law's threshold is annual, per
authority and beneficiary: the caller gives the year's total that the register knows of.
"""

from datetime import date
from decimal import Decimal

from domain.calendar import long_date
from domain.documents import Model
from domain.parties import LegalKind
from domain.rules.settings import RuleSettings
from domain.rules.words import euros

UNSPENT_SHARE_FROM = date(2021, 7, 1)
"""Loi n° 2021-875."""
ESSENTIAL_DATA_FROM = date(2017, 8, 1)
"""Décret n° 2017-779."""
DE_MINIMIS_2023_FROM = date(2024, 1, 1)
"""Règlement (UE) 2023/2831."""


class Clause(Model):
    """A conditional clause that a rule brings in."""

    code: str
    """Stable, snake_case: templates and the desk test it."""
    article: str
    """The text that asks for it."""
    reason: str
    """French, one sentence: why it applies here."""


def clauses_for(
    kind: LegalKind,
    amount: Decimal,
    deliberation_date: date,
    request_date: date | None = None,
    *,
    yearly_total: Decimal | None = None,
    settings: RuleSettings | None = None,
) -> tuple[Clause, ...]:
    """The clauses that apply to an award of ``amount`` euros, in the order in which a convention states them.

    :param yearly_total: all that the authority grants to the beneficiary in the year; none: ``amount``.
    """
    settings = settings or RuleSettings()
    total = max(amount, yearly_total or amount)
    clauses: list[Clause] = []

    def add(code: str, article: str, reason: str) -> None:
        clauses.append(Clause(code=code, article=article, reason=reason))

    if kind.private_law and total > settings.convention_threshold:
        add(
            "convention_mandatory",
            "loi n° 2000-321 du 12 avril 2000, art. 10 ; décret n° 2001-495, art. 1er",
            "Le bénéficiaire est de droit privé et reçoit dans l'année plus de"
            f" {euros(settings.convention_threshold)} : la convention est obligatoire.",
        )
    if kind.private_law and deliberation_date >= UNSPENT_SHARE_FROM:
        add(
            "payment_delay",
            "loi n° 2021-875 du 1er juillet 2021",
            "Sauf date ou événement fixé par la convention, la subvention est payée dans les soixante jours de la"
            " notification de son attribution.",
        )
    add(
        "no_regranting",
        "CGCT, art. L1611-4",
        "Le bénéficiaire ne peut pas reverser la subvention à un tiers, sauf si la convention le prévoit."
        if kind.private_law
        else "Les parties étendent au bénéficiaire public l'interdiction de reverser la subvention à un tiers.",
    )
    add(
        "financial_report",
        "loi n° 2000-321 du 12 avril 2000, art. 10 ; arrêté du 11 octobre 2006",
        "La subvention est affectée à une dépense déterminée : un compte rendu financier est déposé dans les six mois."
        if kind.private_law
        else "Les parties étendent au bénéficiaire public l'obligation de produire un compte rendu financier.",
    )
    if kind.private_law and total > settings.deposit_threshold:
        add(
            "accounts_deposit",
            "loi n° 2000-321 du 12 avril 2000, art. 10 ; décret n° 2001-495, art. 2",
            f"Le bénéficiaire reçoit dans l'année plus de {euros(settings.deposit_threshold)} : budget, comptes,"
            " convention et compte rendu financier sont déposés à la préfecture.",
        )
    if kind.non_profit and deliberation_date >= UNSPENT_SHARE_FROM:
        add(
            "unspent_share",
            "loi n° 2000-321 du 12 avril 2000, art. 10, modifié par la loi n° 2021-875",
            "Le bénéficiaire est un organisme sans but lucratif : la convention dit s'il peut conserver une partie de"
            " la"
            " subvention non dépensée.",
        )
    add("communication", "convention", "Le bénéficiaire fait connaître le soutien qu'il reçoit.")
    if kind.non_profit and _requested_under_commitment(
        deliberation_date, request_date, settings.republican_commitment_from
    ):
        add(
            "republican_commitment",
            "loi n° 2000-321 du 12 avril 2000, art. 10-1 ; décret n° 2021-1947",
            "Le bénéficiaire est une association ou une fondation, et la demande date du"
            f" {long_date(settings.republican_commitment_from)} ou d'après : le contrat d'engagement républicain"
            " s'applique.",
        )
    if kind is LegalKind.COMPANY:
        add(
            "de_minimis",
            de_minimis_regulation(deliberation_date),
            "Le bénéficiaire est une entreprise : l'aide relève de la règle de minimis.",
        )
    if kind.private_law and total > settings.convention_threshold and deliberation_date >= ESSENTIAL_DATA_FROM:
        add(
            "essential_data",
            "décret n° 2017-779 du 5 mai 2017",
            "Les données essentielles de la convention sont publiées dans les trois mois de sa signature.",
        )
    return tuple(clauses)


def _requested_under_commitment(deliberation_date: date, request_date: date | None, start: date) -> bool:
    # An application precedes the deliberation. Without its date, a deliberation after the threshold keeps the
    # clause, the side on which an error costs least; the rule ``request_date_missing`` says so.
    return (request_date or deliberation_date) >= start


def de_minimis_regulation(deliberation_date: date) -> str:
    """The regulation in force when the aid is granted."""
    if deliberation_date >= DE_MINIMIS_2023_FROM:
        return "règlement (UE) 2023/2831 du 13 décembre 2023"
    return "règlement (UE) n° 1407/2013 du 18 décembre 2013"


def de_minimis_ceiling(deliberation_date: date) -> Decimal:
    """Ceiling over three years, in euros, for one undertaking."""
    return Decimal(300_000) if deliberation_date >= DE_MINIMIS_2023_FROM else Decimal(200_000)
