"""Forms described as data, so that the page, the reading of what was typed and the errors agree.

A field is named by its path in the model, ``beneficiary.seat.city``: pydantic's errors then fall on the right field.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from portal.sentences import sentence

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    hint: str = ""
    kind: str = "text"
    """``text``, ``email``, ``date``, ``amount``, ``year``, ``area``, ``select`` or ``list`` (commas)."""
    required: bool = True
    options: tuple[tuple[str, str], ...] = ()
    wide: bool = False


@dataclass(frozen=True)
class Group:
    title: str
    fields: tuple[Field, ...]
    hint: str = ""


@dataclass
class Typed:
    """What was typed, and what is wrong with it, by field name."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def nested(fields: Iterable[Field], values: Mapping[str, str]) -> dict[str, Any]:
    """The typed values as the model's JSON; blank ones are left out, so that they count as missing."""
    data: dict[str, Any] = {}
    for item in fields:
        *path, leaf = item.name.split(".")
        place = data
        for step in path:
            place = place.setdefault(step, {})
        value = values.get(item.name, "").strip()
        if value:
            place[leaf] = read(item.kind, value)
    return data


def read(kind: str, value: str) -> Any:
    """A typed value as the model expects it: French figures and dates are understood."""
    if kind == "amount":
        return re.sub(r"[\s\u00a0\u202f€]", "", value).replace(",", ".")
    if kind == "date" and (french := re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", value)):
        day, month, year = french.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    if kind == "list":
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def validate(model: type[M], data: Mapping[str, Any], known: Mapping[str, str]) -> tuple[M | None, dict[str, str]]:
    """The model, or the errors by field name.

    :param known: where an error on a whole part is shown: ``{"term": "term.end"}``.
    """
    try:
        return model.model_validate(data), {}
    except ValidationError as refused:
        errors: dict[str, str] = {}
        for error in refused.errors():
            place = ".".join(str(step) for step in error["loc"])
            errors.setdefault(known.get(place, place), sentence(error))
        return None, errors


def flat(model: BaseModel) -> dict[str, str]:
    """The typed values that give ``model`` back."""
    values: dict[str, str] = {}

    def walk(prefix: str, value: Any) -> None:
        if isinstance(value, Mapping):
            for key, item in value.items():
                walk(f"{prefix}.{key}" if prefix else key, item)
        elif isinstance(value, list):
            if all(isinstance(item, str) for item in value):
                values[prefix] = ", ".join(value)
            else:
                for rank, item in enumerate(value):
                    walk(f"{prefix}.{rank}", item)
        elif value is not None:
            values[prefix] = str(value)

    walk("", model.model_dump(mode="json"))
    return values
