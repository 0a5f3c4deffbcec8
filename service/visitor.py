"""People at the doors of the portal: an officer with an access key, and a signatory with a mailbox and a browser.

Both go on when the portal or its worker stops for a while: they look where things stand and try again, as people do.
"""

import re
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
from lxml import html

from service.catcher import Mailbox

PATIENCE = 180.0
"""Seconds before somebody gives up."""
PAUSE = 0.25
CODE_PATIENCE = 35.0
"""Before another code is asked for: a little more than the portal wants between two."""
CODE_PAUSE = 5.0

View = dict[str, Any]
T = TypeVar("T")


class Refusal(Exception):
    """The portal said no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message


class NotNow(Exception):
    """The portal does not answer, or says it cannot now."""


class Desk:
    """A legal affairs officer, by the JSON API."""

    def __init__(self, base_url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=f"{base_url}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._http.close()

    def submit(self, content: bytes, name: str) -> View:
        return self._patiently(lambda: self._call("POST", "/deliberations", files={"file": (name, content)}))

    def view(self, convention: str) -> View:
        return self._patiently(lambda: self._call("GET", f"/conventions/{convention}"))

    def document(self, convention: str, kind: str) -> bytes:
        """``docx``, ``pdf``, ``signed``, ``evidence``, ``reading`` or ``deliberation``."""
        return self._patiently(lambda: self._send("GET", f"/conventions/{convention}/documents/{kind}").content)

    def reading(self, convention: str) -> View:
        answer: View = httpx.Response(200, content=self.document(convention, "reading")).json()
        return answer

    def add_power(self, kind: str, entry: View) -> None:
        self._patiently(lambda: self._call("POST", f"/powers/{kind}", json=entry))

    def supply(self, convention: str, facts: View) -> None:
        self._until(
            convention,
            lambda: self._call("PUT", f"/conventions/{convention}/facts", json=facts),
            lambda view: view["supplied"] is not None,
        )

    def approve(self, convention: str, document: str) -> None:
        self._until(
            convention,
            lambda: self._call("POST", f"/conventions/{convention}/approval", json={"document_sha256": document}),
            lambda view: view["stage"] != "review",
        )

    def refused_sending(self, convention: str) -> Refusal:
        """The refusal that an early sending meets.

        :raises Refusal: it was not refused.
        """
        try:
            self._patiently(lambda: self._call("POST", f"/conventions/{convention}/sending"))
        except Refusal as refusal:
            return refusal
        raise Refusal("sent_too_early", "L'envoi aurait dû être refusé.")

    def record_receipt(self, convention: str, proof: View) -> None:
        self._until(
            convention,
            lambda: self._call("POST", f"/conventions/{convention}/receipt", json=proof),
            lambda view: view["proof"] is not None,
        )

    def send(self, convention: str) -> None:
        self._until(
            convention,
            lambda: self._call("POST", f"/conventions/{convention}/sending"),
            lambda view: view["stage"] != "approved",
        )

    def wait(self, convention: str, reached: Callable[[View], bool]) -> View:
        """The view, once ``reached``.

        :raises Refusal: it never was.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            view = self.view(convention)
            if reached(view):
                return view
            if time.monotonic() > deadline:
                what = view["attention"] or f"étape : {view['stage']}"
                raise Refusal("no_progress", f"La convention n'avance plus ({what})")
            time.sleep(PAUSE)

    def _until(self, convention: str, act: Callable[[], Any], reached: Callable[[View], bool]) -> None:
        """Act, unless it was done: an answer can be lost on the way although the act was taken in."""

        def attempt() -> None:
            if reached(self._call("GET", f"/conventions/{convention}")):
                return
            act()

        self._patiently(attempt)

    def _patiently(self, attempt: Callable[[], T]) -> T:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return attempt()
            except NotNow as error:
                if time.monotonic() > deadline:
                    raise Refusal("unreachable", f"Le portail ne répond plus : {error}") from error
                time.sleep(PAUSE)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        return self._send(method, path, **options).json()

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise NotNow(type(error).__name__) from error
        if answer.is_success:
            return answer
        if answer.status_code >= 500:
            raise NotNow(str(answer.status_code))
        problem = answer.json()
        raise Refusal(problem["code"], problem["message"])


