"""From a received file to its reading: deterministic, by rules, every fact with the words it comes from."""

from activities.reading import decision, identity, stamps
from activities.reading.awards import read_awards
from activities.reading.intake import ExtractedText, Limits, take_in
from activities.reading.notes import findings
from activities.reading.parts import Parts, Text, parts
from activities.reading.profile import Profile, profile_for
from activities.reading.view import View, phrase
from domain.deliberation import Act, Reading
from domain.errors import NotADeliberation
from domain.facts import Finding, Severity

_ASSEMBLY = (
    r"\b(?:conseil (?:municipal|communautaire|metropolitain|departemental|general|regional|de|d'administration)"
    r"|bureau (?:de la metropole|communautaire|metropolitain)|commission permanente|comite syndical)"
)
_MARKS = (
    r"extraits? d(?:u|es) registres?",
    r"^\W{0,3}(?:projet de )?deliberations?\b",
    r"^\W{0,3}delibere\b|apres en avoir delibere|\bdelibere\s*[:,]",
    r"(?:proposition|deliberation) [^\n]{0,40}(?:adoptee?|rejetee?)|le (?:conseil|bureau) [^\n]{0,40}adopte",
)
"""What only an act of an assembly says: one at least must be there."""
_SIGNS = (
    *_MARKS,
    r"seance (?:\w+ )?du\b",
    r"^\W{0,3}vu (?:le|la|les|l')",
    r"^(?:article|art\.?) (?:premier|1er|1)\b",
)
_ENOUGH = 2


def read_document(content: bytes, name: str, limits: Limits | None = None) -> Reading:
    """All that is read from one file.

    :param name: as received; shown, never used as a path.
    :raises UnreadableDocument: the file cannot be taken in (see :mod:`activities.reading.intake`).
    :raises NotADeliberation: ``not_a_deliberation``.
    """
    return read_text(take_in(content, name, limits))


def read_text(source: ExtractedText) -> Reading:
    """As :func:`read_document`, from a text that was taken in."""
    text = Text(View(source))
    profile = profile_for(text.view)
    cut = parts(text, profile)
    is_minutes = bool(text.first(profile["minutes"], cut.header)) and _line_of_minutes(text, profile)
    if not is_minutes and not _is_deliberation(text):
        raise NotADeliberation(
            "not_a_deliberation",
            f"« {source.source.name} » n'est pas une délibération : "
            "aucune décision d'une assemblée n'y a été reconnue.",
        )
    act = _minutes(text, cut, profile) if is_minutes else _act(text, cut, profile)
    return Reading(source=source.source, acts=(act,))


def _is_deliberation(text: Text) -> bool:
    """An assembly is named, an act's own mark is there, and another sign with it."""
    if not phrase(_ASSEMBLY).search(text.masked):
        return False
    if not any(phrase(mark).search(text.masked) for mark in _MARKS):
        return False
    return sum(bool(phrase(sign).search(text.masked)) for sign in _SIGNS) >= _ENOUGH


def _line_of_minutes(text: Text, profile: Profile) -> bool:
    """Minutes say so in their first lines, and no extract of the register follows."""
    head = text.masked[:1500]
    return any(phrase(rule).search(head) for rule in profile["minutes"]) and not phrase(
        r"extraits? d(?:u|es) registres?|^\W{0,3}delibere\b"
    ).search(text.masked)


def _identified(text: Text, cut: Parts, profile: Profile) -> Act:
    number = identity.number(text, cut, profile)
    return Act(
        authority=identity.authority(text, cut, profile),
        assembly=identity.assembly(text, cut, profile),
        session_date=identity.session_date(text, cut, profile),
        number=number,
        other_numbers=identity.other_numbers(text, cut, profile),
        title=identity.title(text, cut, profile),
        references=identity.references(text, cut, profile, number),
        receipt=stamps.receipt_stamp(text, profile),
    )


def _act(text: Text, cut: Parts, profile: Profile) -> Act:
    awards = read_awards(text, cut)
    outcome, vote = decision.outcome_and_vote(text, cut)
    certification = decision.certification(text, cut)
    act = _identified(text, cut, profile).model_copy(
        update={
            "outcome": outcome,
            "vote": vote,
            "awards": awards.awards,
            "convention_approved": decision.convention_approved(text, cut),
            "signing_authority": decision.signing_authority(text, cut),
            "budget": stamps.budget_line(text, cut, profile),
            "certified_by": certification.certified_by,
        }
    )
    return act.model_copy(update={"findings": findings(text, cut, profile, act, awards, certification)})


def _minutes(text: Text, cut: Parts, profile: Profile) -> Act:
    """Minutes hold several decisions without their acts: what they are is read, nothing of what they decide."""
    finding = Finding(
        code="minutes_not_split",
        severity=Severity.BLOCKING,
        message="Ce document est un compte rendu de séance : déposez l'extrait de la délibération elle-même.",
    )
    return _identified(text, cut, profile).model_copy(update={"findings": (finding,)})
