"""From a received file to its reading: deterministic, by rules, every fact with the words it comes from."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from activities.reading import articles, attendance, decision, identity, signing, stamps, vote
from activities.reading.acts import Place, is_minutes, places
from activities.reading.agreement import agreed, apart
from activities.reading.awards import read_awards
from activities.reading.confidence import with_confidence
from activities.reading.intake import ExtractedText, take_in
from activities.reading.limits import Limits
from activities.reading.notes import findings
from activities.reading.parts import Parts, Span, Text, parts
from activities.reading.profile import Profile, profile_for
from activities.reading.view import View, phrase
from domain.deliberation import Act, Attendance, Reading
from domain.errors import NotADeliberation
from domain.facts import Fact, Finding, Severity

Progress = Callable[[int, int], None]
"""Told how many acts are read, of how many."""

_MARKS = (
    r"extraits? d(?:u|es) (?:registres?|proces[- ]verba(?:l|ux)|deliberations?)",
    r"^\W{0,3}(?:projet de )?deliberations?\b",
    r"^\W{0,3}delibere\b|apres en avoir (?:\w+ )?delibere|\bdelibere\s*[:,]",
    r"(?:proposition|deliberation) [^\n]{0,40}(?:adoptee?|rejetee?)|le (?:conseil|bureau) [^\n]{0,40}adopte",
)
"""What only an act of an assembly says: one at least must be there."""
_SITTING = r"^\W{0,3}le (?:conseil|bureau|comite)\b"
_SIGNS = (
    *_MARKS,
    r"seance (?:\w+ )?du\b",
    r"^\W{0,3}vu (?:le|la|les|l')",
    r"^(?:article|art\.?) (?:premier|1er|1)\b",
    r"^\W{0,3}(?:conseil|bureau|comite|commission)[^\n§]{0,60} du §",
    r"le (?:conseil|bureau|comite)[^\n.;]{0,80} (?:decide|attribue|approuve|autorise)\b",
)
_ENOUGH = 2


def read_document(content: bytes, name: str, limits: Limits | None = None, progress: Progress | None = None) -> Reading:
    """All that is read from one file.

    :param name: as received; shown, never used as a path.
    :raises UnreadableDocument: the file cannot be taken in (see :mod:`activities.reading.intake`).
    :raises NotADeliberation: ``not_a_deliberation``.
    """
    return read_text(take_in(content, name, limits), progress)


def read_text(source: ExtractedText, progress: Progress | None = None) -> Reading:
    """As :func:`read_document`, from a text that was taken in."""
    text = Text(View(source))
    profile = profile_for(text.view)
    minutes = is_minutes(text, profile)
    if not minutes and not _is_deliberation(text, profile):
        raise NotADeliberation(
            "not_a_deliberation",
            f"« {source.source.name} » n'est pas une délibération : "
            "aucune décision d'une assemblée n'y a été reconnue.",
        )
    found = places(text, profile)
    if minutes and not any(place.item for place in found):
        act = _minutes(text, profile)
        return with_confidence(Reading(source=source.source, acts=(act,)), source)
    session = lru_cache(maxsize=2)(lambda span: _preamble(text.part(span), profile))
    acts: list[Act] = []
    for done, place in enumerate(found):
        if progress:
            progress(done, len(found))
        acts.append(_placed(text, place, profile, session(place.session) if place.session else None))
    read = Reading(source=source.source, acts=tuple(apart(acts) if len(acts) > 1 else acts))
    return with_confidence(read, source)


def _said(fact: Fact[Any] | Attendance) -> bool:
    return fact != Attendance() if isinstance(fact, Attendance) else bool(fact.evidence)


def _is_deliberation(text: Text, profile: Profile) -> bool:
    """An assembly is named, an act's own mark is there, and another sign with it."""
    if not any(phrase(rule).search(text.masked) for rule in (_SITTING, *(a.match for a in profile.assemblies))):
        return False
    if not text.holds(_MARKS):
        return False
    return sum(text.holds((sign,)) for sign in _SIGNS) >= _ENOUGH


