"""What must be there before the processes of a single machine start: schema, keys, and somebody to open the desk."""

import secrets
from pathlib import Path

from activities.register.engine import open_engine
from activities.register.migrate import upgrade
from activities.register.register import Register
from domain.errors import ParapheError
from service import devpki
from service.keys import link_secret, private_file
from service.settings import Settings

STAFF_ID = "juridique"
STAFF_NAME = "Service juridique"


def prepare(settings: Settings) -> None:
    """Make what is missing; a second call changes nothing."""
    # Register, documents and the mails of the embedded catcher, with links and codes in them: this user's only. A
    # folder that is there already keeps the rights that the operator gave it.
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    upgrade(settings.database)
    link_secret(settings)
    if settings.embedded_pki:
        devpki.ensure(settings.keys, f"http://127.0.0.1:{settings.companion_port}/pki")
    if not staff_key_file(settings).exists():
        _first_staff(settings)


def add_staff(settings: Settings, identifier: str, name: str) -> str:
    """The new person's access key. It is kept nowhere."""
    upgrade(settings.database)
    engine = open_engine(settings.database)
    try:
        return Register(engine, link_secret(settings)).add_staff(identifier, name, "legal_affairs")
    finally:
        engine.dispose()


def staff_key_file(settings: Settings) -> Path:
    """Where the key of the first person is."""
    return settings.keys / "staff-key"


def _first_staff(settings: Settings) -> None:
    try:
        key = add_staff(settings, STAFF_ID, STAFF_NAME)
    except ParapheError:
        # Known to the register, but the file of the key was lost: another person, with another key.
        key = add_staff(settings, f"{STAFF_ID}-{secrets.token_hex(3)}", STAFF_NAME)
    private_file(staff_key_file(settings), key)
