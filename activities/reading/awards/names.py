"""Where the name of a beneficiary begins and ends, what stands beside it, and how sure its end is.

Nothing marks the end of a name in a French sentence: "à l'association Sports, Loisirs et Culture pour les Jeunes pour
son tournoi". A name ends for certain at its closing quote or before words that cannot be a part of it. Where they
could be, the end is uncertain, unless another mention of the same name goes on differently.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from activities.reading.awards.scan import Scan
from activities.reading.awards.vocabulary import (
    ABBREVIATION,
    ACRONYM,
    AFTER_COMMA,
    ANAPHORA,
    ARTICLE,
    BARE_SIRET,
    COLLECTIVE,
    CUT,
    DETERMINER,
    GIVEN_TO,
    INSTITUTION,
    NEVER,
    OF,
    OFFICE,
    OURSELVES,
    PLAIN_PURPOSE,
    QUOTES,
    RECEIVES,
    RNA,
    SEAT,
    SIRET,
    STOP,
    TITLE_OF_PERSON,
)
from activities.reading.parts import Span

LONGEST = 160
"""Characters. A longer name is a sentence whose end was missed."""


def is_the_authority(scan: "Scan", name: "Name") -> bool:
    """Whether a name is no more than "la commune": what is given to it is received, not granted."""
    return OURSELVES.fullmatch(folded(scan, name.span)) is not None


@dataclass(frozen=True)
class Name:
    """A beneficiary as one place of the text names it."""

    span: Span
    start: int
    """Where the mention begins, its preposition included."""
    end: int
    """Where the mention ends, with what stands beside the name."""
    certain: bool = True
    """Whether its end, and that it is a name at all, is sure."""
    strong: bool = True
    """It begins with the noun of an institution or a person's title, or stands in quotes."""
    collective: bool = False
    anaphora: bool = False
    """"cette association", "lui": said elsewhere."""
    acronym: str = ""
    siret: Span | None = None
    rna: Span | None = None
    seat: Span | None = None
    notes: tuple[str, ...] = field(default=())


def folded(scan: Scan, span: Span) -> str:
    """The name in small letters without accents, on one line."""
    return re.sub(r"\s+", " ", scan.flat[span.start : span.end]).strip(' "')


def name_at(scan: Scan, start: int, limit: int, *, mention: int | None = None) -> Name | None:
    """The name that begins at ``start``, its article included, or none when nothing there names anybody."""
    view, masked = scan.text.view.text, scan.flat
    while start < limit and (
        masked[start] in " \n:" or (masked[start] == "-" and masked[start + 1 : start + 2] == " ")
    ):
        start += 1
    mention = start if mention is None else mention
    head = re.sub(r"\s+", " ", masked[start : min(limit, start + 60)])
    bare = re.sub(r"^(?:l'|la |le |les )", "", head)
    if COLLECTIVE.match(bare):
        end, _ = _end(scan, start, limit)
        return Name(Span(start, end), mention, end, certain=False, collective=True)
    if OFFICE.match(bare) or NEVER.match(bare):
        return None
    pronoun = re.match(
        r"(?:elle|lui|celle-ci|celui-ci|ce dernier|cette derniere)\b|(?:cette|cet|ce|ladite|ledit)\s+\w+",
        masked[start : start + 60],
    )
    if pronoun:
        return Name(Span(start, start + pronoun.end()), mention, start + pronoun.end(), certain=False, anaphora=True)
    begin, stop, certain, quoted = _extent(scan, start, limit)
    if begin >= stop:
        return None
    span = Span(begin, stop)
    words = folded(scan, span)
    whole = folded(scan, Span(start, stop))
    if ANAPHORA.fullmatch(whole):
        return Name(span, mention, stop, certain=False, anaphora=True)
    strong = (
        quoted
        or bool(re.match(rf"(?:{INSTITUTION}|{TITLE_OF_PERSON})(?!\w)", bare))
        or bool(re.match(rf"{INSTITUTION}(?!\w)", words))
    )
    if not any(c.isupper() for c in view[begin:stop]) and not quoted:
        return None if not strong else Name(span, mention, stop, certain=False, anaphora=len(words.split()) < 3)
    if not strong and not view[begin].isupper() and not view[begin].isdigit():
        return None
    if stop - begin > LONGEST or (not strong and _all_capitals(view[max(0, begin - 40) : stop])):
        certain = False  # in a sentence all in capitals, any word looks like a name
    return _beside(scan, Name(span, mention, stop, certain=certain, strong=strong), limit)


