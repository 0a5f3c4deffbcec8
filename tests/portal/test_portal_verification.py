"""Anybody checks a convention, years later, without an account."""

from portal_browser import Browser
from portal_memory import Memory
from portal_samples import NUMBER


async def test_a_file_is_checked_and_explained(browser: Browser, memory: Memory) -> None:
    answer = await browser.post("/verify", files={"file": ("convention.pdf", b"%PDF-1.7 signed")})
    assert answer.status_code == 200
    for words in (
        "Les signatures sont valables",
        "Noël Œuvrard &lt;b&gt;",
        "certificat de test, sans valeur juridique",
        "14\u00a0octobre\u00a02019 à\u00a010\u00a0h\u00a000, certifiée par Horodatage de test",
        "PAdES B-T",
        "Le fichier n&#39;a pas été conservé.",
    ):
        assert words in answer.text.replace("n'a", "n&#39;a"), words
    assert memory.changes == []


async def test_what_is_not_a_pdf_is_refused_in_french(browser: Browser) -> None:
    answer = await browser.post("/verify", files={"file": ("convention.pdf", b"PK\x03\x04")})
    assert (answer.status_code, "n&#39;est pas un PDF" in answer.text) == (415, True)
    answer = await browser.post("/verify", data={})
    assert (answer.status_code, "Aucun fichier" in answer.text) == (422, True)


async def test_a_number_gives_what_is_public_and_no_person(browser: Browser) -> None:
    for number in (NUMBER, "eco 010 6552 19 bm", "2019-0001"):
        page = (await browser.get("/verify", params={"numero": number})).text
        for words in ("Convention 2019-0001", "Terminée", "50\u202f000\u00a0€", "ab" * 32):
            assert words in page
        assert "Œuvrard" not in page
        assert "@" not in page.split("<main")[1].split("</main>")[0]


async def test_an_unknown_number_is_said(browser: Browser) -> None:
    page = (await browser.get("/verify", params={"numero": "<b>999"})).text
    assert "Aucune convention archivée" in page
    assert "<b>999" not in page


async def test_checking_is_paced(browser: Browser) -> None:
    answers = [(await browser.get("/verify", params={"numero": str(n)})).status_code for n in range(31)]
    assert answers == [200] * 30 + [429]
