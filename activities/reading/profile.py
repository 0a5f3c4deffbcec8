"""What is particular to an authority, as data: a generic profile, and one file per authority that adds to it.

``docs/authority-profiles.md`` says how to write one. A profile that cannot be used is refused when it is loaded, with
its file, its rule and why: never when the first deliberation of that authority comes in.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from activities.reading.view import View, phrase, squeezed

_FOLDER = Path(__file__).with_name("profiles")
_GENERIC = "generic"
_HEAD = 4000
"""An authority is recognised by what stands in this many first characters."""
_GROUPS = {
    "match": "authority",
    "numbers": "number",
    "internal_numbers": "number",
    "cited_numbers": "number",
    "authorities": "authority",
    "sessions": "date",
    "titles": "title",
    "budget": "value",
    "receipt.ids": "value",
    "receipt": "date",
}
"""The named group that gives the fact, by rule or by its table; other rules only say where something stands."""
_LISTS = ("assemblies", "authority_forms")
_UNBOUNDED = re.compile(r"\((?:[^()\\]|\\.)*[*+](?:[^()\\]|\\.)*\)[*+]")
"""A repeated group that itself repeats: the common way for a pattern to take for ever."""


class InvalidProfile(ValueError):
    """A profile's file is wrong: the message, in French, names the file, the rule and what to mend."""


@dataclass(frozen=True)
class Assembly:
    """How an assembly is named in texts, and what it is called."""

    match: str
    name: str
    of: str = ""
    """What the folded name of its authority begins with; empty: anything."""
    first: bool = False
    """Tried before those that only their place in the text ranks."""


@dataclass(frozen=True)
class AuthorityForm:
    """A name made from what the text says."""

    match: str
    name: str
    """With ``{authority}`` where the words of the group stand."""


@dataclass(frozen=True)
class Profile:
    """Rules of reading by name; see ``profiles/generic.toml`` for their language."""

    key: str
    name: str
    """Canonical name of the authority; empty in the generic profile."""
    match: tuple[str, ...]
    rules: dict[str, tuple[str, ...]]
    """``numbers``, ``titles``, ``budget.years``, ``receipt.sent``…: the profile's own rules, then the generic ones."""
    assemblies: tuple[Assembly, ...]
    authority_forms: tuple[AuthorityForm, ...] = ()
    shapes: tuple[tuple[str, str], ...] = ()
    """What ``%NAME%`` stands for in a rule."""

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self.rules[name]


@cache
def profiles() -> dict[str, Profile]:
    """All profiles by key, the generic one last.

    :raises InvalidProfile: one of the files is wrong.
    """
    generic = load(_FOLDER / f"{_GENERIC}.toml", None)
    keyed = {p.stem: load(p, generic) for p in sorted(_FOLDER.glob("*.toml")) if p.stem != _GENERIC}
    return {**keyed, _GENERIC: generic}


def profile_for(view: View) -> Profile:
    """The profile of the authority that the head of the text names, or the generic one."""
    for profile in profiles().values():
        if any(phrase(rule).search(view.folded, 0, _HEAD) for rule in profile.match):
            return profile
    return profiles()[_GENERIC]


