"""Remake the pictures of ``docs/images`` from a journey of the sample: ``.venv/bin/python scripts/screenshots.py``.

The stack is the one of ``make up``, in a folder of its own that is thrown away. Needs Chromium and poppler.
"""

import io
import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from service import first_run, sample  # noqa: E402
from service.catcher import Mailbox  # noqa: E402
from service.demo import SAMPLE  # noqa: E402
from service.settings import Settings  # noqa: E402
from service.stack import on_free_ports, running  # noqa: E402
from service.visitor import Desk, Signer  # noqa: E402

IMAGES = ROOT / "docs" / "images"
KILOBYTES = {"signature-telephone.png": 250, "convention-signatures.png": 150, "bureau.png": 250}


def main() -> None:
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        settings = on_free_ports(Settings(data_dir=Path(folder)))
        first_run.prepare(settings)
        environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"], env=environment
        )
        with running(settings):
            journey(settings, browser)
        browser.close()


def journey(settings: Settings, browser: Browser) -> None:
    """From the deliberation to the signed PDF, with a picture where something is worth seeing."""
    key = first_run.staff_key_file(settings).read_text("utf-8").strip()
    mailbox = Mailbox(settings.data_dir / "mails")
    with Desk(settings.base_url, key) as desk:
        convention = desk.submit(SAMPLE.read_bytes(), SAMPLE.name)["conventions"][0]["convention_id"]
        act = desk.reading(convention)["acts"][0]
        for kind, entry in sample.powers(act):
            desk.add_power(kind, entry)
        view = desk.view(convention)
        facts = {"beneficiary": view["beneficiary"], "amount": view["amount"]}
        desk.supply(convention, sample.supplied_facts(act, facts))
        view = desk.wait(convention, lambda v: v["stage"] == "review")
        keep("bureau.png", bureau(browser, settings.base_url, key, convention))
        desk.approve(convention, view["draft"]["pdf"]["sha256"])
        desk.record_receipt(convention, sample.proof(act))
        desk.send(convention)
        desk.wait(convention, lambda v: bool(v["signatories"]) and bool(v["signatories"][0]["asked_at"]))
        keep("signature-telephone.png", telephone(browser, link_of(settings, mailbox), mailbox))
        desk.wait(convention, lambda v: v["stage"] == "signing_authority")
        for line in Signer(settings.base_url, mailbox, sample.signatories(act)["authority"]["email"]).sign():
            print(line)
        desk.wait(convention, lambda v: v["stage"] == "completed")
        keep("convention-signatures.png", last_page(desk.document(convention, "signed")))


def bureau(browser: Browser, base_url: str, key: str, convention: str) -> bytes:
    """The desk's page of the convention: what is to be done, and the facts beside their sentences."""
    page = window(browser, {"width": 1280, "height": 900}, 1)
    page.goto(f"{base_url}/connexion?suite=/conventions/{convention}")
    page.get_by_label("Clé d'accès").fill(key)
    page.get_by_role("button", name="Entrer").click()
    page.get_by_role("heading", name="Ce que dit la délibération").wait_for()
    bottom = page.locator(".fact").nth(5).bounding_box()
    assert bottom is not None
    return page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": 1280, "height": bottom["y"]})


def telephone(browser: Browser, link: str, mailbox: Mailbox) -> bytes:
    """Sign on a phone; two screens side by side: what is to be signed, and the decision."""
    page = window(browser, {"width": 360, "height": 740}, 2)
    page.goto(link, wait_until="load")
    end = page.get_by_role("heading", name="La convention").bounding_box()
    assert end is not None
    left = page.screenshot(full_page=True, clip={"x": 0, "y": 0, "width": 360, "height": end["y"] - 12})
    page.get_by_role("button", name="Recevoir mon code").click()
    page.get_by_label("Code à six chiffres").fill(newest_code(mailbox))
    page.get_by_role("button", name="Vérifier le code").click()
    page.get_by_label("J'ai lu la convention").check()
    start = page.locator("#signer").bounding_box()
    assert start is not None
    top = start["y"] + page.evaluate("scrollY") - 12
    right = page.screenshot(full_page=True, clip={"x": 0, "y": top, "width": 360, "height": start["height"] + 24})
    page.get_by_role("button", name="Signer la convention").click()
    page.get_by_role("heading", name="Vous avez signé").wait_for()
    return side_by_side(left, right)


def side_by_side(*screens: bytes) -> bytes:
    """The screens on white, all as tall as the tallest, with a thin frame."""
    pictures = [Image.open(io.BytesIO(screen)).convert("RGB") for screen in screens]
    gap, height = 40, max(picture.height for picture in pictures)
    whole = Image.new("RGB", (sum(p.width for p in pictures) + gap * (len(pictures) + 1), height + 2 * gap), "white")
    for rank, picture in enumerate(pictures):
        x = gap + rank * (picture.width + gap)
        whole.paste("#d9d4c6", (x - 2, gap - 2, x + picture.width + 2, gap + height + 2))
        whole.paste(picture.getpixel((4, picture.height - 4)), (x, gap, x + picture.width, gap + height))
        whole.paste(picture, (x, gap))
    file = io.BytesIO()
    whole.save(file, "PNG")
    return file.getvalue()


def newest_code(mailbox: Mailbox) -> str:
    for name in reversed(mailbox.names()):
        message = mailbox.message(name)
        body = message.get_body(preferencelist=("plain",)) if message else None
        code = re.search(r"(?m)^\d{6}$", str(body.get_content()) if body else "")
        if code:
            return code[0]
    raise LookupError("no code in the mailbox")


def window(browser: Browser, size: Any, scale: int) -> Page:
    context = browser.new_context(viewport=size, device_scale_factor=scale, locale="fr-FR", timezone_id="Europe/Paris")
    return context.new_page()


def link_of(settings: Settings, mailbox: Mailbox) -> str:
    """The signing link of the first message."""
    while not mailbox.names():
        time.sleep(0.1)
    message = mailbox.message(mailbox.names()[0])
    body = message.get_body(preferencelist=("plain",)) if message else None
    found = re.search(rf"{re.escape(settings.base_url)}/s/\S+", body.get_content() if body else "")
    assert found
    return found[0]


def last_page(pdf: bytes) -> bytes:
    """The page of the signatures."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "signed.pdf")
        file.write_bytes(pdf)
        subprocess.run(["pdftoppm", "-r", "80", "-png", str(file), str(Path(folder, "page"))], check=True)
        return max(Path(folder).glob("page*.png")).read_bytes()


def keep(name: str, png: bytes) -> None:
    """Write the picture with a palette, under its limit."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    file = IMAGES / name
    picture.save(file, optimize=True)
    size = file.stat().st_size // 1000
    print(f"{file.relative_to(ROOT)}: {picture.width} × {picture.height}, {size} ko")
    assert size < KILOBYTES[name], f"{name} is too big"


if __name__ == "__main__":
    main()
