"""Which acts a convention can come from, and what to say of the others."""

from collections.abc import Collection, Iterable

from domain.convention import fold
from domain.deliberation import Outcome
from domain.errors import NotADeliberation
from domain.tasks import ActSummary

REFUSED_OUTCOMES = {
    Outcome.REJECTED: ("deliberation_rejected", "Cette délibération a été rejetée par l'assemblée"),
    Outcome.POSTPONED: ("deliberation_postponed", "Cette délibération a été reportée ou retirée de l'ordre du jour"),
}

CORRECTABLE_REFUSALS = frozenset({"identity_missing", "identity_shared"})
"""Codes of the refusals that a person mends by correcting what was read."""


def judged(acts: Iterable[ActSummary]) -> tuple[tuple[ActSummary, NotADeliberation | None], ...]:
    """Each act with the reason for which no convention can come from it, or none.

    The codes are ``deliberation_rejected``, ``deliberation_postponed``, ``no_award``, ``identity_missing`` and
    ``identity_shared``: two acts read under one number would be taken for one.
    """
    found: list[tuple[ActSummary, NotADeliberation | None]] = []
    seen: set[tuple[str, str, object]] = set()
    for act in acts:
        refusal = _refusal(act)
        if refusal is None:
            identity = (fold(act.authority or ""), fold(act.number or ""), act.session_date)
            if identity in seen:
                refusal = NotADeliberation(
                    "identity_shared",
                    f"Une autre délibération de ce fichier a été lue sous le même numéro ({act.number}) et à la même"
                    " date : corrigez celui des deux numéros qui est faux.",
                )
            seen.add(identity)
        found.append((act, refusal))
    return tuple(found)


def admissible(acts: Iterable[ActSummary], chosen: Collection[int] | None = None) -> tuple[ActSummary, ...]:
    """The acts that award something, were not turned down, and are known by their number, date and authority.

    :param chosen: indices of the acts that a person chose; none: all that can be.
    :raises NotADeliberation: there is none, or one that was chosen cannot be; the code and the sentence say why, as in
        :func:`judged`; ``act_unknown`` for a choice that the document does not have.
    """
    every = judged(acts)
    if chosen is not None:
        if not chosen or not set(chosen) <= {act.index for act, _ in every}:
            raise NotADeliberation(
                "act_unknown", "Choisissez au moins une délibération, parmi celles que ce fichier contient."
            )
        every = tuple((act, refusal) for act, refusal in every if act.index in chosen)
        for _, refusal in every:
            if refusal is not None:
                raise refusal
    kept = tuple(act for act, refusal in every if refusal is None)
    if not kept:
        # What a person can mend comes first; an act that grants nothing is the least of the news.
        refusals = [refusal for _, refusal in every if refusal is not None]
        rank = {"identity_missing": 0, "identity_shared": 0, "no_award": 2}
        raise min(refusals or [_no_award()], key=lambda refusal: rank.get(refusal.code, 1))
    return kept


def _no_award() -> NotADeliberation:
    return NotADeliberation(
        "no_award",
        "Aucune attribution de subvention n'a été trouvée dans le dispositif de cette délibération : aucune"
        " convention ne peut en être tirée. Vérifiez que le fichier est le bon et qu'il est complet.",
    )


def _refusal(act: ActSummary) -> NotADeliberation | None:
    if act.outcome in REFUSED_OUTCOMES:
        code, what = REFUSED_OUTCOMES[act.outcome]
        return NotADeliberation(code, f"{what} : aucune convention ne peut en être tirée.")
    if not act.awards:
        return _no_award()
    missing = [
        label
        for label, value in (
            ("la collectivité", act.authority),
            ("le numéro de la délibération", act.number),
            ("la date de la séance", act.session_date),
        )
        if value is None
    ]
    if missing:
        return NotADeliberation(
            "identity_missing",
            f"La lecture n'a pas trouvé avec certitude {_listed(missing)} : sans cela, la convention ne peut pas être"
            " rattachée à sa délibération. Corrigez ce qui a été lu, d'après le registre des délibérations, ou"
            " fournissez une copie plus lisible.",
        )
    return None


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} et {names[-1]}"
