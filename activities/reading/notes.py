"""Findings: what a legal affairs officer should know of what was read, what is missing, and what contradicts."""

import re
from collections.abc import Iterator

from activities.reading.awards import Awards
from activities.reading.parts import Parts, Span, Text
from activities.reading.profile import Profile
from activities.reading.signing import Certification
from activities.reading.view import phrase
from activities.reading.vote import recusal_words
from domain.amounts import AmountStatus
from domain.convention import fold
from domain.deliberation import Act, Outcome
from domain.facts import Evidence, Fact, FactStatus, Finding, Severity

_TABLE_AHEAD = (
    r"(?:comme suit|(?:le|au|du) tableau (?:suivant|ci-dessous|ci-apres)|(?:ainsi )?repartie?s? ainsi)\s*:?\s*\n"
)
_ANNEXED = r"ci-(?:annexee?|jointe?)s?\b|(?:annexee?|jointe?)s? a la presente|en (?:piece jointe|annexe)"
_ANNEX = r"^\W{0,3}(?:annexe|convention)\b"
_YEARS = r"sur (?:deux|trois|quatre|cinq|[2-5]) (?:ans|annees|exercices)\b|pluriannuel"
_BLANK = r"x{4,}|<%\w*%>|\[\s*(?:\.{2,}|…|a completer)\s*\]|n°\s*(?:…|\.{3,}|_{2,})"
_SIREN = r"sire[nt]\b\W{0,6}\d"
_DELEGATED = r"representant|delegu|suppleant|a defaut"


def findings(
    text: Text, parts: Parts, profile: Profile, act: Act, awards: Awards, certification: Certification
) -> tuple[Finding, ...]:
    """All findings on one act, the decision's first."""
    return tuple(_all(text, parts, profile, act, awards, certification))


def _all(
    text: Text, parts: Parts, profile: Profile, act: Act, awards: Awards, certification: Certification
) -> Iterator[Finding]:
    second = text.first(profile["decisions"], parts.ending)
    if second:
        yield _blocking(
            "several_acts",
            "Une autre décision suit, qu'aucun titre n'annonce : elle n'a pas été lue. Déposez-la à part.",
            text.evidence(Span(*second.span())),
        )
    yield from _decision(text, parts, act)
    yield from _awards(text, parts, act, awards)
    yield from _amounts(text)
    yield from _contents(text, parts, act)
    yield from _signature(text, act, certification)
    yield from _missing(act)


def _blocking(code: str, message: str, *evidence: Evidence) -> Finding:
    return Finding(code=code, severity=Severity.BLOCKING, message=message, evidence=evidence)


def _warning(code: str, message: str, *evidence: Evidence) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, message=message, evidence=evidence)


def _decision(text: Text, parts: Parts, act: Act) -> Iterator[Finding]:
    evidence = act.outcome.evidence
    if parts.operative is None:
        yield _blocking(
            "operative_part_missing",
            "Aucun dispositif n'a été reconnu dans ce document : rien de ce qu'il expose ne vaut décision.",
        )
    match act.outcome.usable:
        case Outcome.REJECTED:
            yield _blocking("vote_rejected", "Cette délibération a été rejetée par l'assemblée.", *evidence)
        case Outcome.POSTPONED:
            yield _blocking("vote_postponed", "Cette délibération a été ajournée ou retirée.", *evidence)
        case None if act.outcome.status is FactStatus.AMBIGUOUS:
            yield _blocking("outcome_ambiguous", "Le sens du vote se contredit d'un passage à l'autre.", *evidence)
        case None:
            yield _warning(
                "outcome_unknown", "Le document ne dit pas si la délibération a été adoptée : vérifiez le registre."
            )
    vote = act.vote
    if vote.unanimous.usable is None and vote.for_.usable is None and act.outcome.usable is Outcome.ADOPTED:
        yield _warning(
            "votes_unknown",
            "La délibération est dite adoptée sans décompte des voix ni mention d'unanimité.",
            *evidence,
        )
    recusal = recusal_words(text)
    if recusal:
        yield _warning(
            "recusal_mentioned",
            "Des élus n'ont pas pris part au vote : vérifiez qu'aucun d'eux n'est appelé à signer (déport).",
            *(e for person in act.not_voting for e in person.evidence),
            recusal,
        )


