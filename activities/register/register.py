"""The register: one object over one database, made of a repository per noun."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine

from activities.register.agreements import AgreementBook
from activities.register.catalogue import Catalogue
from activities.register.circuits import Circuits
from activities.register.codes import Codes
from activities.register.grants import Grants
from activities.register.ledgers import Ledgers
from activities.register.links import Links
from activities.register.powers import Powers
from activities.register.staff import StaffBook


def utc_now() -> datetime:
    return datetime.now(UTC)


class Register(Circuits, Links, Codes, AgreementBook, Grants, Ledgers, Powers, StaffBook, Catalogue):
    """Circuits, numbers, evidence, links, codes, ledgers, powers, staff and the archive's catalogue.

    :param secret: at least 32 random bytes; links and codes derive from it. Links already sent outlive a change of
        secret, but cannot be made again by a retry, and the codes on their way are void.
    """

    def __init__(self, engine: Engine, secret: bytes, clock: Callable[[], datetime] = utc_now) -> None:
        super().__init__(engine, secret, clock)
