"""How fast deliberations are read. Prints one line a measure; compares nothing, fails on nothing.

.venv/bin/python scripts/bench_reading.py [deliberation.pdf …]
"""

import io
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pikepdf

from activities.reading.intake import take_in
from activities.reading.parts import Text
from activities.reading.reader import read_text
from activities.reading.view import View

SAMPLE = Path(__file__).parent.parent / "service" / "samples" / "deliberation.pdf"
TIMES = 7
FIVE_PAGES = 15_000
"""Characters."""


def median(work: Callable[[], object]) -> float:
    """Milliseconds, after one run that warms up."""
    work()
    spent = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1000


def show(what: str, milliseconds: float, aim: str) -> None:
    print(f"{what:62} {milliseconds:9.1f} ms   {aim}")


def repeated(pdf: bytes, pages: int) -> bytes:
    whole = pikepdf.new()
    with pikepdf.open(io.BytesIO(pdf)) as one:
        while len(whole.pages) + len(one.pages) <= pages:
            whole.pages.extend(one.pages)
    out = io.BytesIO()
    whole.save(out)
    return out.getvalue()


def main(paths: list[str]) -> None:
    for path in [Path(p) for p in paths] or [SAMPLE]:
        content = path.read_bytes()
        source = take_in(content, path.name)
        print(f"{path.name} : {len(source.pages) or 1} page(s), {len(source.text)} caractères")
        view = View(source)
        show("  vue nettoyée", median(lambda source=source: View(source)), "")
        show("  montants et dates", median(lambda view=view: Text(view)), "")
        spent = median(lambda source=source: read_text(source))
        size = max(1, len(source.text))
        show("  lecture du texte", spent, f"soit {spent * FIVE_PAGES / size:.0f} ms pour cinq pages (but : 50)")
        show(
            "  extraction du texte", median(lambda c=content, n=path.name: take_in(c, n)), "but, lecture comprise : 300"
        )
        if content.startswith(b"%PDF-"):
            show("  place des mots", median(lambda c=content, n=path.name: take_in(c, n).words(1)), "")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    register = repeated(SAMPLE.read_bytes(), 300)
    start = time.perf_counter()
    source = take_in(register, "registre.pdf")
    taken = time.perf_counter()
    read = read_text(source)
    done = time.perf_counter()
    print(f"registre de {len(source.pages)} pages, {len(source.text)} caractères, {len(read.acts)} actes")
    show("  extraction du texte", (taken - start) * 1000, "but : quelques secondes en tout")
    show("  lecture", (done - taken) * 1000, "")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"  mémoire prise en plus : {grown / 1024:.0f} Mo")


if __name__ == "__main__":
    main(sys.argv[1:])
