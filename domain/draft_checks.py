"""What is wrong with what people supplied, before any rule of law: sums, dates, blanks left to fill."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from domain.convention import SuppliedFacts
from domain.facts import Evidence, Finding, Severity
from domain.rules.words import euros

PLACEHOLDER = re.compile(
    r"X{4,}|_{3,}|\.{4,}|…\s*[./…]|\[\s*(?:…|\.{2,}|à\s|a\s+completer|nom|date|montant)[^\]]*\]|à\s+(?:compléter|préciser|définir)"
    r"|n°\s*(?:…|\.{2,}|$)|-{3,}|\{\{|\}\}|\{%|%\}|\{#|lorem ipsum|\bTODO\b|\bTBD\b",
    re.IGNORECASE,
)
"""What real conventions were published with, for want of somebody who looked; and template delimiters."""

_REPORT_MONTHS = 6
"""Loi n° 2000-321, art. 10: the financial report is due within six months."""
_USUAL_YEARS = 4
"""Circulaire 5811-SG of 29 September 2015: conventions of up to four years."""


def check_schedule(supplied: SuppliedFacts, amount: Decimal, evidence: tuple[Evidence, ...]) -> Iterator[Finding]:
    """The payments add up to the award, whose words ``evidence`` are."""
    if supplied.schedule.total != amount:
        yield blocking(
            "schedule_total_differs",
            f"L'échéancier totalise {euros(supplied.schedule.total)}, mais la subvention est de {euros(amount)} :"
            " corrigez les versements.",
            evidence,
        )


def check_term(supplied: SuppliedFacts, session: date, supplied_on: date) -> Iterator[Finding]:
    """The dates follow one another, and are usual.

    :param supplied_on: Paris day on which the facts were given: the nearest known to the notification, which a term
        without a start runs from.
    """
    term, report_due = supplied.term, supplied.report_due
    start = term.start or supplied_on
    if term.end <= session:
        yield blocking("term_ended", "La convention prendrait fin avant la séance qui l'a approuvée.")
    if term.start is not None and term.start < session:
        yield warning("term_before_session", "La convention prend effet avant la séance qui l'a approuvée.")
    if term.end > _months_after(start, 12 * _USUAL_YEARS):
        yield warning("term_long", "La convention dure plus de quatre ans : vérifiez la date de fin.")
    if report_due <= start:
        yield blocking(
            "report_due_before_start", "Le compte rendu financier serait dû avant le début de la convention."
        )
    elif report_due > _months_after(term.end, _REPORT_MONTHS):
        yield warning(
            "report_due_late",
            "Le compte rendu financier est demandé plus de six mois après la fin de la convention (loi n° 2000-321,"
            " art. 10).",
        )


def check_placeholders(supplied: SuppliedFacts) -> Iterator[Finding]:
    """No blank was left to fill in what will be printed."""
    # The register's answer is not printed, and not the person's words.
    for path, text in _texts(supplied.model_dump(mode="json", exclude={"company"}), ""):
        if match := PLACEHOLDER.search(text):
            yield blocking(
                "placeholder_text",
                f"Le champ « {path} » contient un blanc à compléter (« {match.group().strip()} ») : donnez sa valeur.",
            )


def blocking(code: str, message: str, evidence: tuple[Evidence, ...] = ()) -> Finding:
    return Finding(code=code, severity=Severity.BLOCKING, message=message, evidence=evidence)


def warning(code: str, message: str, evidence: tuple[Evidence, ...] = ()) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, message=message, evidence=evidence)


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for rank, item in enumerate(value, start=1):
            yield from _texts(item, f"{path}.{rank}")


def _months_after(day: date, months: int) -> date:
    """``day`` plus ``months``; on a month that is too short, its last day; at most the last day of the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
