"""Rules on the decision itself: was it taken, does it approve, does it authorise, may it be carried out."""

from collections.abc import Iterator

from domain.deliberation import Outcome
from domain.doubts import may_be_certified
from domain.facts import FactStatus, Severity
from domain.parties import LegalKind
from domain.rules.case import RuleCase
from domain.rules.rule import Rule, Said
from domain.rules.settings import ProofNeeded
from domain.rules.words import day, euros, quoted


def _adopted(case: RuleCase) -> Iterator[Said]:
    outcome = case.act.outcome
    if outcome.usable is Outcome.ADOPTED:
        return
    if not may_be_certified(case.act):
        yield Said(
            "La délibération n'a pas été adoptée : aucune convention ne peut en découler.",
            "Retirez cette convention, ou déposez la délibération qui a été adoptée.",
            outcome.evidence,
        )
    elif not case.settled.adopted:
        yield Said(
            "La délibération ne dit pas avec certitude qu'elle a été adoptée : aucune convention ne peut en découler.",
            "Vérifiez le registre des délibérations, puis certifiez l'adoption.",
            outcome.evidence,
        )


def _majority(case: RuleCase) -> Iterator[Said]:
    vote = case.act.vote
    for_, against = vote.for_.usable, vote.against.usable
    if for_ is not None and against is not None and for_ <= against:
        yield Said(
            f"La délibération compte {for_} voix pour et {against} contre : ce n'est pas une majorité.",
            "Vérifiez le décompte au procès-verbal ; à égalité, la voix du président est prépondérante si le vote"
            " n'était pas secret.",
            (*vote.for_.evidence, *vote.against.evidence),
        )


def _quorum(case: RuleCase) -> Iterator[Said]:
    attendance = case.act.attendance
    present, members = attendance.present_count.usable, attendance.in_office.usable
    if present is not None and members is not None and members > 0 and present * 2 <= members:
        yield Said(
            f"La séance compte {present} membres présents sur {members} en exercice : ce n'est pas la majorité.",
            "Vérifiez au procès-verbal que le quorum était atteint, ou que la séance suivait une première convocation"
            " sans quorum.",
            (*attendance.present_count.evidence, *attendance.in_office.evidence),
        )


def _mandatory(case: RuleCase) -> bool:
    total = case.yearly_total
    return case.private and total is not None and total > case.settings.convention_threshold


def _convention_required(case: RuleCase) -> Iterator[Said]:
    total = case.yearly_total
    if _mandatory(case) and total is not None:
        yield Said(
            f"La convention est obligatoire : le bénéficiaire est de droit privé et reçoit {euros(total)} dans l'année,"
            f" au-delà de {euros(case.settings.convention_threshold)}.",
            "Rien à faire ici : le comptable public la demandera pour payer.",
            case.award.amount.evidence,
        )


def _convention_approved(case: RuleCase) -> Iterator[Said]:
    approved = case.act.convention_approved
    if approved.usable is not True and not _mandatory(case):
        yield Said(
            "La délibération ne dit pas clairement qu'elle approuve la convention.",
            "Vérifiez qu'elle l'approuve, ou qu'une délégation permet à l'exécutif de la conclure.",
            approved.evidence,
        )


def _required_not_approved(case: RuleCase) -> Iterator[Said]:
    approved = case.act.convention_approved
    if approved.usable is not True and _mandatory(case):
        yield Said(
            "La convention est obligatoire, mais la délibération ne dit pas clairement qu'elle l'approuve.",
            "Faites approuver la convention par l'assemblée, ou attestez qu'une délégation permet à l'exécutif de la"
            " conclure.",
            approved.evidence,
        )


def _signature_authorised(case: RuleCase) -> Iterator[Said]:
    signing = case.act.signing_authority
    if signing.status is FactStatus.MISSING and case.settled.signing_authority:
        yield Said(
            "La délibération n'autorise personne à signer la convention :"
            f" {quoted(case.settled.signing_authority)} vient de la seule saisie.",
            "Faites autoriser la signature par l'assemblée, ou attestez de la délégation qui la permet.",
        )


def _somebody_may_sign(case: RuleCase) -> Iterator[Said]:
    if case.around.candidates == ():
        yield Said(
            "Le registre des pouvoirs ne désigne personne qui puisse signer cette convention pour la collectivité.",
            "Inscrivez le mandat de l'exécutif, ou l'arrêté de délégation en vigueur qui couvre cette matière et ce"
            " montant.",
            case.act.signing_authority.evidence,
        )


def _proof(case: RuleCase) -> Iterator[Said]:
    receipt = case.act.receipt
    if case.around.proof is not None:
        return
    early = case.settings.proof_needed_before is ProofNeeded.APPROVAL
    if receipt.received_at.usable is not None and receipt.published_at.usable is not None:
        message = "La délibération porte un cachet de transmission et une date de publication, pas encore enregistrés."
    else:
        message = (
            "La délibération ne prouve pas à elle seule qu'elle est exécutoire (transmission au représentant de l'État"
            " et publication)."
        )
    yield Said(
        message,
        "Enregistrez l'accusé de réception et la date de publication : l'envoi à la signature est refusé avant.",
        (*receipt.id.evidence, *receipt.received_at.evidence, *receipt.published_at.evidence),
        Severity.BLOCKING if early else None,
    )