def _extent(scan: Scan, start: int, limit: int) -> tuple[int, int, bool, bool]:
    """Start, end, whether the end is sure, whether the name is in quotes."""
    view, masked = scan.text.view.text, scan.flat
    begin = start
    determiner = DETERMINER.match(masked, start, limit)
    if (
        determiner
        and _proper_follows(view, masked, determiner.end())
        and not _its_own_word(view, start, determiner.end())
    ):
        begin = determiner.end()
    else:
        article = ARTICLE.match(masked, start, limit)
        begin = article.end() if article else start
    while begin < limit and masked[begin] in " \n:":
        begin += 1
    closing = QUOTES.get(view[begin : begin + 1])
    if closing:
        stop = view.find(closing, begin + 1, min(limit, begin + LONGEST))
        if stop > 0:
            inner = _inside(view, begin + 1, stop)
            return *inner, True, True
        begin += 1
    stop, certain = _end(scan, begin, limit)
    quote = re.search(r'["«]', view[begin:stop])
    if quote:
        after = view.find(QUOTES[quote[0]], begin + quote.end(), min(limit, begin + LONGEST))
        if after > 0 and "\n\n" not in view[begin:after]:
            return begin, after + 1, True, True
    while stop > begin and view[stop - 1] in ' \n"-–,:' + ("»" if "«" not in view[begin:stop] else ""):
        stop -= 1
    return begin, stop, certain, False


def _inside(view: str, start: int, stop: int) -> tuple[int, int]:
    while start < stop and view[start] in " \n":
        start += 1
    while stop > start and view[stop - 1] in " \n":
        stop -= 1
    return start, stop


def _its_own_word(view: str, start: int, stop: int) -> bool:
    """Whether "Association" begins the name itself: with a capital, before an adjective ("l'Association Sportive…")."""
    noun = re.compile(r"(?:[Ll]'|[Ll][ae] )?([A-ZÀ-Ý][a-zà-ÿ]+) $").match(view, start, stop)
    adjective = re.compile(r"[A-ZÀ-Ý]?[a-zà-ÿ]{3,}(?:ale?|elle?|ive|ique|aine|oise|aise|ière|iale)(?= )").match(
        view, stop
    )
    return bool(noun and adjective)


def _proper_follows(view: str, masked: str, at: int) -> bool:
    """Whether a proper name begins here, rather than the rest of one ("association pour…", "société de chasse")."""
    if view[at : at + 1] in QUOTES:
        return True
    if re.match(r"(?:d[eu']|des|pour|a|au|aux)(?!\w)", masked[at : at + 6]):
        return False
    return view[at : at + 1].isupper() or view[at : at + 1].isdigit()


def _end(scan: Scan, start: int, limit: int) -> tuple[int, bool]:
    """Where the name that begins at ``start`` ends, and whether that is sure."""
    view, masked = scan.text.view.text, scan.flat
    position, limit = start, min(limit, start + 2 * LONGEST)
    generic = True
    while match := STOP.search(masked, position, limit):
        stop = match.start()
        words = re.sub(r"\s+", " ", masked[start:stop]).strip()
        if stop == start:
            return stop, False
        if match["hard"] is not None:
            return stop, not _cut(scan, stop)
        if match["dot"]:
            if ABBREVIATION.search(masked[max(start, stop - 8) : stop]) and view[stop + 1 : stop + 2] != "\n":
                position = match.end()
                continue
            return stop, True
        if match["paren"]:
            return stop, True
        if match["comma"]:
            if AFTER_COMMA.match(masked, match.end() - 1, limit) or match.end() >= limit:
                return stop, True
            return stop, False
        generic = (
            re.fullmatch(rf"(?:la |le |l')?(?:{INSTITUTION}|agence|amis|aide|accueil)(?: \w{{4,14}}e)?", words)
            is not None
        )
        if generic:
            position = match.end()
            continue
        rest = masked[match.end() : match.end() + 60]
        article = re.match(r"\s*(?:la |le |les |l'|un |une |des )?", rest)
        at = match.end() + (article.end() if article else 0)
        capital = view[at : at + 1].isupper() and not _all_capitals(view[start:at])
        return stop, (bool(PLAIN_PURPOSE.match(rest)) and not capital) or (
            not capital and match["soft"].strip() == "pour" and view[at : at + 1].islower()
        )
    return limit, limit < start + 2 * LONGEST and not _cut(scan, limit)


def _all_capitals(words: str) -> bool:
    letters = [c for c in words if c.isalpha()]
    return len(letters) > 12 and all(c.isupper() for c in letters)


def _cut(scan: Scan, stop: int) -> bool:
    """Whether an empty line stands here, and what follows may go on with the name: the extraction may have cut it."""
    return bool(CUT.match(scan.text.masked, stop))


