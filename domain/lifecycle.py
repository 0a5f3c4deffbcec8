"""The life of a convention as a pure state machine: (state, action, instant) → state, or a refusal.

    drafting ⇄ review → approved → signing_beneficiary → signing_authority
        → sealing → archiving → delivering → completed

``refused``, ``withdrawn`` and ``expired`` end it too, through archiving. The order of the two signatures is a
setting. Every decision a person can take goes through :func:`apply`, so that what is allowed is written once.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import assert_never

from domain.convention import Role
from domain.documents import Model, Sha256
from domain.errors import ActionRefused, Actor
from domain.executory import ExecutoryProof, check_plausible, require_executory


class Stage(StrEnum):
    DRAFTING = "drafting"
    REVIEW = "review"
    APPROVED = "approved"
    SIGNING_BENEFICIARY = "signing_beneficiary"
    SIGNING_AUTHORITY = "signing_authority"
    SEALING = "sealing"
    ARCHIVING = "archiving"
    DELIVERING = "delivering"
    COMPLETED = "completed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


ENDED = frozenset({Stage.COMPLETED, Stage.REFUSED, Stage.WITHDRAWN, Stage.EXPIRED})
SIGNING = frozenset({Stage.SIGNING_BENEFICIARY, Stage.SIGNING_AUTHORITY})

LABELS = {
    Stage.DRAFTING: "Rédaction",
    Stage.REVIEW: "Relecture",
    Stage.APPROVED: "Approuvée, à envoyer",
    Stage.SIGNING_BENEFICIARY: "Signature du bénéficiaire",
    Stage.SIGNING_AUTHORITY: "Signature de la collectivité",
    Stage.SEALING: "Contrôle des signatures",
    Stage.ARCHIVING: "Archivage",
    Stage.DELIVERING: "Envoi des copies",
    Stage.COMPLETED: "Terminée",
    Stage.REFUSED: "Refusée",
    Stage.WITHDRAWN: "Retirée",
    Stage.EXPIRED: "Expirée",
}
"""What users read."""


class Lifecycle(Model):
    """Where a convention stands."""

    stage: Stage = Stage.DRAFTING
    session_date: date
    order: tuple[Role, ...] = (Role.BENEFICIARY, Role.AUTHORITY)
    document: Sha256 | None = None
    """Digest of the PDF of the current version."""
    proof: ExecutoryProof | None = None
    signed: tuple[Role, ...] = ()
    round: int = 0
    """Each request for signature, or hand-over, opens a new round; links of older rounds are dead."""
    signing: bool = False
    """A signature was accepted and is being made."""
    ending: Stage | None = None
    """How it will end, once archived, when it does not end well."""

    @property
    def ended(self) -> bool:
        return self.stage in ENDED

    @property
    def turn(self) -> Role | None:
        """Whose signature is awaited."""
        if self.stage not in SIGNING:
            return None
        return next((role for role in self.order if role not in self.signed), None)


class SupplyFacts(Model):
    """A person supplied or corrected the facts."""


class DraftReady(Model):
    document: Sha256


class RequestChanges(Model):
    """The version is not approved; the facts are open again."""


class Approve(Model):
    document: Sha256


class RecordReceipt(Model):
    proof: ExecutoryProof


class Send(Model):
    """Ask the first party to sign."""


class Sign(Model):
    role: Role
    round: int
    document: Sha256


class SignatureMade(Model):
    role: Role
    document: Sha256
    """Digest of the file with this signature: what the next party is shown."""


class SignatureFailed(Model):
    role: Role


class Refuse(Model):
    role: Role
    round: int


class HandOver(Model):
    role: Role
    round: int


class Withdraw(Model):
    """Legal affairs take the convention back."""


class Expire(Model):
    """Nobody signed in time."""


class Sealed(Model):
    """All signatures were validated."""


class Archived(Model):
    """The package is in the archive."""


class Delivered(Model):
    """Both parties were sent their copy."""


Action = (
    SupplyFacts
    | DraftReady
    | RequestChanges
    | Approve
    | RecordReceipt
    | Send
    | Sign
    | SignatureMade
    | SignatureFailed
    | Refuse
    | HandOver
    | Withdraw
    | Expire
    | Sealed
    | Archived
    | Delivered
)


def apply(state: Lifecycle, action: Action, now: datetime) -> Lifecycle:
    """The state after ``action`` at ``now`` (aware).

    :raises ActionRefused: the action is not allowed; the state has not changed.
    """
    match action:
        case SupplyFacts():
            _expect(
                state,
                "facts_closed",
                "Les informations ne sont plus modifiables",
                Stage.DRAFTING,
                Stage.REVIEW,
            )
            return _with(state, stage=Stage.DRAFTING, document=None)
        case DraftReady(document=document):
            _expect(state, "not_drafting", "Aucune rédaction n'est en cours", Stage.DRAFTING)
            return _with(state, stage=Stage.REVIEW, document=document)
        case RequestChanges():
            _expect(state, "not_in_review", "Il n'y a pas de version à corriger", Stage.REVIEW, Stage.APPROVED)
            return _with(state, stage=Stage.DRAFTING, document=None)
        case Approve(document=document):
            _expect(state, "not_in_review", "Il n'y a pas de version à approuver", Stage.REVIEW)
            _same_document(state, document)
            return _with(state, stage=Stage.APPROVED)
        case RecordReceipt(proof=proof):
            _expect(
                state,
                "receipt_closed",
                "La preuve ne peut plus être modifiée",
                Stage.DRAFTING,
                Stage.REVIEW,
                Stage.APPROVED,
            )
            check_plausible(proof, state.session_date, now)
            return _with(state, proof=proof)
        case Send():
            _expect(state, "not_approved", "La convention doit d'abord être approuvée", Stage.APPROVED)
            require_executory(state.proof, now)
            return _next_signature(_with(state, round=state.round + 1))
        case Sign(role=role, round=round_, document=document):
            _expect_turn(state, role, round_)
            _same_document(state, document)
            require_executory(state.proof, now)
            return _with(state, signing=True)
        case SignatureMade(role=role, document=document):
            if not state.signing or state.turn is not role:
                raise ActionRefused("not_signing", "Aucune signature n'est en cours.", next_actor=Actor.OPERATOR)
            return _next_signature(
                _with(
                    state,
                    signing=False,
                    signed=(*state.signed, role),
                    document=document,
                    round=state.round + 1,
                )
            )
        case SignatureFailed(role=role):
            if not state.signing or state.turn is not role:
                raise ActionRefused("not_signing", "Aucune signature n'est en cours.", next_actor=Actor.OPERATOR)
            return _with(state, signing=False)
        case Refuse(role=role, round=round_):
            _expect_turn(state, role, round_)
            return _end(state, Stage.REFUSED)
        case HandOver(role=role, round=round_):
            _expect_turn(state, role, round_)
            return _with(state, round=state.round + 1)
        case Withdraw():
            _expect(
                state,
                "too_late_to_withdraw",
                "La convention ne peut plus être retirée",
                Stage.DRAFTING,
                Stage.REVIEW,
                Stage.APPROVED,
                *SIGNING,
            )
            _not_while_signing(state)
            return _end(state, Stage.WITHDRAWN)
        case Expire():
            _expect(state, "not_signing", "Aucune signature n'est attendue", *SIGNING)
            _not_while_signing(state)
            return _end(state, Stage.EXPIRED)
        case Sealed():
            _expect(state, "not_sealing", "Aucun contrôle n'est en cours", Stage.SEALING)
            return _with(state, stage=Stage.ARCHIVING)
        case Archived():
            _expect(state, "not_archiving", "Aucun archivage n'est en cours", Stage.ARCHIVING)
            return _with(state, stage=state.ending or Stage.DELIVERING)
        case Delivered():
            _expect(state, "not_delivering", "Aucun envoi n'est en cours", Stage.DELIVERING)
            return _with(state, stage=Stage.COMPLETED)
        case _:  # pragma: no cover
            assert_never(action)


def _with(state: Lifecycle, **changes: object) -> Lifecycle:
    return state.model_copy(update=changes)


def _end(state: Lifecycle, ending: Stage) -> Lifecycle:
    return _with(state, stage=Stage.ARCHIVING, ending=ending, round=state.round + 1)


def _next_signature(state: Lifecycle) -> Lifecycle:
    awaited = next((role for role in state.order if role not in state.signed), None)
    stages = {
        Role.BENEFICIARY: Stage.SIGNING_BENEFICIARY,
        Role.AUTHORITY: Stage.SIGNING_AUTHORITY,
        None: Stage.SEALING,
    }
    return _with(state, stage=stages[awaited])


def _expect(state: Lifecycle, code: str, refusal: str, *stages: Stage) -> None:
    if state.stage not in stages:
        raise ActionRefused(code, f"{refusal} (étape actuelle : {LABELS[state.stage].lower()}).")


def _expect_turn(state: Lifecycle, role: Role, round_: int) -> None:
    if role in state.signed:
        raise ActionRefused("already_signed", "Vous avez déjà signé cette convention.", next_actor=Actor.SIGNATORY)
    if state.turn is not role:
        raise ActionRefused(
            "not_your_turn",
            f"Ce n'est pas votre tour de signer (étape actuelle : {LABELS[state.stage].lower()}).",
            next_actor=Actor.SIGNATORY,
        )
    if round_ != state.round:
        raise ActionRefused(
            "link_replaced",
            "Ce lien a été remplacé par un plus récent : utilisez le dernier message reçu.",
            next_actor=Actor.SIGNATORY,
        )
    _not_while_signing(state)


def _not_while_signing(state: Lifecycle) -> None:
    if state.signing:
        raise ActionRefused(
            "signature_in_progress",
            "Une signature est en cours d'enregistrement : patientez quelques secondes.",
            next_actor=Actor.SIGNATORY,
        )


def _same_document(state: Lifecycle, document: str) -> None:
    if state.document != document:
        raise ActionRefused(
            "document_changed",
            "Le document a changé depuis qu'il vous a été présenté : relisez la version actuelle.",
        )
