"""Signing links: reading changes nothing, and only a proved person decides, on what was shown."""

import re

import pytest
from portal_browser import Browser, csrf_of, token_of
from portal_memory import Memory
from portal_samples import CHAIR, CODE, HEAD, NUMBER, OFFICER

from domain.convention import Role
from domain.lifecycle import Stage
from portal.signing import CONSENT


async def prove(browser: Browser, token: str) -> str:
    """Ask for the code, type it, and return the token of the forms that decide."""
    assert (await browser.post(f"/s/{token}/code")).status_code == 303
    answer = await browser.post(f"/s/{token}/verification", data={"code": CODE})
    assert answer.status_code == 303, answer.text
    return csrf_of(await browser.get(f"/s/{token}"))


async def sign(browser: Browser, memory: Memory, token: str, **changes: str) -> int:
    fields = {
        "csrf": await prove(browser, token),
        "document_sha256": memory.tokens[token].document,
        "agree": "yes",
    } | changes
    return (await browser.post(f"/s/{token}/signature", data=fields)).status_code


async def test_the_page_says_who_asks_what_of_whom_and_shows_the_exact_document(
    browser: Browser, memory: Memory, token: str
) -> None:
    page = await browser.get(f"/s/{token}")
    assert page.status_code == 200
    for words in (HEAD.full_name, NUMBER, "50\u202f000\u00a0€", "Métropole d&#39;Exemple", "Pour la Chambre"):
        assert words in page.text
    assert memory.tokens[token].document in page.text
    assert 'alt="Page 1 sur 3 de la convention' in page.text
    assert "l&#39;œuvre commune" in page.text, "the text alternative of the pages"


async def test_opening_a_link_in_any_way_changes_nothing(browser: Browser, memory: Memory, token: str) -> None:
    for path in ("", "/pages/1.png", "/convention.pdf", "?etape=code", "/code", "/signature", "/refus"):
        for method in ("GET", "HEAD", "OPTIONS"):
            await browser.request(method, f"/s/{token}{path}", headers={"sec-purpose": "prefetch"})
    assert memory.changes == []
    assert memory.evidence == []


async def test_head_answers_like_get_without_a_body(browser: Browser, token: str) -> None:
    answer = await browser.head(f"/s/{token}")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_person_who_proves_the_code_signs_what_was_shown(
    browser: Browser, memory: Memory, sent: str, token: str
) -> None:
    assert await sign(browser, memory, token) == 303
    [evidence] = memory.evidence
    assert evidence["challenge"] == "challenge-1"
    assert evidence["statement"] == CONSENT
    waiting = await browser.get(f"/s/{token}")
    assert "Signature en cours" in waiting.text
    assert '<meta http-equiv="refresh"' in waiting.text
    memory.finish_signature(sent)
    assert "Votre signature est enregistrée" in (await browser.get(f"/s/{token}")).text


async def test_a_page_that_waits_stops_reloading_itself(browser: Browser, memory: Memory, token: str) -> None:
    await sign(browser, memory, token)
    for count in ("20", "9999", "x", "-1"):
        page = await browser.get(f"/s/{token}?attente={count}")
        assert page.status_code == 200
        assert "http-equiv" not in page.text
        assert "Actualiser maintenant" in page.text


async def test_both_sign_and_download_the_countersigned_copy(
    browser: Browser, memory: Memory, sent: str, token: str
) -> None:
    await sign(browser, memory, token)
    memory.finish_signature(sent)
    deputy = token_of(memory, Role.AUTHORITY)
    assert await sign(browser, memory, deputy) == 303
    memory.finish_signature(sent)
    assert memory.conventions[sent].stage is Stage.COMPLETED
    for link in (token, deputy):
        assert "Tout le monde a signé" in (await browser.get(f"/s/{link}")).text
        copy = await browser.get(f"/s/{link}/convention-signee.pdf")
        assert copy.content == b"%PDF-1.7 signed by authority"
        assert copy.headers["content-disposition"] == 'attachment; filename="convention-signee-2019-0001.pdf"'


async def test_signing_twice_signs_once_and_shows_what_became_of_it(
    browser: Browser, memory: Memory, token: str
) -> None:
    csrf = await prove(browser, token)
    fields = {"csrf": csrf, "document_sha256": memory.tokens[token].document, "agree": "yes"}
    answers = [(await browser.post(f"/s/{token}/signature", data=fields)).status_code for _ in range(2)]
    assert answers == [303, 303]
    assert memory.changes.count("sign") == 1


async def test_refusing_twice_refuses_once(browser: Browser, memory: Memory, token: str) -> None:
    fields = {"csrf": await prove(browser, token), "reason": "Non"}
    answers = [(await browser.post(f"/s/{token}/refus", data=fields)).status_code for _ in range(2)]
    assert answers == [303, 303]
    assert memory.changes.count("refuse") == 1


async def test_nobody_signs_without_having_proved_the_code(browser: Browser, memory: Memory, token: str) -> None:
    fields = {"csrf": "0" * 64, "document_sha256": memory.tokens[token].document, "agree": "yes"}
    answer = await browser.post(f"/s/{token}/signature", data=fields)
    assert answer.status_code == 403
    assert "session_missing" in answer.text
    assert "sign" not in memory.changes


