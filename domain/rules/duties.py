"""Rules on the duties that follow from the kind of beneficiary and from the amount."""

from collections.abc import Iterator

from domain.clauses import DE_MINIMIS_2023_FROM, ESSENTIAL_DATA_FROM, de_minimis_regulation
from domain.facts import Severity
from domain.parties import LegalKind
from domain.rules.case import RuleCase
from domain.rules.rule import Rule, Said
from domain.rules.words import day, euros


def _request_date(case: RuleCase) -> Iterator[Said]:
    start = case.settings.republican_commitment_from
    if (
        case.supplied is not None
        and case.supplied.beneficiary.legal_kind.non_profit
        and case.supplied.request_date is None
        and case.session is not None
        and case.session >= start
    ):
        yield Said(
            "La date de la demande de subvention n'est pas connue : le contrat d'engagement républicain est inséré, car"
            f" il s'applique aux demandes faites à partir du {day(start)}.",
            "Indiquez la date de la demande, et vérifiez que l'organisme a souscrit cet engagement.",
        )


def _commitment(case: RuleCase) -> Iterator[Said]:
    start = case.settings.republican_commitment_from
    asked = case.supplied.request_date if case.supplied else None
    if case.kind is not None and case.kind.non_profit and asked is not None and asked >= start:
        yield Said(
            f"La demande est du {day(asked)} : le contrat d'engagement républicain s'applique à ce bénéficiaire.",
            "Vérifiez qu'il a souscrit les sept engagements et qu'il en informe ses membres.",
        )


def _request_in_time(case: RuleCase) -> Iterator[Said]:
    asked = case.supplied.request_date if case.supplied else None
    if asked is not None and case.session is not None and asked > case.session:
        yield Said(
            f"La demande de subvention ({day(asked)}) serait postérieure à la séance qui l'a accordée"
            f" ({day(case.session)}).",
            "Corrigez la date de la demande.",
            case.act.session_date.evidence,
        )


def _de_minimis(case: RuleCase) -> Iterator[Said]:
    if case.kind is not LegalKind.COMPANY or case.session is None or case.yearly_total is None:
        return
    recent = case.session >= DE_MINIMIS_2023_FROM
    ceiling = case.settings.de_minimis_ceiling if recent else case.settings.de_minimis_ceiling_before_2024
    if case.yearly_total > ceiling:
        yield Said(
            f"Les aides connues à cette entreprise ({euros(case.yearly_total)}) dépassent le plafond de minimis de"
            f" {euros(ceiling)} sur trois ans ({de_minimis_regulation(case.session)}).",
            "Donnez à l'aide un autre fondement en droit européen (régime exempté ou notifié), ou réduisez-la.",
            case.award.amount.evidence,
        )


def _essential_data(case: RuleCase) -> Iterator[Said]:
    total = case.yearly_total
    if (
        case.kind is not None
        and (case.private or case.settings.publish_public_bodies)
        and total is not None
        and total > case.settings.convention_threshold
        and case.session is not None
        and case.session >= ESSENTIAL_DATA_FROM
    ):
        yield Said(
            "Les données essentielles de cette convention sont à publier dans les trois mois de sa signature.",
            "Prévoyez leur publication sur le site de la collectivité ou sur la plateforme nationale de données"
            " ouvertes.",
        )


def _accounts(case: RuleCase) -> Iterator[Said]:
    total, threshold = case.yearly_total, case.settings.deposit_threshold
    if case.private and total is not None and total > threshold:
        yield Said(
            f"Le bénéficiaire reçoit {euros(total)} dans l'année, au-delà de {euros(threshold)} : son budget, ses"
            " comptes, la convention et le compte rendu financier sont déposés à la préfecture.",
            "Rappelez-le au bénéficiaire ; la clause est insérée.",
            case.award.amount.evidence,
        )


RULES = (
    Rule(
        "request_date_missing",
        Severity.WARNING,
        "loi n° 2000-321 du 12 avril 2000, art. 10-1 ; décret n° 2021-1947 du 31 décembre 2021",
        "La date de la demande d'une association ou d'une fondation est connue",
        _request_date,
        settings=("republican_commitment_from",),
    ),
    Rule(
        "republican_commitment_due",
        Severity.INFO,
        "loi n° 2000-321 du 12 avril 2000, art. 10-1 ; décret n° 2021-1947 du 31 décembre 2021",
        "Le contrat d'engagement républicain s'applique",
        _commitment,
        settings=("republican_commitment_from",),
    ),
    Rule(
        "request_after_session",
        Severity.WARNING,
        "loi n° 2000-321 du 12 avril 2000, art. 9-1",
        "La demande précède la séance",
        _request_in_time,
    ),
    Rule(
        "de_minimis_exceeded",
        Severity.WARNING,
        "TFUE, art. 107 et 108 ; règlements (UE) n° 1407/2013 et 2023/2831, art. 3",
        "L'aide à une entreprise tient sous le plafond de minimis",
        _de_minimis,
        settings=("de_minimis_ceiling", "de_minimis_ceiling_before_2024", "cumulate"),
    ),
    Rule(
        "essential_data_due",
        Severity.INFO,
        "loi n° 2000-321 du 12 avril 2000, art. 10 ; décret n° 2017-779 du 5 mai 2017",
        "Les données essentielles sont à publier",
        _essential_data,
        settings=("convention_threshold", "publish_public_bodies", "cumulate"),
    ),
    Rule(
        "accounts_deposit_due",
        Severity.INFO,
        "loi n° 2000-321 du 12 avril 2000, art. 10 ; décret n° 2001-495, art. 2",
        "Les comptes du bénéficiaire sont à déposer à la préfecture",
        _accounts,
        settings=("deposit_threshold", "cumulate"),
    ),
)
