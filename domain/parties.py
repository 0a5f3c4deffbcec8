"""The parties to a convention and the people who represent them."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, EmailStr, Field, StringConstraints, model_validator
from stdnum import iban as iban_number
from stdnum.fr import siret as siret_number

from domain.documents import Model

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
"""A line of text a person typed."""


def _siret(value: str) -> str:
    compact = re.sub(r"\s", "", value)
    if not siret_number.is_valid(compact):
        raise ValueError("ce numéro SIRET n'est pas valable (14 chiffres et clé de contrôle)")
    return compact


Siret = Annotated[str, AfterValidator(_siret)]
"""SIRET, 14 digits, Luhn key checked (La Poste's exception included)."""


def _iban(value: str) -> str:
    compact = re.sub(r"[\s\u202f-]", "", value).upper()
    # check_country would import a module per country, which a workflow's sandbox does not allow.
    if compact and not (compact.isascii() and iban_number.is_valid(compact, check_country=False)):
        raise ValueError("cet IBAN n'est pas valable (pays, longueur ou clé de contrôle) : recopiez-le du relevé")
    return compact


Iban = Annotated[str, StringConstraints(max_length=60), AfterValidator(_iban)]
"""International bank account number (ISO 13616), structure and key checked; empty when it is not given."""


class LegalKind(StrEnum):
    """Legal kind of a beneficiary, which decides the mandatory clauses (loi 2000-321, art. 9-1 and 10)."""

    ASSOCIATION = "association"
    FOUNDATION = "fondation"
    COMPANY = "entreprise"
    PUBLIC_BODY = "etablissement_public"
    LOCAL_AUTHORITY = "collectivite"
    OTHER = "autre"

    @property
    def private_law(self) -> bool:
        return self in {LegalKind.ASSOCIATION, LegalKind.FOUNDATION, LegalKind.COMPANY, LegalKind.OTHER}

    @property
    def non_profit(self) -> bool:
        return self in {LegalKind.ASSOCIATION, LegalKind.FOUNDATION}


class Civility(StrEnum):
    MADAME = "Madame"
    MONSIEUR = "Monsieur"


class Address(Model):
    street: Text
    postal_code: Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
    city: Text

    def __str__(self) -> str:
        return f"{self.street}, {self.postal_code} {self.city}"


class Person(Model):
    """A natural person in a capacity (qualité), e.g. "Présidente" or "Directeur général"."""

    civility: Civility
    first_name: Text
    last_name: Text
    capacity: Text
    email: EmailStr

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def same_mailbox(left: Person, right: Person) -> bool:
    """Whether what is sent to one of them reaches the other: what proves a person here is her mailbox."""
    return str(left.email).casefold() == str(right.email).casefold()


class Beneficiary(Model):
    """The body that receives the subsidy."""

    name: Text
    short_name: str = ""
    legal_kind: LegalKind
    siret: Siret
    seat: Address
    representative: Person
    iban: Annotated[Iban, Field(repr=False)] = ""
    """Account that the subsidy is paid to. Never logged, never in a sentence of ours."""


class GrantingAuthority(Model):
    """The local authority that grants the subsidy."""

    name: Text
    """Full name, e.g. "Métropole d'Exemple"."""
    short_name: Text
    """As the convention calls it, with its article: "la Métropole"."""
    legal_form: Text
    siret: Siret
    seat: Address
    executive_title: Text
    """Title of the executive with its article, e.g. "la Présidente" or "le Maire"."""
    court: Text
    """Administrative court that has jurisdiction, e.g. "Marseille"."""

    @model_validator(mode="after")
    def _title_has_article(self) -> Self:
        if not self.executive_title.lower().startswith(("la ", "le ", "l'", "l’")):
            raise ValueError("le titre de l'exécutif s'écrit avec son article : « la Présidente », « le Maire »")
        return self


DESK_SESSION = timedelta(hours=10)
"""How long one stays at the desk without giving one's key again."""


class Staff(Model):
    """Who acts at the desk: a name that evidence can cite."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9._-]{1,40}$")]
    name: Text
