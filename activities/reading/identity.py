"""Which act this is: authority, assembly, session, numbers, title, and the other acts that it cites."""

import re
from datetime import date

from activities.reading.facts import settle
from activities.reading.parts import Parts, Span, Text
from activities.reading.profile import Profile
from domain.convention import fold
from domain.facts import Evidence, Fact, FactStatus

_STAMP = re.compile(r"accuse|reception|prefe|publication|certifie executoire|§|delegation$")


def authority(text: Text, parts: Parts, profile: Profile) -> Fact[str]:
    for zone in (parts.header, parts.operative):
        for rule in (*profile.match, *profile["authorities"]):
            match = next(text.matches((rule,), zone), None) if zone else None
            if match:
                span = _group(match, "authority")
                value = profile.name if rule in profile.match else text.value(span)
                return settle([(value, text.evidence(span))])
    return Fact()


def assembly(text: Text, parts: Parts, profile: Profile) -> Fact[str]:
    for zone in (parts.header, parts.whole):
        matches = [(m, name) for rule, name in profile.assemblies for m in text.matches((rule,), zone)]
        if matches:
            match, name = min(matches, key=lambda found: found[0].start())
            return settle([(name, text.evidence(Span(*match.span())))])
    return Fact()


def session_date(text: Text, parts: Parts, profile: Profile) -> Fact[date]:
    for rule in profile["sessions"]:
        found: list[tuple[date | None, Evidence]] = []
        for match in text.matches((rule,), parts.header):
            day = text.dates.get(match.start("date"))
            if day:
                found.append((day.value, text.raw_evidence(day)))
        if found:
            return settle(found)
    return Fact()


def number(text: Text, parts: Parts, profile: Profile) -> Fact[str]:
    """The number of the act, from the header or from what follows the operative part; never from the visas."""
    for rule in profile["numbers"]:
        matches = [m for zone in (parts.header, parts.ending) for m in text.matches((rule,), zone)]
        # Some portals print the number after the last article, with no ending between.
        if not matches and parts.operative:
            matches = [m for m in text.matches((rule,), parts.operative) if _last_lines(text, parts, m.start())]
        if matches:
            return settle((_number(text, m), text.evidence(_group(m, "number"))) for m in matches)
    return Fact()


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


def _distinct(text: Text, zone: Span, rules: tuple[str, ...], known: set[str]) -> tuple[Fact[str], ...]:
    read: dict[str, list[tuple[str | None, Evidence]]] = {}
    for match in sorted(text.matches(rules, zone), key=lambda m: m.start()):
        value = _number(text, match)
        if fold(value) not in known and any(c.isdigit() for c in value):
            read.setdefault(fold(value), []).append((value, text.evidence(_group(match, "number"))))
    return tuple(settle(candidates) for candidates in read.values())


def title(text: Text, parts: Parts, profile: Profile) -> Fact[str]:
    for rule in profile["titles"]:
        match = next(text.matches((rule,), parts.header), None)
        if match is None:
            continue
        span = _group(match, "title")
        value = re.sub(r"(?:^|\s)>\s*", " ", text.value(span)).strip(" .;")
        if _STAMP.search(text.masked[span.start : span.end]):
            # A stamp fell into the title when the page was scanned: what remains is not the title.
            return Fact(status=FactStatus.MALFORMED, evidence=(text.evidence(span),))
        return settle([(value, text.evidence(span))])
    return Fact()


def _group(match: re.Match[str], name: str) -> Span:
    return Span(match.start(name), match.end(name))