async def test_a_session_of_one_link_does_not_open_another(
    browser: Browser, memory: Memory, sent: str, token: str
) -> None:
    await sign(browser, memory, token)
    memory.finish_signature(sent)
    nonce = next(iter(memory.proofs))
    deputy = token_of(memory, Role.AUTHORITY)
    answer = await browser.post(
        f"/s/{deputy}/signature",
        headers={"cookie": f"__Secure-paraphe-signature={nonce}"},
        data={"csrf": "0" * 64, "document_sha256": memory.tokens[deputy].document, "agree": "yes"},
    )
    assert answer.status_code == 403
    assert memory.changes.count("sign") == 1


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"csrf": "0" * 64}, 403, "form_expired"),
        ({"agree": ""}, 422, "consent_missing"),
        ({"document_sha256": "0" * 64}, 409, "document_changed"),
        ({"document_sha256": "../../etc/passwd"}, 422, "digest_missing"),
        ({"document_sha256": ""}, 422, "digest_missing"),
    ],
)
async def test_a_signature_that_is_not_wholly_meant_is_refused(
    browser: Browser, memory: Memory, token: str, changes: dict[str, str], status: int, code: str
) -> None:
    fields = {
        "csrf": await prove(browser, token),
        "document_sha256": memory.tokens[token].document,
        "agree": "yes",
    } | changes
    answer = await browser.post(f"/s/{token}/signature", data=fields)
    assert (answer.status_code, code in answer.text) == (status, True)
    assert "sign" not in memory.changes


@pytest.mark.parametrize("code", ["654321", "12345", "abcdef", "", "１２３４５６", "123456789"])
async def test_a_wrong_code_opens_nothing(browser: Browser, memory: Memory, token: str, code: str) -> None:
    await browser.post(f"/s/{token}/code")
    answer = await browser.post(f"/s/{token}/verification", data={"code": code})
    assert answer.status_code in {403, 422}
    assert "set-cookie" not in answer.headers
    assert memory.proofs == {}


async def test_a_code_may_be_typed_with_spaces(browser: Browser, token: str) -> None:
    await browser.post(f"/s/{token}/code")
    answer = await browser.post(f"/s/{token}/verification", data={"code": " 123 456 "})
    assert answer.status_code == 303


async def test_the_proof_is_a_cookie_of_this_link_that_no_script_reads(browser: Browser, token: str) -> None:
    await browser.post(f"/s/{token}/code")
    answer = await browser.post(f"/s/{token}/verification", data={"code": CODE})
    cookie = answer.headers["set-cookie"]
    assert f"Path=/s/{token}" in cookie
    for attribute in ("HttpOnly", "Secure", "SameSite=strict", "Max-Age=1800"):
        assert attribute in cookie


async def test_guesses_at_the_code_are_slowed_down(browser: Browser, memory: Memory, token: str) -> None:
    answers = [
        (await browser.post(f"/s/{token}/verification", data={"code": f"{guess:06}"})).status_code
        for guess in range(20)
    ]
    assert answers[-1] == 429
    assert memory.changes.count("check_code") == 15


async def test_codes_are_not_sent_without_end(browser: Browser, memory: Memory, token: str) -> None:
    answers = [(await browser.post(f"/s/{token}/code")).status_code for _ in range(8)]
    assert answers[-1] == 429
    assert memory.changes.count("send_code") == 6


async def test_a_refused_address_is_told_to_the_person(browser: Browser, memory: Memory, token: str) -> None:
    memory.dead_addresses.add(HEAD.email)
    answer = await browser.post(f"/s/{token}/code")
    assert answer.status_code == 409
    assert "Le serveur de messagerie refuse cette adresse." in answer.text


async def test_a_refusal_needs_a_reason_and_ends_the_circuit(
    browser: Browser, memory: Memory, sent: str, token: str
) -> None:
    csrf = await prove(browser, token)
    assert (await browser.post(f"/s/{token}/refus", data={"csrf": csrf, "reason": " "})).status_code == 422
    answer = await browser.post(f"/s/{token}/refus", data={"csrf": csrf, "reason": "L'échéancier ne convient pas."})
    assert answer.status_code == 303
    assert memory.conventions[sent].stage is Stage.REFUSED
    assert memory.conventions[sent].reason == "L'échéancier ne convient pas."
    assert "Convention refusée" in (await browser.get(f"/s/{token}")).text


async def test_a_reason_is_not_lost_when_the_session_ended(browser: Browser, memory: Memory, token: str) -> None:
    csrf = await prove(browser, token)
    memory.proofs.clear()
    answer = await browser.post(f"/s/{token}/refus", data={"csrf": csrf, "reason": "Un motif"})
    assert answer.status_code == 403
    assert "refuse" not in memory.changes


