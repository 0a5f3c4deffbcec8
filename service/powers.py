"""The register of powers as the portal sees it: who did what is kept with each change."""

from datetime import date

from activities.register.register import Register
from domain.parties import Staff
from domain.powers import Delegation, Mandate, PowerRegister, PowerTrace, Recusal


class RegisteredPowers:
    """Implements :class:`portal.ports.Powers`."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def entries(self) -> PowerRegister:
        registers = [self._register.power_register(authority) for authority in self._register.authorities()]
        return PowerRegister(
            mandates=tuple(entry for register in registers for entry in register.mandates),
            delegations=tuple(entry for register in registers for entry in register.delegations),
            recusals=tuple(entry for register in registers for entry in register.recusals),
        )

    def traces(self) -> tuple[PowerTrace, ...]:
        register = self._register
        return tuple(trace for authority in register.authorities() for trace in register.power_traces(authority))

    def add_mandate(self, mandate: Mandate, by: Staff) -> None:
        self._register.add_mandate(mandate, by)

    def add_delegation(self, delegation: Delegation, by: Staff) -> None:
        self._register.add_delegation(delegation, by)

    def add_recusal(self, recusal: Recusal, by: Staff) -> None:
        self._register.add_recusal(recusal, by)

    def end_mandate(self, entry_id: str, last_day: date, by: Staff) -> Mandate:
        return self._register.end_mandate(entry_id, last_day, by)

    def revoke_delegation(self, entry_id: str, day: date, by: Staff) -> Delegation:
        return self._register.revoke_delegation(entry_id, day, by)

    def end_recusal(self, entry_id: str, last_day: date, by: Staff) -> Recusal:
        return self._register.end_recusal(entry_id, last_day, by)
