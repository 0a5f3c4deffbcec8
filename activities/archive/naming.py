"""What an archived object is called: by the deliberation's number, as the assembly wrote it.

The identifier holds the number verbatim (NFC) and what makes the award one and the same: nothing is lost, and the
number can be read back. The folder's name comes from it by the registered OCFL layout 0003, which percent-encodes
whatever is not a plain letter, digit or hyphen, and cuts and digests what is too long: no number reaches out of it.
"""

import unicodedata
from datetime import date
from typing import NamedTuple

from domain.convention import AwardKey, fold
from domain.errors import ActionRefused

SEPARATOR = "_"


class ObjectName(NamedTuple):
    number: str
    ordinal: int
    session_date: date
    authority: str
    """Folded."""


def object_id(award: AwardKey) -> str:
    """E.g. ``ECO 010-6552/19/BM_1_2019-09-26_METROPOLE-D-EXEMPLE``.

    :raises ActionRefused: ``number_missing``: nobody could find an object without a number.
    """
    number = unicodedata.normalize("NFC", award.number).strip()
    if not fold(number):
        raise ActionRefused(
            "number_missing",
            "La délibération n'a pas de numéro : la convention ne peut pas être archivée sous son numéro.",
        )
    return SEPARATOR.join((number, str(award.ordinal), award.session_date.isoformat(), fold(award.authority)))


def parse_object_id(identifier: str) -> ObjectName:
    """The parts of an identifier made by :func:`object_id`, whatever its number contains."""
    number, ordinal, day, authority = identifier.rsplit(SEPARATOR, 3)
    return ObjectName(number, int(ordinal), date.fromisoformat(day), authority)
