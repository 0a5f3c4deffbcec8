"""``make evaluate``: the reader judged on documents that a person has read, field by field."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from activities.reading import read_document
from domain.deliberation import Act
from domain.errors import NotADeliberation, UnreadableDocument
from domain.facts import FactStatus
from service.evaluation import CRITICAL, ENOUGH, Kind, Truth, Verdict, found_share, judge, wrongs

_ROOT = Path(__file__).resolve().parent.parent
PUBLIC = _ROOT.parent / "shared" / "deliberations"
VARIANTS = _ROOT / "tests" / "activities" / "reading" / "variants"
HELD_OUT = VARIANTS / "held_out"
"""Variants that nobody looked at while the reader was tuned: what it is worth on texts it has not seen."""
_DOUBTS = {
    FactStatus.AMBIGUOUS: "ambigus",
    FactStatus.CONFLICTING: "contradictoires",
    FactStatus.MALFORMED: "mal formés",
}


def entries(folder: Path) -> Iterator[tuple[Path, Truth]]:
    """Each document of a folder, in every form it is kept in (text, PDF, DOCX), with its hand-read facts."""
    for truth in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        named = folder / truth["file"]
        for suffix in dict.fromkeys((named.suffix, ".txt", ".pdf", ".docx")):
            path = named.with_suffix(suffix)
            if path.exists():
                yield path, truth | {"file": path.name}


def evaluate(folder: Path) -> list[Verdict]:
    """Every verdict on every document of a folder that has an ``index.json``."""
    return [verdict for path, truth in entries(folder) for verdict in judge(_read(path), truth)]


def _read(path: Path) -> tuple[Act, ...]:
    try:
        return read_document(path.read_bytes(), path.name).acts
    except (NotADeliberation, UnreadableDocument):
        return ()


def passes(verdicts: list[Verdict], enough: float = ENOUGH) -> bool:
    """No wrong value in a critical field, and ``enough`` of the stated facts found.

    What is found in the texts held out is measured and told, not demanded: a bar there would make people tune to them.
    """
    return found_share(verdicts) >= enough and not any(
        v.field in (*CRITICAL, "acts", "refused") for v in wrongs(verdicts)
    )


def report(verdicts: list[Verdict]) -> str:
    """A line a field, then each wrong value; French, for a terminal."""
    lines = [f"{'champ':22}{'justes':>8}{'manquants':>11}{'FAUX':>6}"]
    for field in dict.fromkeys(verdict.field for verdict in verdicts):
        lines.append(_line(field, [verdict for verdict in verdicts if verdict.field == field]))
    lines.append(_line("ensemble", verdicts))
    lines.append(f"{found_share(verdicts):.1%} des faits énoncés sont trouvés et justes.".replace(".", ",", 1))
    for verdict in wrongs(verdicts):
        critical = "FAUX" if verdict.field in CRITICAL else "faux"
        lines.append(f"{critical}  {verdict.file} – {verdict.field} : lu {verdict.value!r}, vrai {verdict.expected!r}")
    return "\n".join(lines)


def _line(name: str, verdicts: list[Verdict]) -> str:
    kinds = Counter(verdict.kind for verdict in verdicts)
    doubts = Counter(verdict.status for verdict in verdicts if verdict.kind is Kind.MISSING)
    told = ", ".join(f"{doubts[status]} {label}" for status, label in _DOUBTS.items() if doubts[status])
    line = f"{name:22}{kinds[Kind.RIGHT]:>8}{kinds[Kind.MISSING]:>11}{kinds[Kind.WRONG]:>6}"
    return line + (f"   (dont {told})" if told else "")


def table(measured: dict[str, list[Verdict]]) -> str:
    """The figures of several folders as one Markdown table: found and right out of stated, then wrong."""
    heads = "".join(f" {name} |" for name in measured)
    lines = [f"| champ |{heads}", "|---" * (len(measured) + 1) + "|"]
    fields = dict.fromkeys(verdict.field for verdicts in measured.values() for verdict in verdicts)
    for field in fields:
        cells = (_cell([v for v in verdicts if v.field == field]) for verdicts in measured.values())
        lines.append(f"| `{field}` | {' | '.join(cells)} |")
    shares = (
        f"{_cell(vs)}, soit {found_share(vs):.1%}".replace(".", ",").replace("%", " %") for vs in measured.values()
    )
    lines.append(f"| **ensemble** | {' | '.join(shares)} |")
    return "\n".join(lines)


def _cell(verdicts: list[Verdict]) -> str:
    kinds = Counter(verdict.kind for verdict in verdicts)
    wrong = f", **{kinds[Kind.WRONG]} fausse(s)**" if kinds[Kind.WRONG] else ""
    stated = kinds[Kind.RIGHT] + kinds[Kind.MISSING]
    return f"{kinds[Kind.RIGHT]} sur {stated}{wrong}" if stated or wrong else "–"


def main(arguments: list[str]) -> int:
    """Judge the public deliberations, our variants and those held out, or the folders given; 0 when all of them pass.

    ``--page FILE`` writes the figures into that page as well, between its two marks.
    """
    page = Path(arguments.pop(arguments.index("--page") + 1)) if "--page" in arguments else None
    public = Path(os.environ["PARAPHE_SHARED"]) / "deliberations" if "PARAPHE_SHARED" in os.environ else PUBLIC
    names = {public: "délibérations publiques", VARIANTS: "variantes", HELD_OUT: "textes réservés"}
    measured: dict[str, list[Verdict]] = {}
    good = True
    for folder in [Path(argument) for argument in arguments if argument != "--page"] or list(names):
        if not (folder / "index.json").exists():
            print(f"{folder} : pas de fichier index.json, rien n'est évalué ici.", file=sys.stderr)
            # The public texts are not part of the project; a folder that was asked for must be there.
            good &= folder == public
            continue
        try:
            verdicts = measured[names.get(folder, folder.name)] = evaluate(folder)
        except (ValueError, KeyError, AttributeError) as error:
            print(f"{folder} : index.json n'est pas au format attendu ({error!r}).", file=sys.stderr)
            good = False
            continue
        print(f"\n{folder} – {len({v.file for v in verdicts})} documents\n{report(verdicts)}")
        good &= passes(verdicts, ENOUGH if folder != HELD_OUT else 0)
    if page is not None:
        before, _, after = page.read_text("utf-8").partition("<!-- mesures -->")
        figures = f"<!-- mesures -->\n{table(measured)}\n<!-- /mesures -->"
        page.write_text(before + figures + after.partition("<!-- /mesures -->")[2], "utf-8")
    print("\nRéussi." if good else "\nÉchec : une valeur fausse est dite trouvée, ou trop de faits manquent.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
