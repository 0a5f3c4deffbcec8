"""The JSON API does what the desk does, and refuses in a form that programs can read."""

import httpx
import pytest
from portal_memory import Memory
from portal_samples import NUMBER, OFFICER, sample_facts

from domain.lifecycle import Stage

FACTS = sample_facts().model_dump(mode="json")
PROOF = {"receipt_id": "013-EX-DE", "received_at": "2019-10-02T10:30:00+02:00", "published_at": "2019-10-03"}


async def test_the_whole_way_to_the_signature(api: httpx.AsyncClient, memory: Memory) -> None:
    submitted = await api.post("/deliberations", files={"file": ("deliberation.txt", b"Une deliberation")})
    assert submitted.status_code == 201
    [started] = submitted.json()["conventions"]
    assert started["existing"] is False
    again = await api.post("/deliberations", files={"file": ("autre.txt", b"Une deliberation")})
    assert (again.status_code, again.json()["conventions"][0]["existing"]) == (200, True)
    at = f"/conventions/{started['convention_id']}"

    view = (await api.put(f"{at}/facts", json=FACTS)).json()
    assert view["stage"] == "review"
    refused = await api.post(f"{at}/sending")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_approved")
    changed = await api.post(f"{at}/changes", json={"reason": "Une faute"})
    assert changed.json()["stage"] == "drafting"
    digest = (await api.put(f"{at}/facts", json=FACTS)).json()["draft"]["pdf"]["sha256"]
    assert (await api.post(f"{at}/approval", json={"document_sha256": digest})).json()["stage"] == "approved"

    refused = await api.post(f"{at}/sending")
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "not_executory"
    assert "CGCT" in refused.json()["message"]
    assert refused.json()["next_actor"] == "legal_affairs"

    assert (await api.post(f"{at}/receipt", json=PROOF)).status_code == 200
    assert (await api.post(f"{at}/sending")).json()["stage"] == "signing_beneficiary"
    assert (await api.put(f"{at}/address", json={"email": "juste@cci.example.org"})).status_code == 200
    rows = (await api.get("/conventions", params={"stage": "signing_beneficiary", "q": "ECO 010"})).json()
    assert [row["deliberation_number"] for row in rows["conventions"]] == [NUMBER]
    assert rows["conventions"][0]["amount"] == "50000.00", "amounts are decimal strings"
    withdrawn = await api.post(f"{at}/withdrawal", json={"reason": "Erreur"})
    assert withdrawn.json()["stage"] == "withdrawn"
    assert len(memory.conventions) == 1


async def test_documents_and_pages_are_served(api: httpx.AsyncClient, sent: str) -> None:
    at = f"/conventions/{sent}"
    assert (await api.get(f"{at}/documents/docx")).content == b"PK docx"
    assert (await api.get(f"{at}/documents/pdf")).headers["content-type"] == "application/pdf"
    assert (await api.get(f"{at}/documents/reading")).json()["acts"][0]["number"]["value"] == NUMBER
    assert (await api.get(f"{at}/documents/deliberation")).content == b"Une deliberation"
    missing = await api.get(f"{at}/documents/signed")
    assert (missing.status_code, missing.json()["code"]) == (404, "document_missing")
    assert (await api.get(f"{at}/pages/3.png")).content.startswith(b"\x89PNG")
    assert (await api.get(f"{at}/pages/4.png")).status_code == 404


async def test_powers_are_written_and_read(api: httpx.AsyncClient) -> None:
    holder = FACTS["beneficiary"]["representative"]
    mandate = {"id": "m-1", "authority": "Métropole d'Exemple", "holder": holder, "start": "2018-09-20"}
    delegation = mandate | {
        "id": "d-1",
        "kind": "fonction",
        "order_number": "19/042",
        "order_date": "2019-01-02",
        "matters": ["subventions"],
        "ceiling": "100000.00",
    }
    recusal = {
        "id": "r-1",
        "authority": "Métropole d'Exemple",
        "person_email": "a@example.org",
        "beneficiary_siret": "73282932000074",
        "order_number": "19/050",
        "start": "2019-02-01",
    }
    for kind, entry in (("mandates", mandate), ("delegations", delegation), ("recusals", recusal)):
        assert (await api.get(f"/powers/{kind}")).json() == []
        assert (await api.post(f"/powers/{kind}", json=entry)).status_code == 201
        assert [known["id"] for known in (await api.get(f"/powers/{kind}")).json()] == [entry["id"]]
    for kind, entry, field in (
        ("mandates", mandate, "end"),
        ("delegations", delegation, "revoked_on"),
        ("recusals", recusal, "end"),
    ):
        at = f"/powers/{kind}/{entry['id']}/end"
        assert (await api.post(at, json={"day": "demain"})).status_code == 422
        assert (await api.post(at, json={"day": "2020-06-30"})).json()[field] == "2020-06-30"
        assert (await api.get(f"/powers/{kind}")).json()[0][field] == "2020-06-30"
        assert (await api.post(f"/powers/{kind}/autre/end", json={"day": "2020-06-30"})).status_code == 404
    traces = {trace["entry_id"]: trace for trace in (await api.get("/powers/traces")).json()}
    assert traces["d-1"]["added_by"] == OFFICER.model_dump()
    assert [ending["by"] for ending in traces["d-1"]["endings"]] == [OFFICER.model_dump()]
    refused = await api.post("/powers/delegations", json=delegation | {"kind": "executive"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_delegation")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nonsense", "Basic Y2xlOg==", "Bearer " + "x" * 9000])
