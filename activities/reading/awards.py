"""What the operative part grants, to whom, for what.

Only the operative part decides. It may refer back ("telle que définie ci-dessus"): then, and only then, the report's
proposal is read, and it must agree with the amount that the operative part states.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from activities.reading.facts import damaged
from activities.reading.parts import Parts, Span, Text, clauses
from activities.reading.view import phrase
from domain.amounts import Currency, FoundAmount
from domain.convention import fold
from domain.deliberation import Award
from domain.facts import Evidence, Fact, FactStatus

_NOUN = (
    r"(?:subventions?|(?:aides?|participations?|contributions?|concours|soutiens?)(?: financiere?s?)?"
    r"|fonds de concours|dotations?|somme)"
)
_VERB = (
    r"(?:attribu(?:er|ee?s?|ent)|allou(?:er|ee?s?|ent)|accord(?:er|ee?s?|ent)|octroy(?:er|ee?s?)|octroie"
    r"|vers(?:er|ee?s?)|approuv(?:er|ee?s?)|attribution|versement|octroi)"
)
# Words between the noun and its amount; these would make the amount that of something else.
_WORDS = (
    r"(?:(?!budget|cout|depens|dont\b|loyer|valeur|prix|plafond|autofinancement|recette|convention|enveloppe)"
    r"[^\s¤§.;:]+ ){0,14}?"
)
_AFTER = r"(?:(?!dont\b|budget|cout)[^\s¤.;]+ ){0,24}?"
_TO = (
    r"(?:(?:a|au|aux) (?!titre|cours|vu\b|plus|moins|regard|sein|moyen|prorata|compte|budget|chapitre|compter|hauteur"
    r"|cet |ce |cette |l'exercice|l'annee|l'occasion|l'organisation|l'issue|la realisation|la mise|la suite|article"
    r"|la charge|profit|benefice|signer|l'article|l'appui|la condition|la delib|la presente|chacun|nouveau|partir"
    r"|raison|savoir|parite)"
    r"|en faveur d(?:e |u |es |')|au (?:profit|benefice) d(?:e |u |es |'))"
)
_NAME_END = (
    r"(?=\s*[(;¤]|\s*\.(?:\s|$)|\s*,|\s*:|\n\s*\n|\s*\Z"
    r"| (?:au titre|pour|afin|dans le cadre|en vue|destinee?s?|relative?s?|sous reserve|conformement|au cours"
    r"|d'un montant|d'une|une|dont|situee?|sise?|represente|domicilie|ayant|et une|a hauteur|correspondant|imputee?"
    r"|est|sera|qui|concernant|en contrepartie|sur la base|selon)\b)"
)
_NAME = rf"(?P<name>[^¤§;]{{2,240}}?){_NAME_END}"
_ASIDE = r"(?:\s*\([^()¤]{0,120}\))?\s*,?\s*"

_AMOUNT_THEN_NAME = rf"(?<!\w){_NOUN} {_WORDS}(?P<amount>¤+)(?P<between>\s*,? ?{_AFTER}){_TO}{_NAME}"
_NAME_THEN_AMOUNT = rf"(?<!\w){_VERB} {_TO}{_NAME}{_ASIDE}(?:une?|la|leur|sa) {_NOUN} {_WORDS}(?P<amount>¤+)"
_BULLET = r"(?:[-•*–>¥▪◦·■➢✓]|[yo](?=\s))?"
_ITEM = re.compile(
    rf"[\s,;.]*{_BULLET}\s*(?P<name>[^\s¤§:;][^¤§:;\n]{{1,120}}(?:\n(?!\s*\n)[^¤§:;\n]{{1,80}})?)\s*:\s*(?P<amount>¤+)"
)
_LIST = rf"(?<!\w){_VERB}(?=[\s,])[^¤]{{0,400}}?:"
_EMPTY_LINE = re.compile(
    r"\s*\n\s*\n\s*(?=\S)(?!article|art\b|\W|\d|adopte|certifie|pour |fait|cette|le |la |vote|ainsi|de |d')"
)
_COLLECTIVE = re.compile(
    r"(?:differente?s |diverse?s |\d+ )?(?:associations|organismes|structures|communes|clubs|beneficiaires"
    r"|etablissements|porteurs|projets|laureats|entreprises|menages|familles)\b"
)
_PRONOUN = re.compile(r"(?:elle|lui|celle-ci|celui-ci|cette|cet|ce|ladite|ledit|ces|ses|son|sa)\b")
_GENERIC_NAME = re.compile(
    r"(?:association|fondation|societe|federation|union|comite|club|syndicat|centre|institut|maison|groupement)"
)
_DETERMINER = re.compile(r"(?:(?:la |le |les |l')(?:association (?:denommee )?(?=[^\s]))?|association (?=[\"«]))")
_ARTICLE = re.compile(r"la |le |les |l'")
_NOT_A_PURPOSE = re.compile(r"(?:l'|cette )?(?:annee|exercice)\b[^,.]{0,30}$")
_REVOKED = (
    r"(?<!\w)(?:ne pas|n'est pas|rapporter?(?= (?:la|le|les|sa|cette)\b)|annul\w+|retir(?:er|e|ee)|abrog\w+|refus\w+"
    r"|solliciter?|rembours\w+|restitu\w+|(?:attribu|accord|allou|vers|vot)ees? en (?:19|20)\d{2})(?!\w)"
)
"""A clause with these words does not grant what it speaks of, or not only."""
_PURPOSE = re.compile(
    r"[\s\"»]*(?:\([^()¤]{0,80}\))?\s*,?\s*(?:au\s+titre\s+(?:de\s+(?=la\b|l'|ses\b|sa\b|son\b|cette\b|leur)|du\s+|des\s+|d'|de\s+)"
    r"|pour\s+|afin\s+de\s+|en\s+vue\s+de\s+|destinee?\s+a\s+|dans\s+le\s+cadre\s+(?:de\s+|du\s+|des\s+))"
    r"(?P<purpose>[^¤;]{3,400}?)(?=\s*\.(?:\s|$)|;|\n\s*\n|,\s+(?:dont|conform|et\s+une|tel)|\s+et\s+une\s+"
    r"|\s+(?:est|sont|sera)\s+(?:attribu|allou|accord|octroy|vers)|\s*,?\s*\Z)"
)
_BACK_REFERENCE = (
    r"tel(?:le)?s? que? ?(?:definie?|proposee?|presentee?|decrite?|exposee?|mentionnee?)s?"
    r" (?:ci-|plus )(?:dessus|avant|haut)"
)


@dataclass(frozen=True)
class Grant:
    """An amount granted to somebody, as matched."""

    amount: FoundAmount
    amount_span: Span
    name: Span
    purpose: Span | None
    doubtful: bool = False
    """The end of the name had to be guessed, and nothing else in the text confirms it."""


@dataclass(frozen=True)
class Awards:
    awards: tuple[Award, ...]
    collective: tuple[Evidence, ...]
    """Amounts granted to beneficiaries that the operative part does not name."""
    francs: tuple[Evidence, ...]
    conflicts: tuple[tuple[str, tuple[Evidence, ...]], ...]
    """Code of the finding and its evidence."""
    revocations: tuple[Evidence, ...] = ()
    """Clauses of the operative part that speak of a subsidy without granting it."""


def read_awards(text: Text, parts: Parts) -> Awards:
    if parts.operative is None:
        return Awards((), (), (), ())
    grants = _grants(text, parts.operative)
    settled = True
    if not grants and phrase(_BACK_REFERENCE).search(text.masked, parts.operative.start, parts.operative.end):
        grants = _grants(text, parts.report)
        stated = {a.value for a in text.amounts_in(parts.operative)}
        settled = len(grants) == 1 and stated == {grants[0].amount.value}
    named = [g for g in grants if not _COLLECTIVE.match(_folded_name(text, g.name))]
    collective = [g for g in grants if g not in named]
    awards = [_award(text, grant, settled) for grant in named]
    conflicts: list[tuple[str, tuple[Evidence, ...]]] = []
    if len(awards) == 1 and settled:
        awards[0], conflicts = _checked(text, parts, awards[0], named[0])
    francs = tuple(text.raw_evidence(g.amount) for g in grants if g.amount.currency is Currency.FRF)
    if not grants:
        francs = tuple(text.raw_evidence(a) for a in text.amounts_in(parts.operative) if a.currency is Currency.FRF)
    return Awards(
        tuple(awards),
        tuple(text.raw_evidence(g.amount) for g in collective),
        francs,
        tuple(conflicts),
        tuple(text.evidence(Span(*m.span())) for m in _revocations(text, parts.operative)),
    )


def _revocations(text: Text, zone: Span) -> Iterator[re.Match[str]]:
    for clause in clauses(text, zone):
        match = phrase(_REVOKED).search(text.masked, clause.start, clause.end)
        if match and re.search(_NOUN, text.masked[clause.start : clause.end]):
            yield match


def _grants(text: Text, zone: Span) -> list[Grant]:
    grants: dict[int, Grant] = {}
    for clause in clauses(text, zone):
        if not re.search(_VERB, text.masked[clause.start : clause.end]):
            continue
        if phrase(_REVOKED).search(text.masked, clause.start, clause.end):
            continue
        for rule in (_NAME_THEN_AMOUNT, _AMOUNT_THEN_NAME):
            for match in phrase(rule).finditer(text.masked, clause.start, clause.end):
                _add(grants, text, match, clause.end)
    for match in phrase(_LIST).finditer(text.masked, zone.start, zone.end):
        position = match.end()
        while item := _ITEM.match(text.masked, position, zone.end):
            _add(grants, text, item, item.end(), listed=True)
            position = item.end()
    ordered = [grants[start] for start in sorted(grants)]
    unique = {(fold(text.value(g.name)), g.amount.value): g for g in reversed(ordered)}
    return [g for g in ordered if unique[fold(text.value(g.name)), g.amount.value] is g]


def _add(grants: dict[int, Grant], text: Text, match: re.Match[str], end: int, *, listed: bool = False) -> None:
    amount_span = Span(match.start("amount"), match.end("amount"))
    amount = text.amounts.get(amount_span.start)
    if amount is None or amount_span.start in grants:
        return
    name = Span(match.start("name"), match.end("name"))
    extended = False
    if not listed:  # in a list, "La Villanelle" is the name as it is
        name = _proper(text, name, end)
        name, extended = _trimmed(text, name, end)
    if name.start >= name.end:
        return
    purpose = _purpose(text, Span(name.end, end))
    between = match.groupdict().get("between")
    if purpose is None and between:
        purpose = _purpose(text, Span(match.start("between"), match.end("between")))
    if purpose is None and not listed:
        purpose = _purpose(text, Span(amount_span.end, end))
    guessed = extended or _cut(text, name.end)
    doubtful = guessed and re.sub(r"\s+", " ", text.masked).count(_folded_name(text, name)) < 2
    grants[amount_span.start] = Grant(amount, amount_span, name, purpose, doubtful)


def _cut(text: Text, end: int) -> bool:
    """Whether a name ends at an empty line that no new article follows: the extraction may have cut it."""
    return bool(_EMPTY_LINE.match(text.masked, end))


def _proper(text: Text, name: Span, end: int) -> Span:
    """The name after a later "à", when what follows the first one names nobody ("destinée à financer… à l'Opéra")."""
    for _ in range(3):
        if any(c.isupper() for c in text.view.text[name.start : name.end]) or _COLLECTIVE.match(
            _folded_name(text, name)
        ):
            break
        later = phrase(rf"(?<!\w){_TO}{_NAME}").search(text.masked, name.start, end)
        if later is None or "¤" in text.masked[name.start : later.start()]:
            break
        name = Span(later.start("name"), later.end("name"))
    return name


def _trimmed(text: Text, name: Span, end: int) -> tuple[Span, bool]:
    """The name without its article, quotes and the word "association" before a proper name; whether it was extended."""
    start, stop, extended = name.start, name.end, False
    generic = _DETERMINER.sub("", _folded_name(text, name), count=1)
    if _GENERIC_NAME.fullmatch(generic):
        # "l'Association pour la promotion…": the words that end a name belong to this one.
        longer = re.compile(r"\s[^¤;,.(]{2,160}?(?=\s*[,;.(]|\s+pour\s|\n\s*\n|\s*\Z)").match(text.masked, stop, end)
        stop, extended = (longer.end(), True) if longer else (stop, False)
    determiner = _DETERMINER.match(text.masked, start, stop)
    if determiner and (text.view.text[determiner.end() : stop][:1].isupper() or '"' in text.masked[start:stop]):
        start = determiner.end()
    else:
        article = _ARTICLE.match(text.masked, start, stop)
        start = article.end() if article else start
    while start < stop and text.view.text[start] in ' "«»\n':
        start += 1
    while stop > start and text.view.text[stop - 1] in ' "\n' + ("»" if "«" not in text.view.text[start:stop] else ""):
        stop -= 1
    return Span(start, stop), extended


def _folded_name(text: Text, name: Span) -> str:
    return re.sub(r"\s+", " ", text.masked[name.start : name.end]).strip(' "')


def _purpose(text: Text, zone: Span) -> Span | None:
    match = _PURPOSE.match(text.masked, zone.start, zone.end)
    if match is None or _NOT_A_PURPOSE.match(match["purpose"]):
        return None
    return Span(match.start("purpose"), match.end("purpose"))


def _award(text: Text, grant: Grant, settled: bool) -> Award:
    amount = grant.amount
    usable = amount.euros is not None and amount.euros > 0
    amount_status = FactStatus.MALFORMED if not usable else FactStatus.FOUND if settled else FactStatus.AMBIGUOUS
    name = text.value(grant.name)
    folded = _folded_name(text, grant.name)
    if damaged(name):
        name_status = FactStatus.MALFORMED
    elif (
        not settled or grant.doubtful or _PRONOUN.match(folded) or not any(c.isupper() for c in name) or len(name) > 160
    ):
        name_status = FactStatus.AMBIGUOUS
    else:
        name_status = FactStatus.FOUND
    purpose: Fact[str] = Fact()
    if grant.purpose:
        words = text.value(grant.purpose)
        status = FactStatus.MALFORMED if damaged(words) else FactStatus.FOUND
        purpose = Fact(value=words, status=status, evidence=(text.evidence(grant.purpose),))
    return Award(
        beneficiary=Fact(value=name, status=name_status, evidence=(text.evidence(grant.name),)),
        amount=Fact(
            value=amount.euros if usable else None, status=amount_status, evidence=(text.raw_evidence(amount),)
        ),
        purpose=purpose,
    )


def _checked(
    text: Text, parts: Parts, award: Award, grant: Grant
) -> tuple[Award, list[tuple[str, tuple[Evidence, ...]]]]:
    """The single award of an act, against what its title and its report propose."""
    conflicts: list[tuple[str, tuple[Evidence, ...]]] = []
    before = Span(0, parts.operative.start if parts.operative else parts.report.end)
    proposals = _grants(text, before)
    amounts: set[Decimal | None] = {p.amount.value for p in proposals}
    if award.amount.status is FactStatus.FOUND and amounts and award.amount.value not in amounts:
        evidence = (*award.amount.evidence, *(text.raw_evidence(p.amount) for p in proposals))
        conflicts.append(("amount_conflict", evidence))
        award = award.model_copy(
            update={"amount": award.amount.model_copy(update={"status": FactStatus.CONFLICTING, "evidence": evidence})}
        )
    rule = rf"(?<!\w){_NOUN} (?:[^\s¤.;:]+ ){{0,6}}?{_TO}{_NAME}"
    titled = phrase(rule).search(text.masked, *_title_zone(parts))
    named = [_trimmed(text, Span(titled.start("name"), titled.end("name")), parts.header.end)[0]] if titled else []
    if award.beneficiary.status is FactStatus.FOUND and named:
        here, there = fold(text.value(grant.name)), fold(text.value(named[0]))
        if there and here not in there and there not in here and not _COLLECTIVE.match(_folded_name(text, named[0])):
            evidence = (*award.beneficiary.evidence, text.evidence(named[0]))
            conflicts.append(("beneficiary_conflict", evidence))
            fact = award.beneficiary.model_copy(update={"status": FactStatus.CONFLICTING, "evidence": evidence})
            award = award.model_copy(update={"beneficiary": fact})
    return award, conflicts


def _title_zone(parts: Parts) -> tuple[int, int]:
    return parts.header.start, parts.header.end
