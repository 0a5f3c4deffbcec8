"""The ledger of effects: what an activity did under a business key, so that a retry answers the same (invariant 6)."""

from typing import Protocol


class Effects(Protocol):
    def recall(self, key: str) -> str | None:
        """What was remembered under ``key``, if anything."""
        ...

    def remember(self, key: str, value: str) -> str:
        """Keep ``value`` under ``key`` for ever; the first result wins, and is what is returned."""
        ...
