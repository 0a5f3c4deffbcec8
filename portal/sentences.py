"""French for what is wrong with a value: pydantic says it in English, and people read this."""

from collections.abc import Mapping, Sequence
from typing import Any

_SENTENCES = {
    "missing": "Ce champ est à remplir.",
    "none_required": "Ce champ doit rester vide.",
    "string_type": "Un texte est attendu.",
    "string_too_short": "Ce champ est à remplir.",
    "string_too_long": "Ce texte est trop long ({max_length} caractères au plus).",
    "too_short": "Il en faut au moins {min_length}.",
    "too_long": "Il en faut au plus {max_length}.",
    "string_pattern_mismatch": "Ce texte n'a pas la forme attendue.",
    "decimal_type": "Un montant est attendu, par exemple 12 500,00.",
    "decimal_parsing": "Un montant est attendu, par exemple 12 500,00.",
    "decimal_max_places": "Un montant a deux décimales au plus.",
    "decimal_max_digits": "Ce montant est trop grand.",
    "decimal_whole_digits": "Ce montant est trop grand.",
    "finite_number": "Un nombre fini est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
    "int_type": "Un nombre entier est attendu.",
    "greater_than": "La valeur doit être supérieure à {gt}.",
    "greater_than_equal": "La valeur doit être au moins {ge}.",
    "less_than_equal": "La valeur doit être au plus {le}.",
    "date_type": "Une date est attendue (jour, mois, année).",
    "date_parsing": "Cette date n'existe pas : écrivez jour, mois et année.",
    "date_from_datetime_parsing": "Cette date n'existe pas : écrivez jour, mois et année.",
    "date_from_datetime_inexact": "Une date sans heure est attendue.",
    "datetime_parsing": "Cette date et cette heure ne se lisent pas.",
    "datetime_from_date_parsing": "Cette date et cette heure ne se lisent pas.",
    "datetime_type": "Une date et une heure sont attendues.",
    "enum": "Choisissez une des valeurs proposées.",
    "literal_error": "Choisissez une des valeurs proposées.",
    "extra_forbidden": "Ce nom de champ est inconnu.",
    "json_invalid": "Ce JSON ne se lit pas.",
    "model_attributes_type": "Un objet est attendu.",
    "model_type": "Un objet est attendu.",
    "dict_type": "Un objet est attendu.",
    "tuple_type": "Une liste est attendue.",
    "list_type": "Une liste est attendue.",
    "bool_parsing": "Oui ou non est attendu.",
}

_PATTERNS = {
    "postal_code": "Un code postal a cinq chiffres.",
    "document_sha256": "Une empreinte SHA-256 a 64 caractères hexadécimaux minuscules.",
    "id": "Un identifiant n'a que des minuscules sans accent, des chiffres et des traits d'union.",
    "matter": "Une matière s'écrit en minuscules sans accent, sans espace : « subventions ».",
}


def sentence(error: Mapping[str, Any]) -> str:
    """French for one item of ``ValidationError.errors()``."""
    kind = str(error["type"])
    context: Mapping[str, Any] = error.get("ctx") or {}
    place: Sequence[Any] = error.get("loc", ())
    name = str(place[-1]) if place else ""
    if kind == "string_pattern_mismatch" and name in _PATTERNS:
        return _PATTERNS[name]
    if kind == "value_error":
        if "email" in name:
            return "Cette adresse électronique n'est pas valable."
        reason = str(context.get("error", "")) or "cette valeur n'est pas valable"
        return reason[:1].upper() + reason[1:].rstrip(".") + "."
    text = _SENTENCES.get(kind, "Cette valeur n'est pas valable.")
    return text.format_map(context) if "{" in text else text
