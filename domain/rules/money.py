"""Rules on the amount, the yearly thresholds and the budget line."""

from collections.abc import Iterator

from domain.amounts import find_amounts
from domain.convention import fold
from domain.deliberation import Award
from domain.facts import FactStatus, Severity
from domain.grants import MatchedBy
from domain.rules.case import RuleCase
from domain.rules.rule import Check, Rule, Said
from domain.rules.words import euros, listed

_SAID = {
    FactStatus.MISSING: "n'a pas été trouvé dans le dispositif",
    FactStatus.AMBIGUOUS: "est ambigu",
    FactStatus.CONFLICTING: "est contradictoire d'un passage à l'autre",
    FactStatus.MALFORMED: "est mal écrit",
}


def amount_stands(status: FactStatus) -> Check:
    """The rule on an amount that is in doubt in that way."""

    def check(case: RuleCase) -> Iterator[Said]:
        fact = case.award.amount
        really = FactStatus.MISSING if fact.status is FactStatus.FOUND and fact.value is None else fact.status
        if really is status and case.settled.amount is None:
            yield Said(
                f"Le montant de la subvention {_SAID[status]} : seul le dispositif de la délibération le fixe.",
                "Relisez le dispositif et indiquez la valeur à retenir, ou faites corriger la délibération.",
                fact.evidence,
            )

    return check


def _positive(case: RuleCase) -> Iterator[Said]:
    if case.amount is not None and case.amount <= 0:
        yield Said(
            f"Le montant de la subvention est de {euros(case.amount)} : il doit être supérieur à zéro.",
            "Relisez le dispositif : un chiffre a pu se perdre dans la copie.",
            case.award.amount.evidence,
        )


def _plausible(case: RuleCase) -> Iterator[Said]:
    highest = case.settings.highest_amount
    if case.amount is not None and case.amount > highest:
        yield Said(
            f"Le montant ({euros(case.amount)}) dépasse {euros(highest)} : il paraît invraisemblable.",
            "Comparez-le avec l'acte original, puis attestez qu'il est exact.",
            case.award.amount.evidence,
        )


def _within_credit(case: RuleCase) -> Iterator[Said]:
    if case.amount is None:
        return
    for article in case.act.articles:
        words = article.text.usable or ""
        if len(words) > 5_000 or "CREDIT" not in fold(words):
            continue
        stated = [found.euros for found in find_amounts(words) if found.euros]
        if stated and max(stated) < case.amount:
            yield Said(
                f"La subvention est de {euros(case.amount)}, mais l'article sur les crédits n'en cite que"
                f" {euros(max(stated))}.",
                "Vérifiez avec le service financier que les crédits ouverts suffisent.",
                article.text.evidence,
            )


def _threshold_by_cumulation(case: RuleCase) -> Iterator[Said]:
    total, threshold = case.yearly_total, case.settings.convention_threshold
    if not case.private or case.amount is None or total is None or not case.others:
        return
    if case.amount <= threshold < total:
        others = listed(f"{euros(other.amount)} (délibération {other.number})" for other in case.others)
        by_name = any(other.matched_by is MatchedBy.NAME for other in case.others)
        yield Said(
            f"Seule, la subvention ne dépasse pas {euros(threshold)} ; avec {others}, l'année en compte"
            f" {euros(total)} pour ce bénéficiaire."
            + (" Certaines ne sont rapprochées que par le nom lu." if by_name else ""),
            "Vérifiez qu'il s'agit du même organisme : la convention est alors obligatoire.",
            case.award.amount.evidence,
        )


def _budget_line(case: RuleCase) -> Iterator[Said]:
    budget = case.act.budget
    if budget.nature.status is FactStatus.MISSING:
        yield Said(
            "La délibération ne donne pas clairement l'imputation (chapitre et nature) de la dépense.",
            "Demandez l'imputation au service financier : le comptable public la vérifie avant de payer.",
            (*budget.chapter.evidence, *budget.nature.evidence),
        )


_PUBLIC = ("6573", "2041", "6743")
_PRIVATE = ("6574", "2042", "6745")


def _nature_suits(case: RuleCase) -> Iterator[Said]:
    if case.kind is None:
        return
    public = case.nature.startswith(_PUBLIC)
    private = case.nature.startswith(_PRIVATE)
    if (public and case.private) or (private and not case.private):
        meant = "un organisme public" if public else "une personne de droit privé"
        declared = "de droit privé" if case.private else "public"
        yield Said(
            f"La nature {case.nature} désigne une subvention à {meant}, mais le bénéficiaire est déclaré {declared}.",
            "Vérifiez l'un et l'autre avec le service financier.",
            case.act.budget.nature.evidence,
        )


def _chapter_suits(case: RuleCase) -> Iterator[Said]:
    # Budgets voted by function have chapters 90x (investment) and 93x (operation).
    chapter, nature = case.chapter, case.nature
    current = nature.startswith("65") and chapter and chapter != "65" and not chapter.startswith("93")
    investment = nature.startswith("204") and chapter and chapter != "204" and not chapter.startswith("90")
    if current or investment:
        yield Said(
            f"La nature {nature} ne relève pas du chapitre {chapter} que cite la délibération.",
            "Vérifiez l'imputation avec le service financier.",
            (*case.act.budget.chapter.evidence, *case.act.budget.nature.evidence),
        )


