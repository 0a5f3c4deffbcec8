"""The form of the archived evidence is published, and does not drift from what is written."""

import json
from pathlib import Path

from domain.chronicle import LABELS
from domain.dossier import schema
from portal.history import KINDS

PUBLISHED = Path(__file__).resolve().parent.parent.parent / "docs" / "evidence.schema.json"


def test_the_published_schema_is_that_of_the_evidence() -> None:
    assert json.loads(PUBLISHED.read_text("utf-8")) == schema()


def test_each_event_has_one_french_name_at_the_desk_and_in_the_evidence() -> None:
    assert {kind: label for kind, (label, _) in KINDS.items()} == LABELS
