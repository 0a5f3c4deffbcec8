"""What a rule is shown: one award of one act, what people supplied, and what the registers know. Pure data."""

from datetime import date
from decimal import Decimal

from domain.companies import CompanyRecord
from domain.convention import SettledFacts, SuppliedFacts
from domain.deliberation import Act, Award
from domain.documents import Model
from domain.executory import ExecutoryProof
from domain.grants import OtherAward
from domain.parties import LegalKind, Person
from domain.rules.settings import RuleSettings


class Surroundings(Model):
    """What is known beside the act and the supplied facts."""

    settings: RuleSettings = RuleSettings()
    others: tuple[OtherAward, ...] = ()
    """Other subsidies of the authority to the beneficiary, for the same year."""
    candidates: tuple[Person, ...] | None = None
    """Who may sign for the authority by the register of powers; none: it was not asked."""
    proof: ExecutoryProof | None = None
    """The proof that a person recorded."""


class RuleCase(Model):
    """One award, as the rules of law see it. A found value comes before a settled one, as in the draft."""

    act: Act
    award: Award
    supplied: SuppliedFacts | None = None
    """None: nothing was supplied yet; only the act is examined."""
    today: date
    """Paris day of the examination: the day on which the facts were given, so that a retry says the same."""
    around: Surroundings = Surroundings()

    @property
    def settings(self) -> RuleSettings:
        return self.around.settings

    @property
    def settled(self) -> SettledFacts:
        return self.supplied.settled if self.supplied else SettledFacts()

    @property
    def amount(self) -> Decimal | None:
        found = self.award.amount.usable
        return found if found is not None else self.settled.amount

    @property
    def beneficiary(self) -> str | None:
        """Its name in the deliberation."""
        return self.award.beneficiary.usable or self.settled.beneficiary

    @property
    def kind(self) -> LegalKind | None:
        return self.supplied.beneficiary.legal_kind if self.supplied else None

    @property
    def private(self) -> bool:
        """Surely under private law."""
        return self.kind is not None and self.kind.private_law

    @property
    def session(self) -> date | None:
        return self.act.session_date.usable

    @property
    def fiscal_year(self) -> int | None:
        """Year of the budget, when it is known."""
        return self.act.budget.fiscal_year.usable or self.settled.fiscal_year

    @property
    def nature(self) -> str:
        return _digits(self.act.budget.nature.usable)

    @property
    def chapter(self) -> str:
        return _digits(self.act.budget.chapter.usable)

    @property
    def others(self) -> tuple[OtherAward, ...]:
        """The other awards that count: none when the setting says not to cumulate."""
        return self.around.others if self.settings.cumulate else ()

    @property
    def yearly_total(self) -> Decimal | None:
        """This award with the others of the year."""
        if self.amount is None:
            return None
        return self.amount + sum((other.amount for other in self.others), Decimal(0))

    @property
    def company(self) -> CompanyRecord | None:
        """The register's answer about the very SIRET that was typed; one about another SIRET says nothing."""
        record = self.supplied.company if self.supplied else None
        return record if record and self.supplied and record.siret == self.supplied.beneficiary.siret else None


def fiscal_year_of(act: Act, settled: SettledFacts) -> int | None:
    """Year that bears the expense: the budget's, else the session's."""
    session = act.session_date.usable
    return act.budget.fiscal_year.usable or settled.fiscal_year or (session.year if session else None)


def _digits(account: str | None) -> str:
    return "".join(c for c in account or "" if c in "0123456789")
