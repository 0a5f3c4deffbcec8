"""Signatures made with people's own certificates, from the signing page to the worker.

The signing page prepares the document and takes the person's agreement at the remote service; the worker, once the
workflow has decided that the signature may be made, uses the agreement, once. What the service signed is kept before
anything else is done with it: a retry finds it (invariant 6).
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from activities.documents import Documents
from activities.effects import Effects
from activities.signing.appearance import Mention
from activities.signing.csc import Credential, RemoteService
from activities.signing.fields import PLACES
from activities.signing.making import require_signable
from activities.signing.remote import Prepared, complete, prepare, require_holder, require_signature
from activities.signing.timestamps import HttpTimestamper
from domain.convention import Signatory
from domain.documents import PDF, DocumentRef
from domain.errors import Actor, SignatureRefused
from domain.tasks import SignRequest


class Kept(Protocol):
    """See :class:`activities.register.agreements.KeptAgreement`."""

    @property
    def prepared(self) -> str: ...

    @property
    def secret(self) -> str: ...


class Agreements(Protocol):
    """Where the signing page leaves what the worker needs: :class:`activities.register.agreements.AgreementBook`."""

    def keep_prepared(self, challenge: str, prepared: str) -> None: ...

    def keep_agreement(self, challenge: str, prepared: str, secret: str, expires_at: datetime) -> None: ...

    def kept_agreement(self, challenge: str) -> Kept | None: ...

    def forget_agreement(self, challenge: str) -> None: ...


class PersonalSignatures:
    """All that is done at the remote service."""

    def __init__(
        self,
        store: Documents,
        effects: Effects,
        agreements: Agreements,
        service: RemoteService,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._effects = effects
        self._agreements = agreements
        self.service = service
        self._clock = clock

    # On the signing page

    def begin(self, challenge: str, signatory: Signatory, document: DocumentRef) -> Credential:
        """Prepare the signature of ``document``, and have the service send its code to the person.

        Beginning again prepares anew, and voids an agreement that was given before.

        :param challenge: of the session in which this person proved our own one-time code.
        :raises SignatureRefused: ``remote_no_credential``, ``remote_holder_differs``, ``field_filled``…
        :raises RemoteOutage: the service does not answer.
        """
        credential = self.service.credential_of(str(signatory.person.email))
        require_holder(credential.certificate, signatory.person)
        pdf = self._store.get(document)
        field = PLACES[signatory.role].field
        mention = Mention(signatory.person.full_name, signatory.capacity_line, signatory.ground, self._clock())
        content, parts = prepare(pdf, field, mention, credential, first=require_signable(pdf, field).first)
        prepared = Prepared(
            document=document.sha256, prepared=self._store.put(content, PDF), **parts.model_dump(exclude={"digest"})
        )
        self._agreements.keep_prepared(challenge, prepared.model_dump_json())
        self.service.send_code(credential)
        return credential

    def begun(self, challenge: str) -> Prepared | None:
        """What was prepared in the session of this challenge."""
        kept = self._agreements.kept_agreement(challenge)
        return Prepared.model_validate_json(kept.prepared) if kept else None

    def agree(self, challenge: str, signatory: Signatory, document: str, *, code: str, pin: str = "") -> None:
        """Take the person's agreement at the service. Agreed to already, and not used yet: nothing more is asked.

        :raises SignatureRefused: ``remote_not_begun``, ``remote_not_authorised``…
        :raises RemoteOutage: the service does not answer.
        """
        kept = self._agreements.kept_agreement(challenge)
        prepared = Prepared.model_validate_json(kept.prepared) if kept else None
        if kept is None or prepared is None or prepared.document != document:
            raise _not_begun()
        if kept.secret:
            return
        credential = self.service.credential_of(str(signatory.person.email))
        if credential.id != prepared.credential:
            raise _not_begun()
        agreed = self.service.authorise(credential, prepared.digest, code=code, pin=pin)
        self._agreements.keep_agreement(challenge, kept.prepared, agreed.secret, agreed.expires_at)

    # In the worker

    def make(self, request: SignRequest, timestamper: HttpTimestamper) -> bytes:
        """The document of ``request`` with the person's signature, timestamped; not yet validated.

        :raises SignatureRefused: no agreement, or it is over; the service cannot reach the level asked for.
        :raises RemoteOutage, TimestampOutage: retried.
        """
        if not self.service.account.assurance.reaches(request.assurance):
            raise SignatureRefused(
                "assurance_missing",
                f"Le prestataire de signature n’atteint pas le niveau demandé ({request.assurance}) : rien n’a été"
                " signé.",
            )
        kept = self._agreements.kept_agreement(request.challenge_id)
        if kept is None:
            raise _not_begun()
        prepared = Prepared.model_validate_json(kept.prepared)
        if prepared.document != request.document.sha256 or prepared.field != PLACES[request.role].field:
            raise _not_begun()
        require_holder(prepared.certificate, request.signatory.person)
        signature = self._value(request.challenge_id, prepared, kept.secret)
        return complete(self._store.get(prepared.prepared), prepared, signature, timestamper)

    def _value(self, challenge: str, prepared: Prepared, secret: str) -> bytes:
        key = f"remote/{challenge}/{prepared.digest.hex()}"
        if known := self._effects.recall(key):
            return b64decode(known)
        if not secret:
            raise _not_begun()
        signature = self.service.sign(prepared.credential, prepared.certificate, prepared.digest, secret)
        require_signature(prepared, signature)
        known = self._effects.remember(key, b64encode(signature).decode())
        self._agreements.forget_agreement(challenge)
        return b64decode(known)


def _not_begun() -> SignatureRefused:
    return SignatureRefused(
        "remote_not_begun",
        "Votre accord auprès du prestataire de signature manque, a expiré ou porte sur une autre version : demandez-lui"
        " un nouveau code, puis signez. Rien n’a été signé.",
        next_actor=Actor.SIGNATORY,
    )
