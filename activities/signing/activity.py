"""The two activities that the workflow calls: sign for one side, and validate the whole at the end."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import pikepdf
from temporalio import activity

from activities.documents import Documents
from activities.effects import Effects
from activities.refusals import refusing
from activities.signing.appearance import Mention
from activities.signing.certificates import distinguished
from activities.signing.fields import PLACES, field_names
from activities.signing.lasting import ARCHIVE_FIELD
from activities.signing.making import SEAL_FIELD
from activities.signing.personal import PersonalSignatures
from activities.signing.sealing import Doubtful, invalid, require_all_hold, require_level, sign
from activities.signing.signer import Signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import Trust
from activities.signing.validation import FileJudgement, Judgement
from activities.signing.verification import report
from domain.assurance import Assurance
from domain.convention import Role
from domain.documents import JSON, PDF, digest
from domain.errors import SignatureRefused
from domain.tasks import SEAL, SIGN, SealAnswer, SealRequest, SignAnswer, SignRequest
from domain.verification import Level

_MOST_REVISIONS = 64


class Challenges(Protocol):
    """What signing needs of the one-time codes."""

    def spend(
        self, challenge: str, convention_id: str, round_: int, role: Role, email: str, document: str, at: datetime
    ) -> None:
        """Spend the code on this signature, or refuse it."""
        ...


class SigningActivities:
    """Signing, idempotent by business key: a retry, or two at once, give the first one's result (invariant 6)."""

    def __init__(
        self,
        store: Documents,
        effects: Effects,
        challenges: Challenges,
        signer: Signer,
        timestamper: HttpTimestamper,
        trust: Trust,
        clock: Callable[[], datetime],
        *,
        level: Level = Level.B_LT,
        final: Level = Level.B_LTA,
        certifier: Signer | None = None,
        personal: PersonalSignatures | None = None,
    ) -> None:
        """:param level: lowest PAdES level of each signature when it is made.
        :param final: lowest PAdES level of each, once all have signed.
        :param certifier: the seal that certifies the document first; None: the first signature does.
        :param personal: signatures with people's own certificates; None: no level above the simple one.
        """
        self._store = store
        self._effects = effects
        self._challenges = challenges
        self._signer = signer
        self._timestamper = timestamper
        self._trust = trust
        self._clock = clock
        self._level = level
        self._final = final
        self._certifier = certifier
        self._personal = personal

    @activity.defn(name=SIGN.name, no_thread_cancel_exception=True)
    @refusing
    def sign_document(self, request: SignRequest) -> SignAnswer:
        """Sign for one side.

        :raises LinkRefused: ``challenge_unproved``.
        :raises SignatureRefused: the document cannot be signed, or the result does not validate.
        :raises TimestampOutage, RevocationOutage: retried; nothing is kept.
        """
        # By the decision, not by the document alone: the late answer to one person's decision must never stand for
        # the signature of the next person who is asked.
        who = digest(f"{request.signatory.model_dump_json()}|{request.accepted_at.isoformat()}".encode())[:32]
        key = f"sign/{request.convention_id}/{request.role}/{request.document.sha256}/{who}"
        if kept := self._effects.recall(key):
            return SignAnswer.model_validate_json(kept)
        if request.signatory.role is not request.role:
            raise SignatureRefused("role_mismatch", "Cette personne n’est pas appelée à signer pour cette partie.")
        # Whoever asks, the workflow included: no signature without a person who proved the code (invariant 5).
        self._challenges.spend(
            request.challenge_id,
            request.convention_id,
            request.round,
            request.role,
            str(request.signatory.person.email),
            request.document.sha256,
            request.accepted_at,
        )
        pdf = self._store.get(request.document)
        approved_part(pdf, request.approved)
        field = PLACES[request.role].field
        person = request.signatory
        mention = Mention(person.person.full_name, person.capacity_line, person.ground, request.accepted_at)
        try:
            signed = sign(
                pdf,
                field,
                mention,
                signer=self._signer,
                timestamper=self._timestamper,
                trust=self._trust,
                level=self._level,
                final=self._final,
                certifier=self._certifier,
                elsewhere=self._elsewhere(request),
            )
        except Doubtful as doubt:
            raise self._kept_aside(doubt) from doubt
        made = signed.judgement
        if made.stamp is None or made.level is None:  # never, after sign(): kept so that no answer lacks its proof
            raise invalid("pas d’horodatage")
        answer = SignAnswer(
            document=self._store.put(signed.content, PDF),
            field=field,
            level=made.level,
            signed_at=made.stamp.at,
            timestamp_authority=made.stamp.authority,
            certificate=distinguished(made.certificate.subject),
            assurance=self._assurance(request),
        )
        return SignAnswer.model_validate_json(self._effects.remember(key, answer.model_dump_json()))

    def _elsewhere(self, request: SignRequest) -> Callable[[], bytes] | None:
        """How the signature is made when not by our seal.

        :raises SignatureRefused: ``assurance_missing``.
        """
        if request.assurance is Assurance.SIMPLE:
            return None
        personal = self._personal
        if personal is None:
            raise SignatureRefused(
                "assurance_missing",
                f"Aucun prestataire de signature n’est configuré pour le niveau demandé ({request.assurance}) : rien"
                " n’a été signé.",
            )
        return lambda: personal.make(request, self._timestamper)

    def _assurance(self, request: SignRequest) -> Assurance:
        """The level that was reached."""
        if request.assurance is Assurance.SIMPLE or self._personal is None:
            return self._signer.assurance
        return self._personal.service.account.assurance

    @activity.defn(name=SEAL.name, no_thread_cancel_exception=True)
    @refusing
    def validate_signed(self, request: SealRequest) -> SealAnswer:
        """Validate the final file: it begins with the approved bytes, and each role has signed.

        :raises SignatureRefused: it does not.
        """
        key = f"seal/{request.convention_id}/{request.document.sha256}"
        if kept := self._effects.recall(key):
            return SealAnswer.model_validate_json(kept)
        pdf = self._store.get(request.document)
        approved = approved_part(pdf, request.approved)
        found = require_all_hold(pdf, self._trust)
        _require_same_fields(approved, pdf)
        by_role = _by_role(found, request.roles)
        levels = {role: require_level(one, self._final).value for role, one in by_role.items()}
        text = report(pdf, found, self._trust, self._clock()).model_dump_json(indent=2)
        answer = SealAnswer(report=self._store.put(text.encode(), JSON), levels=levels)
        return SealAnswer.model_validate_json(self._effects.remember(key, answer.model_dump_json()))

    def _kept_aside(self, doubt: Doubtful) -> SignatureRefused:
        """The refusal, once the file in doubt is in the store beside the one that was to be signed."""
        kept = self._store.put(doubt.content, PDF)
        return SignatureRefused(
            doubt.code,
            f"{doubt.message} Les deux fichiers sont conservés ; empreinte du fichier refusé : {kept.sha256}.",
        )


