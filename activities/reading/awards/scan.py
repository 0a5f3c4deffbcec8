"""A text made ready for the rules that read awards: on one line, with its amounts in order."""

import bisect
from dataclasses import dataclass, field

from activities.reading.parts import Span, Text
from domain.amounts import FoundAmount


@dataclass
class Scan:
    text: Text
    flat: str = field(init=False)
    """The masked text with its line breaks as spaces: offsets are those of the view."""
    _places: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.flat = self.text.masked.replace("\n", " ")
        self._places = list(self.text.amounts)

    def amounts(self, zone: Span) -> list[tuple[Span, FoundAmount]]:
        """Amounts that begin in ``zone``, and where they stand."""
        first, last = bisect.bisect_left(self._places, zone.start), bisect.bisect_left(self._places, zone.end)
        found = []
        for rank in range(first, last):
            place = self._places[rank]
            amount = self.text.amounts[place]
            end = place
            limit = self._places[rank + 1] if rank + 1 < len(self._places) else len(self.flat)
            while end < limit and self.flat[end] == "¤":
                end += 1
            found.append((Span(place, end), amount))
        return found
