"""Which column of a table holds what is granted.

The words of its heading say it. Where they do not, and there are several columns of numbers, nothing is chosen.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from activities.reading.awards.names import Name
from activities.reading.awards.rows import Cell, Line
from activities.reading.parts import Span
from domain.convention import fold


class Column(Enum):
    NAME = auto()
    GRANTED = auto()
    """The column says that it is what is granted."""
    AMOUNT = auto()
    """An amount, without saying which."""
    ASKED = auto()
    OTHER = auto()


@dataclass
class Row:
    line: Line
    name: Name | None
    cells: list[Cell]
    amount: Cell | None = None
    sure: bool = True
    purpose: Span | None = None
    broken: bool = False
    """A number alone follows on a line of its own: the row was cut, its amount may be that one."""


_GRANTED = r"accord|attribu|alloue|octroy|retenu|decid|vote|propos|deliber|arrete"
_ASKED = r"demand|sollicit|souhait"
_NAMES = (
    r"associations?$|nom\b|noms\b|beneficiaire|organisme|structure|raison sociale|denomination|tiers|porteur|demandeur"
    r"|destinataire|commune|club|entreprise|societe|etablissement|intitule"
    r"|associations? (?:sportive|culturelle|beneficiaire|locale)|association\b|nom de"
)
_AMOUNTS = r"montants?|subventions?|aides?|somme|participation|dotation|fonds de concours|contribution|€|euros?"
_OTHERS = (
    r"budget|cout|total (?:du )?projet|n ?- ?1|anterieur|precedent|realise|rappel|adherent|nombre|effectif"
    r"|code|taux|%|depense|base|deja|solde|acompte|licenci|quotient|ecart|evolution"
    r"|valorisation|numero|n°|siret|objet|projet|nature|action|domaine|thematique|observations?|commentaire"
    r"|ligne|imputation|dossier|avis|canton|territoire|ht\b|ttc\b|plafond|type"
)


_NO_GRANT = re.compile(
    r"budget|cout|n ?1|anterieur|precedent|realise|rappel|deja|solde|acompte|depense|taux|%|base|total"
)


_EARLIER = re.compile(r"n ?1|anterieur|precedent|realise|rappel|deja|total projet|cout|taux|%|date")


def column_of(label: str) -> Column:
    """What a column holds, from its heading."""
    words = fold(label).lower().replace("-", " ") if label.isascii() is False else label.lower()
    if re.search(rf"(?<!\w)(?:{_ASKED})", words):
        return Column.ASKED
    amounts = re.search(rf"(?<!\w)(?:{_AMOUNTS})", words) or "€" in label
    if re.search(rf"(?<!\w)(?:{_GRANTED})", words):
        return Column.OTHER if _EARLIER.search(words) else Column.GRANTED
    other = re.search(rf"(?<!\w)(?:{_OTHERS})", words)
    if other and not (amounts and not _NO_GRANT.search(words)):
        return Column.OTHER
    if amounts:
        return Column.AMOUNT
    if re.search(rf"(?<!\w)(?:{_NAMES})", words):
        return Column.NAME
    return Column.OTHER


def chosen(rows: Sequence[Row], header: Sequence[Line]) -> tuple[list[Cell | None], bool]:
    """The cell of each row that is granted; and whether that is sure."""
    most = max(len(r.cells) for r in rows)
    if most <= 1:
        return [r.cells[0] if r.cells else None for r in rows], True
    granted = _by_header(rows, header)
    if granted is not None:
        return granted, True
    with_currency = [[c for c in r.cells if c.currency] for r in rows]
    if all(len(c) == 1 for c in with_currency):
        return [c[0] for c in with_currency], True
    return [r.cells[-1] if r.cells else None for r in rows], False


def _by_header(rows: Sequence[Row], header: Sequence[Line]) -> list[Cell | None] | None:
    """By the heading's words: the column of what is granted, else the only column of an amount."""
    labels = [c for line in header for c in line.cells]
    if not labels:
        return None
    columns = [(c, column_of(c.words)) for c in labels]
    numeric = [(c, k) for c, k in columns if k in (Column.GRANTED, Column.AMOUNT, Column.ASKED)]
    if len(header) == 1 and not header[0].parted:
        return _by_words(rows, header[0].cells[0].words)
    for wanted in (Column.GRANTED, Column.AMOUNT):
        picked = [c for c, k in numeric if k is wanted]
        if not picked:
            continue
        if len(picked) > 1:
            return None
        return [_under(row, picked[0], header[0]) for row in rows]
    return None


def _under(row: Row, label: Cell, header: Line) -> Cell | None:
    """The number of ``row`` that stands under ``label``."""
    cells = row.line.cells
    if len(cells) == len(header.cells) and label in header.cells:
        cell = cells[header.cells.index(label)]
        return cell if cell.is_number else None
    if row.line.ruled:
        return None
    middle = label.at + len(label.words) / 2
    numbers = list(row.cells)
    if not numbers:
        return None
    ranked = sorted(numbers, key=lambda c: abs(c.at + len(c.words) / 2 - middle))
    best = ranked[0]
    distance = abs(best.at + len(best.words) / 2 - middle)
    if len(ranked) > 1 and abs(ranked[1].at + len(ranked[1].words) / 2 - middle) < distance * 2 + 4:
        return None
    return best


_LABELS = re.compile(
    r"(?:(?:montants?|subventions?|aides?|sommes?|budget|cout)\s+(?:de l'aide "
    r"|de la subvention )?)?(?P<asked>demande\w*|sollicit\w*)|(?P<granted>(?:montants?|subventions?|aides?"
    r"|sommes?)?\s*(?:accord\w+|attribu\w+|allou\w+|octroy\w+|vote\w*|propos\w+|retenu\w*))"
    r"|(?P<other>budget\w*(?: \w+)?|cout(?: \w+)?|taux|n-1|(?:subventions?|montants?) (?:19|20)\d\d)"
    r"|(?P<amount>montants?|subventions?)"
)


def _by_words(rows: Sequence[Row], heading: str) -> list[Cell | None] | None:
    """As :func:`_by_header`, where nothing parts the headings: their order must tell, one for each number."""
    plain = "".join(unicodedata.normalize("NFKD", c)[0] for c in heading.lower())
    labels = [str(m.lastgroup) for m in _LABELS.finditer(plain)]
    wanted = [i for i, label in enumerate(labels) if label == "granted"]
    if len(wanted) != 1 or any(len(r.cells) != len(labels) for r in rows):
        return None
    return [r.cells[wanted[0]] for r in rows]
