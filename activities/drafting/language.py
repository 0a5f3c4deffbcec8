"""What templates may use besides plain values: French amounts, dates, contractions and spacing.

Every name here is a Jinja filter of the same name. Filters take and give plain text: escaping for XML comes after.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from domain.amounts import in_figures, in_full, in_words
from domain.calendar import long_date
from domain.clauses import de_minimis_ceiling, de_minimis_regulation
from domain.parties import LegalKind

_NBSP = "\u00a0"
_NNBSP = "\u202f"

_KINDS = {
    LegalKind.ASSOCIATION: "association",
    LegalKind.FOUNDATION: "fondation",
    LegalKind.COMPANY: "entreprise",
    LegalKind.PUBLIC_BODY: "établissement public",
    LegalKind.LOCAL_AUTHORITY: "collectivité territoriale",
    LegalKind.OTHER: "organisme de droit privé",
}


def clean(text: str) -> str:
    """``text`` composed (NFC), on one line, without what is invisible or means something only to one computer.

    Control characters break XML; direction marks and zero-width characters make two texts look alike; characters of
    the private use area (bullets of old fonts) have no glyph in ours.
    """
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"[ \t\r\n\v\f\x1c-\x1f\x85\u2028\u2029]+", " ", text)
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn"}).strip()


def prose(text: str) -> str:
    """``text`` with French apostrophes and no-break spaces, as the rest of the convention has them."""
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r" +([;!?])", rf"{_NNBSP}\1", text)
    text = re.sub(r" +([:»])|(?<=\d) +([€%])", lambda m: f"{_NBSP}{m[1] or m[2]}", text)
    text = re.sub(rf"\bn°[ {_NBSP}]*", f"n°{_NBSP}", text)
    return re.sub(rf"«[ {_NBSP}{_NNBSP}]*", f"«{_NBSP}", text)


def sentence(text: str) -> str:
    """``text`` ending as a sentence does."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def capital(text: str) -> str:
    """``text`` with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def du(name: str) -> str:
    """``de`` before a name that bears its article: "du Département", "de la Métropole"."""
    return _contracted(name, {"le ": "du ", "les ": "des "}, "de ")


def au(name: str) -> str:
    """``à`` before a name that bears its article: "au Département", "à la Métropole"."""
    return _contracted(name, {"le ": "au ", "les ": "aux "}, "à ")


def _contracted(name: str, contractions: dict[str, str], otherwise: str) -> str:
    for article, contraction in contractions.items():
        if name.lower().startswith(article):
            return contraction + name[len(article) :]
    return otherwise + name


def siret(number: str) -> str:
    """``123 456 789 00012``, on one line."""
    return _NBSP.join((number[:3], number[3:6], number[6:9], number[9:]))


def kind(legal_kind: LegalKind) -> str:
    return _KINDS[LegalKind(legal_kind)]


FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        au,
        capital,
        de_minimis_ceiling,
        de_minimis_regulation,
        du,
        in_figures,
        in_full,
        in_words,
        kind,
        long_date,
        prose,
        sentence,
        siret,
    )
}
