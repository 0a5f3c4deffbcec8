"""Which acts a convention can come from, and what to say of the others."""

from collections.abc import Iterable

from domain.deliberation import Outcome
from domain.errors import NotADeliberation
from domain.tasks import ActSummary

REFUSED_OUTCOMES = {
    Outcome.REJECTED: ("deliberation_rejected", "Cette délibération a été rejetée par l'assemblée"),
    Outcome.POSTPONED: ("deliberation_postponed", "Cette délibération a été reportée ou retirée de l'ordre du jour"),
}


def admissible(acts: Iterable[ActSummary]) -> tuple[ActSummary, ...]:
    """The acts that award something and were not turned down.

    :raises NotADeliberation: there is none; the code and the sentence say why: ``deliberation_rejected``,
        ``deliberation_postponed``, ``no_award``, ``identity_missing``.
    """
    acts = tuple(acts)
    kept = tuple(act for act in acts if act.awards and act.outcome not in REFUSED_OUTCOMES)
    if not kept:
        for act in acts:
            if act.outcome in REFUSED_OUTCOMES:
                code, what = REFUSED_OUTCOMES[act.outcome]
                raise NotADeliberation(code, f"{what} : aucune convention ne peut en être tirée.")
        raise NotADeliberation(
            "no_award",
            "Aucune attribution de subvention n'a été trouvée dans le dispositif de cette délibération : aucune"
            " convention ne peut en être tirée. Vérifiez que le fichier est le bon et qu'il est complet.",
        )
    for act in kept:
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
            raise NotADeliberation(
                "identity_missing",
                f"La lecture n'a pas trouvé avec certitude {_listed(missing)} : sans cela, la convention ne peut pas"
                " être rattachée à sa délibération. Fournissez une copie plus lisible.",
            )
    return kept


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} et {names[-1]}"
