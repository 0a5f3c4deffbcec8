"""How the act was voted: its outcome, the counts in figures, in letters or by names. Nothing is deduced but who won a
count that is stated."""

import re
from collections.abc import Iterator

from activities.reading.facts import settle
from activities.reading.parts import Parts, Span, Text
from activities.reading.view import phrase
from domain.deliberation import Outcome, Vote
from domain.facts import Evidence, Fact, FactStatus

_NEW = r"(?<=[.;:!\n]\n)"
"""A new sentence at the start of a line: a wrapped line may begin with any word."""
_WHAT = r"(?:proposition|deliberation|rapport|projet|texte|question|point|dossier)\b"
_BODY = r"(?:le (?:conseil|bureau|comite)|l'assemblee|la commission)"
_REJECTED = (
    rf"{_WHAT}[^.;\n]{{0,60}} (?:est|a ete) (?:rejetee?|repoussee?)",
    r"n'est pas adoptee?",
    r"n'a pas ete adoptee?",
    rf"{_NEW}(?:vote\s*:\s*)?rejetee?\b",
    rf"(?:^|(?<=[.;]\s)){_BODY}[^.;]{{0,80}} (?:rejette|repousse)\b",
    r"mise aux voix,? (?:est|a ete) rejetee",
)
_POSTPONED = (
    rf"{_WHAT}[^.;\n]{{0,60}} (?:est|a ete) (?:ajournee?|reportee?|retiree?|renvoyee?)",
    rf"{_NEW}(?:vote\s*:\s*)?(?:ajournee?|reportee?|retiree?(?: de l'ordre du jour)?)\s*[.,]?$",
    rf"{_NEW}(?:(?:point|rapport|dossier|question) )?retiree? de l'ordre du jour",
    rf"(?:examen|vote|{_WHAT})[^.;\n]{{0,60}} est (?:ajournee?|reportee?|renvoyee?)",
    r"(?:decide|propose) (?:de |d')(?:surseoir|ajourner|reporter l[ae'] ?(?:point|question|decision"
    r"|deliberation|examen|vote|dossier)|retirer)",
    r"(?:il est sursis|sursoit) a statuer",
    rf"(?:^|(?<=[.;]\s)){_BODY}[^.;]{{0,80}} (?:ajourne|reporte sa decision|sursoit)\b",
)
_ADOPTED = (  # in so many words
    rf"{_WHAT}[^.;\n]{{0,60}} (?:est|a ete) (?:adoptee?|approuvee?)",
    rf"{_NEW}(?:vote\s*:\s*)?adoptee?s?\b",
    rf"^{_BODY}[^\n.]{{0,40}} (?:adopte|approuve)\s*[.,]?$",
    r"^votes?\s*:?\s*(?:a l')?unanimite",
    r"(?:adoptee?|votee?|approuvee?)s? (?:a|par) (?:l'unanimite|la majorite)",
    r"(?:approuve|adopte|attribue)s?,? a (?:l'unanimite|la majorite)",
    r"(?:adoptee?|approuvee?)s? (?:avec|par) (?:\d{1,3}|une?|deux|trois|quatre|cinq) (?:voix|votes?)",
)
_AGREED = (  # by how many: of what, the sentence says; to adjourn may be unanimous too
    r"(?:^|(?<=,\s)|(?<=et\s)|(?<=\()|(?<=delibere\s))a l'unanimite\b",
    r"(?:^|(?<=,\s)|(?<=et\s)|(?<=\()|(?<=delibere\s))a la majorite\b",
    r"(?:decide|delibere|vote|autorise|accepte)s?,? a (?:l'unanimite|la majorite)",
)
_UNANIMOUS = (r"a l'unanimite(?! moins)", r"(?:^|vote\s*:?\s*)unanimite\b(?! moins)")
_MAJORITY = (r"a la majorite",)

