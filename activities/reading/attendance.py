"""Who sat: members present, represented and by whom, excused, absent; who presided, and who kept the minutes.

A list is taken whole or not at all: if one of its pieces is no name, nothing says that the others are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from activities.reading.facts import damaged, settle
from activities.reading.parts import Span, Text
from activities.reading.view import phrase
from domain.deliberation import Attendance, Proxy
from domain.facts import Fact

_WHO = (
    r"(?: (?:mesdames|messieurs|mmes?|mm?\.?|et|les|conseillers?|conseilleres?|membres|elus|delegues"
    r"|administrateurs|titulaires|:)(?!\w))*"
)
_COUNTED = r"(?: ?\(\d{1,3}\))?"
_LABELS = {
    "represented": (
        r"(?:(?:etaient |membres? )?(?:absente?s?,? )?(?:et )?(?:excusee?s?,? )?(?:et )?(?:representee?s?"
        r"|(?:ayant|avaient|ont) donne (?:pouvoir|procuration|mandat)|ayant vote par procuration)"
        r"|(?:nombre de )?(?:pouvoirs?|procurations?|mandats?))"
    ),
    "excused": r"(?:etaient |membres? |conseillers )?(?:absente?s? )?(?:et )?excusee?s?(?: et absents)?",
    "absent": r"(?:etaient |membres? |conseillers )?absente?s?(?: non excusee?s?)?",
    "present": r"(?:etaient |sont |membres? |conseillers |elus )?presente?s?(?: ce jour| a la seance| en seance)?",
}
_LABEL = re.compile(
    "|".join(
        rf"(?P<{kind}>^\W{{0,3}}{rule}{_COUNTED}(?:\s[^\n:.;]{{0,90}})?\s*:{_WHO})".replace(" ?", r"\s?").replace(
            " ", r"\s{1,3}"
        )
        for kind, rule in _LABELS.items()
    ),
    re.MULTILINE,
)
_STOP = re.compile(
    r"\n\s*\n\s*\n|\n\s*\n(?=\s*(?:[A-Za-zÀ-ÿ']+\s){6})|(?i:\bsecr[ée]taires?\b|\bobjet\s*:|^\W{0,3}(?:date|nombre|quorum|rapporteur|formant|le\s(?:conseil|quorum)|lesquels|a\s[ée]t[ée]"
    r"|conform[ée]ment|vu\b|d[ée]lib[ée]ration|n°|accus[ée]|re[çc]u|envoy[ée]|ordre\sdu\sjour|assist|la\ss[ée]ance|il\sa\s[ée]t[ée]|(?:m\.|mme|monsieur|madame)\s[^\n]{3,50}\s(?:a\s[ée]t[ée]|est)\s)|formant\sla\smajorit|§)",
    re.MULTILINE,
)
_LIMIT = 6000
_CIVILITY = r"(?:M\.|MM\.?|Mmes?\.?|Mlles?|Monsieur|Madame|Mesdames|Messieurs|Mademoiselle|Dr\.?|Docteur|Me|Maître)"
_LEADING = re.compile(rf"^(?:(?:{_CIVILITY}|M|Mme|et|[-•*–▪·])\s+(?:et\s+)?(?:{_CIVILITY}\s+)?)+")
_ROLES = re.compile(
    r"^(?:(?:\d+(?:er|e|eme|ème|ère)\s)?(?:premi[eè]re?\s)?(?:vice-)?pr[ée]sidente?s?|maires?(?:\sd[ée]l[ée]gu[ée]e?s?)?|adjointe?s?(?:\sau\smaire)?|conseill[eè]re?s?(?:\s\w+){0,2}|secr[ée]taire)$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-ZÀ-Ý][\w'’.-]*(?:\s(?:[A-ZÀ-Ý][\w'’.-]*|de|du|des|la|le|d'[A-ZÀ-Ý][\w-]*)){0,6}")
_LINK = re.compile(
    r"\s*[,(]?\s*(?:repr[ée]sent[ée]e?\spar|(?:qui\s)?(?:a\s|ayant\s)?(?:donn[ée]e?\s|donne\s)?(?:son\s|un\s)?(?:pouvoirs?|procuration|mandat)"
    r"(?:\sest\sdonn[ée]e?|\sdonn[ée]e?)?\s(?:à|a|au)|par|à|au)\s+"
)
_MAX_NAMES = 400


@dataclass(frozen=True)
class _Section:
    kind: str
    count: Fact[int]
    span: Span


def attendance(text: Text, zone: Span) -> Attendance:
    """What stands under the labels of ``zone``; the first list of each kind."""
    lists: dict[str, _Section] = {}
    counts: dict[str, Fact[int]] = {}
    for section in _sections(text, zone):
        if section.count.evidence:
            counts.setdefault(section.kind, section.count)
        elif section.kind not in lists and section.span.end - section.span.start > 2:
            lists[section.kind] = section
    represented = _proxies(text, lists["represented"].span) if "represented" in lists else ()
    away = [k for k in ("excused", "absent") if k in lists]
    for kind in away:
        if not represented:
            represented = _proxies(text, lists[kind].span)
            if represented:
                del lists[kind]
    return Attendance(
        present=_names(text, lists["present"].span) if "present" in lists else (),
        represented=represented,
        excused=_names(text, lists["excused"].span) if "excused" in lists else (),
        absent=_names(text, lists["absent"].span) if "absent" in lists else (),
        in_office=_counted(text, zone, _IN_OFFICE),
        present_count=_both(counts.get("present"), _counted(text, zone, _PRESENT)),
        represented_count=_both(counts.get("represented"), _counted(text, zone, _REPRESENTED)),
        absent_count=counts.get("absent", Fact()),
        voting=_counted(text, zone, _VOTING),
        quorum=_counted(text, zone, _QUORUM),
    )


def _both(first: Fact[int] | None, second: Fact[int]) -> Fact[int]:
    return first if first and first.evidence else second


_IN_OFFICE = (
    r"(?:membres?|conseillers?|delegues|elus)[^\n:;.\d]{0,40} en exercice\s*:?\s*(?P<count>\d{1,3})(?!\d)",
    r"en exercice\s*:\s*(?P<count>\d{1,3})(?!\d)",
)
_PRESENT = (
    r"(?:ont ete|sont|etaient) presente?s (?P<count>\d{1,3}) (?:membres|conseillers|elus|delegues)",
    r"(?:nombre de )?(?:membres |conseillers )?presents?\s*:?\s*(?P<count>\d{1,3})\s*$",
    r"presents?\s*:\s*(?P<count>\d{1,3})(?!\d|\x20\d)",
)
_REPRESENTED = (
    r"(?:pouvoirs?|procurations?|representes?)\s*:?\s*(?P<count>\d{1,3})\s*$",
    r"(?:pouvoirs?|procurations?|representes?)\s*:\s*(?P<count>\d{1,3})(?!\d|\x20\d)",
)
_VOTING = (r"(?:nombre de )?(?:suffrages )?votants\s*:?\s*(?P<count>\d{1,3})(?!\d)",)
_QUORUM = (r"(?<!le\x20)quorum\s*:?\s*(?P<count>\d{1,3})(?!\d)",)


def _counted(text: Text, zone: Span, rules: tuple[str, ...]) -> Fact[int]:
    for rule in rules:
        found = [(int(m["count"]), text.evidence(Span(*m.span()))) for m in text.matches((rule,), zone)]
        if found:
            return settle(found)
    return Fact()


def _sections(text: Text, zone: Span) -> Iterator[_Section]:
    labels = list(_LABEL.finditer(text.masked, zone.start, zone.end))
    for index, label in enumerate(labels):
        limit = labels[index + 1].start() if index + 1 < len(labels) else zone.end
        limit = min(limit, label.end() + _LIMIT)
        stop = _STOP.search(text.view.text, label.end(), limit)
        span = Span(label.end(), stop.start() if stop else limit)
        number = re.match(
            r"\s*(\d{1,3})\s*(?:$|\n|[.,;(])", text.masked[span.start : min(span.end + 1, span.start + 12)]
        )
        count: Fact[int] = Fact()
        if number:
            count = settle([(int(number[1]), text.evidence(Span(label.start(), span.start + number.end(1))))])
        yield _Section(str(label.lastgroup), count, span)


def _pieces(text: Text, span: Span) -> list[Span]:
    """``span`` at its separators: dashes between blanks if there are any, else commas, semicolons and "et"."""
    words = text.view.text[span.start : span.end]
    separator = (
        r"\s+[-–]\s+|[;•▪]"
        if len(re.findall(r"\s[-–]\s", words)) > words.count(",")
        else r"[,;•▪]|\s+et\s+|\n\s*[-–]\s*|\n\s*\n"
    )
    places = [0, *(place for m in re.finditer(separator, words) for place in m.span()), len(words)]
    return [Span(span.start + a, span.start + b) for a, b in zip(places[::2], places[1::2], strict=True)]


def _names(text: Text, span: Span) -> tuple[Fact[str], ...]:
    found: list[Fact[str]] = []
    for piece in _pieces(text, span):
        words = re.sub(r"\s*\([^()]{0,60}\)", "", text.value(piece)).strip(" .:-–")
        words = _LEADING.sub("", words).strip()
        if not words or _ROLES.match(words):
            continue
        if not _NAME.fullmatch(words) or len(words) > 60 or damaged(words) or len(found) >= _MAX_NAMES:
            return ()
        found.append(settle([(words, text.evidence(piece))]))
    return tuple(found)


_ENTRY = re.compile(rf"(?:{_CIVILITY}\s+)?(?P<name>{_NAME.pattern})")
_STRICT = re.compile(
    rf"(?:{_CIVILITY}\s+)?(?P<name>(?:[A-ZÀ-Ý][a-zà-ÿœ]+(?:-[A-ZÀ-Ý][a-zà-ÿœ]+)*\s){{1,3}}(?:de\s|DE\s|du\s|DU\s|LE\s|LA\s)?[A-ZÀ-Ý][A-ZÀ-Ý'’-]+(?:\s[A-ZÀ-Ý][A-ZÀ-Ý'’-]+){{0,2}})"
)


def _proxies(text: Text, span: Span) -> tuple[Proxy, ...]:
    words = text.view.text[span.start : span.end]
    if len(words) > _LIMIT:
        return ()
    found = _pairs(text, span, words, _STRICT)
    if found:
        return found
    for separator in (r"\n", r"[;•▪]|\s[-–]\s", r"[,;]|\n\s*\n"):
        places = [0, *(place for m in re.finditer(separator, words) for place in m.span()), len(words)]
        pieces = [Span(span.start + a, span.start + b) for a, b in zip(places[::2], places[1::2], strict=True)]
        pairs = [
            _pairs(text, piece, text.view.text[piece.start : piece.end], _ENTRY)
            for piece in pieces
            if text.value(piece)
        ]
        if pairs and all(len(pair) == 1 for pair in pairs):
            return tuple(pair[0] for pair in pairs)
    return ()


def _pairs(text: Text, span: Span, words: str, one: re.Pattern[str]) -> tuple[Proxy, ...]:
    """All of ``words`` as "X représenté par Y", one after the other; none if anything else stands between."""
    found: list[Proxy] = []
    position = 0
    between = re.compile(r"(?:[\s,;.()•▪–-]|et\s|(?:maire|pr[ée]sidente?)(?!\w))*", re.IGNORECASE)
    while True:
        gap = between.match(words, position)
        position = gap.end() if gap else position
        if position >= len(words):
            return tuple(found)
        away = one.match(words, position)
        link = _LINK.match(words, away.end()) if away else None
        by = one.match(words, link.end()) if link else None
        if away is None or by is None:
            return ()
        spans = [Span(span.start + m.start("name"), span.start + m.end("name")) for m in (away, by)]
        member, proxy = (settle([(text.value(s), text.evidence(s))]) for s in spans)
        found.append(Proxy(member=member, by=proxy))
        position = by.end()


_PERSON = re.compile(rf"(?:{_CIVILITY}\s+)(?P<name>{_NAME.pattern})|(?P<bare>{_NAME.pattern})")
_SECRETARY = (
    r"secretaires? (?:de (?:la )?)?(?:seance)?\s*:\s*",
    r"(?P<before>(?:mm?\.|mme|monsieur|madame) [^\n,.;:]{3,50}?),? (?:a ete|est) (?:nommee?|elue?"
    r"|designee?)(?: comme)?(?: en qualite de)? (?:la |le )?secretaire",
    r"(?:designe|nomme|elit|choisit)[^\n.;:]{0,40}? (?=(?:mm?\.|mme|monsieur"
    r"|madame) [^\n,.;:]{3,50}?,? (?:comme|en qualite de|pour) secretaire)",
)
_PRESIDENT = (
    r"sous la presidence d(?:e |u |')",
    r"presidente?s? de (?:la )?seance\s*:\s*",
    r"(?P<before>(?:mm?\.|mme|monsieur|madame) [^\n,.;:]{3,50}?), [^\n.;:]{3,120}, a ouvert la seance",
)
_RAPPORTEUR = (
    r"^\W{0,3}rapporteure?s?\s*:\s*",
    r"^(?P<before>(?:mm?\.|mme|monsieur|madame)[^\n:;.]{3,70}?),? rapporte\s*:",
    r"(?:sur (?:le )?(?:rapport|proposition|expose)|ouie? (?:le rapport|l'expose)|entendu (?:le rapport"
    r"|l'expose)) (?:presente par |de )(?=mm?\.|mme|monsieur|madame)",
    r"(?P<before>(?:mm?\.|mme|monsieur|madame) [^\n,.;:]{3,50}?), rapporteure?\b",
)
_COMMISSION = (
    r"^\W{0,3}commissions?\s*:\s*(?P<commission>[^\n]{3,100})$",
    r"(?:avis (?:favorable )?|apres avis |consultation "
    r"|au nom )(?:favorable )?de la (?P<commission>(?:\d{1,2}e )?commission(?: [^\n.,;:§]{3,90})?)(?=[.,;\n]"
    r"| en date| du §| reunie)",
)


def secretary(text: Text, zone: Span) -> Fact[str]:
    return _somebody(text, zone, _SECRETARY)


def president(text: Text, zone: Span) -> Fact[str]:
    return _somebody(text, zone, _PRESIDENT)


def rapporteur(text: Text, zone: Span) -> Fact[str]:
    return _somebody(text, zone, _RAPPORTEUR)


def commission(text: Text, zone: Span) -> Fact[str]:
    for rule in _COMMISSION:
        match = phrase(rule).search(text.masked, zone.start, zone.end)
        if match:
            span = Span(match.start("commission"), match.end("commission"))
            return settle([(text.value(span).strip(" ."), text.evidence(span))])
    return Fact()


_OFFICE = re.compile(
    r"(?:(?:madame|monsieur|mme|m\.)\s)?(?:la\s|le\s|l')?(?:premi[eè]re?\s|\d(?:er|e|[eè]re)\s)?(?:vice-)?(?:maire|pr[ée]sidente?|adjointe?)"
    r"(?:\sd[ée]l[ée]gu[ée]e?)?\s*,?\s*(?:(?:de|du|d')[^\n,]{3,60},\s*)?",
    re.IGNORECASE,
)


def _somebody(text: Text, zone: Span, rules: tuple[str, ...]) -> Fact[str]:
    """The one name that the first rule to match gives. An office without a name is nobody."""
    for rule in rules:
        match = phrase(rule).search(text.masked, zone.start, zone.end)
        if match is None:
            continue
        start = match.start("before") if match.groupdict().get("before") else match.end()
        office = _OFFICE.match(text.view.text, start)
        person = _PERSON.match(text.view.text, office.end() if office else start)
        if person is None or "\n" in re.sub(r",\s*\n", "", text.view.text[start : person.start()]):
            continue
        name = "name" if person["name"] else "bare"
        stop = text.view.text.find("\n", person.start(name), person.end(name))
        span = Span(person.start(name), stop if stop >= 0 else person.end(name))
        value = text.value(span).rstrip(".")
        # One word is no name that tells who: "Monsieur le Maire", "Madame Roche".
        if len(value.split()) >= 2 and not _ROLES.match(value) and value.split()[0].lower() not in ("le", "la"):
            return settle([(value, text.evidence(span))])
    return Fact()
