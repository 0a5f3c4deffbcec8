"""Which act this is: authority, assembly, session, numbers, title, and the other acts that it cites."""

import re
from collections.abc import Iterator
from datetime import date

from activities.reading.facts import settle
from activities.reading.parts import Parts, Span, Text
from activities.reading.profile import Assembly, Profile
from activities.reading.spelled_dates import spelled_dates
from activities.reading.view import phrase
from domain.convention import fold
from domain.facts import Evidence, Fact, FactStatus

Dated = list[tuple[date | None, Evidence]]

_STAMP = re.compile(r"accuse|reception|prefe|publication|certifie executoire|(?:\ble|:)\s*§|delegation$")
_DANGLING = re.compile(
    r"(?:^|[\s'-])(?:d[eu']|des|a|au|aux|en|et|ou|la|les?|l'|d'|pour|par|sur|avec|son|sa|ses|un|une|relative? a|-|–|,)$"
)
"""What no name nor title ends with: the extraction has cut it."""
_OTHER_SESSION = re.compile(
    r"(?:verbal|compte[- ]rendu|cr|approbation|adoption|adoptee?|prise|votee?|precedente?|derniere|lors|issue"
    r"|cours|suite"
    r"|delibere en|vu|vu la deliberation|prochaine|anterieure|arretee?|approuvee?|modifi\w+)(?:\s+(?:de|du|a"
    r"|en|la|le|l'|sa"
    r"|une|cette|deliberation|conseil|municipal|communautaire|n°\s?\S+))*\s*$"
)


def authority(text: Text, parts: Parts, profile: Profile) -> Fact[str]:
    """The authority that sat. A name that does not go with the assembly (a commune's, for a departmental council) is
    somebody else's."""
    sat = _assembly(text, parts, profile)
    for zone in (parts.header, parts.operative):
        if zone is None:
            continue
        for rule in profile.match:
            match = next(text.matches((rule,), zone), None)
            if match:
                return settle([(profile.name, text.evidence(_group(match, "authority")))])
        for rule in profile["authorities"]:
            for match in text.matches((rule,), zone):
                span = _whole_name(text, _group(match, "authority"), zone.end)
                if _of(sat, text.masked[span.start : span.end]) and not _strange(text, span):
                    return _name(text, span, "{authority}")
        for form in profile.authority_forms:
            for match in text.matches((form.match,), zone):
                span = _whole_name(text, _group(match, "authority"), zone.end)
                words = form.name.format(authority=text.masked[span.start : span.end])
                if _of(sat, fold(words).lower().replace("-", " ")) and not _strange(text, span):
                    return _name(text, span, form.name)
    return Fact()


def _strange(text: Text, span: Span) -> bool:
    """Whether other words of a header stand in what seems to be a name, on its own side of a wide gap."""
    gap = _column(text, span)
    return bool(_NO_NAME.search(text.masked, span.start, gap if gap is not None else span.end))


def _of(sat: Assembly | None, folded: str) -> bool:
    folded = folded.strip(" -\n")
    if sat is None or not sat.of:
        # Letterheads name the department and the region of whoever writes.
        return not folded.startswith(("departement", "region"))
    return bool(re.match(sat.of, folded))


_NO_NAME = re.compile(
    r"deliberation|seance|extrait|registre|conseil\b|direction|objet|rapporteur|bureau|republique|-{3}|_{3}"
)


def _name(text: Text, span: Span, form: str) -> Fact[str]:
    gap = _column(text, span)
    span = Span(span.start, gap) if gap is not None else span
    words = text.value(span).strip(" -–")
    if form != "{authority}":
        words = re.sub(r"^(?:DE LA |DE L'|DES |DU |DE |D')", lambda m: m[0].lower(), words)
    value = form.format(authority=words)
    evidence = text.evidence(span)
    if _DANGLING.search(text.masked[span.start : span.end].strip()):
        return Fact(value=value, status=FactStatus.MALFORMED, evidence=(evidence,))
    return settle([(value, evidence)])


_CONTINUED = re.compile(
    r"\n(?=[^\n]{2,40}$)(?:de |du |des |d'|et |sur |sous |en |les? |la |- )[^\n,.:;§¤0-9()]{1,38}$", re.M
)
_ANY_LINE = re.compile(r"\n[^\n,.:;§¤0-9()]{2,40}$", re.M)


_JOINED = re.compile(
    r"\s[-–|]\s(?:le |la |l')?(?:conseil|comite|bureau|commission|assemblee|seance|deliberation|extrait)"
)


