"""Chromium, and what holds of every page, whatever it is for."""

import importlib.resources
import os
import shutil
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, Response
from servers import missing

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PATIENCE_MS = 30_000


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium."""
    program = shutil.which("chromium")
    if program is None:
        missing("Chromium is not installed (Debian: apt install chromium)")
    # The browser must find the loopback, whatever proxy this machine has.
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS), env=environment)


class Watched:
    """A browser window of one person; remembers whatever no page may do."""

    def __init__(self, browser: Browser, hosts: set[str], **options: Any) -> None:
        self._hosts = hosts
        self.problems: list[str] = []
        self.context: BrowserContext = browser.new_context(locale="fr-FR", timezone_id="Europe/Paris", **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.on("request", self._requested)
        self.context.on("response", self._answered)
        self.context.on("console", self._told)
        self.context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))

    def page(self) -> Page:
        return self.context.new_page()

    def _requested(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.netloc not in self._hosts:
            self.problems.append(f"request to another host: {request.url}")

    def _answered(self, response: Response) -> None:
        # A refused form is a page with its own status; a picture or a sheet that fails is a defect.
        document = response.request.resource_type == "document"
        if response.status >= 500 or (response.status >= 400 and not document):
            self.problems.append(f"{response.status} for {response.url}")

    def _told(self, message: ConsoleMessage) -> None:
        """Violations of the content security policy are told here too."""
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console {message.type}: {message.text}")


Visit = Callable[..., Page]
"""Opens a window: ``visit(PHONE)``; further options are those of a Playwright context."""

_AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def assert_sound(page: Page) -> None:
    """For everybody: no violation known to axe, no sideways scroll, every picture told in words and there."""
    where = f"« {page.title()} »"
    page.evaluate(_AXE)
    result = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", list(RULES))
    violations = [
        f"{found['id']}: {found['help']} {[node['html'][:160] for node in found['nodes']]}"
        for found in result["violations"]
    ]
    assert not violations, f"{where}\n" + "\n".join(violations)
    assert_fits(page)
    pictures = page.evaluate(
        "[...document.images].map(i => ({alt: i.alt, lost: i.complete && !i.naturalWidth && i.loading != 'lazy'}))"
    )
    assert all(picture["alt"] and not picture["lost"] for picture in pictures), f"{where}: {pictures}"


def assert_fits(page: Page) -> None:
    """Nothing is wider than the window (WCAG 2.1, 1.4.10)."""
    wide, window = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= window, f"« {page.title()} » scrolls sideways: {wide} px in {window}"


def focus_of(page: Page) -> str:
    """What the keyboard is on, and how its outline is drawn."""
    told: str = page.evaluate(
        "(() => { const e = document.activeElement, s = getComputedStyle(e);"
        " return [e.tagName, e.id || e.textContent.trim().slice(0, 60), s.outlineStyle, s.outlineWidth].join('|') })()"
    )
    return told
