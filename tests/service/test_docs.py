"""The documentation says what is: every command, path, setting, dependency, field and code that it names exists."""

import ast
import json
import re
import tomllib
import types
from collections.abc import Iterator
from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
import typer.main
from pydantic import BaseModel

from domain.deliberation import Outcome, Reading
from domain.facts import Fact, FactStatus, Severity
from service.cli import app
from service.settings import ROOT, Settings

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "domain" / "GLOSSARY.md"]
ROOMS = r"domain|workflows|activities|portal|service|templates|tests|docs|scripts|docker"
CODE = re.compile(r"`([^`\n]+)`")


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def section(text: str, title: str) -> str:
    """From the heading ``title`` to the next one of its level or above."""
    start = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert start, title
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> Iterator[list[str]]:
    """Cells of the table rows whose first cell is code."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `"):
            yield cells


def coded(cell: str) -> list[str]:
    return CODE.findall(cell)


# Commands and paths


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), re.MULTILINE))
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    text = path.read_text("utf-8")
    samples = [*CODE.findall(text), *re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)]
    for sample in samples:
        for target in re.findall(r"\bmake ([a-z-]+)", sample):
            assert target in targets, sample
        for command in re.findall(r"(?:^|\s|/)paraphe ([a-z-]+)", sample):
            assert command in commands, sample


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_path_and_test_that_is_named_exists(path: Path) -> None:
    for name in CODE.findall(path.read_text("utf-8")):
        match = re.fullmatch(rf"((?:{ROOMS}|\.ci)/[\w./-]*|pyproject\.toml|requirements\.lock)(?:::(\w+))?", name)
        if match is None:
            continue
        assert (ROOT / match[1]).exists(), name
        if match[2]:
            assert re.search(rf"\bdef {match[2]}\(", page(match[1])), name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_and_image_leads_to_a_file(path: Path) -> None:
    text = path.read_text("utf-8")
    for target in [*re.findall(r"\]\(([^)#:]+)\)", text), *re.findall(r'src="([^":]+)"', text)]:
        assert (path.parent / target).exists(), target


def test_every_picture_has_an_alternative_text() -> None:
    pictures = re.findall(r"<img\b[^>]*>", page("README.md"))
    assert pictures
    assert all(re.search(r'alt="[^"]{20,}"', picture) for picture in pictures)


@pytest.mark.parametrize("name", ["README.md", "docs/guide.md", "docs/settings.md", "docs/limits.md"])
def test_no_line_of_a_french_page_can_break_before_its_punctuation(name: str) -> None:
    prose = re.sub(r"```.*?```", "", page(name), flags=re.DOTALL)
    assert not re.findall(r"[^\n|]* [:;?!»](?!\[)[^\n|]*|[^\n|]*« [^\n|]*", CODE.sub("`…`", prose))


# Settings


def test_every_setting_is_documented_with_its_default_and_no_other() -> None:
    text = page("docs/settings.md")
    others = section(text, "Hors de cette liste")
    documented = {cells[0].strip("`"): cells[1] for cells in rows(text.replace(others, ""))}
    expected = {f"PARAPHE_{name.upper()}": shown(field.default) for name, field in Settings.model_fields.items()}
    assert documented == expected


def test_every_other_variable_is_read_somewhere() -> None:
    sources = "".join(
        path.read_text("utf-8")
        for folder in ("service", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if path != Path(__file__)
    )
    for cells in rows(section(page("docs/settings.md"), "Hors de cette liste")):
        assert f'"{cells[0].strip("`")}"' in sources


def shown(default: Any) -> str:
    if hasattr(default, "get_secret_value"):
        default = default.get_secret_value()
    if default is None or default in ("", ()):
        return "–"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, tuple):
        return f"`{','.join(str(item) for item in default)}`"
    if isinstance(default, Path) and default.is_relative_to(ROOT):
        default = default.relative_to(ROOT)
    return f"`{default}`"


# Dependencies


@pytest.mark.parametrize(("title", "group"), [("Runtime", ""), ("Development", "dev")])
def test_every_direct_dependency_is_justified_and_no_other(title: str, group: str) -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    wanted = project["optional-dependencies"][group] if group else project["dependencies"]
    names = sorted(re.split(r"[\[<>=]", requirement)[0] for requirement in wanted)
    table = list(rows(section(page("docs/dependencies.md"), title)))
    assert sorted(cells[0].strip("`") for cells in table) == names
    assert all(len(cells) == 4 and all(cells) for cells in table), "why, licence and liveness"


# The shape of `paraphe read --json`


def test_every_field_of_a_reading_is_documented_and_no_other() -> None:
    documented = [cells[0].strip("`") for cells in rows(section(page("docs/paraphe-read.md"), "Fields"))]
    leaves = [name for name in documented if not any(other.startswith(f"{name}.") for other in documented)]
    assert sorted(leaves) == sorted(fields(Reading, ""))


def test_every_status_severity_and_outcome_is_documented() -> None:
    text = page("docs/paraphe-read.md")
    assert [cells[0].strip("`") for cells in rows(section(text, "A fact"))][: len(FactStatus)] == list(FactStatus)
    described = {cells[0].strip("`"): cells[2] for cells in rows(section(text, "Fields"))}
    choices: dict[str, type[StrEnum]] = {"acts[].outcome": Outcome, "acts[].findings[].severity": Severity}
    for field, kind in choices.items():
        assert coded(described[field]) == list(kind)


def test_every_finding_code_is_documented_with_its_severity_and_no_other() -> None:
    table = list(rows(section(page("docs/paraphe-read.md"), "Finding codes")))
    documented = {(code, cells[1]) for cells in table for code in coded(cells[0])}
    read = set(finding_codes())
    for code, severity in documented:
        assert any(re.fullmatch(pattern, code) and severity == known for pattern, known in read), code
    for pattern, severity in read:
        assert any(re.fullmatch(pattern, code) and severity == said for code, said in documented), pattern


def test_every_refusal_of_the_reader_is_documented_and_no_other() -> None:
    text = section(page("docs/paraphe-read.md"), "Exit codes")
    documented = set(coded(text[text.index("Refusals:") :]))
    raised = {
        node.args[0].value
        for path in [*(ROOT / "activities" / "reading").glob("*.py"), ROOT / "service" / "cli.py"]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (
            node.func.id in ("UnreadableDocument", "NotADeliberation")
            or (node.func.id == "_refuse" and path.name == "cli.py")
        )
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert documented == raised - {"no_temporal_server", "no_key", "unreachable", "unexpected_answer"}


def test_the_example_is_a_reading() -> None:
    example = re.search(r"```json\n(.*?)```", page("docs/paraphe-read.md"), re.DOTALL)
    assert example
    reading = Reading.model_validate(json.loads(example[1]))
    assert reading.acts[0].number.usable == "ECO 010-6552/19/BM"


def fields(model: type[BaseModel], prefix: str) -> Iterator[str]:
    """Paths of the JSON's leaves; a fact, and evidence, is one leaf."""
    for name, field in model.model_fields.items():
        path = prefix + (field.alias or name)
        kind, suffix = field.annotation, ""
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        if get_origin(kind) is tuple:
            kind, suffix = get_args(kind)[0], "[]"
        if get_args(kind)[1:] == (type(None),):
            kind = get_args(kind)[0]
        assert get_origin(kind) not in (Union, types.UnionType), "an optional field needs a thought here"
        if isinstance(kind, type) and issubclass(kind, BaseModel) and not issubclass(kind, Fact) and name != "evidence":
            yield from fields(kind, f"{path}{suffix}.")
        else:
            yield path + suffix