async def test_nothing_is_told_without_a_valid_key(
    api: httpx.AsyncClient, memory: Memory, convention: str, header: str | None
) -> None:
    api.headers.pop("authorization")
    headers = {"authorization": header} if header is not None else {}
    calls = [
        ("POST", "/deliberations"),
        ("GET", "/conventions"),
        ("GET", f"/conventions/{convention}"),
        ("PUT", f"/conventions/{convention}/facts"),
        ("POST", f"/conventions/{convention}/sending"),
        ("GET", f"/conventions/{convention}/documents/reading"),
        ("POST", "/powers/mandates"),
    ]
    for method, path in calls:
        answer = await api.request(method, path, headers=headers)
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["code"] == "unauthorised"
    assert memory.changes == []


async def test_guessing_keys_is_slowed_down(api: httpx.AsyncClient) -> None:
    answers = [
        (await api.get("/conventions", headers={"authorization": f"Bearer essai-{n}"})).status_code for n in range(12)
    ]
    assert answers == [401] * 10 + [429] * 2


async def test_a_browser_session_is_no_key(api: httpx.AsyncClient, memory: Memory) -> None:
    token = memory.open_session(OFFICER)
    api.headers.pop("authorization")
    answer = await api.get("/conventions", headers={"cookie": f"__Host-paraphe={token}"})
    assert answer.status_code == 401, "so that no other site can act through a person's browser"


async def test_wrong_fields_are_named_in_french(api: httpx.AsyncClient, memory: Memory, convention: str) -> None:
    facts = FACTS | {"place": "", "beneficiary": FACTS["beneficiary"] | {"siret": "1"}, "invented": True}
    answer = await api.put(f"/conventions/{convention}/facts", json=facts)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["code"] == "invalid"
    assert {error["place"]: error["message"] for error in told["errors"]} == {
        "beneficiary.siret": "Ce numéro SIRET n'est pas valable (14 chiffres et clé de contrôle).",
        "place": "Ce champ est à remplir.",
        "invented": "Ce nom de champ est inconnu.",
    }
    assert memory.changes == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"reason": 1e999}', b'{"reason": "' + b"x" * 2001 + b'"}'],
)
async def test_a_body_that_cannot_be_read_is_refused(
    api: httpx.AsyncClient, memory: Memory, sent: str, content: bytes
) -> None:
    answer = await api.post(
        f"/conventions/{sent}/withdrawal", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] in {"invalid", "bad_request"}
    assert memory.conventions[sent].stage is Stage.SIGNING_BENEFICIARY


@pytest.mark.parametrize("id_", ["x", "0" * 16 + "-1", "..%2f..%2f", "%00", "a" * 3000])
async def test_an_unknown_convention_is_a_problem_too(api: httpx.AsyncClient, id_: str) -> None:
    answer = await api.get(f"/conventions/{id_}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 422, "empty_file"), (b"\x7fELF", 415, "wrong_type"), (b"recette", 422, "not_a_deliberation")],
)
async def test_a_file_that_cannot_be_taken_has_its_code(
    api: httpx.AsyncClient, memory: Memory, content: bytes, status: int, code: str
) -> None:
    answer = await api.post("/deliberations", files={"file": ("../../etc/passwd", content)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert memory.conventions == {}


async def test_verification_is_public(api: httpx.AsyncClient, memory: Memory) -> None:
    api.headers.pop("authorization")
    report = await api.post("/verify", files={"file": ("convention.pdf", b"%PDF-1.7")})
    assert report.json()["conclusion"] == "valid"
    assert (await api.post("/verify", files={"file": ("x.pdf", b"text")})).status_code == 415
    [entry] = (await api.get("/archive", params={"number": NUMBER})).json()
    assert set(entry) == {
        "deliberation_number",
        "convention_number",
        "beneficiary",
        "amount",
        "ending",
        "archived_at",
        "signed_sha256",
    }, "bodies and figures, no person"
    assert memory.changes == []


async def test_the_api_describes_itself(api: httpx.AsyncClient) -> None:
    described = (await api.get("/openapi.json")).json()
    assert set(described["paths"]) >= {"/api/v1/deliberations", "/api/v1/conventions/{id}/facts", "/api/v1/verify"}
    assert not [path for path in described["paths"] if not path.startswith("/api/v1/")], "the pages are not the API"
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"


async def test_an_outage_is_told_without_its_entrails(api: httpx.AsyncClient, memory: Memory, convention: str) -> None:
    memory.outage = RuntimeError("postgresql://user:secret@host")
    answer = await api.get(f"/conventions/{convention}")
    assert answer.status_code == 500
    assert answer.json()["code"] == "outage"
    assert answer.json()["next_actor"] == "operator"
    assert "secret" not in answer.text
    memory.outage = ConnectionError("temporal")
    assert (await api.get(f"/conventions/{convention}")).status_code == 503


async def test_a_right_key_opens_whatever_others_try_from_the_same_address(api: httpx.AsyncClient) -> None:
    for n in range(12):
        await api.get("/conventions", headers={"authorization": f"Bearer essai-{n}"})
    assert (await api.get("/conventions")).status_code == 200
