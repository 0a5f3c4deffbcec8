"""Rules on who the beneficiary is: its name, its numbers, its legal kind, its account."""

from collections.abc import Iterator

from domain.companies import CompanyState
from domain.facts import FactStatus, Severity
from domain.parties import LegalKind
from domain.rules.case import RuleCase
from domain.rules.rule import Check, Rule, Said
from domain.rules.words import day, quoted, same_name

_STATE_REGISTER = "code de commerce, art. R. 123-220 et s. (répertoire SIRENE)"
_KINDS = {
    LegalKind.ASSOCIATION: "association",
    LegalKind.FOUNDATION: "fondation",
    LegalKind.COMPANY: "entreprise",
    LegalKind.PUBLIC_BODY: "établissement public",
    LegalKind.LOCAL_AUTHORITY: "collectivité territoriale",
    LegalKind.OTHER: "autre personne de droit privé",
}
_SAID = {
    FactStatus.AMBIGUOUS: "est ambigu",
    FactStatus.CONFLICTING: "est contradictoire d'un passage à l'autre",
    FactStatus.MALFORMED: "est mal écrit",
}


def beneficiary_stands(status: FactStatus) -> Check:
    """The rule on a beneficiary that is in doubt in that way."""

    def check(case: RuleCase) -> Iterator[Said]:
        fact = case.award.beneficiary
        if fact.status is status and case.settled.beneficiary is None:
            yield Said(
                f"Le bénéficiaire {_SAID[status]} dans la délibération.",
                "Relisez le dispositif et indiquez le nom à retenir.",
                fact.evidence,
            )

    return check


def _missing(case: RuleCase) -> Iterator[Said]:
    if case.beneficiary is None and case.award.beneficiary.status in {FactStatus.MISSING, FactStatus.FOUND}:
        typed = case.supplied.beneficiary.name if case.supplied else None
        yield Said(
            "Le bénéficiaire n'a pas été trouvé dans la délibération"
            + (f" : {quoted(typed)} vient de la seule saisie." if typed else "."),
            "Vérifiez que le dispositif désigne bien cet organisme.",
        )


def _renamed(case: RuleCase) -> bool:
    """The register knows the typed name, and the deliberation has another one."""
    company, read = case.company, case.beneficiary
    return (
        company is not None
        and case.supplied is not None
        and read is not None
        and bool(company.name)
        and same_name(company.name, case.supplied.beneficiary.name)
        and not same_name(read, case.supplied.beneficiary.name)
    )


def _name_of_act(case: RuleCase) -> Iterator[Said]:
    if case.supplied is None or case.beneficiary is None or _renamed(case):
        return
    named = case.supplied.beneficiary
    if not same_name(case.beneficiary, named.name):
        yield Said(
            f"La délibération nomme {quoted(case.beneficiary)}, la convention {quoted(named.name)}.",
            "Vérifiez qu'il s'agit du même organisme.",
            case.award.beneficiary.evidence,
        )


def _renamed_body(case: RuleCase) -> Iterator[Said]:
    if _renamed(case) and case.company is not None:
        yield Said(
            f"La délibération nomme {quoted(case.beneficiary or '')} ; le répertoire connaît aujourd'hui ce SIRET sous"
            f" le nom {quoted(case.company.name)}, celui de la convention.",
            "Si l'organisme a changé de nom, gardez-en la preuve au dossier ; sinon, corrigez le SIRET ou le nom.",
            case.award.beneficiary.evidence,
        )


def _own_siren(case: RuleCase) -> Iterator[Said]:
    if case.supplied and case.supplied.beneficiary.siret[:9] == case.supplied.authority.siret[:9]:
        yield Said(
            "Le bénéficiaire a le même numéro SIREN que la collectivité : on ne passe pas de convention avec soi-même.",
            "Corrigez le SIRET du bénéficiaire, ou celui de la collectivité.",
        )


def _unverified(case: RuleCase) -> Iterator[Said]:
    if case.supplied is not None and case.company is None:
        yield Said(
            "Le SIRET du bénéficiaire n'a pas été vérifié au répertoire des entreprises : seule sa clé l'a été.",
            "Enregistrez de nouveau les informations pour réessayer, ou comparez avec un avis de situation.",
        )


def _unknown(case: RuleCase) -> Iterator[Said]:
    company = case.company
    if company is not None and company.state is CompanyState.ABSENT:
        yield Said(
            f"Le répertoire des entreprises ne connaît pas le SIRET {company.siret} (consulté le"
            f" {day(company.fetched_at.date())}).",
            "Vérifiez le numéro ; un organisme qui s'est opposé à sa diffusion n'y figure pas : demandez-lui un avis de"
            " situation.",
        )


def _ceased(case: RuleCase) -> Iterator[Said]:
    company = case.company
    if company is not None and company.state is CompanyState.CEASED:
        yield Said(
            f"Le répertoire donne {quoted(company.name)} (SIREN {company.siren}) pour cessée, au"
            f" {day(company.fetched_at.date())}.",
            "Demandez au bénéficiaire un avis de situation récent ; s'il a bien cessé, la convention ne peut pas être"
            " signée.",
        )


def _closed(case: RuleCase) -> Iterator[Said]:
    company = case.company
    if company is not None and company.state is CompanyState.ACTIVE and company.establishment is CompanyState.CEASED:
        yield Said(
            f"L'établissement {company.siret} est fermé au répertoire, alors que {quoted(company.name)} est en"
            " activité.",
            "Indiquez le SIRET du siège ou de l'établissement qui reçoit la subvention.",
        )


