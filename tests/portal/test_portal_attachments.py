"""The proof that a deliberation is executory may come with a file, told by its content."""

import httpx
import pytest
from portal_browser import Browser, csrf_of
from portal_memory import Memory
from portal_samples import png

from domain.documents import PDF, PNG, XML, DocumentRef
from portal.attachments import ATTACHMENT_BYTES

PROOF = {"receipt_id": "013-EX-DE", "received_at": "2019-10-02", "published_at": "2019-10-03"}
RECEIPT = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<actes:ARActe xmlns:actes="x">reçu</actes:ARActe>'.encode(
    "latin-1"
)
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]><a>&c;</a>'


async def attach(browser: Browser, id_: str, content: bytes, name: str = "accuse.pdf") -> httpx.Response:
    page = f"/conventions/{id_}"
    data = PROOF | {"csrf": csrf_of(await browser.get(page))}
    return await browser.post(f"{page}/preuve", data=data, files={"file": (name, content)})


def kept(memory: Memory, id_: str) -> DocumentRef | None:
    proof = memory.conventions[id_].proof
    return proof.document if proof else None


@pytest.mark.parametrize(
    ("content", "media_type", "suffix"),
    [
        (b"%PDF-1.7 tampon", PDF, "pdf"),
        (png(), PNG, "png"),
        (b"\xff\xd8\xff\xe0 JFIF", "image/jpeg", "jpg"),
        (RECEIPT, XML, "xml"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", XML, "xml"),
    ],
)
async def test_a_file_is_kept_with_the_proof_and_given_back(
    browser: Browser, memory: Memory, approved: str, content: bytes, media_type: str, suffix: str
) -> None:
    await browser.log_in()
    assert (await attach(browser, approved, content, "nom trompeur.exe")).status_code == 303
    ref = kept(memory, approved)
    assert ref is not None
    assert (ref.media_type, ref.size) == (media_type, len(content))
    page = f"/conventions/{approved}"
    assert f'href="{page}/documents/proof"' in (await browser.get(page)).text
    answer = await browser.get(f"{page}/documents/proof")
    assert answer.content == content
    assert answer.headers["content-disposition"] == f'attachment; filename="proof-2019-0001.{suffix}"'


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"MZ\x90", 415),
        (b"<html><script>alert(1)</script></html>", 415),
        (b"<?xml version='1.0'?><a>", 415),
        (b"<?xml version='1.0' encoding='nowhere'?><a/>", 415),
        (BOMB, 415),
        (b"<?xml version='1.0'?>" + b"<a>" * 200 + b"</a>" * 200, 415),
        (b"texte %PDF-1.7", 415),
        (b"%PDF-" + b"x" * ATTACHMENT_BYTES, 413),
        (b"%PDF-" + b"x" * (ATTACHMENT_BYTES + 100_000), 413),
    ],
)
async def test_a_file_that_cannot_be_a_receipt_is_refused_and_records_nothing(
    browser: Browser, memory: Memory, approved: str, content: bytes, status: int
) -> None:
    await browser.log_in()
    before = dict(memory.files.kept)
    answer = await attach(browser, approved, content)
    assert answer.status_code == status
    if status == 413:
        assert "10\u00a0Mo" in answer.text
    assert memory.conventions[approved].proof is None
    assert memory.files.kept == before


async def test_a_proof_corrected_without_a_file_keeps_the_first_one(
    browser: Browser, memory: Memory, approved: str
) -> None:
    await browser.log_in()
    await attach(browser, approved, b"%PDF-1.7 tampon")
    ref = kept(memory, approved)
    assert ref is not None
    page = f"/conventions/{approved}"
    # What a browser sends when no file was chosen, then a form without the field at all.
    assert (await attach(browser, approved, b"", "")).status_code == 303
    assert (await browser.fill(page, f"{page}/preuve", **PROOF)).status_code == 303
    assert kept(memory, approved) == ref
    assert (await attach(browser, approved, b"%PDF-1.7 meilleur")).status_code == 303
    assert kept(memory, approved) != ref


async def test_programs_store_the_file_first_and_name_it_in_the_receipt(
    api: httpx.AsyncClient, memory: Memory, approved: str
) -> None:
    at = f"/conventions/{approved}"
    assert (await api.get(f"{at}/documents/proof")).status_code == 404
    answer = await api.put(f"{at}/receipt-document", files={"file": ("ar.xml", RECEIPT)})
    assert answer.status_code == 200
    ref = answer.json()
    assert ref["media_type"] == XML
    assert kept(memory, approved) is None, "nothing is recorded yet"
    assert (await api.post(f"{at}/receipt", json=PROOF | {"document": ref})).status_code == 200
    assert (await api.get(f"{at}/documents/proof")).content == RECEIPT
    assert (await api.put(f"{at}/receipt-document", files={"file": ("x", b"MZ")})).status_code == 415
    unknown = await api.put("/conventions/0000000000000000-1/receipt-document", files={"file": ("x", RECEIPT)})
    assert unknown.status_code == 404


async def test_a_reference_that_could_not_be_archived_is_refused_at_once(
    api: httpx.AsyncClient, memory: Memory, approved: str
) -> None:
    at = f"/conventions/{approved}"
    ref = (await api.put(f"{at}/receipt-document", files={"file": ("ar.xml", RECEIPT)})).json()
    for change, code in (
        ({"sha256": "0" * 64}, "document_unknown"),
        ({"size": 1}, "document_differs"),
        ({"media_type": PDF}, "document_differs"),
    ):
        answer = await api.post(f"{at}/receipt", json=PROOF | {"document": ref | change})
        assert answer.json()["code"] == code
    deliberation = memory.conventions[approved].deliberation.model_dump(mode="json")
    answer = await api.post(f"{at}/receipt", json=PROOF | {"document": deliberation})
    assert answer.json()["code"] == "unsupported_type"
    assert memory.conventions[approved].proof is None
