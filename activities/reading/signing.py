"""Who the operative part authorises to sign, and who certified the extract: they are seldom the same."""

import re
from dataclasses import dataclass

from activities.reading.facts import damaged, settle
from activities.reading.parts import Parts, Span, Text
from activities.reading.view import phrase
from domain.facts import Evidence, Fact

_E = r"(?:e(?!\w)|\(e\)|[.·-]e(?!\w))?"
_OFFICE = (
    rf"(?P<office>(?:(?:premiere?|1er|1ere|\d{{1,2}}e(?:me)?) )?(?:vice-)?president{_E}|(?:(?:premiere?|1er"
    rf"|1ere|\d{{1,2}}e(?:me)?) )?adjoint{_E}(?: au maire)?|maire(?:sse)?(?:[- ](?:adjoint|delegue){_E})?"
    r"|direct(?:eur|rice) generale?(?: des services)?|direct(?:eur|rice))(?!\w)"
)
_CIVILITY = r"(?:(?:madame|monsieur|mme|m\.?) )?(?:(?:le|la|son|sa) |l'|au |a la )?"
_NAMED = r"(?:(?:madame|monsieur|mme|m\.) [^\n,;.¤§]{2,50}, )?"
_OF = r"(?:(?! ,? ?ou\b)[, ](?:(?! ou\b)[^;.¤]){0,120}?)??"
_OR = r"(?:,? (?P<or>ou,? [^;.¤:]{3,90}?))?,?"
_SIGN = (
    r"(?:l[ae]s? |l'|y )?(?:signer|intervenir a la signature|conclure|(?:proceder|effectuer) a la signature"
    r"|negocier[^.;¤]{0,40} signer"
    r"|finaliser[^.;¤]{0,30} signer|accomplir[^.;¤]{0,80} signer|prendre[^.;¤]{0,80} signer"
    r"|effectuer[^.;¤]{0,80} signer"
    r"|engager[^.;¤]{0,60} signer|mettre en oeuvre[^.;¤]{0,60} signer|executer[^.;¤]{0,60} signer)"
)
_GIVEN = r"(?:tous? |toute )?(?:pouvoirs?|mandat|delegation|latitude|autorisation)"
_SIGNING = (
    rf"(?<!\w){_NAMED}{_CIVILITY}{_OFFICE}{_OF}{_OR} (?:est|sont|soit|serait) (?:autoris|habilit|mandat"
    rf"|charg)[\w.()·-]*,? (?:a|de) {_SIGN}",
    rf"(?<!\w)(?:autoris|habilit)(?:er|e|ent|ant) {_NAMED}{_CIVILITY}{_OFFICE}{_OF}{_OR} a {_SIGN}",
    rf"(?<!\w)(?:mandat|charg)(?:er|e|ent|ant) {_NAMED}{_CIVILITY}{_OFFICE}{_OF}{_OR} (?:pour|de|a"
    rf"|aux fins de|afin de) {_SIGN}",
    rf"(?<!\w)donn(?:er|e|ent|ant) {_GIVEN} (?:a |au ){_NAMED}{_CIVILITY}{_OFFICE}{_OF}{_OR} (?:pour|de"
    rf"|afin de|a l'effet de|aux fins de) {_SIGN}",
)
_CONVENTION = re.compile(r"[^.;]{0,160}?(?:convention|contrat d'objectifs|avenant)")
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


_INLINE = re.compile(
    r"^(?:[^\n]{0,60}conforme\W{0,3})?(?P<office>(?:L[ae]|LE|LA|l[ae]) (?:Maire|MAIRE|maire|Pr[ée]sidente?"
    r"|PR[ÉE]SIDENTE?|pr[ée]sidente?)[^\n,]{0,60}),?[ \n]{1,3}"
    r"(?:(?:M\.|Mme|Monsieur|Madame|Docteur"
    r"|Dr\.?)\s)?(?P<name>[A-ZÀ-Ý][a-zà-ÿœ]+(?:-[A-ZÀ-Ý][a-zà-ÿœ]+)?(?: (?:de |du |d')?[A-ZÀ-Ý][\w'’-]+){1,3})\s*$",
    re.MULTILINE,
)


def _inline(text: Text, zone: Span) -> Certification:
    """The name that signs, right after its office: "Le Maire, Jeanne Martin"."""
    found = list(_INLINE.finditer(text.view.text, zone.start, zone.end))
    if len(found) != 1 or damaged(found[0]["name"]):
        return Certification(Fact(), "")
    span = Span(found[0].start("name"), found[0].end("name"))
    office = text.value(Span(found[0].start("office"), found[0].end("office")))
    return Certification(settle([(text.value(span), text.evidence(span))]), office)


def signing_authority(text: Text, parts: Parts) -> Fact[str]:
    """The office that is authorised to sign, without civility nor the authority's name.

    Where one sentence speaks of the convention and another of other papers, the convention's counts.
    """
    if parts.operative is None:
        return Fact()
    found: list[tuple[str | None, Evidence]] = []
    preferred: list[tuple[str | None, Evidence]] = []
    for match in text.matches(_SIGNING, parts.operative):
        read = (_words(text, match), text.evidence(Span(*match.span())))
        found.append(read)
        if _CONVENTION.match(text.masked, match.end()):
            preferred.append(read)
    return settle(preferred or found)


def _words(text: Text, match: re.Match[str]) -> str:
    office = text.value(Span(match.start("office"), match.end("office")))
    words = office[:1].upper() + (office[1:] if not office.isupper() else office[1:].lower())
    if match["or"]:
        words += " " + text.value(Span(match.start("or"), match.end("or"))).rstrip(",")
    return words


def certification(text: Text, parts: Parts) -> Certification:
    """Who certified the extract: a name alone on a line, soon after the formula."""
    start = parts.operative.end if parts.operative else parts.header.end
    formula = phrase(_CERTIFIED).search(text.masked, start, parts.whole.end)
    if formula is None:
        return _inline(text, Span(start, parts.whole.end))
    stop = formula.end()
    for _ in range(_BLOCK_LINES):
        stop = text.masked.find("\n", stop + 1)
        if stop < 0:
            stop = parts.whole.end
            break
    name = _PERSON.search(text.view.text, formula.end(), stop)
    if name is None or damaged(name["name"]):
        return _inline(text, Span(formula.start(), parts.whole.end))
    office = text.value(Span(formula.end(), name.start())).strip(" ,.")
    span = Span(name.start("name"), name.end("name"))
    return Certification(settle([(text.value(span), text.evidence(span))]), office)