async def test_the_delegate_hands_over_only_to_somebody_who_holds_the_power(
    browser: Browser, memory: Memory, sent: str, token: str
) -> None:
    await sign(browser, memory, token)
    memory.finish_signature(sent)
    deputy = token_of(memory, Role.AUTHORITY)
    csrf = await prove(browser, deputy)
    for stranger in ("stranger@example.org", "", HEAD.email):
        answer = await browser.post(f"/s/{deputy}/transmission", data={"csrf": csrf, "candidate": stranger})
        assert (answer.status_code, "candidate_unknown" in answer.text) == (409, True)
    answer = await browser.post(f"/s/{deputy}/transmission", data={"csrf": csrf, "candidate": CHAIR.email})
    assert answer.status_code == 303
    assert "Lien remplacé" in (await browser.get(f"/s/{deputy}")).text
    assert memory.tokens[token_of(memory, Role.AUTHORITY)].signatory.person == CHAIR


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.REFUSED, "Convention refusée"),
        (Stage.EXPIRED, "Délai de signature dépassé"),
        (Stage.WITHDRAWN, "Convention retirée"),
    ],
)
async def test_an_ended_convention_says_so_and_offers_no_signature(
    browser: Browser, memory: Memory, sent: str, token: str, stage: Stage, words: str
) -> None:
    memory.conventions[sent] = memory.conventions[sent].model_copy(update={"stage": stage})
    page = await browser.get(f"/s/{token}")
    assert words in page.text
    assert "<button" not in page.text
    assert (await browser.post(f"/s/{token}/code")).status_code == 303
    assert memory.changes == [], "no code is sent for nothing"


async def test_a_power_that_ended_is_explained(browser: Browser, memory: Memory, token: str) -> None:
    memory.power_ended = True
    assert "Pouvoir de signature terminé" in (await browser.get(f"/s/{token}")).text


async def test_a_power_that_ends_between_reading_and_signing_stops_the_signature(
    browser: Browser, memory: Memory, token: str
) -> None:
    csrf = await prove(browser, token)
    memory.power_ended = True
    fields = {"csrf": csrf, "document_sha256": memory.tokens[token].document, "agree": "yes"}
    answer = await browser.post(f"/s/{token}/signature", data=fields)
    assert (answer.status_code, "power_ended" in answer.text) == (409, True)


async def test_a_dead_link_is_never_ready(browser: Browser, memory: Memory, token: str) -> None:
    memory.tokens[token] = memory.tokens[token].model_copy(update={"dead": "Ce lien a été remplacé."})
    assert "Lien remplacé" in (await browser.get(f"/s/{token}")).text


@pytest.mark.parametrize("token", ["x", "jeton-qui-n-existe-pas", "..%2f..%2fetc%2fpasswd", "a" * 5000, "%00" * 20])
async def test_an_unknown_link_is_a_plain_404(browser: Browser, memory: Memory, token: str) -> None:
    for path in ("", "/pages/1.png", "/convention.pdf"):
        assert (await browser.get(f"/s/{token}{path}")).status_code == 404
    for path in ("code", "verification", "signature", "refus", "transmission"):
        assert (await browser.post(f"/s/{token}/{path}", data={"code": CODE})).status_code == 404
    assert memory.changes == []


async def test_unknown_links_cannot_be_searched_for(browser: Browser, token: str) -> None:
    for guess in range(60):
        await browser.get(f"/s/jeton-devine-{guess:06}")
    assert (await browser.get("/s/jeton-devine-000061")).status_code == 429


@pytest.mark.parametrize("page", ["0", "4", "99999", "-1", "x", "1%0a"])
async def test_pages_that_do_not_exist_are_not_found(browser: Browser, token: str, page: str) -> None:
    assert (await browser.get(f"/s/{token}/pages/{page}.png")).status_code == 404


async def test_the_secret_stays_out_of_titles_and_of_what_other_sites_learn(browser: Browser, token: str) -> None:
    page = await browser.get(f"/s/{token}")
    title = re.search("<title>(.*?)</title>", page.text)
    assert title
    assert token not in title[1]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    assert not re.findall(r'(?:href|src|action)="https?://', page.text), "nothing from elsewhere"


async def test_a_good_link_opens_whatever_others_try_from_the_same_address(browser: Browser, token: str) -> None:
    for guess in range(61):
        await browser.get(f"/s/jeton-devine-{guess:06}")
    assert (await browser.get(f"/s/{token}")).status_code == 200


async def test_whoever_was_written_to_by_mistake_reads_nothing_once_the_address_is_corrected(
    browser: Browser, memory: Memory, sent: str, token: str
) -> None:
    text = "l&#39;œuvre commune"
    assert text in (await browser.get(f"/s/{token}")).text
    await memory.correct_address(sent, "la-bonne-adresse@example.org", OFFICER)
    page = await browser.get(f"/s/{token}")
    assert "Lien remplacé" in page.text
    assert text not in page.text
    for path in ("pages/1.png", "convention.pdf", "convention-signee.pdf"):
        assert (await browser.get(f"/s/{token}/{path}")).status_code == 410, path
    assert (await browser.get(f"/s/{token_of(memory, Role.BENEFICIARY)}/convention.pdf")).status_code == 200
