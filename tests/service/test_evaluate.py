"""The judge of the reader, judged: a planted error is seen, counted, and stops ``make evaluate``."""

import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.deliberation import Act, Award, Outcome
from domain.facts import Fact, FactStatus
from service.evaluate import evaluate, main, passes, report
from service.evaluation import Kind, Verdict, found_share, judge, wrongs

ROOT = Path(__file__).parents[2]
TEXT = """Commune de Noirvent
EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS DU CONSEIL MUNICIPAL
Séance du 12 mars 2024
Délibération n° 2024-031
Objet : Subvention à l'association Les Amis du Port

Le Conseil municipal, après en avoir délibéré,
DÉCIDE :
Article 1 : Est attribuée une subvention de 5 000 € à l'association Les Amis du Port.
Article 2 : Le Maire est autorisé à signer la convention ci-annexée.

Adopté à l'unanimité.
"""
TRUTH: dict[str, Any] = {
    "file": "one.txt",
    "document_kind": "délibération",
    "authority": "Commune de Noirvent",
    "assembly": "Conseil municipal",
    "session_date": "2024-03-12",
    "deliberation_numbers": ["2024-031"],
    "object": "Subvention à l'association Les Amis du Port",
    "beneficiaries": [{"name": "association Les Amis du Port", "amount_eur": 5000.0}],
    "vote": {"outcome": "adopté à l'unanimité"},
    "signature_authorised_to": "Monsieur le Maire",
    "convention_approved": True,
    "budget_line": None,
    "certifier": None,
}


def found(value: object) -> Fact[Any]:
    return Fact[Any](value=value, status=FactStatus.FOUND)


def award(name: str | None, amount: str | None) -> Award:
    return Award(
        beneficiary=found(name) if name else Fact[str](),
        amount=found(Decimal(amount)) if amount else Fact[Decimal](),
    )


READ = Act(
    authority=found("Commune de Noirvent"),
    assembly=found("Conseil municipal"),
    session_date=found(date(2024, 3, 12)),
    number=found("2024-031"),
    title=found("Subvention à l’association les amis du port"),
    outcome=found(Outcome.ADOPTED),
    awards=(award("Les Amis du Port", "5000.00"),),
    convention_approved=found(True),
    signing_authority=found("Maire"),
)


def of(field: str, verdicts: list[Verdict]) -> list[Kind]:
    return [verdict.kind for verdict in verdicts if verdict.field == field]


def test_what_is_written_otherwise_and_says_the_same_is_right() -> None:
    verdicts = judge([READ], TRUTH)
    assert wrongs(verdicts) == []
    for field in ("title", "beneficiary", "amount", "signing_authority", "number", "session_date"):
        assert of(field, verdicts) == [Kind.RIGHT]
    assert of("unanimous", verdicts) == [Kind.MISSING]
    assert of("chapter", verdicts) == [Kind.SILENT]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("number", {"number": found("2024-013")}),
        ("session_date", {"session_date": found(date(2024, 3, 21))}),
        ("outcome", {"outcome": found(Outcome.REJECTED)}),
        ("amount", {"awards": (award("Les Amis du Port", "500.00"),)}),
        ("beneficiary", {"awards": (award("Les Amis du Parc", "5000.00"),)}),
        ("beneficiary", {"awards": (award("Les Amis du Port dont la dépense", "5000.00"),)}),
        ("amount", {"awards": (award("Les Amis du Port", "5000.00"), award("Les Amis du Port", "5000.00"))}),
        ("amount", {"awards": (award("Les Amis du Port", "5000.00"), award(None, "12000.00"))}),
        ("signing_authority", {"signing_authority": found("Présidente")}),
        ("certified_by", {"certified_by": found("Camille VALOIS")}),
        ("title", {"title": found("Subvention à l'association Les Amis du Port DÉCIDE")}),
    ],
)
def test_a_planted_wrong_value_is_seen(field: str, change: dict[str, object]) -> None:
    verdicts = judge([READ.model_copy(update=change)], TRUTH)
    assert field in {verdict.field for verdict in wrongs(verdicts)}
    assert passes(verdicts) == (field in ("certified_by", "title"))
    assert f"one.txt – {field} : lu" in report(verdicts)


