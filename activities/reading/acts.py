"""Cuts a file into its acts: a register of extracts, minutes of a session, or one act.

Each act is then read from its own span alone. What minutes say once for all their decisions (authority, assembly, day,
attendance) stands before the first of them: that preamble is handed along, and nothing else is shared.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from activities.reading.parts import Span, Text
from activities.reading.profile import Profile
from activities.reading.view import phrase

_HEAD = 1500
"""Minutes say that they are in this many first characters."""
_SESSION_HEAD = 4000
_BLOCK_GAP = 200
"""Two formulas nearer than this are of one decision."""


@dataclass(frozen=True)
class Place:
    """Where an act stands."""

    span: Span
    session: Span | None = None
    """What is said once for the acts of one session, before the first of them."""
    item: bool = False
    """A decision within minutes: its session is the preamble's, whatever other dates it speaks of."""


def places(text: Text, profile: Profile) -> list[Place]:
    """The acts of a file, in order, without overlap; always one at least."""
    marks = _Marks(text, profile)
    if is_minutes(text, profile):
        found = [place for session in marks.sessions() for place in _minutes(marks, session)]
    else:
        found = _register(marks)
    return found or [Place(Span(0, marks.end))]


def is_minutes(text: Text, profile: Profile) -> bool:
    """Whether the first lines say so, and no extract of the register begins there."""
    head = Span(0, min(_HEAD, len(text.masked)))
    return text.holds(profile["minutes"], head) and not text.holds(profile["acts.extracts"], head)


class _Marks:
    """What can begin, decide or end an act, found once for the whole file."""

    def __init__(self, text: Text, profile: Profile) -> None:
        self.text = text
        self.profile = profile
        self.end = len(text.masked)
        self.decisions = self._places(("decisions", "acts.decided"))
        self.votes = sorted({*self.decisions, *self._places(("acts.voted",))})
        self.formulas = self._places(("acts.formulas",))
        self.endings = self._places(("endings",))
        self.pages = text.page_starts()

    def _places(self, names: Iterable[str]) -> list[int]:
        whole = Span(0, self.end)
        return sorted({m.start() for name in names for m in self.text.matches(self.profile[name], whole)})

    def starts(self, name: str, zone: Span) -> list[int]:
        found = self.text.matches(self.profile[name], zone)
        return sorted({m.end() - len(m[0].lstrip()) for m in found})

    def decides(self, span: Span) -> bool:
        return _any_in(self.decisions, span)

    def votes_in(self, span: Span) -> bool:
        return _any_in(self.votes, span)

    def number(self, span: Span) -> str | None:
        """What seems to be the number of an act that begins at ``span``, as it is compared."""
        stop = min(span.end, span.start + _HEAD)
        first = self.text.first(self.profile["numbers"], Span(span.start, stop))
        return re.sub(r"\W+", "", first["number"]) if first else None

    def sessions(self) -> list[Span]:
        """Minutes of several sessions bound together: each begins by its title and says who was there."""
        titles = [
            m.start()
            for m in self.text.matches(self.profile["minutes"], Span(0, self.end))
            if self.text.dates_in(Span(m.start(), m.start() + 300))
            and phrase(r"^\W{0,3}(?:etaient |membres )?presente?s?\b").search(
                self.text.masked, m.end(), min(self.end, m.end() + _HEAD)
            )
        ]
        cuts = [0, *(start for start in sorted(set(titles)) if start > _HEAD), self.end]
        return [Span(*pair) for pair in pairwise(cuts)]


def _any_in(places: Sequence[int], span: Span) -> bool:
    index = bisect_left(places, span.start)
    return index < len(places) and places[index] < span.end


# A register: extracts one after the other


def _register(marks: _Marks) -> list[Place]:
    for name in ("acts.extracts", "acts.headings"):
        starts = marks.starts(name, Span(0, marks.end))
        if len(starts) < 2:
            continue
        spans = _merged(marks, starts, strict=name == "acts.headings")
        if len(spans) > 1:
            shared = _shared(marks, starts, spans)
            return [Place(span, shared) for span in spans]
    return []


def _merged(marks: _Marks, starts: list[int], *, strict: bool) -> list[Span]:
    """Spans of the acts that ``starts`` begin; a running header repeated within an act begins none."""
    kept = [starts[0]]
    for start, stop in pairwise((*starts[1:], marks.end)):
        before, here = Span(kept[-1], start), Span(start, stop)
        mine, theirs = marks.number(here), marks.number(before)
        if mine and mine == theirs:
            continue
        over = marks.votes_in(before)
        if marks.decides(here) or (not strict and marks.votes_in(here)):
            new = over or (not strict and mine is not None and theirs is not None)
        else:
            # Nothing is decided here: the next page of the same act, or another whose decision is not recognised.
            new = not strict and over and mine is not None and theirs is not None
        if new:
            kept.append(start)
    preface = _lines(marks.text.masked[max(0, kept[0] - _SESSION_HEAD) : kept[0]])
    cuts = [0, *(_opening(marks, low, start, preface) for low, start in pairwise(kept)), marks.end]
    return [Span(*pair) for pair in pairwise(cuts)]


def _lines(text: str) -> list[str]:
    return [_shape(line) for line in text.split("\n") if line.strip()]


def _shape(line: str) -> str:
    return re.sub(r"[\d§¤]+", "0", " ".join(line.split()))


