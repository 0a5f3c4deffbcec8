"""Who may sign here and now: the law of powers, applied to the entries of the register. Pure.

CGCT L5211-9 and L2122-18: the executive may delegate by order; the order must itself be executory (L2131-1), names
its matters, and falls with the mandate of who delegated. L2122-17 (for EPCI: L5211-2): suppléance, in the fulness of
the executive's function, so that it needs no "ou son représentant" in the deliberation. Décret 2014-90, art. 5:
recusal. CRPA L212-1: the capacity printed beside the signature.

Two points go further than the letter of the law, on purpose. A suppléance is also held to the formalities of an
order, because the register only knows it by one. A recused executive takes his délégataires de signature with him:
they sign in his name and under his authority; a délégataire de fonction or a substitute does not.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from domain.convention import fold
from domain.executory import PARIS
from domain.parties import Civility, Person, same_mailbox
from domain.powers import (
    Candidate,
    Delegation,
    Exclusion,
    Mandate,
    PowerKind,
    PowerQuestion,
    PowerRegister,
    Recusal,
    Resolution,
)
from domain.rules.words import same_person

_RANK = {PowerKind.SUBSTITUTION: 0, PowerKind.FUNCTION: 1, PowerKind.SIGNATURE: 2, PowerKind.EXECUTIVE: 3}
_NATURE = {
    PowerKind.FUNCTION: "délégation de fonction",
    PowerKind.SIGNATURE: "délégation de signature",
    PowerKind.SUBSTITUTION: "suppléance",
}

_DETERMINER = r"(?:SON|SA|SES|LEURS?|UNE?|TOUTE?|LE|LA|OU|DEFAUT|AUTRES?|(?:UN|TOUT)-E)"
_REPRESENTATIVE = re.compile(
    rf"(?:^|-){_DETERMINER}-REPRESENTANT|DELEGUE|DELEGATAIRE|DELEGATION|ADJOINT|VICE-PRESIDENT|HABILITEE?(?:-|$)"
)
"""On a folded text. A determiner is needed: in "la Présidente, représentant la Métropole" it is a participle."""
_FORBIDDEN = re.compile(r"SANS-(?:\w+-){0,4}?(?:DELEG|SUBDELEG|REPRESENT)|(?:EXCLUSION|EXCLUT|EXCEPTION)")


def resolve(register: PowerRegister, question: PowerQuestion, delegate_first: bool = True) -> Resolution:
    """Everybody who may sign for the authority at ``question.instant``, ranked, and why the others may not.

    :param register: the entries of the authority; entries of another one are passed over.
    :param delegate_first: delegates before the executive, or the other way round.
    """
    authority = fold(question.authority)
    day = question.instant.astimezone(PARIS).date()
    recusals = [r for r in register.recusals if fold(r.authority) == authority and _running(r.start, r.end, day)]
    mandates = [m for m in register.mandates if fold(m.authority) == authority]
    current = mandate_in_force(mandates, day)
    executive_recusal = _recusal(recusals, current.holder, question) if current else None
    other_side = current is not None and _represents_beneficiary(current.holder, question)

    candidates: list[Candidate] = []
    exclusions: list[Exclusion] = []
    for mandate in sorted(mandates, key=lambda m: (m.start, m.id)):
        reason = _mandate_objection(mandate, current, executive_recusal, day)
        if not reason and other_side:
            reason = _BOTH_SIDES
        if reason:
            exclusions.append(Exclusion(person=mandate.holder, entry_id=mandate.id, reason=reason))
    delegations = sorted(
        (d for d in register.delegations if fold(d.authority) == authority),
        key=lambda d: (_RANK[d.kind], d.order_date, d.id),
    )
    held: set[tuple[str, str]] = set()
    for delegation in delegations:
        reason = next(_delegation_objections(delegation, question, current, executive_recusal, recusals, day), "")
        if reason or current is None:
            exclusions.append(Exclusion(person=delegation.holder, entry_id=delegation.id, reason=reason))
        elif (identity := _identity(delegation.holder)) not in held:
            held.add(identity)
            candidates.append(_delegate(delegation, current.holder))
    if current and executive_recusal is None and not other_side:
        candidates.insert(len(candidates) if delegate_first else 0, _executive(current))
    silent = [c for c in candidates if _did_not_vote(c, current, question)]
    candidates = [c for c in candidates if c not in silent]
    exclusions += [Exclusion(person=c.person, entry_id=c.entry_id, reason=_DID_NOT_VOTE) for c in silent]
    if silent and not candidates:
        reason = f"Personne ne peut signer. {_DID_NOT_VOTE}"
    else:
        reason = "" if candidates else _nobody(current, executive_recusal)
    return Resolution(
        candidates=tuple(candidates),
        exclusions=tuple(exclusions),
        executive=current.holder if current else None,
        reason=reason,
    )


def mandate_in_force(mandates: "list[Mandate] | tuple[Mandate, ...]", day: date) -> Mandate | None:
    """The executive's mandate on ``day`` (Paris); the latest, where one follows another on the same day."""
    running = [m for m in mandates if _running(m.start, m.end, day)]
    return max(running, key=lambda m: (m.start, m.id), default=None)


