"""Files that should not have come, at the door of the portal that runs: each is refused in clear French, by a stable
code and the right status, and nothing half-made remains."""

import asyncio
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pikepdf
import pytest
from scene import Scene
from temporalio.client import Client

from service import first_run
from service.demo import SAMPLE
from service.visitor import Desk

pytestmark = [pytest.mark.temporal, pytest.mark.libreoffice]

MB = 1024 * 1024


def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(SAMPLE) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return out.getvalue()


def scanned_pdf() -> bytes:
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    image = pdf.make_stream(zlib.compress(b"\xff" * 3 * 100 * 140))
    image.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=100, Height=140, BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceRGB, Filter=pikepdf.Name.FlateDecode,
    )  # fmt: skip
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
    page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Im Do Q")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def word_bomb() -> bytes:
    """A Word file of a few kilobytes whose text unpacks to 300 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            for _ in range(300):
                part.write(b" " * MB)
    return out.getvalue()


def rejected(paraphe: Scene) -> bytes:
    text = paraphe.deliberation().decode()
    changed = text.replace("mise aux voix est adoptée", "mise aux voix est rejetée")
    assert changed != text
    return changed.encode()


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
MENU = "Menu de la cantine, semaine 12.\nLundi : carottes râpées, hachis parmentier, yaourt.\n" * 20
REFUSED: dict[str, tuple[Callable[[Scene], bytes], str, int, str]] = {
    "not a deliberation": (lambda _: MENU.encode(), "menu.txt", 422, "not_a_deliberation"),
    "empty": (lambda _: b"", "vide.pdf", 422, "empty_file"),
    "locked": (lambda _: locked_pdf(), "protege.pdf", 422, "encrypted_pdf"),
    "scanned": (lambda _: scanned_pdf(), "numerise.pdf", 422, "scanned_pdf"),
    "picture called pdf": (lambda _: PNG, "deliberation.pdf", 415, "wrong_type"),
    "program": (lambda _: b"MZ\x90\x00" + b"\x00" * 300, "deliberation.exe", 415, "unsupported_type"),
    "truncated": (lambda _: SAMPLE.read_bytes()[:-2000], "coupe.pdf", 422, "damaged_file"),
    "zip bomb": (lambda _: word_bomb(), "bombe.docx", 422, "zip_bomb"),
    "rejected vote": (rejected, "rejetee.txt", 422, "deliberation_rejected"),
}


@contextmanager
def nothing_remains(paraphe: Scene) -> Iterator[None]:
    """What the block does leaves no circuit, no document and no workflow."""
    before = remains(paraphe)
    yield
    assert remains(paraphe) == before


def remains(paraphe: Scene) -> dict[str, set[str]]:
    store = Path(paraphe.settings.store)
    return {
        "circuits": {c.convention_id for c in paraphe.parts.register.conventions(limit=1000)},
        "documents": {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()},
        "workflows": asyncio.run(executions(paraphe)),
    }


async def executions(paraphe: Scene) -> set[str]:
    client = await Client.connect(paraphe.settings.temporal_address)
    return {f"{one.id}/{one.run_id}" async for one in client.list_workflows("")}


def post(paraphe: Scene, content: Any, content_type: str) -> httpx.Response:
    """A body as it is, to the door."""
    key = first_run.staff_key_file(paraphe.settings).read_text("utf-8").strip()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type}
    with httpx.Client(timeout=120, trust_env=False) as client:
        return client.post(f"{paraphe.settings.base_url}/api/v1/deliberations", content=content, headers=headers)


def multipart(name: bytes, content: bytes) -> tuple[bytes, str]:
    """A form with one file, its name as raw as can be."""
    head = b'--limit\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\n'
    return head + content + b"\r\n--limit--\r\n", "multipart/form-data; boundary=limit"


def memory(pid: int, what: str) -> int:
    """``VmRSS`` or ``VmHWM`` of a process, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what))


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_become_a_convention_is_refused_and_leaves_nothing(paraphe: Scene, case: str) -> None:
    make, name, status, code = REFUSED[case]
    content = make(paraphe)
    with nothing_remains(paraphe):
        answer = post(paraphe, *multipart(name.encode(), content))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["message"].endswith(".")
    assert len(problem["message"]) > 40, "it says what is wrong, and the mend"
    assert problem["next_actor"] == "legal_affairs"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measures memory by /proc")
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "not announced"])
def test_a_file_of_200_mb_is_refused_without_being_held_in_memory(paraphe: Scene, announced: bool) -> None:
    head, tail = multipart(b"enorme.pdf", b"\0")[0].split(b"\0")
    size = 200 * MB

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(size // MB):
            yield b"%" * MB
        yield tail

    pid = paraphe.stack.pid("portal")
    assert pid is not None
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the high-water mark starts anew (proc(5))
    before = memory(pid, "VmRSS")
    with nothing_remains(paraphe):
        answer = sent(paraphe, body(), size + len(head) + len(tail) if announced else None)
    assert paraphe.stack.pid("portal") == pid, "the portal is still the same process"
    assert memory(pid, "VmHWM") - before < 60 * MB
    assert answer is None or answer.status_code == 413
    if answer is not None:
        assert answer.json()["code"] == "too_large"
        assert "25 Mo" in answer.json()["message"].replace("\u00a0", " ").replace("\u202f", " ")


def sent(paraphe: Scene, body: Iterator[bytes], length: int | None) -> httpx.Response | None:
    """The answer; none when the portal hung up on us while we were still sending, as it may."""
    key = first_run.staff_key_file(paraphe.settings).read_text("utf-8").strip()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "multipart/form-data; boundary=limit"}
    if length is not None:
        headers["Content-Length"] = str(length)
    with httpx.Client(timeout=120, trust_env=False) as client:
        try:
            return client.post(f"{paraphe.settings.base_url}/api/v1/deliberations", content=body, headers=headers)
        except httpx.WriteError:
            return None