def _awards(text: Text, parts: Parts, act: Act, awards: Awards) -> Iterator[Finding]:
    if awards.francs:
        yield _blocking(
            "amount_in_francs", "Le montant est exprimé en francs : il n'est pas converti en euros.", *awards.francs
        )
    if awards.collective:
        yield _blocking(
            "beneficiaries_not_named",
            "Une somme est attribuée à des bénéficiaires que le dispositif ne nomme pas (liste ou annexe).",
            *awards.collective,
        )
    elif not act.awards and parts.operative is not None:
        yield _blocking("no_award", "Aucune subvention à un bénéficiaire nommé n'a été lue dans le dispositif.")
    if awards.revocations:
        yield _warning(
            "revocation_mentioned",
            "Le dispositif parle d'une subvention refusée, retirée, demandée ou passée : elle n'est pas comptée.",
            *awards.revocations,
        )
    for code, evidence in awards.conflicts:
        message = {
            "amount_conflict": "Le montant du dispositif ne se retrouve pas dans le rapport de présentation.",
            "beneficiary_conflict": "Le bénéficiaire du dispositif n'est pas celui que le titre annonce.",
        }[code]
        yield _blocking(code, message, *evidence)
    for places in awards.mismatches:
        yield _warning(
            "total_mismatch", "Le total d'un tableau n'est pas la somme des montants lus dans ses lignes.", *places
        )
    if awards.other_parties:
        yield _warning(
            "beneficiary_names_differ",
            "La convention est à passer avec un organisme dont le nom n'est pas celui du bénéficiaire.",
            *awards.other_parties,
        )
    for rank, award in enumerate(act.awards, 1):
        which = f" de l'attribution n° {rank}" if len(act.awards) > 1 else ""
        for fact, name, masculine in (
            (award.amount, "amount", "Le montant"),
            (award.beneficiary, "beneficiary", "Le bénéficiaire"),
        ):
            internal = fact.status is FactStatus.CONFLICTING and name == "amount" and len(fact.evidence) == 1
            if internal:
                yield _blocking(
                    "amount_conflicting",
                    f"Le montant{which} n'est pas le même en lettres et en chiffres.",
                    *fact.evidence,
                )
            if fact.status in (FactStatus.AMBIGUOUS, FactStatus.MALFORMED):
                yield _blocking(
                    f"{name}_{fact.status.value}",
                    f"{masculine}{which} n'a pas pu être lu avec certitude.",
                    *fact.evidence,
                )
    total = sum(a.amount.value or 0 for a in act.awards)
    if len(act.awards) > 1:
        stated = [
            a
            for start, a in text.amounts.items()
            if a.value
            and re.search(
                r"montant (?:total|global|des attributions)[^.¤]{0,90}$", text.masked[max(0, start - 120) : start]
            )
        ]
        if stated and all(a.value != total for a in stated):
            yield _warning(
                "total_mismatch",
                "La somme des subventions lues ne correspond pas au total que le document annonce.",
                *(text.raw_evidence(a) for a in stated),
            )


def _amounts(text: Text) -> Iterator[Finding]:
    for amount in text.amounts.values():
        if amount.status is AmountStatus.MALFORMED:
            yield _warning(
                "malformed_amount",
                f"« {' '.join(amount.text.split())} » n'est pas un montant bien formé : il n'est utilisé nulle part.",
                text.raw_evidence(amount),
            )


def _contents(text: Text, parts: Parts, act: Act) -> Iterator[Finding]:
    for match in phrase(_TABLE_AHEAD).finditer(text.masked):
        if not _table_follows(text, match.end()):
            yield _warning(
                "table_missing",
                "Un tableau est annoncé mais ne figure pas dans le texte reçu.",
                text.evidence(Span(*match.span())),
            )
    operative = parts.operative
    if operative:
        annexed = phrase(_ANNEXED).search(text.masked, operative.start, operative.end)
        if annexed and not phrase(_ANNEX).search(text.masked, operative.end):
            yield _warning(
                "annex_absent",
                "La convention ou la pièce annoncée en annexe n'est pas dans le document reçu.",
                text.evidence(Span(*annexed.span())),
            )
        blank = phrase(_BLANK).search(text.masked, operative.start, operative.end)
        if blank:
            yield _warning(
                "unfilled_field",
                "Le dispositif contient un champ resté à compléter.",
                text.evidence(Span(*blank.span())),
            )
    years = phrase(_YEARS).search(text.masked)
    if years and act.budget.fiscal_year.usable:
        yield _warning(
            "multi_year_project",
            f"Le document parle d'une opération sur plusieurs années, les crédits sont ceux de "
            f"{act.budget.fiscal_year.usable} seulement.",
            text.evidence(Span(*years.span())),
        )
    lost = text.view.raw.find("\ufffd", text.extent.start, text.extent.end)
    if lost >= 0:
        evidence = Evidence(start=lost, end=lost + 1, text="\ufffd", page=text.view.source.page_at(lost))
        yield _warning(
            "damaged_encoding", "Des caractères du document sont perdus : comparez avec l'original.", evidence
        )
    if text.view.source.blank_pages:
        pages = ", ".join(str(n) for n in text.view.source.blank_pages)
        yield _warning("page_without_text", f"Ces pages n'ont pas de texte (image ou page blanche) : {pages}.")
    if text.view.source.source.ocr_pages:
        pages = ", ".join(str(n) for n in text.view.source.source.ocr_pages)
        yield _warning(
            "text_from_ocr",
            f"Ces pages sont numérisées et leur texte vient de la reconnaissance de caractères : {pages}. "
            "Comparez les faits avec l'image.",
        )
    if "tracked_changes" in text.view.source.warnings:
        yield _warning(
            "tracked_changes",
            "Ce document Word porte des modifications suivies, ni acceptées ni refusées : le texte supprimé n'a pas "
            "été lu, le texte inséré l'a été. Déposez la version définitive.",
        )