def approved_part(pdf: bytes, approved: str) -> bytes:
    """The first bytes of ``pdf`` whose digest is ``approved``: the approved file, before any signature.

    A PDF grows by revisions, each ended by ``%%EOF``: the approved file ended at one of them.

    :raises SignatureRefused: ``approved_differs``.
    """
    for n, mark in enumerate(re.finditer(rb"%%EOF", pdf)):
        if n >= _MOST_REVISIONS:
            break
        for ending in (b"", b"\n", b"\r\n", b"\r"):
            if pdf.startswith(ending, mark.end()) and digest(pdf[: mark.end() + len(ending)]) == approved:
                return pdf[: mark.end() + len(ending)]
    raise SignatureRefused(
        "approved_differs", "Le document présenté ne commence pas par la version qui a été approuvée."
    )


def _by_role(found: FileJudgement, roles: tuple[Role, ...]) -> dict[Role, Judgement]:
    # The authority's seal may have certified the document before the persons; then it did so first.
    seal = found.signatures[:1] if found.signatures[0].field == SEAL_FIELD else ()
    by_field = {one.field: one for one in found.signatures[len(seal) :]}
    expected = {PLACES[role].field: role for role in roles}
    if set(by_field) != set(expected):
        missing = ", ".join(PLACES[role].tooltip for field, role in expected.items() if field not in by_field)
        raise invalid(f"il manque : {missing}" if missing else "il porte une signature qui n’était pas prévue")
    return {expected[field]: one for field, one in by_field.items()}


def _require_same_fields(approved: bytes, signed: bytes) -> None:
    """No place for a signature was added to those that were approved, but those that signing itself adds."""
    with pikepdf.open(io.BytesIO(approved)) as before, pikepdf.open(io.BytesIO(signed)) as after:
        if field_names(after) - {SEAL_FIELD, ARCHIVE_FIELD} != field_names(before):
            raise invalid("ses champs ne sont plus ceux de la version approuvée")
