"""Rules on conflicts of interest: who took no part in the vote, and who is called to sign."""

from collections.abc import Iterator

from domain.facts import Evidence, Fact, Severity
from domain.rules.case import RuleCase
from domain.rules.rule import Rule, Said
from domain.rules.words import listed, not_voting, places, quoted, same_person


def _some_did_not_vote(case: RuleCase) -> Iterator[Said]:
    absent = not_voting(case.act)
    if absent:
        names = listed(fact.usable or "" for fact in absent)
        yield Said(
            f"N'ont pas pris part au vote : {names}.",
            "Vérifiez que chaque déport est inscrit au registre des pouvoirs, et qu'aucune de ces personnes n'instruit"
            " ni ne signe cette convention.",
            places(absent),
        )


def _signatory_did_not_vote(case: RuleCase) -> Iterator[Said]:
    if not case.settings.signature_by_non_voter:
        return
    for person in case.around.candidates or ():
        said = [fact for fact in not_voting(case.act) if same_person(person, fact.usable or "")]
        if said:
            yield Said(
                f"{person.civility.value} {person.full_name}, qui aurait le pouvoir de signer pour la collectivité, n'a"
                " pas pris part au vote.",
                "Inscrivez son déport et la personne qui la supplée, puis enregistrez de nouveau les informations ; si"
                " son absence avait une autre cause, attestez-le.",
                places(said),
            )


def _interested_member_voted(case: RuleCase) -> Iterator[Said]:
    if case.supplied is None:
        return
    person = case.supplied.beneficiary.representative
    if any(same_person(person, fact.usable or "") for fact in not_voting(case.act)):
        return
    said = [fact for fact in _sitting(case) if fact.usable and same_person(person, fact.usable)]
    if said:
        evidence: tuple[Evidence, ...] = places(said)
        yield Said(
            f"{person.civility.value} {person.full_name}, qui signe pour le bénéficiaire, figure parmi les membres qui"
            f" ont siégé ({quoted(said[0].usable or '')}), sans mention de déport.",
            "Vérifiez au procès-verbal si cette personne a pris part au vote : la délibération serait illégale si elle"
            " y était intéressée.",
            evidence,
        )


def _sitting(case: RuleCase) -> Iterator[Fact[str]]:
    yield from case.act.attendance.present
    for proxy in case.act.attendance.represented:
        yield proxy.member


RULES = (
    Rule(
        "members_not_voting",
        Severity.WARNING,
        "CGCT, art. L. 2131-11 ; décret n° 2014-90 du 31 janvier 2014, art. 5 et 6",
        "Des membres n'ont pas pris part au vote (signe de déport)",
        _some_did_not_vote,
        supersedes=("recusal_mentioned",),
    ),
    Rule(
        "signatory_not_voting",
        Severity.BLOCKING_SIGNATURE,
        "décret n° 2014-90 du 31 janvier 2014, art. 5 et 6 ; CGCT, art. L. 2131-11",
        "Personne ne signe qui n'a pas pris part au vote",
        _signatory_did_not_vote,
        acknowledgeable=True,
        settings=("signature_by_non_voter",),
    ),
    Rule(
        "interested_member_voted",
        Severity.WARNING,
        "CGCT, art. L. 2131-11 (et L. 1111-6 pour les représentants désignés par la loi)",
        "Le représentant du bénéficiaire n'a pas siégé pour cette délibération",
        _interested_member_voted,
    ),
)