class Signer:
    """A signatory: a mailbox, a browser without JavaScript, and nothing else."""

    def __init__(self, base_url: str, mailbox: Mailbox, email: str) -> None:
        self._base_url = base_url
        self._mailbox = mailbox
        self._email = email
        self._http = httpx.Client(timeout=60, follow_redirects=True, headers={"Origin": base_url}, trust_env=False)

    def sign(self) -> Iterator[str]:
        """Read the mail, open the link, ask for the code, sign; yields what a person would notice, in French.

        :raises Refusal: a page refused.
        """
        with self._http:
            link = self._mail(rf"{re.escape(self._base_url)}/s/\S+")
            yield f"message reçu par {self._email}, lien ouvert"
            page = self._get(link)
            yield f"page lue : « {_heading(page)} »"
            page = self._prove(link, page)
            yield "code à usage unique reçu par un second message"
            page = self._submit(link, page, "/signature", {"agree": "yes"})
            yield "signature demandée"

    def _prove(self, link: str, page: html.HtmlElement) -> html.HtmlElement:
        """Ask for a code and give it back; again, if an answer or a message was lost on the way."""
        first = len(self._mailbox.names())
        deadline = time.monotonic() + PATIENCE
        while True:
            seen = len(self._mailbox.names())
            try:
                page = self._submit(link, page, "/code", {})
            except Refusal as refusal:
                if refusal.code != "429":
                    raise
                # One was sent a moment ago, by an attempt whose answer was lost.
                seen = first
                page = self._get(f"{link}?etape=code")
            try:
                code = self._mail(r"(?m)^\d{6}$", after=seen, patience=CODE_PATIENCE)
                return self._submit(link, page, "/verification", {"code": code})
            except Refusal:
                if time.monotonic() > deadline:
                    raise
                time.sleep(CODE_PAUSE)

    def _mail(self, pattern: str, after: int = 0, patience: float = PATIENCE) -> str:
        """The first match of ``pattern`` in the newest message to this person that has one."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            for name in reversed(self._mailbox.names()[after:]):
                message = self._mailbox.message(name)
                if message is None or self._email not in str(message["To"]):
                    continue
                body = message.get_body(preferencelist=("plain",))
                match = re.search(pattern, str(body.get_content())) if body else None
                if match:
                    return match.group(0)
            time.sleep(PAUSE)
        raise Refusal("no_mail", f"Aucun message attendu n'est arrivé pour {self._email}.")

    def _get(self, link: str) -> html.HtmlElement:
        return self._patiently(lambda: self._http.get(link))

    def _submit(self, link: str, page: html.HtmlElement, action: str, fields: dict[str, str]) -> html.HtmlElement:
        """Send the form whose action ends with ``action``, if the page (or a fresh one) still has it."""
        for current in (page, None):
            current = self._get(link) if current is None else current
            form = next((f for f in current.forms if str(f.action).split("#")[0].endswith(action)), None)
            if form is not None:
                values = {**dict(form.form_values()), **fields}
                target = str(httpx.URL(link).join(str(form.action)))
                return self._post(target, values)
        raise Refusal("no_form", f"La page ne propose pas l'étape attendue : {_heading(page)}")

    def _post(self, target: str, values: dict[str, Any]) -> html.HtmlElement:
        return self._patiently(lambda: self._http.post(target, data=values))

    def _patiently(self, attempt: Callable[[], httpx.Response]) -> html.HtmlElement:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = attempt()
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                page = html.fromstring(answer.text)
                if answer.status_code >= 400:
                    raise Refusal(str(answer.status_code), _heading(page))
                return page
            if time.monotonic() > deadline:
                raise Refusal("unreachable", "La page de signature ne répond plus.")
            time.sleep(PAUSE)


def _heading(page: html.HtmlElement) -> str:
    titles = page.xpath("//h1")
    return " ".join(titles[0].text_content().split()) if titles else ""
