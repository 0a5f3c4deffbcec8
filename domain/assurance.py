"""How strongly the signature of a *person* is tied to that person: the levels of the eIDAS regulation, by amount.

Regulation (EU) 910/2014, art. 3 (10)–(12), 25 and 26; Code civil, art. 1367: only a qualified signature is presumed
reliable. Which level a convention asks for is the authority's choice (⚖): a setting, copied into each convention.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.convention import Role
from domain.deliberation import Euros
from domain.documents import WireModel


class Assurance(StrEnum):
    """Level of the signature of the person."""

    SIMPLE = "simple"
    """The service seals what the person accepted by e-mail link and one-time code."""
    ADVANCED = "advanced"
    """Made with the person's own certificate, under that person's sole control (art. 26)."""
    QUALIFIED = "qualified"
    """Advanced, by a qualified device and certificate (art. 3 (12)); worth a handwritten one (art. 25 (2))."""

    def reaches(self, wanted: "Assurance") -> bool:
        return _RANKS.index(self) >= _RANKS.index(wanted)


_RANKS = tuple(Assurance)


class AssuranceStep(WireModel):
    """From an amount on, a level is asked for."""

    level: Assurance
    above: Annotated[Euros, Field(ge=0)] = Decimal(0)
    """Euros; the step applies to awards strictly above it."""
    role: Role | None = None
    """The side that it applies to; none: both."""


def required_assurance(steps: Iterable[AssuranceStep], role: Role, amount: Decimal) -> Assurance:
    """The level that ``role`` must reach for an award of ``amount`` euros: the highest of the steps that apply."""
    asked = (step.level for step in steps if step.role in {None, role} and amount > step.above)
    return max(asked, key=_RANKS.index, default=Assurance.SIMPLE)