def _investment(case: RuleCase) -> Iterator[Said]:
    if case.nature.startswith("204"):
        yield Said(
            f"La nature {case.nature} désigne une subvention d'équipement, mais le modèle de convention est celui d'une"
            " subvention de fonctionnement.",
            "Relisez les clauses du projet : versement sur justificatifs de dépense, durée d'affectation du bien,"
            " amortissement.",
            case.act.budget.nature.evidence,
        )


def _year_of_session(case: RuleCase) -> Iterator[Said]:
    year, session = case.fiscal_year, case.session
    if year is not None and session is not None and year != session.year:
        when = "un exercice clos ou presque" if year < session.year else "un exercice dont le budget n'est pas voté"
        yield Said(
            f"La dépense est imputée sur l'exercice {year}, mais la séance est de {session.year} : ce serait {when}.",
            "Vérifiez l'exercice avec le service financier.",
            case.act.budget.fiscal_year.evidence,
        )


def _several_years(case: RuleCase) -> Iterator[Said]:
    year, session = case.fiscal_year, case.session
    first = year or (session.year if session else None)
    if case.supplied is not None and first is not None and case.supplied.term.end.year > first:
        yield Said(
            f"La convention court jusqu'en {case.supplied.term.end.year}, mais la délibération n'ouvre de crédits que"
            f" pour {first}.",
            "Vérifiez que les versements tombent sur des crédits ouverts (report, ou autorisation d'engagement).",
            case.act.budget.fiscal_year.evidence,
        )


def _stated_once(case: RuleCase) -> Iterator[Said]:
    own = _sameness(case.award)
    if own is not None and sum(_sameness(award) == own for award in case.act.awards) > 1:
        yield Said(
            "La délibération attribue plusieurs fois le même montant au même bénéficiaire pour le même objet.",
            "Vérifiez qu'il ne s'agit pas d'une seule attribution, citée deux fois.",
            case.award.amount.evidence,
        )


def _sameness(award: Award) -> tuple[object, ...] | None:
    name, amount = award.beneficiary.usable, award.amount.usable
    return None if name is None or amount is None else (fold(name), amount, fold(award.purpose.usable or ""))


def _amount_rules() -> tuple[Rule, ...]:
    titles = {
        FactStatus.MISSING: "Le dispositif fixe un montant",
        FactStatus.AMBIGUOUS: "Le montant ne se lit que d'une façon",
        FactStatus.CONFLICTING: "Le montant est le même partout",
        FactStatus.MALFORMED: "Le montant est bien écrit",
    }
    return tuple(
        Rule(
            f"amount_{status.value}",
            Severity.BLOCKING,
            "loi n° 2000-321 du 12 avril 2000, art. 10 ; CGCT, art. L. 2311-7",
            title,
            amount_stands(status),
            supersedes=(f"amount_{status.value}",),
        )
        for status, title in titles.items()
    )


RULES = (
    *_amount_rules(),
    Rule(
        "amount_not_positive",
        Severity.BLOCKING,
        "loi n° 2000-321 du 12 avril 2000, art. 9-1",
        "Le montant est supérieur à zéro",
        _positive,
    ),
    Rule(
        "amount_implausible",
        Severity.BLOCKING,
        "garde sans texte : un zéro de trop engage la collectivité",
        "Le montant est vraisemblable",
        _plausible,
        acknowledgeable=True,
        settings=("highest_amount",),
    ),
    Rule(
        "amount_above_credit",
        Severity.WARNING,
        "CGCT, art. L. 2311-7 et L. 1612-1",
        "Les crédits cités couvrent la subvention",
        _within_credit,
    ),
    Rule(
        "award_repeated",
        Severity.WARNING,
        "CGCT, art. L. 2311-7",
        "Chaque attribution n'est comptée qu'une fois",
        _stated_once,
    ),
    Rule(
        "threshold_by_cumulation",
        Severity.WARNING,
        "loi n° 2000-321 du 12 avril 2000, art. 10 ; décret n° 2001-495, art. 1er (montant annuel)",
        "Le seuil n'est pas franchi par plusieurs subventions de l'année",
        _threshold_by_cumulation,
        settings=("convention_threshold", "cumulate"),
    ),
    Rule(
        "budget_line_missing",
        Severity.WARNING,
        "CGCT, art. L. 2311-7 et D. 1617-19",
        "L'imputation budgétaire est donnée",
        _budget_line,
    ),
    Rule(
        "budget_nature_mismatch",
        Severity.WARNING,
        "instructions budgétaires et comptables M14 et M57 (comptes 6573, 6574, 2041, 2042)",
        "La nature du compte convient au bénéficiaire",
        _nature_suits,
    ),
    Rule(
        "budget_chapter_mismatch",
        Severity.WARNING,
        "instructions budgétaires et comptables M14 et M57",
        "La nature relève du chapitre cité",
        _chapter_suits,
    ),
    Rule(
        "investment_subsidy",
        Severity.WARNING,
        "instruction budgétaire et comptable M57 (compte 204)",
        "Le modèle convient à la section du budget",
        _investment,
    ),
    Rule(
        "fiscal_year_differs",
        Severity.WARNING,
        "CGCT, art. L. 2311-1 (annualité du budget)",
        "L'exercice est celui de la séance",
        _year_of_session,
    ),
    Rule(
        "several_years",
        Severity.INFO,
        "CGCT, art. L. 2311-1 et L. 2311-3 (autorisations d'engagement)",
        "La convention tient dans l'exercice",
        _several_years,
        supersedes=("multi_year_project",),
    ),
)