def _beside(scan: Scan, name: Name, limit: int) -> Name:
    """``name`` with its acronym, identifiers and address, and a surer end where the acronym tells its initials."""
    masked, view = scan.flat, scan.text.view.text
    position, found = name.span.end, name
    for _ in range(4):
        aside = re.compile(r"[ \n]{0,3}\(([^()¤§]{1,120})\)").match(masked, position, limit)
        if aside is None:
            break
        inner = view[aside.start(1) : aside.end(1)].strip()
        if ACRONYM.fullmatch(inner) and not found.acronym and any(c.isalpha() for c in inner):
            found = replace(found, acronym=inner)
            if initials(scan.text.value(name.span)).startswith(re.sub(r"[^A-Z]", "", _plain_capitals(inner))[:3]):
                found = replace(found, certain=name.span.end - name.span.start <= LONGEST)
        position = aside.end()
    window = min(limit, position + 300, _next_amount(masked, position, limit))
    tail = masked[name.span.end : window]
    siret = SIRET.search(tail) or BARE_SIRET.search(tail)
    rna = RNA.search(tail)
    seat = SEAT.search(tail)
    base = name.span.end
    return replace(
        found,
        end=position,
        siret=Span(base + siret.start(1), base + siret.end(1)) if siret else None,
        rna=Span(base + rna.start(), base + rna.end()) if rna else None,
        seat=Span(base + seat.start("seat"), base + seat.end("seat")) if seat else None,
    )


def _next_amount(masked: str, position: int, limit: int) -> int:
    at = masked.find("¤", position, limit)
    return limit if at < 0 else at


def _plain_capitals(word: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKD", word).upper()


def initials(name: str) -> str:
    """Initials of the words that count in a name."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"\b[dlDL]['’]", " ", name))
    kept = [
        w
        for w in words
        if w.lower() not in {"de", "du", "des", "la", "le", "les", "et", "à", "a", "au", "aux", "en", "pour", "d", "l"}
    ]
    return _plain_capitals("".join(w[0] for w in kept))


def given_to(scan: Scan, zone: Span) -> Iterator[Name]:
    """Every name that something in ``zone`` is given to ("à l'association…", "au profit du…")."""
    done = zone.start
    for match in GIVEN_TO.finditer(scan.flat, zone.start, zone.end):
        if match.start() < done:
            continue
        name = name_at(scan, match.end(), zone.end, mention=match.start())
        if name:
            bare = match[0].strip() in ("a", "a :") and not re.match(
                r"\s*(?:la|le|les)\s|\s*l'", scan.flat[match.end() :][:8]
            )
            if bare and not name.strong and not name.anaphora and not name.collective:
                name = replace(name, certain=False)  # "à Paris" is a place as often as a person
            yield name
            done = name.end
    subject = RECEIVES.search(scan.flat, zone.start, zone.end)
    if subject:
        start = zone.start + _leading(scan.flat[zone.start : subject.start()])
        name = name_at(scan, start, zone.end)
        if name and name.start < subject.start() and name.strong:
            yield name


def mentioned(scan: Scan, zone: Span) -> Iterator[Name]:
    """Names of institutions that ``zone`` speaks of without giving them anything ("avec l'association…")."""
    done = zone.start
    for match in OF.finditer(scan.flat, zone.start, zone.end):
        if match.start() < done:
            continue
        if _within_a_name(scan, match.start(), match.end()):
            continue
        name = name_at(scan, match.end(), zone.end, mention=match.start())
        if name and name.strong and not OURSELVES.fullmatch(folded(scan, name.span)):
            yield name
            done = name.end


def _within_a_name(scan: Scan, start: int, stop: int) -> bool:
    """Whether this "de" is inside a name ("Chœur de chambre"): a capital before it, no article after it."""
    before = re.search(r"\S+ $", scan.text.view.text[max(0, start - 40) : start])
    capital = before is not None and re.match(r"[\"«]|[^\W\d_a-zà-ÿ]", before[0]) is not None
    return capital and not re.match(r" ?(?:l'|la |le |les )", scan.flat[stop : stop + 5])


def _leading(words: str) -> int:
    """Length of the label and the bullet that an article begins with."""
    match = re.match(r"[\s\W]*(?:(?:article|art\.?)\s+(?:premier|unique|\d{1,2})(?:er)?\b[\s:.–-]*)?", words)
    return match.end() if match else 0


def confirmed(scan: Scan, name: Name) -> bool:
    """Whether the text names this beneficiary once more, with other words after it that end the name for sure."""
    flat = scan.flat
    here = folded(scan, name.span)
    if len(here) < 4 or len(here) > LONGEST:
        return False
    following: list[str] = []
    at = flat.find(here)
    while at >= 0 and len(following) < 20:
        if not flat[at - 1 : at].isalnum():
            following.append(flat[at + len(here) : at + len(here) + 14])
        at = flat.find(here, at + 1)
    if len(following) < 2:
        return False
    sure = [
        f
        for f in following
        if re.match(r' {2}|\s?(?:[.;:)"»(]|$| est | une? | d\'un | d\'une | au titre | qui | dont |,? ?¤| - )', f)
    ]
    return bool(sure) and len({f[:10] for f in following}) > 1
