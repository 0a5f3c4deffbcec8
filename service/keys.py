"""Keys of the seal, trust anchors, timestamp authorities and the secret of the links, from the settings."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from activities.signing.revocation import OnlineRevocation
from activities.signing.signer import Pkcs12Signer, Signer
from activities.signing.timestamps import HttpTimestamper
from activities.signing.trust import CrlFiles, NoLists, Trust
from service import devpki
from service.provider import token_signer
from service.settings import Settings

LINK_SECRET_BYTES = 32


@dataclass(frozen=True)
class SigningKeys:
    """What signing needs."""

    signer: Signer
    timestamper: HttpTimestamper
    trust: Trust

    def close(self) -> None:
        """Let go of the connections."""
        self.timestamper.close()
        if self.trust.online is not None:
            self.trust.online.close()


def signing_keys(settings: Settings) -> SigningKeys:
    """The configured seal, or the development one."""
    signer: Signer
    if token := token_signer(settings):
        signer = token
    elif settings.signing_p12 is None:
        pki = devpki.ensure(settings.keys, f"http://127.0.0.1:{settings.companion_port}/pki")
        signer = Pkcs12Signer(pki.seal, pki.seal_passphrase)
    else:
        signer = Pkcs12Signer(settings.signing_p12, _passphrase(settings))
    trust = _trust(settings, own=(signer.certificate.dump(),))
    if not settings.embedded_pki and not settings.crl_files:
        # Nobody keeps lists here: the authorities themselves are asked, at each signature.
        trust = replace(trust, online=OnlineRevocation())
    timestamper = HttpTimestamper(settings.timestamp_urls, trust=trust)
    return SigningKeys(signer=signer, timestamper=timestamper, trust=trust)


def verification_trust(settings: Settings) -> Trust:
    """Whom a verification trusts: no key is needed, and none is made."""
    pki = devpki.DevPki(settings.keys / "pki")
    own = (pki.seal_certificate.read_bytes(),) if settings.embedded_pki and pki.folder.exists() else ()
    return _trust(settings, own)


def _trust(settings: Settings, own: Sequence[bytes]) -> Trust:
    if not settings.embedded_pki:
        return Trust(
            roots=tuple(path.read_bytes() for path in settings.trust_roots),
            revocation=CrlFiles(settings.crl_files) if settings.crl_files else NoLists(),
            own=tuple(own),
        )
    pki = devpki.DevPki(settings.keys / "pki")
    if not pki.folder.exists():
        return Trust(roots=tuple(path.read_bytes() for path in settings.trust_roots))
    return Trust(
        roots=(pki.root.read_bytes(), *(path.read_bytes() for path in settings.trust_roots)),
        intermediates=(pki.issuing.read_bytes(),),
        revocation=CrlFiles((*pki.lists, *settings.crl_files), refresh=pki.refresh),
        own=tuple(own),
    )


def _passphrase(settings: Settings) -> str:
    if settings.signing_p12_passphrase_file is None:
        return ""
    return settings.signing_p12_passphrase_file.read_text("utf-8").strip()


def link_secret(settings: Settings) -> bytes:
    """The secret that links and codes derive from; made once, for this user's eyes only, where none is configured."""
    path = settings.link_secret_file or private_file(
        settings.keys / "link-secret", secrets.token_hex(LINK_SECRET_BYTES)
    )
    secret = path.read_bytes().strip()
    if len(secret) < LINK_SECRET_BYTES:
        raise SystemExit(
            f"Paraphe ne démarre pas : PARAPHE_LINK_SECRET_FILE ({path}) doit contenir au moins"
            f" {LINK_SECRET_BYTES} octets aléatoires."
        )
    return secret


def private_file(path: Path, content: str) -> Path:
    """Write ``content`` in a file that only this user reads, unless it is there already. Two at once: one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content + "\n")
    try:
        # A link fails when the name is taken: the first process wins, whole.
        os.link(waiting, path)
    except FileExistsError:
        pass
    finally:
        waiting.unlink()
    return path
