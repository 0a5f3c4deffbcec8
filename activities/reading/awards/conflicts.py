"""What the title, the report and the articles say of one award, compared."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from activities.reading.awards.grants import Doubt, Grant
from activities.reading.awards.names import Name, folded, given_to, initials, mentioned
from activities.reading.awards.roles import GRANT_NOUN
from activities.reading.awards.scan import Scan
from activities.reading.awards.sentences import grants_in, sentences
from activities.reading.awards.tables import tables_in
from activities.reading.parts import Parts, Span
from domain.convention import fold
from domain.deliberation import Award
from domain.facts import Evidence, Fact, FactStatus

Conflict = tuple[str, tuple[Evidence, ...]]
"""Code of the finding, and all the places."""

_PROPOSING = re.compile(
    r"(?<!\w)(?:propos\w+|convient|invit\w+|soumet\w*|souhait\w+|d'(?:attribuer|accorder|allouer|octroyer"
    r"|approuver)|de (?:verser|voter|fixer|lui|leur)|demande (?:au|a l'|a la))(?!\w)"
)
_PAST = re.compile(
    r"(?<!\w)(?:(?:a|avait|ont|avaient|fut|a ete|ont ete) (?:deja )?(?:ete )?(?:attribu|accord|allou|vers|vot"
    r"|octroy|benefici|percu|recu|obtenu)(?:ee?s?|i)?(?!\w)|par (?:deliberation|convention) (?:n|du|en)"
    r"|(?:region|departement|etat|drac|caf|europe|agence de l'eau) (?:attribu|accord|allou|vers|apport"
    r"|particip|finance)\w*)"
)
_ALIKE = 0.86
_LABEL = re.compile(r"(?:^|(?<=\n))\W{0,3}(?:objet|intitule|titre)(?: de la deliberation)? ?[:–-]")
_TITLE = re.compile(
    rf"[\W\d]{{0,14}}(?:[^:;.¤]{{0,80}}[:–-] ?)?(?:attribution|octroi|versement|allocation|convention|avenant"
    rf"|{GRANT_NOUN})(?!\w)"
)
"""How a title without a label begins."""
_LONGEST_TITLE = 900


def same(one: str, other: str) -> bool:
    """Whether two namings may be of one body: equal, one within the other, its acronym, or nearly alike."""
    a, b = _core(one), _core(other)
    if not a or not b:
        return True
    if a == b or f"-{a}-" in f"-{b}-" or f"-{b}-" in f"-{a}-":
        return True
    words_a, words_b = set(a.split("-")), set(b.split("-"))
    if len(min(words_a, words_b, key=len)) > 1 and (words_a <= words_b or words_b <= words_a):
        return True
    if (len(a) <= 10 and a == fold(initials(other))) or (len(b) <= 10 and b == fold(initials(one))):
        return True
    return SequenceMatcher(None, a, b, autojunk=False).ratio() > _ALIKE


def _core(name: str) -> str:
    return re.sub(r"^(?:L-|LA-|LE-|LES-)?(?:ASSOCIATION|SOCIETE|ENTREPRISE)-(?=.)", "", fold(name))


def proposed(scan: Scan, parts: Parts) -> tuple[list[Grant], list[Grant]]:
    """What the title announces, and what the report proposes."""
    stop = parts.operative.start if parts.operative else parts.report.end
    header = Span(parts.header.start, min(parts.header.end, stop))
    title = [g for zone in _title_zones(scan, header) for g in grants_in(scan, zone, verbless=True)]
    report: list[Grant] = []
    zone = Span(header.start, stop)
    tables = tables_in(scan, zone)
    for table in tables:
        report.extend(g for g in table.grants if g.money.doubt is Doubt.NONE)
    taken = [t.span for t in tables]
    for grant in grants_in(
        scan, zone, taken, only=lambda words: bool(_PROPOSING.search(words)) and not _PAST.search(words)
    ):
        report.append(grant)
    return title, report


def _title_zones(scan: Scan, header: Span) -> list[Span]:
    """Where the header says what the act is about: after its label, else the sentences that begin like a title."""
    masked = scan.text.masked
    labelled = _LABEL.search(masked, header.start, header.end)
    if labelled:
        end = masked.find("\n\n", labelled.end() + 3, header.end)
        return [Span(labelled.end(), min(header.end if end < 0 else end, labelled.end() + _LONGEST_TITLE))]
    return [
        s
        for s in sentences(scan.text, header)
        if s.end - s.start < _LONGEST_TITLE and _TITLE.match(scan.flat, s.start, s.end)
    ]


def title_names(scan: Scan, parts: Parts) -> list[Name]:
    """Bodies that the title says something is given to, or is agreed with."""
    stop = parts.operative.start if parts.operative else parts.header.end
    zone = Span(parts.header.start, min(parts.header.end, stop))
    names: list[Name] = []
    for sentence in _title_zones(scan, zone):
        found = [n for n in given_to(scan, sentence) if not n.anaphora]
        found = found or [n for n in mentioned(scan, sentence) if not n.anaphora]
        names.extend(replace(n, certain=True) if n.end >= sentence.end else n for n in found)
    return names


def antecedent(scan: Scan, candidates: Sequence[Name]) -> Name | None:
    """The one body that "cette association" can be, when all who are named are one."""
    named = [
        n for n in candidates if n.certain and n.strong and not n.collective and not n.anaphora and not _person(scan, n)
    ]
    if not named:
        return None
    longest = max(named, key=lambda n: n.span.end - n.span.start)
    words = scan.text.value(longest.span)
    return longest if all(same(words, scan.text.value(n.span)) for n in named) else None


def _person(scan: Scan, name: Name) -> bool:
    return bool(re.match(r"(?:m\.|mm\.|mme|monsieur|madame|mlle|docteur)", folded(scan, name.span)))


def compared(
    scan: Scan,
    awards: list[Award],
    grants: Sequence[Grant],
    title: Sequence[Grant],
    report: Sequence[Grant],
    names: Sequence[Name],
) -> tuple[list[Award], list[Conflict]]:
    """The awards, conflicting where the title or the report says otherwise."""
    conflicts: list[Conflict] = []
    checked: list[Award] = []
    alone = len(awards) == 1
    for award, grant in zip(awards, grants, strict=True):
        differing: list[Evidence] = []
        if award.amount.status is FactStatus.FOUND:
            for source in (title, report):
                about = [
                    g
                    for g in source
                    if g.money.value is not None and g.money.doubt is Doubt.NONE and _about(scan, award, g, alone)
                ]
                granted = {a.amount.value for a in awards if a is award or _named_alike(a, award)}
                if about and all(g.money.value not in granted for g in about):
                    differing.extend(e for g in about for e in g.money.evidence)
        if differing:
            evidence = tuple(dict.fromkeys((*award.amount.evidence, *differing)))
            conflicts.append(("amount_conflict", evidence))
            award = award.model_copy(
                update={"amount": Fact(value=award.amount.value, status=FactStatus.CONFLICTING, evidence=evidence)}
            )
        if alone and award.beneficiary.status is FactStatus.FOUND and not grant.named_elsewhere:
            others = [n for n in names if n.certain and not n.collective and not _person(scan, n)]
            here = award.beneficiary.value or ""
            if (
                others
                and not any(n.collective for n in names)
                and not any(same(here, scan.text.value(n.span)) for n in others)
            ):
                evidence = (*award.beneficiary.evidence, *(scan.text.evidence(n.span) for n in others))
                conflicts.append(("beneficiary_conflict", evidence))
                award = award.model_copy(
                    update={"beneficiary": Fact(value=here, status=FactStatus.CONFLICTING, evidence=evidence)}
                )
        checked.append(award)
    return checked, conflicts


def _named_alike(one: Award, other: Award) -> bool:
    return bool(
        one.beneficiary.value and other.beneficiary.value and same(one.beneficiary.value, other.beneficiary.value)
    )


def _about(scan: Scan, award: Award, grant: Grant, alone: bool) -> bool:
    name = award.beneficiary.value
    if grant.name is None or grant.name.anaphora or name is None:
        return alone
    if grant.name.collective:
        return False
    return same(name, scan.text.value(grant.name.span)) or (alone and not grant.tabular and not grant.name.certain)


def other_parties(scan: Scan, operative: Span, awards: Sequence[Award]) -> tuple[Evidence, ...]:
    """Bodies that the convention is to be made with, and that no award names."""
    known = [a.beneficiary.value for a in awards if a.beneficiary.value]
    if not known:
        return ()
    found: list[Evidence] = []
    for match in re.finditer(
        r"(?<!\w)convention[^.;¤]{0,120}?(?<!\w)(avec )(?!¤)", scan.flat[operative.start : operative.end]
    ):
        at = operative.start + match.end(1)
        name = next(iter(mentioned(scan, Span(at - 5, operative.end))), None)
        if (
            name
            and name.start <= at
            and name.certain
            and not name.anaphora
            and not name.collective
            and not _person(scan, name)
        ):
            words = scan.text.value(name.span)
            if not any(same(words, k) for k in known):
                found.append(scan.text.evidence(name.span))
    return tuple(dict.fromkeys(found))