@pytest.mark.parametrize("status", [FactStatus.AMBIGUOUS, FactStatus.CONFLICTING, FactStatus.MALFORMED])
def test_a_doubtful_value_is_missing_and_not_wrong(status: FactStatus) -> None:
    doubtful = Fact[str](value="2024-013", status=status)
    verdicts = judge([READ.model_copy(update={"number": doubtful})], TRUTH)
    assert of("number", verdicts) == [Kind.MISSING]
    assert wrongs(verdicts) == []


def test_what_nobody_read_by_hand_is_not_judged() -> None:
    less = {key: value for key, value in TRUTH.items() if key not in ("authority", "vote")}
    verdicts = judge([READ], less)
    assert of("authority", verdicts) == of("outcome", verdicts) == of("receipt.id", verdicts) == []
    assert of("certified_by", verdicts) == [Kind.SILENT]


def test_an_amount_that_the_document_does_not_settle_must_not_be_found() -> None:
    unsettled = TRUTH | {"beneficiaries": [{"name": "Les Amis du Port", "amount_eur": None}]}
    assert of("amount", judge([READ], unsettled)) == [Kind.WRONG]
    silent = READ.model_copy(update={"awards": (award("Les Amis du Port", None),)})
    assert of("amount", judge([silent], unsettled)) == [Kind.SILENT]


def test_each_act_of_minutes_is_held_against_its_own_facts() -> None:
    second = {
        "deliberation_numbers": ["2024-032"],
        "object": "Autre",
        "beneficiaries": [],
        "convention_approved": False,
    }
    minutes = {**TRUTH, "acts": [{}, second | {"signature_authorised_to": None}]}
    other = Act(number=found("2024-032"), title=found("Autre"), outcome=found(Outcome.ADOPTED))
    assert wrongs(judge([other, READ], minutes)) == []
    assert of("number", judge([READ], minutes)) == [Kind.RIGHT, Kind.MISSING]
    invented = Act(number=found("2024-099"))
    assert [verdict.field for verdict in wrongs(judge([other, READ, invented], minutes))] == ["acts"]


def test_a_file_that_is_no_deliberation_must_be_turned_away() -> None:
    order = TRUTH | {"refused": "not_a_deliberation"}
    assert of("refused", judge([], order)) == [Kind.RIGHT]
    assert of("refused", judge([READ], order)) == [Kind.WRONG]


def test_a_reader_that_finds_nothing_says_nothing_wrong_and_fails() -> None:
    verdicts = judge([Act()], TRUTH)
    assert wrongs(verdicts) == []
    assert found_share(verdicts) == 0
    assert not passes(verdicts)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    (tmp_path / "one.txt").write_text(TEXT, "utf-8")
    (tmp_path / "index.json").write_text(json.dumps([TRUTH]), "utf-8")
    return tmp_path


def test_any_folder_with_an_index_is_evaluated(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert found_share(evaluate(corpus)) == 1
    assert main([str(corpus)]) == 0
    assert "100,0% des faits énoncés" in capsys.readouterr().out


def test_one_false_fact_makes_the_command_fail(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planted = TRUTH | {"beneficiaries": [{"name": "Les Amis du Port", "amount_eur": 5001}]}
    (corpus / "index.json").write_text(json.dumps([planted]), "utf-8")
    assert main([str(corpus)]) == 1
    assert "FAUX  one.txt – amount" in capsys.readouterr().out


def test_an_index_of_another_shape_is_said_and_fails(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (corpus / "index.json").write_text('[{"name": "one.txt"}]', "utf-8")
    assert main([str(corpus)]) == 1
    assert "pas au format attendu" in capsys.readouterr().err


def test_the_figures_are_written_into_the_page(corpus: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Avant\n<!-- mesures -->vieux<!-- /mesures -->\nAprès\n", "utf-8")
    main([str(corpus), "--page", str(page)])
    text = page.read_text("utf-8")
    assert text.startswith("Avant\n")
    assert text.endswith("\nAprès\n")
    assert "| `number` | 1 sur 1 |" in text
    assert "vieux" not in text


def test_a_folder_that_was_asked_for_and_is_not_there_is_said_and_fails(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "service.evaluate", str(tmp_path / "nowhere")],
        cwd=ROOT, capture_output=True, text=True, env=os.environ, timeout=60,
    )  # fmt: skip
    assert run.returncode == 1
    assert "pas de fichier index.json" in run.stderr