def _opening(marks: _Marks, low: int, start: int, preface: list[str]) -> int:
    """Where the act whose title is at ``start`` really begins: with its page, or with the lines that the first act too
    bears above its title."""
    page = bisect_left(marks.pages, start + 1) - 1
    if page >= 0 and marks.pages[page] > low:
        top = marks.pages[page]
        between = Span(top, start)
        if not (marks.votes_in(between) or _any_in(marks.endings, between)):
            return top
    masked, cut, end = marks.text.masked, start, start
    for expected in reversed(preface):
        while True:
            begin = masked.rfind("\n", low, max(low, end - 1)) + 1
            line = masked[begin:end]
            if line.strip() or begin <= low:
                break
            end = begin
        if begin <= low or _shape(line) != expected:
            break
        cut = end = begin
    return cut


def _shared(marks: _Marks, starts: list[int], spans: list[Span]) -> Span | None:
    """The head of the file, when the acts that follow do not each bear their own."""
    first = starts[0]
    own = [span for span in spans[1:] if span.start not in starts]
    return Span(0, first) if first and not own else None


# Minutes: decisions of one session


def _minutes(marks: _Marks, session: Span) -> list[Place]:
    options = [
        marks.starts("acts.headings", session),
        marks.starts("acts.subjects", session),
        *_item_chains(marks, session),
    ]
    starts = max(options, key=lambda found: len(_decided(marks, found, session)), default=[])
    end = _closing(marks, session, starts)
    spans = [Span(*pair) for pair in pairwise((*starts, end))] if starts else [Span(session.start, end)]
    preamble = Span(session.start, starts[0] if starts else min(end, session.start + _SESSION_HEAD))
    acts = [part for span in spans for part in _one_decision_each(marks, span) if marks.votes_in(part)]
    return [Place(span, preamble, item=True) for span in acts]


def _decided(marks: _Marks, starts: list[int], session: Span) -> list[Span]:
    return [span for span in map(Span, starts, [*starts[1:], session.end]) if marks.votes_in(span)]


def _closing(marks: _Marks, session: Span, starts: list[int]) -> int:
    """Where the decisions end: what follows is talk, or the lifting of the session."""
    last = max((p for p in marks.votes if session.start <= p < session.end), default=session.start)
    low = max([last, *starts[-1:]])
    match = marks.text.first(marks.profile["acts.closing"], Span(low, session.end))
    return match.start() if match else session.end


_ITEM = re.compile(
    r"^[ ]?(?P<word>point|question|affaire|dossier|rapport|sujet)?[ ]?(?:n°[ ]?)?(?P<n>\d{1,3}|[ivx]{1,6})"
    r"[ ]?(?P<sep>[/.):–°-])[ ]?[-–.]?[ ]?(?=[a-z«\"])",
    re.MULTILINE,
)
_ROMAN = {"i": 1, "v": 5, "x": 10}
_TRIES = 20


def _item_chains(marks: _Marks, session: Span) -> list[list[int]]:
    """Numbered titles, 1, 2, 3…, of one style; a list within an item may bear the same numbers."""
    styles: dict[tuple[str | None, bool, str], list[tuple[int, int]]] = {}
    for match in _ITEM.finditer(marks.text.masked, session.start, session.end):
        digits = match["n"].isdecimal()
        number = int(match["n"]) if digits else _roman(match["n"])
        styles.setdefault((match["word"], digits, match["sep"]), []).append((number, match.start()))
    chains = []
    for numbered in styles.values():
        firsts = [index for index, (number, _) in enumerate(numbered) if number == 1][:_TRIES]
        for first in firsts:
            chain, current = [numbered[first][1]], 1
            for number, start in numbered[first + 1 :]:
                if current < number <= current + 2:
                    chain.append(start)
                    current = number
            chains.append(chain)
    return chains


def _roman(letters: str) -> int:
    values = [_ROMAN[letter] for letter in letters]
    return sum(-v if v < after else v for v, after in zip(values, (*values[1:], 0), strict=True))


def _one_decision_each(marks: _Marks, span: Span) -> list[Span]:
    """``span`` cut after each decision but the last, when it holds several that nothing announces."""
    index = bisect_left(marks.formulas, span.start)
    formulas: list[int] = []
    for place in marks.formulas[index:]:
        if place >= span.end:
            break
        if not formulas or place - formulas[-1] > _BLOCK_GAP:
            formulas.append(place)
    cuts = [span.start, *(_decision_end(marks.text, *pair) for pair in pairwise(formulas)), span.end]
    return [Span(*pair) for pair in pairwise(cuts)]


_GOES_ON = re.compile(
    r"\W|\d|(?:d'|de |du |des |decide|approuve|autorise|dit\b|charge|fixe|vote|adopte|pour\b|contre|abst"
    r"|precise|article|art\b"
    r"|accorde|attribue|alloue|donne|confirme|accepte|a l'unanimite|a la majorite|par \d|s'engage|inscri"
    r"|mandate|unanimite)"
)


def _decision_end(text: Text, formula: int, limit: int) -> int:
    """Where the decision taken at ``formula`` stops: at the first new line, after the end of a sentence, whose words do
    not decide; at the latest, at the line of the next formula."""
    limit = text.masked.rfind("\n", formula, limit) + 1 or limit
    line = text.masked.find("\n", formula, limit)
    while 0 <= line < limit:
        begin = line + 1
        ended = text.masked[line - 1] in ".;:\n!»"
        if ended and text.masked[begin : begin + 1].strip() and not _GOES_ON.match(text.masked, begin):
            return begin
        line = text.masked.find("\n", begin, limit)
    return limit
