"""What no convention may leave with: blanks, tags, and values that are not where they should be."""

import io
import re
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from activities.drafting.language import prose
from activities.drafting.rendering import cleaned
from domain.amounts import in_figures, in_words
from domain.convention import DraftFacts
from domain.facts import Finding, Severity

_FAULTS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("template_tag_left", re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}"), "une balise du modèle n'a pas été remplie"),
    (
        "blank_left",
        re.compile(r"X{4,}|_{3,}|…|\.{4,}|-{3,}|\[\s*…?\s*\]|\[[^\]]*(?:compléter|préciser)[^\]]*\]", re.IGNORECASE),
        "un blanc reste à compléter",
    ),
    (
        "value_empty",
        re.compile(r"n°\s*(?:du\b|en date|[,;.)]|$)|en date du\s*(?:[,;.)]|$)|«\s*»|\(\s*\)|\bNone\b|,\s*,"),
        "une valeur est vide",
    ),
)


def lint(docx: bytes, facts: DraftFacts) -> tuple[Finding, ...]:
    """Blocking findings about a rendered Word file; none when it may be shown."""
    facts = cleaned(facts)
    lines = list(_lines(docx))
    values = sorted(set(_texts(facts.model_dump(mode="json", exclude={"sources"}))), key=len, reverse=True)
    findings: list[Finding] = []
    for line in lines:
        # The values themselves are not at fault here: what a person typed was checked before, and may hold a brace.
        masked = line
        for value in values:
            for written in {value, prose(value)}:
                masked = masked.replace(written, "§")
        for code, pattern, fault in _FAULTS:
            if pattern.search(masked):
                findings.append(_blocking(code, f"Dans le projet, {fault} : « {line[:120]} »."))
    text = _folded("\n".join(lines))
    for code, name, expected in (
        ("number_not_printed", "le numéro de la délibération", facts.deliberation.number),
        ("amount_not_printed", "le montant en chiffres", in_figures(facts.amount)),
        ("amount_not_printed", "le montant en lettres", in_words(facts.amount)),
        ("beneficiary_not_printed", "le nom du bénéficiaire", prose(facts.beneficiary.name)),
    ):
        if _folded(expected) not in text:
            findings.append(_blocking(code, f"Le modèle n'imprime pas {name}."))
    return tuple(findings)


def _lines(docx: bytes) -> Iterator[str]:
    """Text of each paragraph of the body, its tables, headers and footers; fields are left out."""
    document = Document(io.BytesIO(docx))
    roots = [document.element.body]
    for section in document.sections:
        roots += [section.header._element, section.footer._element]
    for root in roots:
        for paragraph in root.iter(qn("w:p")):
            yield "".join(node.text or "" for node in paragraph.iter(qn("w:t"))).strip()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) > 1:
            yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _blocking(code: str, message: str) -> Finding:
    return Finding(code=code, severity=Severity.BLOCKING, message=message)
