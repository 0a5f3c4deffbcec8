"""Who is at the other end: desk sessions, bearer keys, and proof that a form came from our own page."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from domain.errors import NotFound
from domain.parties import DESK_SESSION, Staff
from portal.failures import FormRefused, LoginNeeded, Unauthorised
from portal.limits import RateLimit
from portal.ports import StaffDirectory
from portal.settings import PortalSettings

SESSION_SECONDS: Final = int(DESK_SESSION.total_seconds())
"""The cookie goes when the session that it names has ended."""
CONVENTION_ID = re.compile(r"[0-9a-f]{16}-[0-9]{1,6}")

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Session:
    """A person at the desk."""

    staff: Staff
    csrf: str
    """What each form of this session must carry."""


@dataclass(frozen=True)
class Upload:
    """A file that was sent. Its name is only shown, never used as a path."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Posted:
    """A form that was sent: its text fields, normalised to NFC without control characters, and its file."""

    fields: Mapping[str, str]
    file: Upload | None

    def text(self, name: str) -> str:
        return self.fields.get(name, "").strip()


def derived(secret: str, purpose: str) -> str:
    """A token that only a holder of ``secret`` can make, and that does not reveal it."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


def client_of(request: Request) -> str:
    """The address that attempts are counted by."""
    return request.client.host if request.client else "unknown"


async def posted(request: Request) -> Posted:
    """Read the form; the body's limit bounds what is held. Repeated names keep their last value."""
    fields: dict[str, str] = {}
    file: Upload | None = None
    async with request.form(max_files=1, max_fields=300, max_part_size=64 * 1024) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                file = Upload((value.filename or "")[-200:], await value.read())
            else:
                fields[name] = unicodedata.normalize("NFC", _CONTROLS.sub("", value.replace("\r\n", "\n")))
    return Posted(fields, file)


def convention_id(value: str) -> str:
    """:raises NotFound: this cannot be the id of a convention."""
    if not CONVENTION_ID.fullmatch(value):
        raise NotFound("convention_unknown", "Cette convention n'existe pas. Vérifiez l'adresse.")
    return value


class Access:
    """Desk sessions and keys."""

    def __init__(self, directory: StaffDirectory, settings: PortalSettings) -> None:
        self._directory = directory
        self._settings = settings
        self._own = urlsplit(settings.base_url)
        self.attempts = RateLimit(calls=10, seconds=300)
        # __Host- binds the cookie to this very host, over TLS only (RFC 6265bis, 4.1.3.2).
        prefix = "__Host-" if settings.secure_cookies else ""
        self._cookie = f"{prefix}paraphe"
        self.entry_cookie = f"{prefix}paraphe-entree"

    async def person(self, request: Request) -> Session:
        """:raises LoginNeeded: nobody, or a session that ended."""
        token = request.cookies.get(self._cookie, "")
        staff = await run_in_threadpool(self._directory.by_session, token) if token else None
        if staff is None:
            raise LoginNeeded(request.url.path if request.method == "GET" else "/")
        return Session(staff, derived(token, "desk form"))

    async def form(self, request: Request, session: Session) -> Posted:
        """:raises FormRefused: the form does not come from a page of this session."""
        self.same_site(request)
        form = await posted(request)
        if not same(form.fields.get("csrf", ""), session.csrf):
            raise FormRefused(
                "form_expired",
                "Ce formulaire a été ouvert dans une autre session : rien n'a été enregistré. Revenez à la page,"
                " rechargez-la et recommencez.",
            )
        return form

    def same_site(self, request: Request) -> None:
        """Refuse what another site sent, by what browsers say of it. The tokens are the main guard; this is another.

        :raises FormRefused: ``foreign_form``.
        """
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        # With Referrer-Policy no-referrer, browsers send "Origin: null" even from our own pages (Fetch, 3.2).
        foreign = (
            site not in {"same-origin", "none"}
            if site is not None
            else origin not in {None, "null"}
            and urlsplit(origin or "").netloc not in {self._own.netloc, request.headers.get("host")}
        )
        if foreign:
            raise FormRefused("foreign_form", "Cette demande vient d'un autre site : elle est refusée.")

    async def by_key(self, key: str, client: str) -> Staff | None:
        """A right key always opens: many people may share one address (a town hall, a proxy), and 256 random bits are
        not found by trying.

        :raises TooManyAttempts: too many wrong keys from this client.
        """
        staff = await run_in_threadpool(self._directory.by_key, key) if 0 < len(key) <= 200 else None
        if staff is None:
            self.attempts.take(client)
        return staff

    async def bearer(self, request: Request, key: str | None) -> Staff:
        """:raises Unauthorised: no key, or a wrong one."""
        staff = await self.by_key(key, client_of(request)) if key else None
        if staff is None:
            raise Unauthorised(
                "unauthorised",
                "Cette action demande une clé d'accès valable, dans l'en-tête « Authorization: Bearer ».",
            )
        return staff

    async def open(self, response: Response, staff: Staff) -> None:
        token = await run_in_threadpool(self._directory.open_session, staff)
        response.set_cookie(
            self._cookie,
            token,
            max_age=SESSION_SECONDS,
            path="/",
            secure=self._settings.secure_cookies,
            httponly=True,
            samesite="lax",
        )

    async def close(self, request: Request, response: Response) -> None:
        token = request.cookies.get(self._cookie, "")
        if token:
            await run_in_threadpool(self._directory.close_session, token)
        response.delete_cookie(
            self._cookie, path="/", secure=self._settings.secure_cookies, httponly=True, samesite="lax"
        )
