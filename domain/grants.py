"""What a convention grants, to whom and for which year: what the yearly thresholds of the law are counted on."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from domain.deliberation import Euros
from domain.documents import Model

Siren = Annotated[str, StringConstraints(pattern=r"^\d{9}$")]


class Grant(Model):
    """One convention's subsidy, by the facts of its latest draft."""

    convention_id: str
    authority: str
    """Name of the authority, compared folded."""
    siren: Siren
    """Of the beneficiary: all the establishments of one body count together."""
    beneficiary: str
    fiscal_year: int
    """Year that bears the expense; the session's when the act does not say."""
    amount: Annotated[Euros, Field(gt=0)]


class MatchedBy(StrEnum):
    """How another award was found to be the same beneficiary's."""

    SIREN = "siren"
    NAME = "name"
    """Its convention has no facts yet: only the name that was read is known."""


class OtherAward(Model):
    """Another subsidy of the same authority to the same beneficiary, for the same year."""

    convention_id: str
    number: str
    """Of its deliberation."""
    amount: Euros
    matched_by: MatchedBy
