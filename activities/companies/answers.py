"""What the register answers, as far as we read it. Whatever else comes is ignored; whatever is ill-typed is refused.

Shapes from the service's OpenAPI description (``GET /search``): ``results[]`` of legal units, each with its seat
(``siege``) and the establishments that the search matched.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Line = Annotated[str, StringConstraints(max_length=1000)]
Number = Annotated[str, StringConstraints(max_length=20)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)


class Establishment(_Answer):
    siret: Number = ""
    adresse: Line | None = None
    etat_administratif: Number | None = None
    """``A`` active, ``F`` closed."""


class LegalUnit(_Answer):
    siren: Number
    nom_complet: Line | None = None
    nom_raison_sociale: Line | None = None
    sigle: Line | None = None
    etat_administratif: Number | None = None
    """``A`` active, ``C`` ceased."""
    nature_juridique: Number | None = None
    siege: Establishment | None = None
    matching_etablissements: Annotated[tuple[Establishment, ...] | None, Field(max_length=100, strict=False)] = None


class SearchAnswer(_Answer):
    results: Annotated[tuple[LegalUnit, ...], Field(max_length=25, strict=False)]