def finding_codes() -> Iterator[tuple[str, str]]:
    """Pattern of each code that the reader may give, and its severity."""
    for name in ("notes.py", "reader.py"):
        tree = ast.parse((ROOT / "activities" / "reading" / name).read_text("utf-8"))
        for call, scope in calls(tree, tree):
            severity = {"_blocking": "blocking", "_warning": "warning"}.get(getattr(call.func, "id", ""), "")
            code = call.args[0] if severity else None
            if getattr(call.func, "id", "") == "Finding":
                named = {keyword.arg: keyword.value for keyword in call.keywords}
                code, severity = named["code"], str(getattr(named["severity"], "attr", "")).lower()
            if code is not None and severity in list(Severity):  # our own helpers pass a severity on
                for pattern in patterns(code, scope, tree):
                    yield pattern, severity


def calls(node: ast.AST, scope: ast.AST) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Every call, with the innermost loop or function around it."""
    for child in ast.iter_child_nodes(node):
        inner = child if isinstance(child, ast.For | ast.FunctionDef) else scope
        if isinstance(child, ast.Call):
            yield child, inner
        yield from calls(child, inner)


def patterns(code: ast.expr, scope: ast.AST, tree: ast.Module) -> Iterator[str]:
    match code:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name):
            yield from assigned(name, scope, tree)
        case ast.JoinedStr(values=parts):
            yield from ("".join(chosen) for chosen in product(*(list(spelt(part, scope, tree)) for part in parts)))


def spelt(part: ast.expr, scope: ast.AST, tree: ast.Module) -> Iterator[str]:
    """What a piece of an f-string may become; a status of a fact may be any."""
    if isinstance(part, ast.FormattedValue):
        if ast.unparse(part.value).endswith(".status.value"):
            yield f"(?:{'|'.join(FactStatus)})"
        else:
            yield from patterns(part.value, scope, tree)
    else:
        yield from patterns(part, scope, tree)


def assigned(name: str, scope: ast.AST, tree: ast.Module) -> Iterator[str]:
    """What a loop or an assignment gives to ``name``, and the keys of the messages looked up by it."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            value = node.value
            for option in [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]:
                yield from patterns(option, scope, tree)
        if isinstance(node, ast.For) and name in names(node.target):
            for item in elements(node.iter, tree):
                if isinstance(item, ast.Tuple):
                    yield from patterns(item.elts[names(node.target).index(name)], scope, tree)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict) and names(node.slice) == [name]:
            for key in node.value.keys:
                if key is not None:
                    yield from patterns(key, scope, tree)


def elements(iterated: ast.expr, tree: ast.Module) -> list[ast.expr]:
    """Of a tuple that is looped over, written in place or under a name."""
    if isinstance(iterated, ast.Name):
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and names(node.target) == [iterated.id] and node.value is not None:
                return elements(node.value, tree)
    return iterated.elts if isinstance(iterated, ast.Tuple) else []


def names(node: ast.expr) -> list[str]:
    """Names in a target, in order."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return [part.id if isinstance(part, ast.Name) else "" for part in parts]