def load(path: Path, generic: Profile | None) -> Profile:
    """The profile of one file, over the generic one.

    :raises InvalidProfile: it is no TOML, a rule is unknown or badly written, or a name is missing.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidProfile(f"{path.name} : ce fichier n'est pas du TOML en UTF-8 ({problem}).") from problem
    shapes = tuple(data.pop("shapes", {}).items()) if generic is None else generic.shapes
    rules = {key: tuple(value) for key, value in _rules(path, data, shapes)}
    assemblies = tuple(_Entries(path, shapes).read(data, "assemblies", Assembly))
    forms = tuple(_Entries(path, shapes).read(data, "authority_forms", AuthorityForm))
    name, match = data.get("name"), rules.pop("match", ())
    if generic is not None:
        unknown = sorted(rules.keys() - generic.rules.keys())
        if unknown:
            raise InvalidProfile(
                f"{path.name} : règle inconnue « {unknown[0]} ». Règles possibles : "
                f"{', '.join(sorted((*generic.rules, *_LISTS)))}."
            )
        if not isinstance(name, str) or not name.strip():
            raise InvalidProfile(f"{path.name} : « name » doit donner le nom exact de la collectivité.")
        if not match:
            raise InvalidProfile(f"{path.name} : « match » doit dire à quoi la collectivité se reconnaît.")
        rules = {key: (*rules.get(key, ()), *general) for key, general in generic.rules.items()}
        assemblies += generic.assemblies
        forms += generic.authority_forms
    return Profile(path.stem, name or "", match, rules, assemblies, forms, shapes)


def _rules(path: Path, data: dict[str, Any], shapes: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, list[str]]]:
    for key, value in data.items():
        if key in ("name", *_LISTS):
            continue
        for name, rules in [(f"{key}.{n}", r) for n, r in value.items()] if isinstance(value, dict) else [(key, value)]:
            if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
                raise InvalidProfile(f"{path.name} : « {name} » doit être une liste de règles entre apostrophes.")
            yield name, [_checked(path, name, rule, shapes, _group(name)) for rule in rules]


def _group(name: str) -> str:
    return _GROUPS.get(name) or _GROUPS.get(name.split(".")[0], "")


def _checked(path: Path, name: str, rule: str, shapes: tuple[tuple[str, str], ...], group: str) -> str:
    """``rule`` with its shapes in place, if it can be used."""
    for shape, stands_for in shapes:
        rule = rule.replace(f"%{shape}%", stands_for)
    # Between brackets, a blank is one among other characters.
    rule = re.sub(r"(?<!\\)\[(?:[^\]\\]|\\.)*\]", lambda m: m[0].replace(" ", r"\x20"), rule)
    try:
        compiled = re.compile(squeezed(rule), re.MULTILINE)
    except re.error as problem:
        raise InvalidProfile(
            f"{path.name} : la règle « {rule} » de « {name} » est mal écrite ({problem})."
        ) from problem
    if group and group not in compiled.groupindex:
        raise InvalidProfile(
            f"{path.name} : la règle « {rule} » de « {name} » doit nommer ce qu'elle lit, (?P<{group}>…)."
        )
    if rule != rule.lower() and re.search(r"(?<!\\)(?<!\?)[A-ZÀ-Ý]", re.sub(r"\(\?P<\w+>|\\.", "", rule)):
        raise InvalidProfile(
            f"{path.name} : la règle « {rule} » de « {name} » contient des capitales ; le texte lu est en "
            f"minuscules sans accents."
        )
    if _UNBOUNDED.search(rule):
        raise InvalidProfile(
            f"{path.name} : la règle « {rule} » de « {name} » répète ce qui se répète déjà : sa lecture peut "
            f"ne jamais finir."
        )
    return rule


class _Entries:
    """Reads the lists of tables of a profile."""

    def __init__(self, path: Path, shapes: tuple[tuple[str, str], ...]) -> None:
        self._path = path
        self._shapes = shapes

    def read(self, data: dict[str, Any], key: str, kind: type) -> Iterator[Any]:
        known = {field.name for field in fields(kind)}
        for entry in data.get(key, ()):
            if not isinstance(entry, dict) or not {"match", "name"} <= entry.keys() <= known:
                raise InvalidProfile(
                    f"{self._path.name} : une entrée de « {key} » s'écrit avec {', '.join(sorted(known))} (« "
                    f"match » et « name » obligatoires)."
                )
            group = "authority" if kind is AuthorityForm else ""
            match = _checked(self._path, key, entry["match"], self._shapes, group)
            if entry.get("of"):
                _checked(self._path, key, entry["of"], self._shapes, "")
            yield kind(**{**entry, "match": match})