NAMES = {
    "path": b"../../../../../../etc/passwd",
    "windows path": b"..\\..\\windows\\win.ini",
    "nul": b"deli\x00beration.txt",
    "newlines": b"deli%0D%0ASet-Cookie: a=b%0A.txt",
    "escape": b"\x1b[31mrouge\x07.txt",
    "long": b"a" * 1000 + b".txt",
    "not utf-8": b"d\xe9lib\xe9ration.txt",
    "markup": b"<script>alert(1)</script>.txt",
}


@pytest.mark.parametrize("case", NAMES)
def test_a_hostile_name_does_no_harm_to_a_good_deliberation(paraphe: Scene, case: str) -> None:
    answer = post(paraphe, *multipart(NAMES[case], paraphe.deliberation()))
    assert answer.status_code == 201, answer.text
    convention = answer.json()["conventions"][0]["convention_id"]
    name = paraphe.desk.reading(convention)["source"]["name"]
    assert name.isprintable()
    assert "/" not in name
    assert "\\" not in name
    assert 0 < len(name) <= 200
    outside = [path for path in paraphe.settings.data_dir.parent.rglob("passwd*") if path.is_file()]
    assert outside == []


@pytest.mark.parametrize("case", NAMES)
def test_a_hostile_name_does_not_get_into_the_refusal(paraphe: Scene, case: str) -> None:
    with nothing_remains(paraphe):
        answer = post(paraphe, *multipart(NAMES[case], PNG))
    assert answer.status_code == 415, answer.text
    assert answer.json()["message"].isprintable()
    assert len(answer.json()["message"]) < 500


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "multipart/form-data; boundary=limit", 422),
        (b"--limit\r\nno header at all", "multipart/form-data; boundary=limit", 400),
        (b"--limit\r\n", "multipart/form-data", 400),
        (b"{}", "application/json", 422),
    ],
    ids=["no part", "broken part", "no boundary", "json"],
)
def test_a_broken_request_is_a_refusal_and_no_outage(
    paraphe: Scene, content: bytes, content_type: str, status: int
) -> None:
    with nothing_remains(paraphe):
        answer = post(paraphe, content, content_type)
    assert answer.status_code == status, answer.text
    assert answer.json()["code"]
    assert answer.json()["message"].endswith(".")


def test_eight_people_who_submit_the_same_deliberation_at_once_find_one_convention(paraphe: Scene) -> None:
    content = paraphe.deliberation()
    people = 8
    keys = [first_run.add_staff(paraphe.settings, f"agent-{os.urandom(4).hex()}", f"Agent {n}") for n in range(people)]

    def submit(key: str) -> dict[str, Any]:
        with Desk(paraphe.settings.base_url, key) as desk:
            return desk.submit(content, "deliberation.txt")

    before = len(paraphe.parts.register.conventions(limit=1000))
    with ThreadPoolExecutor(people) as pool:
        submissions = list(pool.map(submit, keys))
    found = {started["convention_id"] for submission in submissions for started in submission["conventions"]}
    assert len(found) == 1
    assert len(paraphe.parts.register.conventions(limit=1000)) == before + 1
    (convention,) = found
    paraphe.desk.wait(convention, lambda view: view["stage"] == "drafting")
    kinds = [entry.event.kind for entry in paraphe.parts.register.events(convention)]
    assert kinds == ["opened"]
