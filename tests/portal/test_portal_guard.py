"""What protects everybody: policies, origins, sizes, names, logs."""

import logging
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest
from portal_browser import BASE, Browser, csrf_of, routes_of, token_of
from portal_memory import Memory
from portal_samples import CODE, KEY, sample_facts

from domain.convention import Role
from domain.parties import DESK_SESSION, Staff
from portal.app import create_app
from portal.limits import FORM_BYTES, RateLimit, TooManyAttempts
from portal.settings import PortalSettings

NASTY = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}é œ € « »"


class Tags(HTMLParser):
    """Every element and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


async def test_every_answer_carries_the_policies(browser: Browser, token: str) -> None:
    for path in ("/connexion", "/", f"/s/{token}", "/verify", "/healthz", "/nowhere", "/api/v1/conventions"):
        headers = (await browser.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy, "no script at all"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["strict-transport-security"].startswith("max-age=31536000")
        assert headers["cache-control"] == "no-store"


async def test_the_sheet_is_ours_and_cached(browser: Browser) -> None:
    page = await browser.get("/connexion")
    sheet = next(attrs["href"] for tag, attrs in Tags(page.text).seen if tag == "link")
    assert sheet
    answer = await browser.get(sheet)
    assert answer.headers["content-type"].startswith("text/css")
    assert "max-age" in answer.headers["cache-control"]
    assert "url(" not in answer.text
    for path in ("/static/../app.py", "/static/%2e%2e/base.html", "/static/", "/static/absent.css"):
        assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("host", ["evil.example.org", "testserver.evil.example.org", "", "testserver@evil.example.org"])
async def test_another_host_name_is_refused(browser: Browser, host: str) -> None:
    assert (await browser.get("/connexion", headers={"host": host})).status_code == 400


async def test_no_get_of_any_route_changes_anything(browser: Browser, memory: Memory, sent: str, token: str) -> None:
    await browser.log_in()
    app = create_app(memory.ports(), PortalSettings(base_url=BASE))
    memory.changes.clear()
    before = dict(memory.conventions)
    key, _ = memory.examine(b"Une deliberation", "deliberation.txt")
    samples = {"{id}": sent, "{token}": token, "{kind}": "pdf", "{page}": "1", "{key}": key, "{deposit}": key}
    paths = {path for _, path in routes_of(app)}
    assert len(paths) > 40
    for path in paths:
        for name, value in samples.items():
            path = path.replace(name, value)
        for method in ("GET", "HEAD", "OPTIONS", "TRACE"):
            answer = await browser.request(method, path, headers={"authorization": f"Bearer {KEY}"})
            assert answer.status_code < 500, (method, path)
    assert memory.changes == []
    assert memory.conventions == before


async def test_no_form_of_the_desk_works_without_its_token(browser: Browser, memory: Memory, sent: str) -> None:
    await browser.log_in()
    memory.changes.clear()
    before = dict(memory.conventions)
    forms = sorted(
        path
        for method, path in routes_of(create_app(memory.ports(), PortalSettings(base_url=BASE)))
        if method == "POST" and not path.startswith(("/s/", "/api/", "/verify", "/connexion"))
    )
    assert len(forms) >= 10
    for path in forms:
        path = path.replace("{id}", sent).replace("{kind}", "mandats").replace("{key}", "0" * 64)
        for token in ("", "0" * 64, "é"):
            fields = {"csrf": token, "reason": "x", "email": "a@example.org", "document_sha256": "0" * 64}
            answer = await browser.post(path, data=fields)
            assert (answer.status_code, "form_expired" in answer.text) == (403, True), path
        assert (await browser.post(path, content=b"", headers={"content-type": "text/plain"})).status_code == 403
    assert memory.changes == []
    assert memory.conventions == before


async def test_a_token_of_another_session_is_refused(browser: Browser, memory: Memory, sent: str) -> None:
    await browser.log_in()
    stolen = csrf_of(await browser.get("/"))
    await browser.fill("/deconnexion", "/deconnexion")
    await browser.log_in()
    answer = await browser.post(f"/conventions/{sent}/retrait", data={"csrf": stolen, "reason": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://evil.example.org"}, 403),
        ({"origin": "null"}, 303),
        ({"origin": BASE}, 303),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
    ],
)
async def test_what_another_site_sends_is_refused(
    browser: Browser, memory: Memory, sent: str, token: str, headers: dict[str, str], status: int
) -> None:
    assert (await browser.post(f"/s/{token}/code", headers=headers)).status_code == status
    await browser.log_in()
    csrf = csrf_of(await browser.get("/"))
    answer = await browser.post(f"/conventions/{sent}/retrait", data={"csrf": csrf, "reason": "x"}, headers=headers)
    assert answer.status_code == status


async def test_login_needs_the_form_of_this_browser(browser: Browser, memory: Memory) -> None:
    csrf = csrf_of(await browser.get("/connexion"))
    browser.cookies.clear()
    assert (await browser.post("/connexion", data={"csrf": csrf, "key": KEY})).status_code == 403
    assert memory.sessions == {}


async def test_session_cookies_are_bound_to_the_host_and_hidden_from_scripts(browser: Browser) -> None:
    answer = await browser.fill("/connexion", "/connexion", key=KEY)
    [cookie] = [value for value in answer.headers.get_list("set-cookie") if "entree" not in value]
    assert cookie.startswith("__Host-paraphe=")
    for attribute in ("HttpOnly", "Secure", "Path=/", "SameSite=lax"):
        assert attribute in cookie
    age = re.search(r"Max-Age=(\d+)", cookie)
    assert age
    assert int(age[1]) <= DESK_SESSION.total_seconds(), "it does not outlive the session"


async def test_names_and_titles_cannot_bring_markup(browser: Browser, memory: Memory) -> None:
    memory.beneficiary = NASTY
    memory.title = NASTY
    staff = Staff(id="x", name=NASTY)
    opened = await memory.submit(b"Une deliberation", NASTY, staff)
    id_ = opened.conventions[0].convention_id
    facts = sample_facts()
    head = facts.beneficiary.representative.model_copy(update={"last_name": NASTY, "capacity": NASTY})
    beneficiary = facts.beneficiary.model_copy(update={"name": NASTY, "representative": head})
    await memory.supply_facts(id_, facts.model_copy(update={"beneficiary": beneficiary, "place": NASTY}), staff)
    await memory.request_changes(id_, NASTY, staff)
    memory.files.page_words = NASTY
    await browser.log_in()
    expected = {"iframe", "object", "embed", "svg"}
    for path in (
        "/",
        f"/conventions/{id_}",
        f"/conventions/{id_}/informations",
        f"/verify?numero={NASTY}",
        f"/?q={NASTY}",
    ):
        page = (await browser.get(path)).text
        assert "alert(1)" in page, "it is shown, as text"
        tags = Tags(page).seen
        assert not [tag for tag, _ in tags if tag in expected]
        scripts = [attrs for tag, attrs in tags if tag == "script"]
        assert len(scripts) == (path == f"/conventions/{id_}"), "our own, where words are selected"
        assert all((attrs["src"] or "").startswith("/static/source.js?v=") for attrs in scripts)
        assert not [name for _, attrs in tags for name in attrs if name.startswith("on") or name == "style"]
        assert "49é" not in page, "a template is never made of what people typed"


async def test_signing_pages_escape_names_too(browser: Browser, memory: Memory, token: str, sent: str) -> None:
    view = memory.conventions[sent]
    memory.conventions[sent] = view.model_copy(update={"title": NASTY, "beneficiary": NASTY})
    memory.files.page_words = NASTY
    tags = Tags((await browser.get(f"/s/{token}")).text).seen
    assert not [tag for tag, _ in tags if tag in {"script", "svg"}]
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on") or name == "style"]


async def huge(total: int, block: int = 1 << 16) -> AsyncIterator[bytes]:
    """A body made as it is read; how much was asked for is counted."""
    for _ in range(total // block):
        yield b"x" * block
        huge.taken += block  # type: ignore[attr-defined]


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("path", ["/verify", "/api/v1/verify", "/api/v1/deliberations", "/deliberations/nouvelle"])
async def test_a_file_of_200_mb_is_refused_early_in_french(
    browser: Browser, memory: Memory, path: str, accept: str
) -> None:
    huge.taken = 0  # type: ignore[attr-defined]
    answer = await browser.post(
        path,
        content=huge(200_000_000),
        headers={"accept": accept, "content-length": "200000000", "content-type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 413
    assert "trop volumineux" in answer.text
    assert "1\u00a0Mo" in answer.text
    if accept == "application/json":
        assert huge.taken == 0, "nothing of it was read"  # type: ignore[attr-defined]
    if path.startswith("/api/"):
        assert answer.json()["code"] == "too_large"
    assert memory.changes == []


async def test_a_file_that_hides_its_size_is_cut_off(api: httpx.AsyncClient, memory: Memory) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    huge.taken = 0  # type: ignore[attr-defined]

    async def body() -> AsyncIterator[bytes]:
        yield head
        async for block in huge(200_000_000):
            yield block

    answer = await api.post(
        "/verify", content=body(), headers={"content-type": "multipart/form-data; boundary=x", "accept": "*/*"}
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert huge.taken < 2_000_000, "the rest was not read"  # type: ignore[attr-defined]


async def test_forms_and_json_have_a_small_limit(browser: Browser, api: httpx.AsyncClient, token: str) -> None:
    answer = await browser.post(f"/s/{token}/refus", data={"reason": "x" * FORM_BYTES})
    assert answer.status_code == 413
    assert (await api.put("/conventions/x/facts", content=b"x" * (FORM_BYTES + 1))).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"--x--",
        b"\x00\xff" * 100,
        b"--x\r\n\r\n\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../etc/x"\r\n\r\n%PDF-1.7\r\n--x--\r\n',
    ],
)
async def test_hostile_uploads_never_break_the_service(browser: Browser, api: httpx.AsyncClient, body: bytes) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    for answer in (
        await browser.post("/verify", content=body, headers=headers),
        await api.post("/verify", content=body, headers=headers),
    ):
        assert answer.status_code in {200, 400, 415, 422}
        assert "etc" not in answer.text


async def test_too_many_fields_or_files_are_refused(browser: Browser) -> None:
    fields = {f"champ{n}": "x" for n in range(400)}
    answer = await browser.post("/verify", data=fields, files={"file": ("a", b"x")})
    assert answer.status_code == 400
    assert "ne se lit pas" in answer.text


async def test_the_log_names_routes_and_never_paths(
    browser: Browser, memory: Memory, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="paraphe")
    await browser.get(f"/s/{token}")
    await browser.post(f"/s/{token}/code")
    await browser.post(f"/s/{token}/verification", data={"code": CODE})
    await browser.get(f"/s/{token}/absent/{token}")
    await browser.get(f"/connexion?suite={token}")
    memory.outage = RuntimeError("down")
    assert (await browser.get(f"/s/{token}")).status_code == 500
    ours = [record for record in caplog.records if record.name.startswith("paraphe")]
    written = "\n".join(logging.Formatter("%(message)s").format(record) for record in ours)
    assert "GET /s/{token} 200" in written
    assert "POST /s/{token}/verification 303" in written
    assert "GET (unknown) 404" in written
    assert "incident" in written
    for secret in (token, CODE, "127.0.0.1", "example.org"):
        assert secret not in written


async def test_an_outage_is_a_calm_page_with_a_reference(browser: Browser, memory: Memory, token: str) -> None:
    memory.outage = TimeoutError("temporal://secret")
    answer = await browser.get(f"/s/{token}")
    assert answer.status_code == 503
    assert "Référence de l&#39;incident" in answer.text
    assert "secret" not in answer.text.replace(token, "")


async def test_readiness_tells_which_part_fails_and_not_why(browser: Browser, memory: Memory) -> None:
    assert (await browser.get("/healthz")).text == "ok\n"
    assert (await browser.get("/readyz")).json() == {"temporal": True, "register": True}
    memory.state = {"temporal": "connection to 10.0.0.1 refused", "register": True}
    answer = await browser.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"temporal": False, "register": True})


async def test_robots_are_kept_out(browser: Browser) -> None:
    assert "Disallow: /" in (await browser.get("/robots.txt")).text
    assert "noindex" in (await browser.get("/verify")).headers["x-robots-tag"]


async def test_every_page_can_be_used_by_keyboard_and_screen_reader(
    browser: Browser, memory: Memory, sent: str, token: str
) -> None:
    await browser.post(f"/s/{token}/code")
    await browser.post(f"/s/{token}/verification", data={"code": CODE})
    pages = [
        (await browser.get(path)).text for path in ("/connexion", "/verify", f"/s/{token}", f"/s/{token}?etape=code")
    ]
    await browser.log_in()
    desk = ("/", "/pouvoirs", "/deliberations/nouvelle", f"/conventions/{sent}", "/nowhere")
    pages += [(await browser.get(path)).text for path in desk]
    for page in pages:
        tags = Tags(page).seen
        assert ("html", {"lang": "fr"}) in tags
        names = [tag for tag, _ in tags]
        assert names.count("h1") == 1
        assert names.count("main") == 1
        assert ("a", {"class": "skip", "href": "#contenu"}) in tags
        ids = [attrs["id"] for _, attrs in tags if attrs.get("id")]
        assert len(ids) == len(set(ids)), "no id twice"
        labelled = {attrs.get("for") for tag, attrs in tags if tag == "label"}
        for tag, attrs in tags:
            if tag in {"input", "select", "textarea"} and attrs.get("type") != "hidden":
                assert attrs.get("id") in labelled, attrs
            for described in (attrs.get("aria-describedby") or attrs.get("aria-labelledby") or "").split():
                assert described in ids
            if tag == "img":
                assert attrs.get("alt")


def test_a_limit_forgets_after_its_time() -> None:
    now = [0.0]
    limit = RateLimit(2, 60, clock=lambda: now[0], keys=2)
    limit.take("a")
    limit.take("a")
    with pytest.raises(TooManyAttempts, match="1 minute"):
        limit.take("a")
    limit.take("b")
    now[0] = 61
    limit.take("a")


def test_a_limit_holds_a_bounded_number_of_keys() -> None:
    limit = RateLimit(1, 60, keys=3)
    for key in "abcdef":
        limit.take(key)
    assert len(limit._seen) == 3


async def test_the_demonstration_says_so(memory: Memory) -> None:
    for demo in (True, False):
        settings = PortalSettings(
            base_url="http://testserver", trusted_hosts=("testserver",), demo=demo, secure_cookies=False
        )
        transport = httpx.ASGITransport(create_app(memory.ports(), settings))
        async with Browser(transport=transport, base_url="http://testserver") as browser:
            page = await browser.get("/connexion")
            assert ("Démonstration" in page.text) is demo
            assert "strict-transport-security" not in page.headers
            await browser.log_in()
            assert (await browser.get("/")).status_code == 200


async def test_a_link_in_a_message_opens_without_a_session(browser: Browser, memory: Memory, token: str) -> None:
    assert token_of(memory, Role.BENEFICIARY) == token
    assert (await browser.get(f"/s/{token}")).status_code == 200