def _whole_name(text: Text, span: Span, limit: int) -> Span:
    """The name with the line that it goes on, when it is wrapped; without the assembly that a dash joins to it."""
    joined = _JOINED.search(text.masked, span.start, span.end)
    if joined:
        return Span(span.start, joined.start())
    words = text.masked[span.start : span.end].strip()
    rule = _ANY_LINE if _DANGLING.search(words) or words.endswith((" pays", " val", " grand", "-")) else _CONTINUED
    longer = rule.match(text.masked, span.end, min(limit, len(text.masked)))
    return Span(span.start, longer.end()) if longer else span


def _assembly(text: Text, parts: Parts, profile: Profile) -> Assembly | None:
    found = _assembly_match(text, parts, profile)
    return found[1] if found else None


def _assembly_match(text: Text, parts: Parts, profile: Profile) -> tuple[re.Match[str], Assembly] | None:
    for zone in (parts.header, parts.whole):
        for first in (True, False):
            found = [
                (match, entry)
                for entry in profile.assemblies
                if entry.first is first and (match := text.first((entry.match,), zone))
            ]
            if found:
                return min(found, key=lambda pair: pair[0].start())
    return None


def assembly(text: Text, parts: Parts, profile: Profile) -> Fact[str]:
    found = _assembly_match(text, parts, profile)
    if found is None:
        return Fact()
    match, entry = found
    return settle([(entry.name, text.evidence(Span(*match.span())))])


def session_date(text: Text, parts: Parts, profile: Profile) -> Fact[date]:
    for rule in profile["sessions"]:
        found = list(_sessions(text, parts, rule))
        if found:
            return settle(found)
    return settle(in_letters(text, parts.header))


def _sessions(text: Text, parts: Parts, rule: str) -> Iterator[tuple[date | None, Evidence]]:
    for match in text.matches((rule,), parts.header):
        day = text.dates.get(match.start("date"))
        *above, before = text.masked[max(0, match.start() - 90) : match.start()].split("\n")
        if not before.strip() and above and _DANGLING.search(above[-1]):
            before = above[-1]  # a wrapped line
        if day and not _OTHER_SESSION.search(before):
            yield day.value, text.raw_evidence(day)


def in_letters(text: Text, zone: Span) -> Dated:
    """Days of session that are written out."""
    return [
        (spelled.value, text.evidence(spelled.span))
        for spelled in spelled_dates(text, zone)
        if text.view.folded.startswith("l'an", spelled.span.start)
    ]


def number(text: Text, parts: Parts, profile: Profile) -> Fact[str]:
    """The number of the act, from the header or from what follows the operative part; never from the visas."""
    for rule in profile["numbers"]:
        matches = [m for zone in (parts.header, parts.ending) for m in text.matches((rule,), zone)]
        # Some portals print the number after the last article, with no ending between.
        if not matches and parts.operative:
            matches = [m for m in text.matches((rule,), parts.operative) if _last_lines(text, parts, m.start())]
        if matches:
            fact = settle((_number(text, m), text.evidence(_group(m, "number"))) for m in matches)
            # A letter that a scanner took for a digit, or the reverse.
            doubt = fact.usable is not None and _MISREAD.search(fact.usable)
            return fact.model_copy(update={"status": FactStatus.MALFORMED}) if doubt else fact
    return Fact()


_MISREAD = re.compile(r"(?<![A-Za-z])[OolI](?=[0-9])|(?<=[0-9])[OlI](?![A-Za-z])")


def _last_lines(text: Text, parts: Parts, offset: int) -> bool:
    assert parts.operative is not None
    return text.masked.count("\n", offset, parts.operative.end) <= 4


def _number(text: Text, match: re.Match[str]) -> str:
    return re.sub(r"\s*/\s*", "/", text.value(_group(match, "number"))).rstrip(".-/ ")


def other_numbers(text: Text, parts: Parts, profile: Profile) -> tuple[Fact[str], ...]:
    return _distinct(text, parts.whole, profile["internal_numbers"], set())


def references(text: Text, parts: Parts, profile: Profile, own: Fact[str]) -> tuple[Fact[str], ...]:
    """Deliberations cited by their numbers, this one left out."""
    known = {fold(evidence.text) for evidence in own.evidence}
    return _distinct(text, parts.whole, profile["cited_numbers"], known)


