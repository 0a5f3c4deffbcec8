"""The form by which a person supplies what the deliberation does not say, and settles what it says badly."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.convention import SettledFacts, SuppliedFacts
from domain.corrections import SETTLED, Correction
from domain.deliberation import Act, Award
from domain.doubts import doubts, may_be_certified
from domain.facts import Evidence, FactStatus
from domain.parties import GrantingAuthority
from portal.facts_table import FactRow, rows
from portal.forms import Field, Group, Typed, flat, nested, validate
from portal.french import LEGAL_KIND

CIVILITIES = (("Madame", "Madame"), ("Monsieur", "Monsieur"))
MAX_ROWS = 24
SPARE_ROWS = 2


def address(prefix: str) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}.street", "Numéro et voie du siège", wide=True),
        Field(f"{prefix}.postal_code", "Code postal"),
        Field(f"{prefix}.city", "Commune"),
    )


def person(prefix: str, capacity: str) -> tuple[Field, ...]:
    return (
        Field(f"{prefix}.civility", "Civilité", kind="select", options=CIVILITIES),
        Field(f"{prefix}.first_name", "Prénom"),
        Field(f"{prefix}.last_name", "Nom"),
        Field(f"{prefix}.capacity", "Qualité", capacity),
        Field(f"{prefix}.email", "Adresse électronique", "Le lien de signature y est envoyé.", "email"),
    )


GROUPS: tuple[Group, ...] = (
    Group(
        "Le bénéficiaire",
        (
            Field("beneficiary.name", "Nom complet", wide=True),
            Field("beneficiary.short_name", "Nom court", "Facultatif, par exemple un sigle.", required=False),
            Field(
                "beneficiary.legal_kind",
                "Nature juridique",
                "Elle décide des clauses obligatoires.",
                "select",
                options=tuple((kind.value, label) for kind, label in LEGAL_KIND.items()),
            ),
            Field("beneficiary.siret", "Numéro SIRET", "14 chiffres, espaces permis."),
            *address("beneficiary.seat"),
            Field("beneficiary.iban", "IBAN", "Facultatif : le compte à payer, recopié du relevé.", required=False),
        ),
    ),
    Group(
        "La personne qui signe pour le bénéficiaire",
        person("beneficiary.representative", "Par exemple : Président, Directrice générale."),
    ),
    Group(
        "La collectivité",
        (
            Field("authority.name", "Nom complet", wide=True),
            Field("authority.short_name", "Nom dans la convention", "Avec son article : « la Métropole »."),
            Field("authority.legal_form", "Forme juridique", "Par exemple : métropole, commune, département."),
            Field("authority.siret", "Numéro SIRET", "14 chiffres, espaces permis."),
            *address("authority.seat"),
            Field("authority.executive_title", "Titre de l'exécutif", "Avec son article : « la Présidente »."),
            Field("authority.court", "Tribunal administratif compétent", "La ville seule, par exemple : Marseille."),
        ),
    ),
    Group(
        "Le projet et la durée",
        (
            Field(
                "project_summary",
                "Ce que le bénéficiaire s'engage à faire",
                "Une ou deux phrases, reprises dans la convention.",
                "area",
                wide=True,
            ),
            Field(
                "matter",
                "Matière de la délégation",
                "La délégation de signature doit couvrir cette matière. Minuscules, sans espace.",
            ),
            Field("request_date", "Date de la demande de subvention", "Facultatif.", "date", required=False),
            Field(
                "term.start",
                "Début de la convention",
                "Facultatif : sans date, elle commence à sa notification.",
                "date",
                required=False,
            ),
            Field("term.end", "Fin de la convention", kind="date"),
            Field("report_due", "Date limite du compte rendu financier", kind="date"),
            Field("place", "Lieu de signature"),
        ),
    ),
)

FIELDS = tuple(field for group in GROUPS for field in group.fields)

ROW = (
    Field("label", "Libellé", "Acompte, solde…"),
    Field("amount", "Montant en euros", kind="amount"),
    Field("trigger", "Ce qui déclenche le versement", "« à la notification de la convention »", wide=True),
)

CERTIFIED = "settled.adopted"
ACKNOWLEDGED = "settled.acknowledged"


@dataclass(frozen=True)
class Check:
    """A box that a person ticks to answer for something."""

    name: str
    label: str
    evidence: tuple[Evidence, ...]


def checks(act: Act, award: Award, corrected: SettledFacts | None = None) -> tuple[Check, ...]:
    """What only a person's word can answer: the adoption that the act does not say, and each blocking finding.

    :param corrected: facts that answer their findings by themselves.
    """
    found: dict[str, Check] = {}
    if may_be_certified(act):
        found[CERTIFIED] = Check(
            CERTIFIED,
            "J'ai vérifié au registre des délibérations que celle-ci a été adoptée.",
            act.outcome.evidence,
        )
    for doubt in doubts(act, award):
        by_fact = corrected is not None and doubt.fact and getattr(corrected, doubt.fact) is not None
        if doubt.acknowledgeable and not by_fact:
            finding = doubt.finding
            name = f"{ACKNOWLEDGED}.{finding.code}"
            # Two findings of one code are answered together: the box says both.
            before = found.get(name, Check(name, "J'ai vérifié ce point :", ()))
            label = f"{before.label} {finding.message}" if finding.message not in before.label else before.label
            found[name] = Check(name, label, (*before.evidence, *finding.evidence))
    return tuple(found.values())


def doubtful(
    act: Act, award: Award, supplied: SuppliedFacts | None, standing: Mapping[str, Correction]
) -> tuple[FactRow, ...]:
    """The facts that a person must still settle, beside the source document."""
    settled = supplied.settled if supplied else SettledFacts()
    return tuple(
        row
        for row in rows(act, award, settled, standing)
        if row.needed and row.status is not FactStatus.FOUND and not row.settled
    )


_WHOLE = {
    "term": "term.end",
    "authority": "authority.executive_title",
    "schedule": "schedule.instalments",
    "schedule.instalments": "schedule.instalments",
}


def starting_values(
    supplied: SuppliedFacts | None, authority: GrantingAuthority | None, read: Mapping[str, str]
) -> dict[str, str]:
    """What the form opens with.

    :param read: values found in the deliberation, by field name: a suggestion, which the person confirms by sending.
    """
    if supplied is not None:
        values = flat(supplied)
        for name, value in values.items():
            if name.endswith(".amount"):
                values[name] = value.replace(".", ",")
        values |= {f"{ACKNOWLEDGED}.{code}": TICKED for code in supplied.settled.acknowledged}
        return values
    values = {"matter": "subventions", **read}
    if authority is not None:
        values |= {f"authority.{name}": value for name, value in flat(authority).items()}
    return values


def row_count(values: Mapping[str, str]) -> int:
    """Rows of instalments to show: those filled, and some to spare."""
    filled = [
        rank
        for rank in range(MAX_ROWS)
        if any(values.get(f"schedule.instalments.{rank}.{field.name}", "").strip() for field in ROW)
    ]
    return min(MAX_ROWS, max(filled, default=-1) + 1 + SPARE_ROWS)


TICKED = "True"
"""What a ticked box sends."""


def supplied_facts(
    values: Mapping[str, str], before: SettledFacts, asked: Iterable[Check] = ()
) -> tuple[SuppliedFacts | None, Typed]:
    """The facts, or what was typed with its errors. Blank rows of instalments are dropped.

    :param before: what was settled before: facts are settled beside the source document, and stay as they are here.
    :param asked: the boxes that the page showed; a name that none of them has answers nothing.
    """
    data = nested(FIELDS, values)
    instalments = []
    ranks = []
    for rank in range(MAX_ROWS):
        names = {field.name: values.get(f"schedule.instalments.{rank}.{field.name}", "") for field in ROW}
        if any(value.strip() for value in names.values()):
            instalments.append(nested(ROW, names))
            ranks.append(rank)
    data["schedule"] = {"instalments": instalments}
    data["settled"] = {name: value for name in SETTLED if (value := getattr(before, name)) is not None}
    ticked = [check.name for check in asked if values.get(check.name, "")]
    if CERTIFIED in ticked:
        data["settled"]["adopted"] = True
    data["settled"]["acknowledged"] = [name.removeprefix(f"{ACKNOWLEDGED}.") for name in ticked if name != CERTIFIED]
    facts, errors = validate(SuppliedFacts, data, _WHOLE)
    # Errors are counted from the first filled row; the page counts from the first row shown.
    for place in [place for place in errors if place.startswith("schedule.instalments.")]:
        _, _, rank_text, *leaf = place.split(".")
        message = errors.pop(place)
        errors[".".join(["schedule.instalments", str(ranks[int(rank_text)]), *(leaf or ["amount"])])] = message
    if "schedule.instalments" in errors:
        errors["schedule.instalments"] = "Il faut au moins un versement, avec son montant."
    return facts, Typed(dict(values), dict(sorted(errors.items(), key=lambda error: _rank(error[0]))))


_ORDER = [field.name for field in FIELDS]


def _rank(name: str) -> tuple[int, str]:
    """Errors are listed as the page shows their fields."""
    if name.startswith("settled"):
        return (-1, name)
    return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)


def labels() -> dict[str, str]:
    """Label of each field, for the list of errors; two parties share labels, so the group is named too."""
    named = {field.name: f"{group.title} : {field.label}" for group in GROUPS for field in group.fields}
    for rank in range(MAX_ROWS):
        named |= {f"schedule.instalments.{rank}.{field.name}": f"Versement {rank + 1} : {field.label}" for field in ROW}
    return named | {"schedule.instalments": "Les versements"}