def _preamble(text: Text, profile: Profile) -> dict[str, Any]:
    """All that stands before the first act of a session is its header."""
    whole = Span(0, len(text.masked))
    end = Span(whole.end, whole.end)
    return _session(text, profile, Parts(whole, whole, end, None, end, False))


def _placed(whole: Text, place: Place, profile: Profile, session: dict[str, Any] | None) -> Act:
    text = whole.part(place.span)
    cut = parts(text, profile)
    if place.item:
        title = identity.heading(text)
        stop = cut.formula.start if cut.formula else cut.ending.start
        header = Span(0, min(title.end, stop))
        cut = replace(cut, header=header, report=Span(header.end, max(header.end, stop)))
    act = _act(text, cut, profile, item=place.item)
    if session is not None:
        # A decision of minutes speaks of other sessions; an extract of a collection may only leave its own unsaid.
        shared = {name: fact for name, fact in session.items() if place.item or not _said(getattr(act, name))}
        act = act.model_copy(update=shared)
    awards = read_awards(text, cut)
    receipt = stamps.receipt_stamp(text, profile, act.session_date.usable)
    act = act.model_copy(update={"awards": awards.awards, "receipt": receipt, "span": text.extent})
    act = agreed(text, cut, profile, act)
    certification = signing.certification(text, cut)
    return act.model_copy(update={"findings": findings(text, cut, profile, act, awards, certification)})


def _act(text: Text, cut: Parts, profile: Profile, *, item: bool) -> Act:
    named = cut
    if item:
        # Only the lines that announce a decision of minutes say its number; its talk cites those of others.
        end = Span(cut.whole.end, cut.whole.end)
        named = replace(cut, ending=end, operative=None)
    number = identity.number(text, named, profile)
    outcome, votes = vote.outcome_and_vote(text, cut)
    visas, recitals = articles.grounds(text, cut)
    return Act(
        **(_session(text, profile, cut) if not item else {}),
        number=number,
        other_numbers=identity.other_numbers(text, cut, profile),
        title=identity.item_title(text, profile) if item else identity.title(text, cut, profile),
        outcome=outcome,
        vote=votes,
        convention_approved=decision.convention_approved(text, cut),
        signing_authority=signing.signing_authority(text, cut),
        budget=stamps.budget_line(text, cut, profile),
        certified_by=signing.certification(text, cut).certified_by,
        references=identity.references(text, cut, profile, number),
        rapporteur=attendance.rapporteur(text, Span(0, cut.ending.start)),
        commission=attendance.commission(text, Span(0, cut.ending.start)),
        visas=visas,
        recitals=recitals,
        articles=articles.articles(text, cut),
        linked_conventions=articles.linked_conventions(text, cut),
        annexes=articles.annexes(text, cut),
        not_voting=vote.not_voting(text, cut),
    )


def _session(text: Text, profile: Profile, cut: Parts) -> dict[str, Any]:
    """The facts of a session, by the names of the act's fields."""
    return {
        "authority": identity.authority(text, cut, profile),
        "assembly": identity.assembly(text, cut, profile),
        "session_date": identity.session_date(text, cut, profile),
        "attendance": attendance.attendance(text, cut.header),
        "president": attendance.president(text, cut.header),
        "secretary": attendance.secretary(text, cut.whole),
    }


def _minutes(text: Text, profile: Profile) -> Act:
    """Minutes in which no decision was recognised: what they are is read, nothing of what they say."""
    finding = Finding(
        code="minutes_not_split",
        severity=Severity.BLOCKING,
        message="Ce document est un compte rendu de séance dont les décisions n'ont pas pu être séparées : "
        "déposez l'extrait de la délibération elle-même.",
    )
    return Act(**_preamble(text, profile), findings=(finding,), span=text.extent)
