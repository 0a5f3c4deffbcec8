"""What extraction, a printer or a careless copy does to the text of a deliberation; its facts stay what they are."""

import unicodedata
from collections.abc import Callable

from deliberation_strategies import Deliberation


def _accents_lost(text: str) -> str:
    kept = unicodedata.normalize("NFD", text)
    return "".join(c for c in kept if not unicodedata.combining(c)).replace("’", "'")


def _wrapped(text: str, width: int) -> str:
    """Each line cut at spaces, as a narrower column would."""
    lines: list[str] = []
    for line in text.split("\n"):
        while len(line) > width and (cut := line.rfind(" ", 1, width)) > 0:
            lines.append(line[:cut])
            line = line[cut + 1 :]
        lines.append(line)
    return "\n".join(lines)


def _paged(text: str, every: int, foot: str) -> str:
    lines = text.split("\n")
    pages = ["\n".join(lines[at : at + every]) for at in range(0, len(lines), every)]
    return "\f".join(f"{page}\n{foot} {rank}/{len(pages)}" for rank, page in enumerate(pages, 1))


NOISES: dict[str, Callable[[Deliberation], str]] = {
    "decomposed accents": lambda d: unicodedata.normalize("NFD", d.text),
    "no-break spaces": lambda d: d.text.replace(" :", "\u00a0:").replace(" €", "\u202f€").replace("n° ", "n°\u00a0"),
    "narrow column": lambda d: _wrapped(d.text, 58),
    "very narrow column": lambda d: _wrapped(d.text, 34),
    "private-use bullets": lambda d: d.text.replace("\n- ", "\n\uf0b7 ").replace("\nObjet", "\n\uf06e Objet"),
    "CRLF and trailing spaces": lambda d: d.text.replace("\n", "  \r\n"),
    "typographic quotes and hyphens": lambda d: d.text.replace("'", "’").replace("-", "\u2010"),
    "accents lost": lambda d: _accents_lost(d.text),
    "mojibake": lambda d: d.text.encode().decode("cp1252", "replace"),
    "accented letters lost": lambda d: "".join(c if c.isascii() or c in "€°\u00a0\u202f" else "\ufffd" for c in d.text),
    "pages with a footer": lambda d: _paged(d.text, 9, f"{d.truth['authority']} - page"),
    "all in capitals": lambda d: d.text.upper(),
    "apostrophes lost": lambda d: d.text.replace("'", " "),
    "digits lost": lambda d: "".join(c for c in d.text if not c.isdigit()),
}
UNKNOWABLE = {"digits lost": ("title", "beneficiary", "assembly", "signing_authority", "refused")}
"""Fields that a noise may change into others as well formed: nobody could tell, and they are not judged under it."""
