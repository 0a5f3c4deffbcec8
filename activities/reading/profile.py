"""What is particular to an authority, as data: a generic profile, and one file per authority that adds to it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from activities.reading.view import View, phrase

_FOLDER = Path(__file__).with_name("profiles")
_GENERIC = "generic"
_HEAD = 4000
"""An authority is recognised by what stands in this many first characters."""


@dataclass(frozen=True)
class Profile:
    """Rules of reading by name; see ``profiles/generic.toml`` for their language."""

    key: str
    name: str
    """Canonical name of the authority; empty in the generic profile."""
    match: tuple[str, ...]
    rules: dict[str, tuple[str, ...]]
    """``numbers``, ``titles``, ``budget.years``, ``receipt.sent``…: the profile's own rules, then the generic ones."""
    assemblies: tuple[tuple[str, str], ...]
    """Rule and canonical name of each assembly."""

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self.rules[name]


@cache
def profiles() -> dict[str, Profile]:
    """All profiles by key, the generic one last."""
    generic = _load(_FOLDER / f"{_GENERIC}.toml", None)
    keyed = {p.stem: _load(p, generic) for p in sorted(_FOLDER.glob("*.toml")) if p.stem != _GENERIC}
    return {**keyed, _GENERIC: generic}


def profile_for(view: View) -> Profile:
    """The profile of the authority that the head of the text names, or the generic one."""
    for profile in profiles().values():
        if any(phrase(rule).search(view.folded, 0, _HEAD) for rule in profile.match):
            return profile
    return profiles()[_GENERIC]


def _load(path: Path, generic: Profile | None) -> Profile:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    rules: dict[str, tuple[str, ...]] = {}
    for key, value in _flat(data):
        rules[key] = tuple(value)
    assemblies = tuple((entry["match"], entry["name"]) for entry in data.get("assemblies", ()))
    if generic is not None:
        unknown = rules.keys() - generic.rules.keys()
        if unknown:
            raise ValueError(f"{path.name}: unknown rules {sorted(unknown)}")
        rules = {key: (*rules.get(key, ()), *general) for key, general in generic.rules.items()}
        assemblies += generic.assemblies
    return Profile(path.stem, data["name"], tuple(data["match"]), rules, assemblies)


def _flat(data: dict[str, Any]) -> list[tuple[str, list[str]]]:
    flat: list[tuple[str, list[str]]] = []
    for key, value in data.items():
        if isinstance(value, dict):
            flat += [(f"{key}.{name}", rules) for name, rules in value.items()]
        elif key not in ("name", "match", "assemblies"):
            flat.append((key, value))
    return flat
