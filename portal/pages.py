"""The pages: Jinja templates of ``templates/pages``, escaped always, with the French filters."""

import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from starlette.responses import HTMLResponse

from domain.lifecycle import LABELS
from portal import french
from portal.settings import PortalSettings

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "pages"
STATIC = FOLDER / "static"

# Where a person may be sent after login: our own pages, never an address that somebody composed.
_RETURN = re.compile(r"/(?:conventions/[0-9a-f-]{1,40}(?:/informations)?|deliberations/nouvelle|pouvoirs)?")


class FrenchSpaces(Extension):
    """No-break spaces before ``: ; ? ! »`` and after ``«`` in what templates say, so that no line starts with them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return french.spaced(source)


class Pages:
    """Renders pages. Every value is escaped; an unknown name is an error, not a blank."""

    def __init__(self, settings: PortalSettings) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            extensions=[FrenchSpaces],
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            euros=french.euros,
            spaced=french.spaced,
            day=french.day,
            moment=french.moment,
            size=french.size,
            stage=LABELS.__getitem__,
            fact_status=french.FACT_STATUS.__getitem__,
            severity=french.SEVERITY.__getitem__,
            role=french.ROLE.__getitem__,
            next_actor=french.NEXT_ACTOR.__getitem__,
            power_kind=french.POWER_KIND.__getitem__,
            mail_kind=french.MAIL_KIND.__getitem__,
            shortened=french.shortened,
        )
        self._environment.globals.update(
            product=settings.product_name,
            demo=settings.demo,
            contact=settings.contact,
            style_version=_version("paraphe.css"),
            script_version=_version("source.js"),
            script=False,
            staff=None,
            csrf="",
            refresh=None,
            section="",
        )

    def render(
        self, name: str, status: int = 200, headers: dict[str, str] | None = None, /, **context: Any
    ) -> HTMLResponse:
        return HTMLResponse(self._environment.get_template(name).render(**context), status, headers)

    @staticmethod
    def login_url(path: str) -> str:
        return f"/connexion?suite={quote(path)}" if path != "/" and safe_return(path) == path else "/connexion"


def _version(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def safe_return(path: str) -> str:
    """``path`` when it is one of our own pages, else the desk's list (no open redirect)."""
    return path if _RETURN.fullmatch(path) else "/"