def _receipt_in_order(case: RuleCase) -> Iterator[Said]:
    session = case.session
    for fact, what in (
        (case.act.receipt.sent_at, "d'envoi"),
        (case.act.receipt.received_at, "de réception"),
        (case.act.receipt.published_at, "de publication"),
    ):
        moment = fact.usable
        if (
            session is not None
            and moment is not None
            and (moment.year, moment.month, moment.day)
            < (
                session.year,
                session.month,
                session.day,
            )
        ):
            yield Said(
                f"La date {what} lue sur le cachet précède la séance du {day(session)} : ce cachet ne peut pas être"
                " celui de cette délibération.",
                "Vérifiez la copie déposée, et enregistrez la preuve d'après l'accusé de réception lui-même.",
                fact.evidence,
            )


def _annexes(case: RuleCase) -> Iterator[Said]:
    for annex in case.act.annexes:
        if annex.enclosed.usable is False:
            yield Said(
                f"La délibération annonce une annexe ({quoted(annex.words.value or 'pièce jointe')}) qui n'est pas dans"
                " le fichier reçu : ce que l'assemblée a approuvé n'est pas tout entier sous vos yeux.",
                "Procurez-vous l'annexe et comparez-la avec le projet avant de l'approuver.",
                annex.words.evidence,
            )


def _title_of_kind(case: RuleCase) -> Iterator[Said]:
    if case.kind is LegalKind.OTHER:
        yield Said(
            "Le bénéficiaire est déclaré « autre » : les clauses propres aux associations, aux fondations et aux"
            " entreprises ne sont pas insérées.",
            "Précisez sa nature juridique si l'une d'elles convient.",
        )


RULES = (
    Rule(
        "not_adopted",
        Severity.BLOCKING,
        "CGCT, art. L. 2121-20 (EPCI : L. 5211-1)",
        "La délibération est adoptée",
        _adopted,
        supersedes=("outcome_unknown", "vote_rejected", "vote_postponed"),
    ),
    Rule(
        "majority_not_met",
        Severity.WARNING,
        "CGCT, art. L. 2121-20",
        "Le décompte des voix fait une majorité",
        _majority,
    ),
    Rule(
        "quorum_not_met",
        Severity.WARNING,
        "CGCT, art. L. 2121-17",
        "La majorité des membres en exercice était présente",
        _quorum,
    ),
    Rule(
        "convention_required",
        Severity.INFO,
        "loi n° 2000-321 du 12 avril 2000, art. 10 ; décret n° 2001-495, art. 1er ; CGCT, art. D. 1617-19",
        "La convention est obligatoire (droit privé, montant annuel au-delà du seuil)",
        _convention_required,
        settings=("convention_threshold", "cumulate"),
    ),
    Rule(
        "convention_not_approved",
        Severity.WARNING,
        "CGCT, art. L. 2121-29 (EPCI : L. 5211-1)",
        "La convention est approuvée par l'assemblée (quand elle n'est pas obligatoire)",
        _convention_approved,
    ),
    Rule(
        "required_convention_not_approved",
        Severity.BLOCKING_SIGNATURE,
        "loi n° 2000-321 du 12 avril 2000, art. 10 ; CGCT, art. L. 2121-29",
        "La convention obligatoire est approuvée par l'assemblée",
        _required_not_approved,
        acknowledgeable=True,
        settings=("convention_threshold", "cumulate"),
    ),
    Rule(
        "signature_not_authorised",
        Severity.BLOCKING_SIGNATURE,
        "CGCT, art. L. 2122-21 (EPCI : L. 5211-9)",
        "La délibération autorise la signature",
        _signature_authorised,
        acknowledgeable=True,
        supersedes=("signing_authority_missing",),
    ),
    Rule(
        "nobody_may_sign",
        Severity.WARNING,
        "CGCT, art. L. 2122-18 (EPCI : L. 5211-9)",
        "Une personne au moins a le pouvoir de signer pour la collectivité",
        _somebody_may_sign,
        supersedes=("signatory_unresolved",),
    ),
    Rule(
        "executory_proof_missing",
        Severity.INFO,
        "CGCT, art. L. 2131-1 et L. 2131-2 (EPCI : L. 5211-3)",
        "La preuve du caractère exécutoire est enregistrée",
        _proof,
        supersedes=("no_executory_proof",),
        settings=("proof_needed_before",),
    ),
    Rule(
        "receipt_before_session",
        Severity.WARNING,
        "CGCT, art. L. 2131-1",
        "Les dates du cachet suivent la séance",
        _receipt_in_order,
    ),
    Rule(
        "announced_annex_absent",
        Severity.WARNING,
        "CGCT, art. L. 2121-13 et L. 2131-2",
        "Les annexes annoncées sont dans le fichier reçu",
        _annexes,
        supersedes=("annex_absent",),
    ),
    Rule(
        "legal_kind_vague",
        Severity.INFO,
        "loi n° 2000-321 du 12 avril 2000, art. 9-1, 10 et 10-1",
        "La nature juridique du bénéficiaire est précise",
        _title_of_kind,
    ),
)