_UNITS = [
    "zero",
    "une",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
_NUMBERS = {
    **{word: n for n, word in enumerate(_UNITS)},
    "un": 1,
    "aucun": 0,
    "aucune": 0,
    "neant": 0,
    **_TENS,
    **{f"{ten}-{unit}": value + n for ten, value in _TENS.items() for n, unit in enumerate(_UNITS[1:10], 1)},
    **{f"{ten}-et-{unit}": value + 1 for ten, value in _TENS.items() for unit in ("un", "une")},
}
_SPELLED = "|".join(sorted((word.replace("-", r"[\x20-]") for word in _NUMBERS), key=len, reverse=True))
_COUNT = rf"(?<![\w,.-])(?P<count>\d{{1,3}}|{_SPELLED})"
# "27 pour, 0 contre" and "Pour : 27 Contre : 0" differ by what stands first: one style holds for the whole vote.
_GROUP = r"(?! (?:du |des |de la )?(?:groupe|membres? du))"
"""A group's vote is of as many as it has members."""
_NUMBER_FIRST = {
    "for_": (
        rf"{_COUNT}\x20(?:(?:voix|votes?|suffrages?)\s)?favorables?\b"
        rf"|{_COUNT.replace('count', 'voted')}\x20(?:voix|votes?|suffrages?)\spour\b"
        rf"|{_COUNT.replace('count', 'bare')}\x20pour(?=\s*(?:[,;.)(/–-]|$|et\b|\d|contre|abst|votes?\b))"
        rf"|(?<!:\x20){_COUNT.replace('count', 'colon')}\x20pour(?=\s*:\s*\d)"
    ),
    "against": rf"{_COUNT}\x20(?:(?:voix|votes?|suffrages?)\s)?(?:contre\b|defavorables?){_GROUP}",
    "abstentions": rf"{_COUNT}\x20abstentions?\b{_GROUP}",
}
_VALUE = r"(?:\(s\))?\s*[:=-]?\s*(?P<count>\d{1,3}|neant|aucune?)"
_END = r"(?![\d\x20]*[¤%\d]|\w)"
_LABEL_FIRST = {
    "for_": (
        rf"(?:(?:voix|votes?|suffrages?)\x20(?:pour|favorables?){_VALUE}"
        rf"|^\W{{0,3}}pour\s*(?P<line>\d{{1,3}})|(?<!\w)pour\s*[:=]\s*(?P<after>\d{{1,3}})){_END}"
    ),
    "against": rf"(?:(?:(?:voix|votes?|suffrages?)\x20)?(?<!\w)contre{_VALUE}){_END}",
    "abstentions": rf"(?<!\w)abstentions?{_VALUE}{_END}",
}
_NAMES = r"(?:[^.;:\n]|(?<=\bm)[.]|(?<=\bmm)[.])"
_NAME_LIST = rf"(?P<names>{_NAMES}{{3,400}}(?:\n(?!\s*\n){_NAMES}{{3,200}}){{0,3}})"
_NAMED = {
    "against": rf"(?<!\w)(?:voix |votes? )?contre\s*:\s*{_NAME_LIST}",
    "abstentions": rf"(?<!\w)abstentions?(?:\(s\))?\s*:\s*{_NAME_LIST}",
}
_PERSON = re.compile(r"(?:M\.|Mme|Mlle|Monsieur|Madame|Mademoiselle)\s+[A-ZÀ-Ý][\w'’-]*(?:\s+[A-ZÀ-Ý][\w'’-]*){0,4}")
_LINKS = re.compile(r"[\s,]*(?:et[\s,]+|-\s*)?")
_NEAR = 300


def outcome_and_vote(text: Text, parts: Parts) -> tuple[Fact[Outcome], Vote]:
    """How it was voted. "Adoptée" says nothing of unanimity."""
    zone = voting_zone(text, parts)
    read: list[tuple[Outcome | None, Evidence]] = []
    for rules, value in ((_REJECTED, Outcome.REJECTED), (_POSTPONED, Outcome.POSTPONED), (_ADOPTED, Outcome.ADOPTED)):
        match = text.first(rules, zone)
        if match and not (value is Outcome.ADOPTED and read and re.search(r"n'(?:est|a) pas", match[0])):
            read.append((value, text.evidence(Span(*match.span()))))
    agreed = None if read else text.first(_AGREED, zone)
    if agreed:
        read.append((Outcome.ADOPTED, text.evidence(Span(*agreed.span()))))
    vote = _vote(text, zone)
    outcome = settle(read)
    votes_for, votes_against = vote.for_.usable, vote.against.usable
    if votes_against is None and vote.against.status is FactStatus.MISSING:
        votes_against = 0  # "par 11 voix pour et 1 abstention"
    if not read and votes_for is not None and votes_against is not None and votes_for != votes_against:
        value = Outcome.ADOPTED if votes_for > votes_against else Outcome.REJECTED
        outcome = settle([(value, e) for e in (*vote.for_.evidence, *vote.against.evidence)])
    if outcome.status is FactStatus.MISSING:
        outcome = Fact(value=Outcome.UNKNOWN, status=FactStatus.MISSING)
    return outcome, vote


def voting_zone(text: Text, parts: Parts) -> Span:
    """From the sentence that opens the operative part to the end: a vote is never read in the report."""
    if parts.formula is None and parts.header.end >= parts.whole.end:
        put = text.first((r"mise? aux voix", r"^\W{0,3}votes?\s*:", r"^\W{0,3}resultats? du vote"), parts.whole)
        return Span(put.start() if put else parts.whole.end, parts.whole.end)
    if parts.formula is None:
        return Span(min(parts.header.end, parts.whole.end), parts.whole.end)
    low = max(parts.whole.start, parts.formula.start - _NEAR)
    before = text.masked[low : parts.formula.start]
    sentence = max(before.rfind("\n\n"), before.rfind(".\n"), before.rfind(". "), before.rfind(";\n"))
    line = text.masked.rfind("\n", 0, parts.formula.start) + 1
    return Span(low + sentence + 1 if sentence >= 0 else line, parts.whole.end)


def _vote(text: Text, zone: Span) -> Vote:
    labelled = not text.first((_NUMBER_FIRST["for_"],), zone) and text.first(_LABEL_FIRST.values(), zone)
    style = _LABEL_FIRST if labelled else _NUMBER_FIRST
    counts = {name: _count(text, zone, rule) for name, rule in style.items()}
    for name, rule in _NAMED.items():
        if counts[name].status is FactStatus.MISSING:
            counts[name] = settle(_by_names(text, zone, rule))
    vote = Vote(**counts, unanimous=_unanimous(text, zone))
    against = vote.against.usable
    if vote.unanimous.usable and against:
        evidence = (*vote.unanimous.evidence, *vote.against.evidence)
        vote = vote.model_copy(update={"unanimous": Fact(status=FactStatus.CONFLICTING, evidence=evidence)})
    return vote


def _count(text: Text, zone: Span, rule: str) -> Fact[int]:
    return settle((_number(m), text.evidence(Span(*m.span()))) for m in text.matches((rule,), zone))


def _number(match: re.Match[str]) -> int | None:
    words = next(value for name, value in match.groupdict().items() if value is not None)
    if words.isdecimal():
        return int(words)
    return _NUMBERS.get(re.sub(r"[\s-]+", "-", words))


def _by_names(text: Text, zone: Span, rule: str) -> Iterator[tuple[int | None, Evidence]]:
    """As many as are named, when nothing but names with their civility stands there."""
    for match in text.matches((rule,), zone):
        names = Span(match.start("names"), match.end("names"))
        words = text.view.text[names.start : names.end]
        position, count = 0, 0
        while person := _PERSON.match(words, position):
            count += 1
            link = _LINKS.match(words, person.end())
            position = link.end() if link else person.end()
        if count and not words[position:].strip():
            yield count, text.evidence(Span(*match.span()))


def _unanimous(text: Text, zone: Span) -> Fact[bool]:
    read: list[tuple[bool | None, Evidence]] = []
    for rules, value in ((_UNANIMOUS, True), (_MAJORITY, False)):
        match = text.first(rules, zone)
        if match:
            read.append((value, text.evidence(Span(*match.span()))))
    return settle(read)


_NOT_VOTING = (
    r"n(?:e |')(?:prend|prennent|a|ont|participe"
    r"|participent)(?: pas)?(?: pris)? (?:pas )?(?:(?:pris )?part )?(?:au|a ce|a la) (?:present )?(?:vote"
    r"|deliberation|debat)",
    r"(?:sort(?:ent)?|est sortie?|quitt(?:e|ent|ant)|se retir(?:e|ent)"
    r"|s'est retiree?) (?:de )?(?:la )?(?:salle|seance)",
    r"se deport(?:e|ent)|(?:s'est|se sont) deportee?s?|en deport|non[- ]participation",
    r"sans (?:prendre|avoir pris) part au vote|n'ayant pas pris part au vote|ne prenant pas part au vote",
    r"ne participe pas au vote|non[- ]participants?|ne prend pas part au vote|n.p.p.v",
)
_BEFORE = re.compile(rf"(?:{_PERSON.pattern}(?:\s*,\s*|\s+et\s+)?)+(?=[\s,]*(?:[\w'’-]+[\s,]+){{0,8}}$)")


def not_voting(text: Text, parts: Parts) -> tuple[Fact[str], ...]:
    """Members who take no part in the vote; the words alone where they name nobody."""
    read: dict[int, Fact[str]] = {}
    for match in text.matches(_NOT_VOTING, Span(parts.header.start, parts.whole.end)):
        low = max(
            0,
            match.start() - 240,
            *(text.masked.rfind(mark, 0, match.start()) + 1 for mark in (";", ":\n", "\n\n", ".\n")),
        )
        before = text.view.text[low : match.start()]
        group = _BEFORE.search(before)
        people = list(_PERSON.finditer(before, *group.span())) if group else []
        after = phrase(r"\s*:\s*").match(text.masked, match.end())
        if not people and after:
            low = after.end()
            people = list(_PERSON.finditer(_list(text.view.text[low : low + 400])))
        for person in people:
            span = Span(low + person.start(), low + person.end())
            read.setdefault(span.start, settle([(text.value(span), text.evidence(span))]))
    return tuple(read[place] for place in sorted(read))


def _list(words: str) -> str:
    """The line, and those that go on it: it ends in a comma, or in a name whose surname is on the next."""
    lines = words.split("\n")
    count = 1
    while count < len(lines) and re.search(
        r"(?:,|\bet|(?:M\.|Mme|Monsieur|Madame)(?:\s+[\w'’-]+)?)\s*$", lines[count - 1]
    ):
        count += 1
    return "\n".join(lines[:count])


def recusal_words(text: Text) -> Evidence | None:
    """The first words that say that somebody takes no part."""
    match = text.first(_NOT_VOTING, Span(0, len(text.masked)))
    return text.evidence(Span(*match.span())) if match else None