def allows_representative(signing_authority: str) -> bool:
    """Whether the deliberation's words let somebody else than the executive sign.

    "Présidente ou son représentant", "le Maire ou, à défaut, l'adjoint délégué", "la vice-présidente déléguée" do,
    inclusive spellings too; "Présidente" alone does not, nor does "sans possibilité de délégation".
    """
    words = fold(signing_authority)
    return bool(_REPRESENTATIVE.search(words)) and not _FORBIDDEN.search(words)


def _mandate_objection(mandate: Mandate, current: Mandate | None, recusal: Recusal | None, day: date) -> str:
    if current is not None and mandate.id == current.id:
        return _recused(recusal) if recusal else ""
    if mandate.start > day:
        return f"Son mandat ne commence que le {french_day(mandate.start)}."
    if mandate.end is not None and mandate.end < day:
        return f"Son mandat a pris fin le {french_day(mandate.end)}."
    return "Un mandat plus récent a pris la suite du sien."


def _delegation_objections(
    delegation: Delegation,
    question: PowerQuestion,
    current: Mandate | None,
    executive_recusal: Recusal | None,
    recusals: list[Recusal],
    day: date,
) -> Iterator[str]:
    order = f"l'arrêté n° {delegation.order_number} du {french_day(delegation.order_date)}"
    if delegation.kind is PowerKind.EXECUTIVE:
        yield "Cette entrée n'est ni une délégation ni une suppléance : un mandat s'inscrit comme mandat."
    if delegation.revoked_on is not None and delegation.revoked_on <= day:
        yield f"Sa délégation a été rapportée le {french_day(delegation.revoked_on)}."
    if delegation.end is not None and delegation.end < day:
        yield f"Sa délégation a pris fin le {french_day(delegation.end)}."
    if delegation.start > day:
        yield f"Sa délégation ne commence que le {french_day(delegation.start)}."
    if current is None:
        yield "Aucun mandat d'exécutif n'est en cours : les délégations consenties par l'exécutif sont tombées."
    elif delegation.order_date < current.start:
        yield f"Sa délégation est tombée avec le mandat de l'exécutif qui l'avait consentie ({order})."
    if delegation.transmitted_on is None:
        yield f"{_capital(order)} n'est pas exécutoire : sa transmission au représentant de l'État n'est pas établie."
    elif delegation.transmitted_on >= day:
        yield f"{_capital(order)} n'est exécutoire qu'après le {french_day(delegation.transmitted_on)} (transmission)."
    if delegation.published_on is None:
        yield f"{_capital(order)} n'est pas exécutoire : sa publication n'est pas établie."
    elif delegation.published_on >= day:
        yield f"{_capital(order)} n'est exécutoire qu'après le {french_day(delegation.published_on)} (publication)."
    if question.matter not in delegation.matters:
        yield f"{_capital(order)} ne couvre pas la matière « {question.matter} »."
    if delegation.ceiling is not None and delegation.ceiling < question.amount:
        yield (
            f"{_capital(order)} plafonne la délégation à {_euros(delegation.ceiling)} :"
            f" la subvention est de {_euros(question.amount)}."
        )
    if recusal := _recusal(recusals, delegation.holder, question):
        yield _recused(recusal)
    if _represents_beneficiary(delegation.holder, question):
        yield _BOTH_SIDES
    if executive_recusal is not None and delegation.kind is PowerKind.SIGNATURE:
        yield (
            "L'exécutif s'est déporté pour ce bénéficiaire : un délégataire de signature, qui signe en son nom, ne peut"
            " pas signer à sa place (décret n° 2014-90, art. 5)."
        )
    if delegation.kind is not PowerKind.SUBSTITUTION and not allows_representative(question.signing_authority):
        named = question.signing_authority.strip()
        yield (
            f"La délibération n'autorise à signer que « {named} », sans représentant ni délégué."
            if named
            else "La délibération ne dit pas qu'un représentant ou un délégué peut signer."
        )
    if current is not None and _identity(delegation.holder) == _identity(current.holder):
        yield "C'est l'exécutif en exercice : il signe au titre de son mandat."


def _recusal(recusals: list[Recusal], person: Person, question: PowerQuestion) -> Recusal | None:
    siret = re.sub(r"\s", "", question.beneficiary_siret)
    email = str(person.email).casefold()
    return next(
        (
            r
            for r in sorted(recusals, key=lambda r: r.id)
            if r.person_email.strip().casefold() == email and r.beneficiary_siret == siret
        ),
        None,
    )


_BOTH_SIDES = (
    "Cette personne représente le bénéficiaire : elle ne peut pas signer aussi pour la collectivité (décret"
    " n° 2014-90, art. 5 ; code pénal, art. 432-12)."
)


def _represents_beneficiary(person: Person, question: PowerQuestion) -> bool:
    other = question.beneficiary_representative
    return other is not None and (same_mailbox(person, other) or fold(person.full_name) == fold(other.full_name))


