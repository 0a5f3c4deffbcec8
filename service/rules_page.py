"""``docs/rules.md``, made from the rules of law themselves: ``python -m service.rules_page > docs/rules.md``."""

import re
import sys
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic_core import to_jsonable_python

from domain.calendar import long_date
from domain.facts import Severity
from domain.rules import beneficiary, decision, duties, money, people
from domain.rules.catalogue import RULES
from domain.rules.settings import RuleSettings
from domain.rules.words import euros

_ROOMS = (
    ("La décision", decision.RULES),
    ("Le montant, les seuils et l'imputation", money.RULES),
    ("Les conflits d'intérêts", people.RULES),
    ("Le bénéficiaire", beneficiary.RULES),
    ("Les obligations qui suivent", duties.RULES),
)
_SEVERITY = {
    Severity.BLOCKING: "bloque l'approbation",
    Severity.BLOCKING_SIGNATURE: "bloque la signature",
    Severity.WARNING: "à vérifier",
    Severity.INFO: "note",
}

_OPENING = """# Règles de droit

Cette page est faite à partir des règles elles-mêmes (`domain/rules/`) : ne la modifiez pas à la main.
`python -m service.rules_page` l'écrit.

Chaque règle regarde l'acte lu, les informations fournies et ce que savent les registres. Elle dit ce qui ne va pas, la
phrase de l'acte en cause, le texte sur lequel elle repose et ce qu'il faut faire. Une règle n'est pas un avis
juridique : le service des affaires juridiques décide.

- **bloque l'approbation** : aucun projet n'est rédigé tant qu'une personne n'y a pas répondu ;
- **bloque la signature** : le projet est rédigé et peut être approuvé, mais son envoi à la signature est refusé ;
- **à vérifier** : rien n'est empêché, une personne doit regarder ;
- **note** : ce qu'il faut savoir.

« Attestable » : une personne peut passer outre en cochant qu'elle a vérifié ce point ; son nom et l'instant sont gardés
dans le dossier. Les autres points bloquants se règlent par la valeur corrigée, ou ne se règlent pas.

Sont contrôlés dès la saisie, et refusés là : la clé du SIRET (norme de Luhn, avec l'exception de La Poste) et la
structure et la clé de l'IBAN (ISO 13616). Le caractère exécutoire (CGCT, article L. 2131-1) est en outre exigé au
moment de l'envoi et à celui de chaque signature, quels que soient les réglages. Au moment de l'envoi et de chaque
signature aussi, une personne qui n'a pas pris part au vote n'est pas appelée à signer pour la collectivité.
"""

_POINTS = """## Points que la collectivité décide ⚖

Un fichier JSON, nommé par `PARAPHE_RULES_FILE`, les change ; ce qu'il ne dit pas garde son défaut. Exemple :
`{"convention_threshold": "10000", "cumulate": true}`. Une valeur impossible empêche le démarrage. Les seuils légaux ne
peuvent qu'être abaissés. Les règles appliquent les réglages du jour où les informations sont enregistrées.

| réglage | défaut | ce qu'il décide | pourquoi ce défaut | règles |
|---|---|---|---|---|
"""


def page() -> str:
    """The whole page, in Markdown."""
    parts = [_OPENING]
    for title, rules in _ROOMS:
        lines = [f"## {title}\n", "| règle | ce qu'elle regarde | effet | texte |", "|---|---|---|---|"]
        lines += [
            f"| `{rule.code}` | {rule.title}"
            f" | {_SEVERITY[rule.severity]}{', attestable' if rule.acknowledgeable else ''} | {rule.article} |"
            for rule in rules
        ]
        parts.append("\n".join(lines) + "\n")
    rows = []
    for name, field in RuleSettings.model_fields.items():
        users = ", ".join(f"`{rule.code}`" for rule in RULES if name in rule.settings)
        rows.append(f"| `{name}` | {_shown(field.default)} | {field.title} | {field.description} | {users} |")
    parts.append(_POINTS + "\n".join(rows) + "\n")
    return "\n".join(_spaced(part) for part in parts)


def _shown(default: Any) -> str:
    match default:
        case bool():
            return "oui" if default else "non"
        case Decimal():
            return euros(default)
        case StrEnum():
            return f"`{default.value}`"
    return long_date(default) if hasattr(default, "isoformat") else str(to_jsonable_python(default))


def _spaced(text: str) -> str:
    """No line of a French page breaks before its punctuation."""
    spaced = re.sub(r" (?=[:;?»!])|(?<=«) ", "\u00a0", text)
    return re.sub(r"\u00a0(?=---)", " ", spaced)


if __name__ == "__main__":
    sys.stdout.write(page())
