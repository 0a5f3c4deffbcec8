"""The reader as Temporal calls it."""

import inspect
from decimal import Decimal
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.documents import DocumentStore
from activities.reading.activity import ReadingActivities
from domain.deliberation import Outcome, Reading
from domain.documents import JSON, TEXT
from domain.tasks import READ, ReadAnswer, ReadRequest

TEXT_OF_ACT = """EXTRAIT DU REGISTRE DES DÉLIBÉRATIONS DU CONSEIL MUNICIPAL
Commune de Valbrune
Séance du 12 mars 2024
Délibération n° 2024-031
OBJET : Subvention au Club Nautique

Vu le code général des collectivités territoriales,
Après en avoir délibéré, DÉCIDE :
- d'attribuer une subvention de 3 000 € au Club Nautique.
Adopté à l'unanimité.
"""


def run(store: DocumentStore, content: bytes, name: str) -> ReadAnswer:
    request = ReadRequest(document=store.put(content, TEXT), name=name)
    return ActivityEnvironment().run(ReadingActivities(store).read_deliberation, request)


def test_a_reading_is_stored_and_summed_up_and_a_retry_gives_the_same(tmp_path: Path) -> None:
    store = DocumentStore(str(tmp_path))
    answer = run(store, TEXT_OF_ACT.encode(), "deliberation.txt")
    assert answer == run(store, TEXT_OF_ACT.encode(), "deliberation.txt")
    [summary] = answer.acts
    assert (summary.number, summary.outcome, summary.authority) == ("2024-031", Outcome.ADOPTED, "Commune de Valbrune")
    [award] = summary.awards
    assert (award.ordinal, award.beneficiary, award.amount) == (1, "Club Nautique", Decimal(3000))
    assert answer.reading.media_type == JSON
    reading = Reading.model_validate_json(store.get(answer.reading))
    assert reading.acts[0].number.value == "2024-031"


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [(b"", "vide.pdf", "empty_file"), (b"Bonjour", "lettre.txt", "not_a_deliberation")],
)
def test_a_refusal_is_final_and_keeps_its_code_and_sentence(
    tmp_path: Path, content: bytes, name: str, code: str
) -> None:
    with pytest.raises(ApplicationError) as failure:
        run(DocumentStore(str(tmp_path)), content, name)
    assert (failure.value.type, failure.value.non_retryable) == (code, True)
    assert name in failure.value.message


def test_the_activity_answers_to_the_name_of_its_contract_and_is_not_async() -> None:
    method = ReadingActivities.read_deliberation
    assert vars(method)["__temporal_activity_definition"].name == READ.name
    assert not inspect.iscoroutinefunction(method)
