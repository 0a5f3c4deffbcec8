"""Awards worded in sentences: "une subvention de 5 000 € est attribuée à l'association…", and their many kin.

In each sentence the amounts and the names are found apart, each amount is told from a cost or a request
(:mod:`activities.reading.awards.roles`), then they are paired. What pairs in no single way is left in doubt.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from activities.reading.awards import kinds
from activities.reading.awards.grants import Doubt, Grant, Money
from activities.reading.awards.names import Name, folded, given_to, is_the_authority, mentioned
from activities.reading.awards.roles import EXCLUDED, GRANT_NOUN, GRANTING, PURPOSE_AFTER, Reading, Role, reading_of
from activities.reading.awards.scan import Scan
from activities.reading.parts import Span, Text, clauses
from domain.amounts import AmountStatus, Currency, FoundAmount

_SENTENCE_END = re.compile(r";|\.(?=\s+[^\W\d_a-z])|\.(?=\s*\n)")
_ABBREVIATED = re.compile(
    r"(?:^|[\s.(-])(?:[a-z]|st|ste|mme?|mlle|mm|dr|mgr|cie|art|n|no|cf|al|soc|asso|assoc|fed|dept|bd|av)$"
)
_LONGEST = 5000
"""Characters. What is longer is no sentence; reading it as one would take time that grows with its square."""
_NOT_A_PURPOSE = re.compile(r"(?:l'|cette )?(?:annee|exercice)\b[^,.]{0,30}$|un montant|une? ")
_YEAR_AFTER = re.compile(r"[ \n]{0,2}(?:en|pour|au titre de|\()[ \n]?(?:l'annee |l'exercice )?((?:19|20)\d\d)")
_YEAR_BEFORE = re.compile(r"(?:^|\W)((?:19|20)\d\d)[ \n]?[:=-][ \n]?$")
_PERCENT_OF = re.compile(r"\d[ \n]?%|pour[ \n]cent")


@dataclass(frozen=True)
class _Amount:
    span: Span
    found: FoundAmount
    reading: Reading


def sentences(text: Text, zone: Span) -> Iterator[Span]:
    """Sentences and items of ``zone``."""
    for clause in clauses(text, zone):
        start = clause.start
        for match in _SENTENCE_END.finditer(text.masked, clause.start, clause.end):
            if text.masked[match.start()] == "." and _ABBREVIATED.search(
                text.masked[max(start, match.start() - 8) : match.start()]
            ):
                continue
            if match.start() > start:
                yield Span(start, match.start())
            start = match.end()
        if start < clause.end:
            yield Span(start, clause.end)


def grants_in(
    scan: Scan,
    zone: Span,
    taken: Sequence[Span] = (),
    *,
    lead: str = "",
    verbless: bool = False,
    only: Callable[[str], bool] | None = None,
) -> list[Grant]:
    """Grants worded in the sentences of ``zone``, outside what was ``taken`` by tables and lists.

    :param lead: folded words that stand before the zone and may hold its verb ("décide d'attribuer :").
    :param verbless: a title grants without a verb.
    :param only: whether a sentence, folded and on one line, is to be read.
    """
    text = scan.text
    found: list[Grant] = []
    for number, sentence in enumerate(sentences(text, zone)):
        if any(t.start < sentence.end and sentence.start < t.end for t in taken):
            sentence = _outside(sentence, taken)
            if sentence.start >= sentence.end:
                continue
        if sentence.end - sentence.start > _LONGEST:
            continue
        words = text.masked[sentence.start : sentence.end]
        said = f"{lead} {words}" if number == 0 else words
        if not verbless and not re.search(rf"(?<!\w){GRANTING}(?!\w)", said):
            continue
        if excluded(scan, sentence) or (only and not only(scan.flat[sentence.start : sentence.end])):
            continue
        found.extend(_of_sentence(scan, sentence))
    return found


_REFUSED = re.compile(EXCLUDED)


def excluded(scan: Scan, sentence: Span) -> re.Match[str] | None:
    """The words of a sentence that say that it does not grant what it speaks of."""
    return _REFUSED.search(scan.flat, sentence.start, sentence.end)


def _outside(sentence: Span, taken: Sequence[Span]) -> Span:
    start, end = sentence.start, sentence.end
    for t in taken:
        if t.start <= start < t.end:
            start = t.end
        elif start < t.start < end:
            end = t.start
    return Span(start, end)


def _of_sentence(scan: Scan, sentence: Span) -> Iterator[Grant]:
    text = scan.text
    flat = scan.flat[sentence.start : sentence.end]
    amounts = _amounts(scan, sentence, flat)
    names = list(given_to(scan, sentence))
    if any(is_the_authority(scan, name) for name in names):
        return
    leading = [a for a in amounts if a.reading.role is Role.GRANT]
    if not leading:
        leading = _bare_grants(flat, amounts)
        if not leading:
            yield from _without_amount(scan, sentence, flat, names, amounts)
            return
    items = leading + [a for a in amounts if a.reading.role is Role.BARE and a not in leading]
    items.sort(key=lambda a: a.span.start)
    names = _recipients(scan, names, sentence, leading)
    rows = _alternating(items, names)
    if rows:
        for amount, name in rows:
            yield _grant(text, sentence, flat, amount, name, [])
        return
    others = [a for a in items if a not in leading]
    if len(names) > 1 and len(leading) > 1 and not (rows := _alternating(leading, names)):
        for amount in leading:
            yield _grant(text, sentence, flat, amount, None, [], unsure=True)
        return
    if rows:
        for amount, name in rows:
            yield _grant(text, sentence, flat, amount, name, [])
        return
    if len(names) > 1 and len(leading) == 1:
        shared = _joined(text, names)
        yield _grant(
            text,
            sentence,
            flat,
            leading[0],
            replace(names[0], certain=False) if shared else names[0],
            others,
            unsure=shared,
        )
        return
    only = names[0] if names else None
    several = len(leading) > 1 and len({a.found.value for a in leading}) > 1
    if several and all(_indefinite(flat, a) for a in leading):
        for amount in leading:
            yield _grant(text, sentence, flat, amount, only, [])
        return
    yield _grant(text, sentence, flat, leading[0], only, others, unsure=several)


def _indefinite(flat: str, amount: _Amount) -> bool:
    """ "Une subvention", not "la subvention": something granted here, not spoken of."""
    head = amount.reading.head
    return head is None or bool(re.search(r"(?:^|\W)(?:une? |d')(?:\w+ ){0,2}$", flat[max(0, head[0] - 30) : head[0]]))


def _amounts(scan: Scan, sentence: Span, flat: str) -> list[_Amount]:
    found: list[_Amount] = []
    left = 0
    places = scan.amounts(sentence)
    for index, (span, amount) in enumerate(places):
        limit = places[index + 1][0].start if index + 1 < len(places) else sentence.end
        start, stop = span.start - sentence.start, span.end - sentence.start
        found.append(_Amount(span, amount, _reading(flat, left, start, stop, limit - sentence.start)))
        left = stop
    return found


def _reading(flat: str, left: int, start: int, stop: int, right: int) -> Reading:
    reading = reading_of(flat, left, start, stop, right)
    opening = flat.rfind("(", left, start)
    if (
        reading.role is Role.GRANT
        and opening >= 0
        and ")" not in flat[opening:start]
        and reading.head
        and opening > reading.head[0]
    ):
        inside = flat[opening:start].strip("( ")
        if inside:  # "(soit 30 % d'un total de…": an aside
            return replace(reading, role=Role.OTHER)
    return reading


def _bare_grants(flat: str, amounts: list[_Amount]) -> list[_Amount]:
    """ "d'attribuer 5 000 € à l'association…": the verb alone governs."""
    bare = [a for a in amounts if a.reading.role is Role.BARE]
    verb = re.search(
        r"(?<!\w)(?:attribue[rs]?|attribuent|alloue[rs]?|alloues|accorde[rs]?|octroyer|octroie|verser?|verse"
        r"|allouer|soutenir|soutient|subventionner|fixer?|donner)(?!\w)",
        flat,
    )
    return bare if verb else []


def _recipients(scan: Scan, names: list[Name], sentence: Span, leading: list[_Amount]) -> list[Name]:
    """The names that something is given to, without those that belong to a purpose."""
    if not names:
        names = list(mentioned(scan, sentence))
        unique = {folded(scan, n.span): n for n in reversed(names)}
        names = sorted(unique.values(), key=lambda n: n.start)
        return names if len(names) == 1 else [replace(names[0], certain=False)] if names else []
    strong = [n for n in names if n.strong or n.anaphora or n.collective]
    if strong and len(strong) < len(names):
        names = strong
    unique_names: dict[str, Name] = {}
    for name in names:
        key = folded(scan, name.span)
        if key not in unique_names or len(leading) > 1:
            unique_names[key if key not in unique_names else f"{key}#{name.start}"] = name
    names = list(unique_names.values())
    if len(names) > 1 and len(leading) == 1:
        kept = [names[0]]
        for name in names[1:]:
            between = scan.flat[kept[-1].end : name.start]
            if re.search(
                r"(?<!\w)(?:pour|afin|destinee?s?|dans|en vue|au titre|qui|dont|situee?|sise?|pres|face|chez|lors|grace"
                r"|representee?)(?!\w)",
                between,
            ) and not (kept[0].anaphora):
                break
            kept.append(name)
        names = kept
    return names


def _alternating(amounts: Sequence[_Amount], names: Sequence[Name]) -> list[tuple[_Amount, Name]]:
    """Amount, name, amount, name… or name, amount, name, amount…; else nothing."""
    if len(amounts) != len(names) or len(names) < 2:
        return []
    pairs = list(zip(amounts, names, strict=True))
    if all(a.span.end <= n.start for a, n in pairs) and all(
        n.start < b.span.start for (_, n), (b, _) in itertools.pairwise(pairs)
    ):
        return pairs
    if all(n.span.end <= a.span.start for a, n in pairs) and all(
        a.span.start < m.start for (a, _), (_, m) in itertools.pairwise(pairs)
    ):
        return pairs
    return []


def _joined(text: Text, names: Sequence[Name]) -> bool:
    """Whether the names share what is given: "à l'association A et à l'association B"."""
    between = text.masked[names[0].end : names[1].start].strip(" \n,")
    return (
        between in ("", "et", "ainsi que", "ainsi qu'", "ou", "et/ou")
        or "au profit" in text.masked[names[1].start - 2 : names[1].span.start]
    )


def _without_amount(
    scan: Scan, sentence: Span, flat: str, names: list[Name], amounts: list[_Amount]
) -> Iterator[Grant]:
    """A subsidy granted to somebody, whose amount is not said, or only as a share of something."""
    granted = re.search(
        rf"(?<!\w)(?:attribu|accord|allou|octro)\w* (?:[^\s,;:.¤]+ ){{0,4}}?(?:une?|la) (?:\w+ )?{GRANT_NOUN}"
        rf"|(?<!\w)une? (?:\w+ )?{GRANT_NOUN} [^¤;:]{{0,120}}?(?:est|sera) (?:attribu|accord|allou|octroy)"
        rf"|(?<!\w)(?:attribu|accord|allou|octroy|vers)(?:er|e|ee) [^¤;:]{{4,160}}? une? (?:\w+ )?{GRANT_NOUN}(?!\w)",
        flat,
    )
    strong = [n for n in names if n.strong and n.certain and not n.collective and not n.anaphora]
    if not granted or len(strong) != 1 or len(names) != 1:
        return
    share = _PERCENT_OF.search(flat)
    number = re.search(rf"{GRANT_NOUN} (?:[^\s,;:.¤]+ ){{0,4}}?de (\d[\d .,]*\d)(?! ?%)(?=\W|$)", flat)
    if any(a.reading.role is Role.OTHER for a in amounts) and not share:
        return
    if not share and not number:
        return
    words = (number.start(1), number.end(1)) if number else (share.start(), share.end()) if share else (0, 0)
    span = Span(sentence.start + words[0], sentence.start + words[1])
    kind, kind_words = kinds.kind_of(flat, granted.start(), granted.end())
    money = Money(None, (scan.text.evidence(span),), Doubt.AMBIGUOUS)
    yield Grant(
        strong[0].start,
        money,
        strong[0],
        _purpose_after(scan.text, strong[0], sentence),
        kind,
        _span(kind_words, sentence),
    )


def _span(words: tuple[int, int] | None, sentence: Span) -> Span | None:
    return Span(sentence.start + words[0], sentence.start + words[1]) if words else None


def _grant(
    text: Text,
    sentence: Span,
    flat: str,
    amount: _Amount,
    name: Name | None,
    others: Sequence[_Amount],
    *,
    unsure: bool = False,
) -> Grant:
    money = money_of(text, amount.found)
    years, explained = _years(text, sentence, flat, amount, others)
    pair = amount.reading.tax == "ht" and any(o.reading.tax == "ttc" for o in others)
    parted = others and not explained
    if money.doubt is Doubt.NONE and (unsure or amount.reading.per_unit or pair or parted):
        money = replace(
            money, doubt=Doubt.AMBIGUOUS, evidence=(*money.evidence, *(text.raw_evidence(o.found) for o in others))
        )
    head = amount.reading.head or (amount.span.start - sentence.start, amount.span.start - sentence.start)
    kind, kind_words = kinds.kind_of(flat, head[0], amount.span.end - sentence.start)
    ceiling = amount.span if amount.reading.ceiling else None
    purpose = _purpose(text, sentence, amount, name)
    spoken_of = name is None and (not _indefinite(flat, amount) or flat[slice(*head)].rstrip().endswith("s"))
    return Grant(
        amount.span.start, money, name, purpose, kind, _span(kind_words, sentence), ceiling, years, spoken_of=spoken_of
    )


def money_of(text: Text, found: FoundAmount) -> Money:
    evidence = (text.raw_evidence(found),)
    if found.currency is not Currency.EUR:
        return Money(None, evidence, Doubt.MALFORMED, francs=True)
    if found.status is AmountStatus.CONFLICTING:
        return Money(None, evidence, Doubt.CONFLICTING)
    if found.value is None or found.value <= 0:
        return Money(None, evidence, Doubt.MALFORMED)
    return Money(found.value, evidence)


def _years(
    text: Text, sentence: Span, flat: str, amount: _Amount, others: Sequence[_Amount]
) -> tuple[tuple[tuple[int, Decimal, Span], ...], bool]:
    """Amounts by year that add up to ``amount``; and whether the other amounts are explained, by that or as parts."""
    if not others:
        return (), True
    years: list[tuple[int, Decimal, Span]] = []
    total = Decimal(0)
    for other in others:
        if other.found.euros is None:
            return (), False
        total += other.found.euros
        at = other.span.end - sentence.start
        year = _YEAR_AFTER.match(flat, at) or _YEAR_BEFORE.search(
            flat[max(0, other.span.start - sentence.start - 14) : other.span.start - sentence.start]
        )
        if year:
            years.append((int(year[1]), other.found.euros, other.span))
    if total == amount.found.euros:
        return tuple(years) if len(years) == len(others) else (), True
    return (), False


def _purpose(text: Text, sentence: Span, amount: _Amount, name: Name | None) -> Span | None:
    places = [amount.span.end]
    if name and sentence.start <= name.span.start < sentence.end:
        places.insert(0, name.end)
        if name.end != name.span.end:
            places.insert(0, name.span.end)
    for place in places:
        match = PURPOSE_AFTER.match(text.masked, place, sentence.end)
        if match and not _NOT_A_PURPOSE.match(match["purpose"]):
            end = match.end("purpose")
            if name and match.start("purpose") < name.start < end:
                end = name.start
            if amount.span.start > match.start("purpose") and amount.span.start < end:
                continue
            while end > match.start("purpose") and text.masked[end - 1] in " \n,":
                end -= 1
            if re.search(r"(?:^| )une?$", text.masked[match.start("purpose") : end]):
                continue
            return Span(match.start("purpose"), end)
    return None


def _purpose_after(text: Text, name: Name, sentence: Span) -> Span | None:
    match = PURPOSE_AFTER.match(text.masked, name.span.end, sentence.end)
    return (
        Span(match.start("purpose"), match.end("purpose"))
        if match and not _NOT_A_PURPOSE.match(match["purpose"])
        else None
    )
