"""A reading as a person reads it in a terminal: each fact with its status and the words it comes from."""

from collections.abc import Iterator
from typing import Any

from domain.deliberation import Act, Reading
from domain.facts import Fact, FactStatus, Severity

STATUS = {
    FactStatus.FOUND: "trouvé",
    FactStatus.MISSING: "absent",
    FactStatus.AMBIGUOUS: "ambigu",
    FactStatus.CONFLICTING: "contradictoire",
    FactStatus.MALFORMED: "mal formé",
}
SEVERITY = {Severity.INFO: "à savoir", Severity.WARNING: "à vérifier", Severity.BLOCKING: "bloquant"}


def as_text(reading: Reading) -> str:
    """French, one fact a line."""
    lines = [f"{reading.source.name} – {reading.source.pages} page(s) – SHA-256 {reading.source.sha256}"]
    for act in reading.acts:
        lines.append("")
        for label, fact in _facts(act):
            lines.append(f"{label:24} {_shown(fact)}")
        for finding in act.findings:
            lines.append(f"  {SEVERITY[finding.severity]} : {finding.message} [{finding.code}]")
    return "\n".join(lines)


def _shown(fact: Fact[Any]) -> str:
    value = "–" if fact.value is None else str(fact.value)
    words = " ".join(fact.evidence[0].text.split()) if fact.evidence else ""
    place = f" (page {fact.evidence[0].page})" if fact.evidence and fact.evidence[0].page else ""
    return f"{value}  [{STATUS[fact.status]}]" + (f"  « {words[:100]} »{place}" if words else "")


def _facts(act: Act) -> Iterator[tuple[str, Fact[Any]]]:
    yield "Collectivité", act.authority
    yield "Assemblée", act.assembly
    yield "Séance", act.session_date
    yield "Numéro", act.number
    yield "Objet", act.title
    yield "Décision", act.outcome
    for rank, award in enumerate(act.awards, 1):
        yield f"Bénéficiaire {rank}", award.beneficiary
        yield f"Montant {rank} (euros)", award.amount
        yield f"Objet de l'aide {rank}", award.purpose
    yield "Convention approuvée", act.convention_approved
    yield "Signataire autorisé", act.signing_authority
    yield "Exercice", act.budget.fiscal_year
    yield "Chapitre", act.budget.chapter
    yield "Nature", act.budget.nature
    yield "Fonction", act.budget.function
    yield "Autre imputation", act.budget.other
    yield "Identifiant de l'acte", act.receipt.id
    yield "Reçu en préfecture", act.receipt.received_at
    yield "Publié", act.receipt.published_at
    yield "Certifié par", act.certified_by
