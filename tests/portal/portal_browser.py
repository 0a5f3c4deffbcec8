"""A browser without a screen: it keeps cookies, finds the forms' tokens and sends forms."""

import re

import httpx
from fastapi import FastAPI
from portal_memory import Memory
from portal_samples import KEY

from domain.convention import Role

BASE = "https://testserver"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def csrf_of(page: httpx.Response) -> str:
    """The token of the page's forms."""
    found = CSRF.search(page.text)
    assert found, page.text
    return found[1]


class Browser(httpx.AsyncClient):
    """A client that keeps cookies and fills forms as a page gives them."""

    async def fill(self, page: str, action: str, /, **fields: str) -> httpx.Response:
        """Open ``page``, then send ``fields`` to ``action`` with the page's token."""
        token = csrf_of(await self.get(page))
        return await self.post(action, data={"csrf": token, **fields})

    async def log_in(self) -> "Browser":
        answer = await self.fill("/connexion", "/connexion", key=KEY)
        assert answer.status_code == 303, answer.text
        return self


def token_of(memory: Memory, role: Role) -> str:
    """The newest token sent to this side."""
    return [token for token, link in memory.tokens.items() if link.role is role][-1]


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every (method, path template) of the application."""
    found: set[tuple[str, str]] = set()
    for included in app.routes:
        for route in getattr(getattr(included, "original_router", None), "routes", [included]):
            for method in getattr(route, "methods", None) or ():
                found.add((method, route.path))
    return found
