"""The store of working documents."""

from datetime import timedelta
from pathlib import Path

import pytest

from activities.documents import DocumentStore, StoreDamaged
from domain.documents import PDF, reference
from domain.errors import NotFound, ParapheError


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


def test_the_same_store_by_url_in_s3(bucket: str) -> None:
    store = DocumentStore(bucket)
    ref = store.put(b"convention", PDF)
    assert store.put(b"convention", PDF) == ref
    assert DocumentStore(bucket).get(ref) == b"convention"
    with pytest.raises(NotFound):
        store.get(reference(b"absent", PDF))


def test_an_s3_that_is_not_there_is_an_outage_and_no_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    store = DocumentStore("s3://documents", retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=2)})
    with pytest.raises(Exception) as outage:  # noqa: PT011
        store.get(reference(b"x", PDF))
    assert not isinstance(outage.value, ParapheError)
