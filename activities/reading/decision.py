"""What else the operative part decides, how it was voted, and who certified the extract."""

import re
from dataclasses import dataclass

from activities.reading.facts import damaged, settle
from activities.reading.parts import Parts, Span, Text
from activities.reading.view import phrase
from domain.deliberation import Outcome, Vote
from domain.facts import Evidence, Fact, FactStatus

_APPROVED = (
    r"(?:est|sont) approuvee?s? (?:(?!avenant)[^.;¤]){0,80}?conventions?\b",
    r"(?<!\w)(?:approuver?|approuvent|ratifier?) (?:(?!avenant|attribution)[^.;¤]){0,100}?conventions?\b",
    r"autoris\S* (?:(?!avenant)[^.;]){0,200}?signer (?:(?!avenant)[^.;¤]){0,160}?convention(?!s? (?:est|a ete))"
    r"[^.;¤]{0,240}?(?:jointe? a|ci-jointe?|ci-annexee?|annexee? a|en piece jointe|en annexe)",
)
_NOT_APPROVED = (r"n'(?:est|sont) pas approuvee?s?", r"refuse d'approuver")

_OFFICE = (
    r"(?P<office>(?:vice-)?president(?:e(?!\w)|\(e\)|[.·-]e)?|maire"
    r"|direct(?:eur|rice) generale?(?: des services)?)(?!\w)"
)
_CIVILITY = r"(?:(?:madame|monsieur|mme|m\.?) )?(?:(?:le|la|son|sa) |l')?"
_OF = r"(?:(?! ,? ?ou\b)[, ](?:(?! ou\b)[^;.¤]){0,120}?)??"
_OR = r"(?:,? (?P<or>ou,? [^;.¤]{3,90}?))?,?"
_SIGN = r"(?:signer|intervenir a la signature|conclure)"
_SIGNING = (
    rf"(?<!\w){_CIVILITY}{_OFFICE}{_OF}{_OR} (?:est|sont|soit) autoris[\w.()·-]* a {_SIGN}",
    rf"(?<!\w)autoris(?:er|e|ent|ant) {_CIVILITY}{_OFFICE}{_OF}{_OR} a {_SIGN}",
)

_NEW = r"(?<=[.;:!\n]\n)"
"""A new sentence at the start of a line: a wrapped line may begin with any word."""
_REJECTED = (
    r"(?:proposition|deliberation|rapport|projet|texte|question)\b[^.;\n]{0,60} (?:est|a ete) (?:rejetee?|repoussee?)",
    r"n'est pas adoptee?",
    r"n'a pas ete adoptee?",
    rf"{_NEW}(?:vote\s*:\s*)?rejetee?\b",
    r"^le (?:conseil|bureau|comite)[^\n.]{0,40} rejette",
)
_POSTPONED = (
    r"(?:proposition|deliberation|rapport|projet|question|point)\b[^.;\n]{0,60}"
    r" (?:est|a ete) (?:ajournee?|reportee?|retiree?|renvoyee?)",
    rf"{_NEW}(?:vote\s*:\s*)?(?:ajournee?|reportee?|retiree? de l'ordre du jour)\b",
)
_ADOPTED = (
    r"(?:proposition|deliberation|rapport|projet|texte)\b[^.;\n]{0,60} (?:est|a ete) (?:adoptee?|approuvee?)",
    rf"{_NEW}(?:vote\s*:\s*)?adoptee?s?\b",
    r"^le (?:conseil|bureau|comite)[^\n.]{0,40} (?:adopte|approuve)\s*[.,]?$",
    r"^votes?\s*:?\s*(?:a l')?unanimite",
    r"(?:adoptee?|votee?|approuvee?)s? a (?:l'unanimite|la majorite)",
    r"(?:^|(?<=,\s))a l'unanimite\b",
    r"(?:^|(?<=,\s))a la majorite\b",
)
_UNANIMOUS = (r"a l'unanimite", r"(?:^|vote\s*:?\s*)unanimite\b")
_MAJORITY = (r"a la majorite",)
# "27 pour, 0 contre" and "Pour : 27 Contre : 0" differ by what stands first: one style holds for the whole vote.
_NUMBER_FIRST = {
    "for_": r"(?<![\d,.])(?P<count>\d{1,3})\x20(?:voix\x20|votes?\x20)?pour\b(?!\x20cent)",
    "against": r"(?<![\d,.])(?P<count>\d{1,3})\x20(?:voix\x20|votes?\x20)?contre\b",
    "abstentions": r"(?<![\d,.])(?P<count>\d{1,3})\x20abstentions?\b",
}
_LABEL_FIRST = {
    "for_": r"(?:(?:voix|votes?)\x20pour\s*:?|(?<!\w)pour\s*:)\s*(?P<count>\d{1,3})(?![\d\x20]*[¤%\d])",
    "against": r"(?:(?:voix|votes?)\x20contre\s*:?|(?<!\w)contre\s*:)\s*(?P<count>\d{1,3})(?!\d)",
    "abstentions": r"(?<!\w)abstentions?(?:\(s\))?\s*:?\s*(?P<count>\d{1,3})(?!\d)",
}
_CERTIFIED = r"(?:certifiee?s? conformes?|pour (?:extrait|expedition|copie)(?: certifiee?)?(?: conforme)?)\s*[,.]?\s*$"
_PERSON = re.compile(
    r"^(?:(?:M\.|Mme|Monsieur|Madame|Docteur|Dr\.?|Signé\s*:?)\s+)*"
    r"(?P<name>[A-ZÀ-Ý][a-zà-ÿœ]+(?:[- ][A-ZÀ-Ý][a-zà-ÿœ]+){0,3}(?: (?:de|DE|du|DU|LE|LA|D'))?"
    r"(?:[ -][A-ZÀ-Ý][A-ZÀ-Ý'’]+){1,3})\s*$",
    re.MULTILINE,
)
_BLOCK_LINES = 14