def _table_follows(text: Text, start: int) -> bool:
    """Whether figures or a list come within the next lines."""
    lines = [line for line in text.masked[start : start + 600].split("\n") if line.strip()][:3]
    return any(
        re.match(r"\W{0,2}[-•*–]|\d", line) or "¤" in line or len(re.findall(r"\d[\d ,.]*", line)) >= 2
        for line in lines
    )


def _signature(text: Text, act: Act, certification: Certification) -> Iterator[Finding]:
    signing = act.signing_authority
    if signing.status is FactStatus.AMBIGUOUS:
        yield _warning(
            "signing_authority_ambiguous",
            "Plusieurs personnes différentes sont autorisées à signer.",
            *signing.evidence,
        )
    elif signing.usable and re.search(_DELEGATED, fold(signing.usable).lower().replace("-", " ")):
        yield _warning(
            "signatory_unresolved",
            f"« {signing.usable} » ne désigne personne : il faut l'arrêté de délégation en vigueur à la signature.",
            *signing.evidence,
        )
    elif signing.usable is None and act.awards:
        yield _warning("signing_authority_missing", "Le dispositif n'autorise personne à signer la convention.")
    certifier = certification.certified_by
    office = fold(certification.office)
    same_office = bool(signing.usable) and office.endswith(fold(signing.usable or "").split("-OU-")[0])
    if certifier.usable and not same_office:
        yield _warning(
            "certifier_not_signatory",
            f"{certifier.usable} a certifié l'extrait : cela ne lui donne pas le pouvoir de signer la convention.",
            *certifier.evidence,
        )


def _missing(act: Act) -> Iterator[Finding]:
    receipt = act.receipt
    stamps = (receipt.id, receipt.sent_at, receipt.received_at, receipt.published_at)
    if any(fact.status is FactStatus.CONFLICTING for fact in stamps):
        yield _warning(
            "receipt_conflicting",
            "Les tampons de transmission se contredisent, ou contredisent la séance : vérifiez l'accusé de réception.",
            *(e for fact in stamps if fact.status is FactStatus.CONFLICTING for e in fact.evidence),
        )
    sat = act.attendance
    if sat.present and sat.present_count.usable not in (None, len(sat.present)):
        yield Finding(
            code="attendance_mismatch",
            severity=Severity.INFO,
            message=f"Le document annonce {sat.present_count.usable} présents et en nomme {len(sat.present)}.",
            evidence=sat.present_count.evidence,
        )
    if receipt.received_at.usable is None or receipt.published_at.usable is None:
        evidence = (*receipt.id.evidence, *receipt.received_at.evidence, *receipt.published_at.evidence)
        yield _warning(
            "no_executory_proof",
            "Le document ne prouve pas à lui seul que la délibération est exécutoire (transmission et publication).",
            *evidence,
        )
    facts: tuple[tuple[Fact[object], str, str], ...] = (
        (act.number, "number", "Le numéro de la délibération"),  # type: ignore[assignment]
        (act.session_date, "session_date", "La date de la séance"),
        (act.authority, "authority", "La collectivité"),
        (act.title, "title", "L'objet"),
    )
    for fact, name, words in facts:
        if fact.usable is None:
            code = f"{name}_missing" if fact.status is FactStatus.MISSING else f"{name}_{fact.status.value}"
            yield _warning(code, f"{words} n'a pas pu être lu avec certitude.", *fact.evidence)
    if act.awards:
        for code, words in (
            ("no_payment_terms", "Les modalités de versement sont à compléter : la délibération ne les fixe pas."),
            ("no_duration", "La durée de la convention est à compléter : la délibération ne la fixe pas."),
            ("no_beneficiary_siret", "Le SIRET du bénéficiaire est à compléter : la délibération ne le donne pas."),
        ):
            yield Finding(code=code, severity=Severity.INFO, message=words)
