"""What a page bears besides its text, and what interrupts the sentences: running headers and footers, page numbers,
stamps laid over the text, numbers of lines in the margin.

Nothing is lost: of what is repeated one copy stays, and a stamp that stands in the middle of a sentence goes after it.
"""

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise

from activities.reading.characters import folded
from activities.reading.tracked import Edit, Piece, Tracked, lines

SENTENCE_END = frozenset(".;:!?»")
_EDGE_LINES = 4
_OPENING = 2500
_OBJECT = re.compile(r"^\W{0,3}(?:objet\b|deliberation\b|n(?:°|o|umero)\b|rapport n)[^\n]{0,120}", re.M)


def running_lines(raw: str, pages: Sequence[tuple[int, int]]) -> list[Edit]:
    """Running headers and footers, and the ends of pages: a sentence may go on across them.

    One occurrence of each line is kept, the first of a header and the last of a footer: it may say what nothing else
    says. The headings of an act that begins on a page of its own are no running header.
    """
    return sorted(_page_breaks(raw, _repeated(raw, pages) if len(pages) > 1 else {}))


def _repeated(raw: str, pages: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Start and end of what to leave out."""
    dropped: dict[int, int] = {}
    openings = _openings(raw, pages)
    for top in (True, False):
        seen: dict[str, list[tuple[int, int, int]]] = {}
        for number, (start, end) in enumerate(pages):
            tops: set[tuple[int, int]] = set() if top else set(_edge_lines(raw, start, end, top=True))
            for line in _edge_lines(raw, start, end, top=top):
                if line in tops:
                    continue  # a page of few lines
                words = re.sub(r"\d+", "0", " ".join(raw[slice(*line)].split()))
                if len(words) > 3 or words.strip("-– /") in ("0", "0/0"):
                    seen.setdefault(words, []).append((*line, number))
        for found in seen.values():
            numbers = {number for *_, number in found}
            after_another = sum(number - 1 in numbers for number in numbers)
            # On half of the pages but never on two in a row: the first pages of the acts of a register.
            if len(found) < 2 or len(found) * 2 < len(pages) or after_another * 2 < len(numbers) - 1:
                continue
            dropped |= {
                start: end
                for start, end, number in (found[1:] if top else found[:-1])
                # What stands above an act that begins, and the stamps below one that ends, are theirs alone.
                if (number if top else number + 1) not in openings
            }
    return dropped


def _openings(raw: str, pages: Sequence[tuple[int, int]]) -> set[int]:
    """Pages on which an act begins: they bear an object or a number of their own."""
    stated = [{m[0].strip() for m in _OBJECT.finditer(folded(raw[s : min(e, s + _OPENING)]))} for s, e in pages]
    openings = {0}
    for number, (before, here) in enumerate(pairwise(stated), 1):
        own = {" ".join(re.sub(r"page.*", "", line).split()) for line in here}
        if own and not own & {" ".join(re.sub(r"page.*", "", line).split()) for line in before}:
            openings.add(number)
    return openings


def _edge_lines(text: str, start: int, end: int, *, top: bool) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    while start < end and len(found) < _EDGE_LINES:
        if top:
            line = (start, min(_end_of_line(text, start, end), end))
            start = line[1] + 1
        else:
            line = (max(text.rfind("\n", start, end), text.rfind("\r", start, end), start - 1) + 1, end)
            end = line[0] - 1
        if text[slice(*line)].strip():
            found.append(line)
    return found if top else found[::-1]


def _end_of_line(text: str, start: int, end: int) -> int:
    ends = (text.find("\n", start, end), text.find("\r", start, end))
    return min((at for at in ends if at >= 0), default=end)


def _page_breaks(raw: str, dropped: dict[int, int]) -> Iterator[Edit]:
    """The white space around each end of page, running lines included, is one end of line. The rest of ``dropped``
    goes too.
    """
    starts = {end: start for start, end in dropped.items()}
    done = 0
    covered: set[int] = set()
    for match in re.finditer("\f", raw):
        if match.start() < done:
            continue
        start, end = match.start(), match.end()
        while start > done and (start in starts or raw[start - 1].isspace()):
            if start in starts:
                covered.add(starts[start])
            start = starts.get(start, start - 1)
        while end < len(raw) and (end in dropped or raw[end].isspace()):
            if end in dropped:
                covered.add(end)
            end = dropped.get(end, end + 1)
        # A page break is no end of a paragraph, unless a sentence ends there.
        yield Edit(start, end, "\n\n" if raw[start - 1 : start] in SENTENCE_END else "\n")
        done = end
    for start, end in dropped.items():
        if start not in covered:
            yield Edit(start, end)


_DAY = r"\d{1,2} ?[/.-] ?\d{1,2} ?[/.-] ?\d{2,4}"
_STAMP = re.compile(
    r"[ \t>|]*(?:"
    r"(?:envoyee?|recue?|transmise?|deposee?|teletransmise?)\s+(?:le|en|a la|au)\b"
    rf".{{0,20}}(?:pref|controle|{_DAY}).{{0,40}}"
    rf"|(?:affichee?|publiee?|mise? en ligne)\s+(?:le|du)\b\s*:?\s*(?:{_DAY}.{{0,30}})?"
    r"|accuse (?:de )?(?:certifie )?(?:de )?reception.{0,50}"
    r"|(?:id|identifiant)\s*:?\s*\d{2}[\dab]-\d{9}-[\w-]{5,60}"
    r"|\d{2}[\dab]-\d{9}-[\w-]{5,60}"
    r"|date de (?:la )?(?:tele)?(?:transmission|reception|publication|affichage|depot).{0,30}"
    rf"\s*:?\s*(?:{_DAY}.{{0,12}})?"
    r"|(?:page|p\.)\s*\d{1,3}\s*(?:/|sur)\s*\d{1,3}"
    r"|s2low|berger[- ]levrault.{0,20}|slow"
    r")[ \t|]*"
)
_PAGE = re.compile(r"[ \t>|]*(?:page|p\.)\s*\d{1,3}\s*(?:/|sur)\s*\d")
_SESSION = re.compile(r"[^\n.;:]*\b(?:conseil|bureau|commission|seance|comite|deliberation)\b[^\n.;:]*\d{4}[ \t]*")
_FAR = 3000
"""How far a stamp may go to find the end of the sentence that it interrupts."""


def stamps_moved(tracked: Tracked) -> Tracked:
    """Stamps out of the sentences that they interrupt; the copies among them left out."""
    text = tracked.text
    flat = folded(text)
    blocks = list(_stamp_blocks(flat))
    if not blocks:
        return tracked
    ends = sorted({m.start() for m in re.finditer(r"(?<=[.;:!?»])[ \t]*\n|\n[ \t]*\n", text)} | {len(text)})
    seen: set[str] = set()
    moved: dict[int, list[tuple[int, int]]] = {}
    cut: list[tuple[int, int]] = []
    for start, end in blocks:
        said = " ".join(flat[start:end].split())
        interrupts = _interrupts(text, start, end)
        if interrupts and said in seen:
            # Between sentences a copy stays: in a register, it is the stamp of another act.
            cut.append((start, end))
            continue
        seen.add(said)
        if interrupts:
            place = ends[min(bisect_left(ends, end), len(ends) - 1)]
            if place - end <= _FAR:
                cut.append((start, end))
                moved.setdefault(place, []).append((start, end))
    return tracked.assembled(_pieces(len(text), cut, moved))


def _pieces(length: int, cut: list[tuple[int, int]], moved: dict[int, list[tuple[int, int]]]) -> Iterator[Piece]:
    done = 0
    cuts = deque(cut)
    for place in sorted({*moved, length}):
        while cuts and cuts[0][0] < place:
            start, end = cuts.popleft()
            yield Piece(done, start)
            done = min(end + 1, length)  # with the end of its last line
        yield Piece(done, max(done, place))
        done = max(done, place)
        for start, end in moved.get(place, ()):
            yield from (Piece(start, start + 1, "\n\n"), Piece(start, end), Piece(end - 1, end, "\n\n"))


def _stamp_blocks(flat: str) -> Iterator[tuple[int, int]]:
    """Runs of lines of a stamp or of a page's edge, with empty lines in between. A single line must bear an
    identifier, a prefecture or the number of a page; the title of the session may follow that.
    """
    block: tuple[int, int] | None = None
    count = 0
    paged = False
    for start, end in lines(flat):
        line = flat[start:end]
        stamp = end - start <= 160 and bool(line.strip()) and bool(_STAMP.fullmatch(line))
        if stamp or (paged and block and end - start <= 110 and _SESSION.fullmatch(line)):
            block = (block[0] if block else start, end)
            count += 1
            paged = bool(_PAGE.match(line))
        elif line.strip():
            if block and _is_stamp(flat[slice(*block)], count):
                yield block
            block, count = None, 0
    if block and _is_stamp(flat[slice(*block)], count):
        yield block


def _is_stamp(block: str, count: int) -> bool:
    return bool(re.search(r"\d{2}[\dab]-\d{9}-|prefecture", block)) or count > 2 or bool(_PAGE.match(block))


_UNFINISHED = re.compile(
    r"(?:^|[\s'’])(?:d[eu]?|des|l[ae]?|les|a|au|aux|et|ou|un|une|par|pour|en|sur|sa|son|ses|leur|n°)['’]?\Z"
)
_LONG_LINE = 60


def _interrupts(text: str, start: int, end: int) -> bool:
    """Whether the sentence before goes on after: its last line ends in the middle, the next begins there."""
    head, tail = text[max(0, start - 200) : start], text[end : end + 200]
    before, after = head.rstrip(), tail.lstrip()[:1]
    if not before or before[-1] in SENTENCE_END or not after:
        return False
    if after.islower() or after.isdigit() or after in ",;.)€(":
        return True
    parted = "\n" in head[len(before) :].removesuffix("\n") or "\n" in tail[: len(tail) - len(tail.lstrip())][1:]
    line = folded(before[before.rfind("\n") + 1 :])
    return not parted and (len(line) >= _LONG_LINE or bool(_UNFINISHED.search(line)))


def margin_numbers(text: str) -> Iterator[Edit]:
    """Numbers of lines: standing before most lines, one after the other, or alone on a line, by fives."""
    yield from sorted((*_before_lines(text), *_lone_numbers(text)))


def _before_lines(text: str) -> Iterator[Edit]:
    said = [(s, e) for s, e in lines(text) if text[s:e].strip()]
    numbered = [m for s, e in said if (m := re.compile(r"[ \t]*(\d{1,4})(?:[ \t]+|$)").match(text, s, e))]
    following = [(a, b) for a, b in pairwise(numbered) if int(b[1]) - int(a[1]) == 1]
    if len(numbered) >= 15 and len(numbered) * 5 >= len(said) * 4 and len(following) * 10 >= len(numbered) * 9:
        yield from (Edit(*match.span()) for match in numbered)


def _lone_numbers(text: str) -> Iterator[Edit]:
    alone = list(re.finditer(r"^[ \t]*(\d{1,3})[ \t]*\n", text, re.M))
    run: list[re.Match[str]] = []
    for match in alone:
        if run and int(match[1]) - int(run[-1][1]) != 5:
            yield from _by_fives(run)
            run = []
        run.append(match)
    yield from _by_fives(run)


def _by_fives(run: list[re.Match[str]]) -> Iterator[Edit]:
    if len(run) >= 4 and int(run[0][1]) == 5:
        yield from (Edit(*match.span()) for match in run)
