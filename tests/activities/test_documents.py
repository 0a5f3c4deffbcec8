"""The store of working documents."""

from pathlib import Path

import pytest

from activities.documents import DocumentStore, StoreDamaged
from domain.documents import PDF, reference
from domain.errors import NotFound


def test_a_document_put_twice_is_kept_once_and_read_back(tmp_path: Path) -> None:
    store = DocumentStore(str(tmp_path))
    ref = store.put(b"convention", PDF)
    assert store.put(b"convention", PDF) == ref == reference(b"convention", PDF)
    assert store.get(ref) == b"convention"
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def test_an_unknown_document_is_refused_with_a_french_sentence(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refusal:
        DocumentStore(str(tmp_path)).get(reference(b"absent", PDF))
    assert refusal.value.code == "document_unknown"


def test_a_damaged_document_is_never_handed_out_and_can_be_put_again(tmp_path: Path) -> None:
    store = DocumentStore(str(tmp_path))
    ref = store.put(b"convention", PDF)
    (tmp_path / ref.sha256[:2] / ref.sha256).write_bytes(b"conv")
    with pytest.raises(StoreDamaged):
        store.get(ref)
    store.put(b"convention", PDF)
    assert store.get(ref) == b"convention"