@dataclass(frozen=True)
class Certification:
    certified_by: Fact[str]
    office: str
    """The lines between the formula and the name: in what capacity."""


def convention_approved(text: Text, parts: Parts) -> Fact[bool]:
    if parts.operative is None:
        return Fact()
    for rules, value in ((_NOT_APPROVED, False), (_APPROVED, True)):
        match = text.first(rules, parts.operative)
        if match:
            return settle([(value, text.evidence(Span(*match.span())))])
    return Fact()


def signing_authority(text: Text, parts: Parts) -> Fact[str]:
    """The office that is authorised to sign, without civility nor the authority's name."""
    if parts.operative is None:
        return Fact()
    found: list[tuple[str | None, Evidence]] = []
    for match in text.matches(_SIGNING, parts.operative):
        office = text.value(Span(match.start("office"), match.end("office")))
        words = office[:1].upper() + (office[1:] if not office.isupper() else office[1:].lower())
        if match["or"]:
            words += " " + text.value(Span(match.start("or"), match.end("or"))).rstrip(",")
        found.append((words, text.evidence(Span(*match.span()))))
    return settle(found)


def outcome_and_vote(text: Text, parts: Parts) -> tuple[Fact[Outcome], Vote]:
    """How it was voted. "Adoptée" says nothing of unanimity."""
    zone = Span(parts.operative.start if parts.operative else parts.header.end, parts.whole.end)
    read: list[tuple[Outcome | None, Evidence]] = []
    for rules, value in ((_REJECTED, Outcome.REJECTED), (_POSTPONED, Outcome.POSTPONED), (_ADOPTED, Outcome.ADOPTED)):
        match = text.first(rules, zone)
        if match and not (
            value is Outcome.ADOPTED and read and read[0][0] is not Outcome.ADOPTED and _same(match, read)
        ):
            read.append((value, text.evidence(Span(*match.span()))))
    labelled = not text.first((_NUMBER_FIRST["for_"],), zone) and text.first(_LABEL_FIRST.values(), zone)
    style = _LABEL_FIRST if labelled else _NUMBER_FIRST
    vote = Vote(
        for_=_count(text, zone, style["for_"]),
        against=_count(text, zone, style["against"]),
        abstentions=_count(text, zone, style["abstentions"]),
        unanimous=_unanimous(text, zone),
    )
    outcome = settle(read)
    votes_for, votes_against = vote.for_.usable, vote.against.usable
    if not read and votes_for is not None and votes_against is not None and votes_for != votes_against:
        value = Outcome.ADOPTED if votes_for > votes_against else Outcome.REJECTED
        outcome = settle([(value, e) for e in (*vote.for_.evidence, *vote.against.evidence)])
    if outcome.status is FactStatus.MISSING:
        outcome = Fact(value=Outcome.UNKNOWN, status=FactStatus.MISSING)
    return outcome, vote


def _same(match: re.Match[str], read: list[tuple[Outcome | None, Evidence]]) -> bool:
    return "n'est pas" in match[0] or "n'a pas" in match[0]


def _count(text: Text, zone: Span, rule: str) -> Fact[int]:
    return settle((int(m["count"]), text.evidence(Span(*m.span()))) for m in text.matches((rule,), zone))


def _unanimous(text: Text, zone: Span) -> Fact[bool]:
    read: list[tuple[bool | None, Evidence]] = []
    for rules, value in ((_UNANIMOUS, True), (_MAJORITY, False)):
        match = text.first(rules, zone)
        if match:
            read.append((value, text.evidence(Span(*match.span()))))
    return settle(read)


def certification(text: Text, parts: Parts) -> Certification:
    """Who certified the extract: a name alone on a line, soon after the formula."""
    start = parts.operative.end if parts.operative else parts.header.end
    formula = phrase(_CERTIFIED).search(text.masked, start, parts.whole.end)
    if formula is None:
        return Certification(Fact(), "")
    stop = formula.end()
    for _ in range(_BLOCK_LINES):
        stop = text.masked.find("\n", stop + 1)
        if stop < 0:
            stop = parts.whole.end
            break
    name = _PERSON.search(text.view.text, formula.end(), stop)
    if name is None or damaged(name["name"]):
        return Certification(Fact(), "")
    office = text.value(Span(formula.end(), name.start())).strip(" ,.")
    span = Span(name.start("name"), name.end("name"))
    return Certification(settle([(text.value(span), text.evidence(span))]), office)
