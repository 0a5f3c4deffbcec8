"""Of what kind a grant is: new, renewed, in addition, carried over, in kind."""

import re
from typing import Final

from domain.deliberation import AwardKind

_KINDS: Final = (
    (AwardKind.IN_KIND, r"en nature|mises? a disposition|a titre (?:gratuit|gracieux)|gratuite?(?:ment)?"),
    (AwardKind.ADDITIONAL, r"complementaires?|complements?|supplementaires?|additionnelle?s?|abond\w+|en sus|rallonge"),
    (AwardKind.CARRIED_OVER, r"reliquats?|report(?:s|ees?|e)?(?! a la| au conseil)"),
    (AwardKind.RENEWAL, r"renouvel\w+|recondui\w+|reconduction"),
)
_BEFORE: Final = 90
_AFTER: Final = 40


def kind_of(flat: str, head: int, end: int) -> tuple[AwardKind, tuple[int, int] | None]:
    """The kind that the words around a grant say, and where; a grant when they say nothing.

    :param head: where its noun begins in ``flat``, the folded sentence on one line.
    :param end: where its amount ends.
    """
    start = max(0, head - _BEFORE)
    window = flat[start : end + _AFTER]
    for kind, rule in _KINDS:
        match = re.search(rf"(?<!\w)(?:{rule})(?!\w)", window)
        if match:
            return kind, (start + match.start(), start + match.end())
    return AwardKind.GRANT, None