_DID_NOT_VOTE = (
    "Cette personne, ou l'exécutif au nom de qui elle signerait, n'a pas pris part au vote de la délibération :"
    " inscrivez son déport et son suppléant, ou attestez que l'absence avait une autre cause (décret n° 2014-90,"
    " art. 5)."
)


def _did_not_vote(candidate: Candidate, current: Mandate | None, question: PowerQuestion) -> bool:
    persons = [candidate.person]
    if candidate.kind is PowerKind.SIGNATURE and current is not None:
        persons.append(current.holder)
    return any(same_person(person, name) for person in persons for name in question.not_voting)


def _recused(recusal: Recusal) -> str:
    return (
        f"Déport pour ce bénéficiaire : arrêté n° {recusal.order_number}, applicable depuis le"
        f" {french_day(recusal.start)} (décret n° 2014-90, art. 5)."
    )


def _nobody(current: Mandate | None, recusal: Recusal | None) -> str:
    if current is None:
        return (
            "Aucun mandat d'exécutif n'est en cours à cette date dans le registre des pouvoirs : inscrivez le mandat"
            " avant d'envoyer la convention à la signature."
        )
    if recusal is None:
        return (
            "L'exécutif représente aussi le bénéficiaire et personne d'autre ne détient le pouvoir de signer :"
            " inscrivez l'arrêté de déport et celui qui désigne son suppléant (décret n° 2014-90, art. 5)."
        )
    return (
        "L'exécutif s'est déporté pour ce bénéficiaire et personne d'autre ne détient le pouvoir de signer : inscrivez"
        " l'arrêté qui désigne son suppléant (décret n° 2014-90, art. 5)."
    )


def _executive(mandate: Mandate) -> Candidate:
    end = f" jusqu'au {french_day(mandate.end)}" if mandate.end else ""
    return Candidate(
        person=mandate.holder,
        kind=PowerKind.EXECUTIVE,
        capacity_line=_capital(_titled(mandate.holder)) + _of_authority(mandate),
        ground=f"Mandat d'exécutif en cours depuis le {french_day(mandate.start)}{end}.",
        entry_id=mandate.id,
    )


def _delegate(delegation: Delegation, executive: Person) -> Candidate:
    prevented = "empêchée" if executive.civility is Civility.MADAME else "empêché"
    link = prevented if delegation.kind is PowerKind.SUBSTITUTION else "et par délégation"
    # _delegation_objections has settled both days.
    assert delegation.transmitted_on is not None
    assert delegation.published_on is not None
    return Candidate(
        person=delegation.holder,
        kind=delegation.kind,
        capacity_line=f"Pour {_titled(executive)} {link}, {_titled(delegation.holder)}",
        ground=(
            f"Arrêté n° {delegation.order_number} du {french_day(delegation.order_date)} ({_NATURE[delegation.kind]}),"
            f" transmis au représentant de l'État le {french_day(delegation.transmitted_on)} et publié le"
            f" {french_day(delegation.published_on)}."
        ),
        entry_id=delegation.id,
    )


_VOWEL = re.compile(r"[aeiouyâàäéèêëîïôöùûü]", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:la |le |l['’])\s*", re.IGNORECASE)
_FEMININE = re.compile(r"^(?:M[ée]tropole|Commune|Ville|Communaut[ée]|R[ée]gion|Collectivit[ée])\b", re.IGNORECASE)
_MASCULINE = re.compile(r"^(?:D[ée]partement|Conseil|Syndicat|Territoire|P[ôo]le|Pays|Centre)\b", re.IGNORECASE)
_ELIDED = re.compile(r"^(?:Eurom[ée]tropole|[ÉE]tablissement|Agglom[ée]ration|Office)\b", re.IGNORECASE)


def _titled(person: Person) -> str:
    """The capacity with its article, agreeing with the person: "la Présidente", "l'Adjointe déléguée"."""
    capacity = _ARTICLE.sub("", person.capacity)
    if _VOWEL.match(capacity) and not capacity.casefold().startswith("onz"):
        return f"l'{capacity}"
    return f"{'la' if person.civility is Civility.MADAME else 'le'} {capacity}"


def _of_authority(mandate: Mandate) -> str:
    name = mandate.authority
    if fold(name) in fold(mandate.holder.capacity):
        return ""
    if _ARTICLE.match(name):
        plain = _ARTICLE.sub("", name)
        return f" du {plain}" if name.casefold().startswith("le ") else f" de {name[0].lower()}{name[1:]}"
    if _FEMININE.match(name):
        return f" de la {name}"
    if _MASCULINE.match(name):
        return f" du {name}"
    if _ELIDED.match(name):
        return f" de l'{name}"
    return f" d'{name}" if _VOWEL.match(name) else f" de {name}"


_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def french_day(day: date) -> str:
    """The day as French acts write it: 1er juillet 2026."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def _euros(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",") + "\u00a0€"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _identity(person: Person) -> tuple[str, str]:
    return str(person.email).casefold(), fold(person.full_name)


def _running(start: date, end: date | None, day: date) -> bool:
    return start <= day and (end is None or day <= end)