_REFERENCES = 200
"""A text that cites more is a list of acts, or hostile."""


def _distinct(text: Text, zone: Span, rules: tuple[str, ...], known: set[str]) -> tuple[Fact[str], ...]:
    read: dict[str, list[tuple[str | None, Evidence]]] = {}
    for match in sorted(text.matches(rules, zone), key=lambda m: m.start()):
        value = _number(text, match)
        if fold(value) not in known and any(c.isdigit() for c in value):
            read.setdefault(fold(value), []).append((value, text.evidence(_group(match, "number"))))
            if len(read) >= _REFERENCES:
                break
    return tuple(settle(candidates) for candidates in read.values())


def title(text: Text, parts: Parts, profile: Profile) -> Fact[str]:
    for rule in (*profile["titles"], *profile["titles_bare"]):
        match = next(text.matches((rule,), parts.header), None)
        if match:
            return _title(text, _group(match, "title"))
    return Fact()


def _column(text: Text, span: Span) -> int | None:
    """Where, within a line of ``span``, a wide gap begins: another column of the page stands beyond."""
    for place in range(span.start, span.end - 2):
        blank = text.masked[place + 1] == " " and text.masked[place + 2] != "\n"
        if blank and text.view.evidence_start(place + 2) - text.view.evidence_start(place + 1) > _GAP:
            return place + 1
    return None


_GAP = 3
_MARK = (
    r"^\W{0,3}(?:(?:point|question|affaire|dossier|rapport|sujet) )?(?:n° ?)?(?:[0-9]{1,3}"
    r"|[ivx]{1,6}) ?[/.):–°-] ?[-–.]?\s*"
)
_ITS_NUMBER = (
    r"^\W{0,3}(?:deliberation )?(?:(?:n°|no\.?|numero)\s*:?\s*)?(?=[^\s]*[0-9])[0-9a-z][0-9a-z./_-]*\s*(?:[:–-]\s*|$)"
)
_TITLE_GOES_ON = re.compile(r"(?:[a-zà-ÿœ(«]|(?i:objet)\s*:)")


def heading(text: Text) -> Span:
    """The lines of a decision of minutes that announce it: the first, those that go on it, and its "objet"."""
    end = text.masked.find("\n")
    while 0 <= end < 400 and _TITLE_GOES_ON.match(text.view.text, end + 1):
        end = text.masked.find("\n", end + 1)
    return Span(0, end if end >= 0 else len(text.masked))


def item_title(text: Text, profile: Profile) -> Fact[str]:
    """The title that announces a decision of minutes, without its number."""
    zone = heading(text)
    line = text.masked.find("\n", 0, zone.end)
    mark = phrase(_MARK).match(text.masked, 0, zone.end) or phrase(_ITS_NUMBER).match(text.masked, 0, zone.end)
    subject = phrase(r"^\W{0,3}objet\s*:\s*").search(text.masked, 0, min(zone.end + 200, len(text.masked)))
    if subject:
        line, start = text.masked.find("\n", subject.end()), subject.end()
    elif mark:
        start = mark.end()
    else:
        return Fact()
    end = line if line >= 0 else zone.end
    while text.view.text[end + 1 : end + 2].islower() and 0 <= (line := text.masked.find("\n", end + 1)) - end < 200:
        end = line  # a wrapped line
    return _title(text, Span(start, end)) if end - start >= 5 else Fact()


_SENTENCE = re.compile(
    r"\n[^\n]*\b(?:est|sont|etait|etaient|a ete|ont|avait|prevoyait|prevoit|propose|souhaite|rappelle|expose|sollicite"
    r"|organise|permet|s'inscrit|s'eleve)\b"
)
"""A line with a verb, below the first of a title: the report has begun."""


def _title(text: Text, span: Span) -> Fact[str]:
    value = re.sub(r"(?:^|\s)>\s*", " ", text.value(span)).strip(" .;:")
    folded = text.masked[span.start : span.end].strip()
    if (
        _SENTENCE.search(folded)
        or _STAMP.search(folded)
        or _DANGLING.search(folded)
        or "rapporteur" in folded
        or _column(text, span) is not None
    ):
        # A stamp fell into the title when the page was scanned, or its end is lost: what remains is not the title.
        return Fact(status=FactStatus.MALFORMED, evidence=(text.evidence(span),))
    return settle([(value, text.evidence(span))])


def _group(match: re.Match[str], name: str) -> Span:
    return Span(match.start(name), match.end(name))
