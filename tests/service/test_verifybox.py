"""Verifying what strangers send: a file made to block its reader blocks nobody."""

import time
from pathlib import Path

import pytest

from activities.signing.trust import Trust
from domain.verification import Conclusion
from service import box
from service.verifybox import verify_safely


def with_fields_that_share_their_children(depth: int) -> bytes:
    """A few kilobytes whose tree of fields has 2 ** ``depth`` paths: whoever walks them all never ends."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]/SigFlags 3>>>>",
        b"<</Type/Pages/Kids[]/Count 0>>",
        *(b"<</T(a)/Kids[%d 0 R %d 0 R]>>" % (4 + n, 4 + n) for n in range(depth)),
        b"<</T(z)/FT/Sig>>",
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, start))


def test_a_file_made_to_block_its_reader_is_given_up_and_said_unreadable() -> None:
    start = time.monotonic()
    report = verify_safely(with_fields_that_share_their_children(60), Trust(roots=()), seconds=4)
    assert time.monotonic() - start < 20
    assert report.conclusion is Conclusion.UNREADABLE
    assert not report.ours
    assert "limites de temps" in report.sentences[0]


def test_an_honest_file_is_verified_as_ever() -> None:
    report = verify_safely(with_fields_that_share_their_children(0), Trust(roots=()))
    assert report.conclusion is Conclusion.UNSIGNED


def test_the_reader_of_a_strangers_file_is_given_no_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "telling.py").write_text("import os; print(sorted(os.environ))")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PARAPHE_SMTP_PASSWORD", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    _, told = box.run("telling", (), b"", seconds=20, memory=1024**3)
    assert b"PATH" in told
    assert b"PASSWORD" not in told
    assert b"AWS" not in told