def _name_of_register(case: RuleCase) -> Iterator[Said]:
    company = case.company
    if company is None or case.supplied is None or not company.name:
        return
    named = case.supplied.beneficiary
    if not same_name(company.name, named.name):
        yield Said(
            f"La convention nomme {quoted(named.name)} ; le répertoire connaît ce SIRET sous le nom"
            f" {quoted(company.name)}.",
            "Vérifiez qu'il s'agit du même organisme : un changement de nom se justifie, une erreur se corrige.",
        )


def _kind_of_register(case: RuleCase) -> Iterator[Said]:
    company = case.company
    known = company.legal_kind if company is not None else None
    if company is None or known is None or case.kind is None or known is case.kind:
        return
    matters = known.private_law is not case.kind.private_law or known.non_profit is not case.kind.non_profit
    if matters or LegalKind.COMPANY in {known, case.kind}:
        yield Said(
            f"Le bénéficiaire est déclaré « {_KINDS[case.kind]} », mais sa catégorie juridique au répertoire"
            f" ({company.legal_category}) est celle d'un organisme du type « {_KINDS[known]} ».",
            "Vérifiez la nature juridique : elle décide des clauses obligatoires.",
        )


def _address_of_register(case: RuleCase) -> Iterator[Said]:
    company = case.company
    if company is None or case.supplied is None or not company.address:
        return
    seat = case.supplied.beneficiary.seat
    if seat.postal_code not in company.address:
        yield Said(
            f"Le siège saisi ({seat.postal_code} {seat.city}) n'est pas à l'adresse du répertoire :"
            f" {quoted(company.address)}.",
            "Vérifiez l'adresse du siège.",
        )


# Règlement (UE) n° 260/2012: countries of the single euro payments area.
_SEPA = (
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS SE"
    " SI SK SM VA"
)


def _account(case: RuleCase) -> Iterator[Said]:
    iban = case.supplied.beneficiary.iban if case.supplied else ""
    country = iban[:2]
    if country and country != "FR":
        where = (
            "dans un autre pays de l'espace unique de paiement"
            if country in _SEPA.split()
            else "hors de l'espace de paiement"
        )
        yield Said(
            f"Le compte bancaire du bénéficiaire est tenu {where} ({country}).",
            "Vérifiez le relevé d'identité bancaire auprès du bénéficiaire, par un moyen connu d'avance : un changement"
            " de compte est la fraude la plus courante.",
        )


_IN_DOUBT = tuple(
    Rule(
        f"beneficiary_{status.value}",
        Severity.BLOCKING,
        "loi n° 2000-321 du 12 avril 2000, art. 9-1 ; CGCT, art. L. 2311-7",
        f"Le bénéficiaire est désigné sans doute ({label})",
        beneficiary_stands(status),
        supersedes=(f"beneficiary_{status.value}",),
    )
    for status, label in (
        (FactStatus.AMBIGUOUS, "une seule lecture"),
        (FactStatus.CONFLICTING, "le même partout"),
        (FactStatus.MALFORMED, "lisible"),
    )
)

RULES = (
    *_IN_DOUBT,
    Rule(
        "beneficiary_missing",
        Severity.WARNING,
        "loi n° 2000-321 du 12 avril 2000, art. 9-1 ; CGCT, art. L. 2311-7",
        "Le dispositif nomme un bénéficiaire",
        _missing,
    ),
    Rule(
        "beneficiary_differs",
        Severity.WARNING,
        "CGCT, art. L. 2311-7",
        "La convention est passée avec l'organisme que la délibération nomme",
        _name_of_act,
    ),
    Rule(
        "beneficiary_renamed",
        Severity.WARNING,
        _STATE_REGISTER,
        "Le bénéficiaire n'a pas changé de nom depuis la délibération",
        _renamed_body,
    ),
    Rule(
        "beneficiary_is_authority",
        Severity.BLOCKING,
        "code civil, art. 1101 (un contrat suppose deux personnes)",
        "Le bénéficiaire est une autre personne que la collectivité",
        _own_siren,
    ),
    Rule(
        "company_unverified",
        Severity.INFO,
        _STATE_REGISTER,
        "Le SIRET a été vérifié au répertoire",
        _unverified,
        supersedes=("no_beneficiary_siret",),
    ),
    Rule("company_unknown", Severity.WARNING, _STATE_REGISTER, "Le répertoire connaît le SIRET", _unknown),
    Rule(
        "company_ceased",
        Severity.BLOCKING_SIGNATURE,
        _STATE_REGISTER,
        "Le bénéficiaire est en activité",
        _ceased,
        acknowledgeable=True,
    ),
    Rule("establishment_closed", Severity.WARNING, _STATE_REGISTER, "L'établissement désigné est ouvert", _closed),
    Rule(
        "company_name_differs",
        Severity.WARNING,
        _STATE_REGISTER,
        "Le nom est celui du répertoire",
        _name_of_register,
    ),
    Rule(
        "company_kind_differs",
        Severity.WARNING,
        "loi n° 2000-321 du 12 avril 2000, art. 9-1 et 10-1",
        "La nature juridique est celle du répertoire",
        _kind_of_register,
    ),
    Rule(
        "company_address_differs",
        Severity.INFO,
        _STATE_REGISTER,
        "Le siège est à l'adresse du répertoire",
        _address_of_register,
    ),
    Rule(
        "account_abroad",
        Severity.WARNING,
        "règlement (UE) n° 260/2012, art. 9 ; CGCT, art. D. 1617-19",
        "Le compte à payer est tenu en France",
        _account,
    ),
)
