"""The remote signing service and the token of the seal, from the settings."""

from activities.signing.csc import RemoteAccount, RemoteOutage, RemoteService
from activities.signing.personal import PersonalSignatures
from activities.signing.pkcs11 import Pkcs11Signer, TokenPlace
from domain.documents import DocumentRef
from domain.links import Link
from portal.ports import ProviderStep, Unavailable
from service.settings import Settings


def remote_service(settings: Settings) -> RemoteService | None:
    """The configured service, if there is one."""
    if not settings.csc_url or settings.csc_client_secret_file is None:
        return None
    return RemoteService(
        RemoteAccount(
            base_url=settings.csc_url,
            token_url=settings.csc_token_url,
            client_id=settings.csc_client_id,
            client_secret=settings.csc_client_secret_file.read_text("utf-8").strip(),
            assurance=settings.csc_assurance,
        )
    )


def token_signer(settings: Settings) -> Pkcs11Signer | None:
    """The seal in a token, if it is there.

    :raises SignatureRefused: ``seal_unreadable``.
    """
    if settings.pkcs11_module is None or settings.pkcs11_pin_file is None:
        return None
    place = TokenPlace(settings.pkcs11_module, settings.pkcs11_token, settings.pkcs11_key)
    return Pkcs11Signer(place, settings.pkcs11_pin_file.read_text("utf-8").strip())


class RemoteProvider:
    """Implements :class:`portal.ports.Provider`."""

    def __init__(self, signatures: PersonalSignatures) -> None:
        self._signatures = signatures

    def begin(self, link: Link, challenge: str, document: DocumentRef) -> ProviderStep:
        try:
            credential = self._signatures.begin(challenge, link.signatory, document)
        except RemoteOutage as error:
            raise Unavailable(str(error)) from error
        return ProviderStep(code=credential.code, pin=credential.pin)

    def begun(self, challenge: str) -> ProviderStep | None:
        prepared = self._signatures.begun(challenge)
        return ProviderStep(code=prepared.code, pin=prepared.pin) if prepared else None

    def agree(self, link: Link, challenge: str, document: str, code: str, pin: str) -> None:
        try:
            self._signatures.agree(challenge, link.signatory, document, code=code, pin=pin)
        except RemoteOutage as error:
            raise Unavailable(str(error)) from error
