"""What the operative part decides of a convention."""

from activities.reading.facts import settle
from activities.reading.parts import Parts, Span, Text
from domain.facts import Fact

_APPROVED = (
    r"(?:est|sont) approuvee?s? (?:(?!avenant)[^.;¤]){0,80}?conventions?\b",
    r"(?<!\w)(?:approuver?|approuvent|ratifier?|adopter?|valider?|conclure) (?:(?!avenant|attribution"
    r"|rapport)[^.;¤]){0,100}?conventions?\b",
    r"(?<!\w)(?:la|les) conventions?\b(?:(?!avenant)[^.;¤]){0,160}? (?:est|sont) approuvee?s?",
    r"autoris\S* (?:(?!avenant)[^.;]){0,200}?signer (?:(?!avenant)[^.;¤]){0,160}?convention(?!s? (?:est|a ete))"
    r"[^.;¤]{0,240}?(?:jointe?s?\b|ci-jointe?|ci-annexee?|annexee? a|en piece jointe|en annexe)",
)
_NOT_APPROVED = (r"n'(?:est|sont) pas approuvee?s?", r"refuse d'approuver", r"n'approuve pas")


def convention_approved(text: Text, parts: Parts) -> Fact[bool]:
    """Missing, not false, when the operative part says nothing of it."""
    if parts.operative is None:
        return Fact()
    for rules, value in ((_NOT_APPROVED, False), (_APPROVED, True)):
        match = text.first(rules, parts.operative)
        if match:
            return settle([(value, text.evidence(Span(*match.span())))])
    return Fact()
