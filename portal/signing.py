"""The pages behind a signing link.

A GET or a HEAD reads, whoever opens it, as often as it likes (invariant 5). Only a POST decides, and only with the
session of a person who typed the one-time code, and with the digest of what this person was shown (invariant 4).
"""

import re

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from domain.assurance import Assurance
from domain.documents import DocumentRef
from domain.errors import ActionRefused, Actor, LinkRefused, NotFound, ParapheError
from domain.links import CODE_LIFETIME, SESSION_LIFETIME, Link
from portal import convention_page
from portal.access import Access, Posted, client_of, derived, posted, same
from portal.failures import FormRefused, Incomplete, status_of
from portal.limits import RateLimit
from portal.pages import Pages
from portal.ports import Ports, Provider, ProviderStep
from portal.settings import PortalSettings
from portal.typed import next_refresh, reason_of, shown_digest
from workflows.views import SigningState, SigningView

CONSENT = "J'ai lu la convention affichée sur cette page et je la signe en la qualité indiquée."
"""What is agreed to, word for word: it goes into the evidence."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,200}")
_CODE = re.compile(r"[0-9]{6}")


def signing(ports: Ports, access: Access, pages: Pages, settings: PortalSettings) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    codes_sent = RateLimit(calls=6, seconds=900)
    codes_tried = RateLimit(calls=15, seconds=900)
    provider_tried = RateLimit(calls=10, seconds=900)
    unknown = RateLimit(calls=60, seconds=300)
    cookie = ("__Secure-" if settings.secure_cookies else "") + "paraphe-signature"

    async def found(request: Request, token: str) -> Link:
        """:raises LinkRefused: ``link_unknown``."""
        link = await run_in_threadpool(ports.links.find, token) if _TOKEN.fullmatch(token) else None
        if link is None:
            # Only after the look-up: a good link is not to be closed by what others try from the same address.
            unknown.take(client_of(request))
            raise LinkRefused(
                "link_unknown",
                "Ce lien de signature n'est pas reconnu. Ouvrez-le depuis le dernier message reçu, en entier, ou"
                " demandez un nouveau lien au service qui vous a écrit.",
            )
        return link

    async def challenge(request: Request, link: Link) -> tuple[str, str] | None:
        """The challenge's id and the form token of a proved session, if there is one. Reads only."""
        nonce = request.cookies.get(cookie, "")
        if not nonce:
            return None
        try:
            challenge_id = await run_in_threadpool(ports.links.check_session, link, nonce)
        except LinkRefused:
            return None
        return challenge_id, derived(nonce, "signing form")

    async def proved(request: Request, link: Link) -> tuple[Posted, str]:
        """The form and the challenge's id.

        :raises LinkRefused: ``session_missing``: no code was proved, or too long ago.
        :raises FormRefused: the form is not of this session.
        """
        access.same_site(request)
        form = await posted(request)
        session = await challenge(request, link)
        if session is None:
            raise LinkRefused(
                "session_missing",
                "Votre identité n'est pas vérifiée, ou l'a été il y a trop longtemps : rien n'a été enregistré."
                " Demandez un nouveau code, puis recommencez.",
            )
        challenge_id, token = session
        if not same(form.fields.get("csrf", ""), token):
            raise FormRefused("form_expired", "Ce formulaire n'est plus valable. Rechargez la page et recommencez.")
        return form, challenge_id

    async def show(
        request: Request,
        token: str,
        link: Link,
        status: int = 200,
        *,
        refusal: ParapheError | None = None,
        asking: bool = False,
        reason: str = "",
    ) -> Response:
        view = current(await ports.circuits.signing_view(link), link)
        session = await challenge(request, link) if view.state is SigningState.READY else None
        pdf = shown(view)
        step = "decide" if session else "code" if asking or request.query_params.get("etape") == "code" else "ask"
        personal = session is not None and view.assurance is not Assurance.SIMPLE
        return pages.render(
            "signing.html",
            status,
            None,
            view=view,
            base=f"/s/{token}",
            pdf=pdf,
            page_texts=await convention_page.texts(ports.files, pdf, view.pages) if readable(view) else [],
            step=step,
            sent=request.query_params.get("envoi") == "1",
            csrf=session[1] if session else "",
            personal=personal,
            begun=await begun(session[0]) if session and personal else None,
            consent=CONSENT,
            code_minutes=int(CODE_LIFETIME.total_seconds() // 60),
            session_minutes=int(SESSION_LIFETIME.total_seconds() // 60),
            refusal=refusal,
            reason=reason,
            refresh=next_refresh(request, f"/s/{token}", view.state is SigningState.IN_PROGRESS),
        )

    def provider() -> Provider:
        """:raises ActionRefused: ``provider_missing``."""
        if ports.provider is None:
            raise ActionRefused(
                "provider_missing",
                "Cette convention demande une signature avec votre propre certificat, et aucun prestataire n'est"
                " configuré : le service qui vous a écrit doit en être averti.",
                next_actor=Actor.OPERATOR,
            )
        return ports.provider

    async def begun(challenge_id: str) -> ProviderStep | None:
        return await run_in_threadpool(ports.provider.begun, challenge_id) if ports.provider else None

    async def became(link: Link, *states: SigningState) -> bool:
        """Whether what was asked is already done: a second click is no mistake, the page then tells of the first."""
        return current(await ports.circuits.signing_view(link), link).state in states

    @router.get("/s/{token}")
    async def open_link(request: Request, token: str) -> Response:
        return await show(request, token, await found(request, token))

    @router.post("/s/{token}/code")
    async def send_code(request: Request, token: str) -> Response:
        access.same_site(request)
        link = await found(request, token)
        try:
            view = current(await ports.circuits.signing_view(link), link)
            if view.state is SigningState.READY:
                codes_sent.take(link.id)
                await run_in_threadpool(ports.links.send_code, link)
        except ParapheError as refusal:
            return await show(request, token, link, status_of(refusal), refusal=refusal)
        return RedirectResponse(f"/s/{token}?etape=code&envoi=1#signer", 303)

    @router.post("/s/{token}/verification")
    async def check_code(request: Request, token: str) -> Response:
        access.same_site(request)
        link = await found(request, token)
        code = re.sub(r"\s", "", (await posted(request)).text("code"))
        try:
            if not _CODE.fullmatch(code):
                raise Incomplete("code_shape", "Le code a six chiffres : recopiez-le depuis le message reçu.")
            codes_tried.take(link.id)
            nonce = await run_in_threadpool(ports.links.check_code, link, code)
        except ParapheError as refusal:
            return await show(request, token, link, status_of(refusal), refusal=refusal, asking=True)
        response = RedirectResponse(f"/s/{token}#signer", 303)
        response.set_cookie(
            cookie,
            nonce,
            max_age=int(SESSION_LIFETIME.total_seconds()),
            path=f"/s/{token}",
            secure=settings.secure_cookies,
            httponly=True,
            samesite="strict",
        )
        return response

    @router.post("/s/{token}/signature")
    async def sign(request: Request, token: str) -> Response:
        link = await found(request, token)
        try:
            form, challenge_id = await proved(request, link)
            if form.text("agree") != "yes":
                raise Incomplete("consent_missing", "Pour signer, cochez la case qui dit que vous avez lu et signez.")
            view = current(await ports.circuits.signing_view(link), link)
            if view.state is SigningState.READY and view.assurance is not Assurance.SIMPLE:
                provider_tried.take(link.id)
                await run_in_threadpool(
                    provider().agree,
                    link,
                    challenge_id,
                    shown_digest(form),
                    re.sub(r"\s", "", form.text("provider_code")),
                    form.text("provider_pin"),
                )
            evidence = evidence_of(request) | {"statement": CONSENT}
            await ports.circuits.sign(link, shown_digest(form), challenge_id, evidence)
        except ParapheError as refusal:
            if not await became(link, SigningState.IN_PROGRESS, SigningState.SIGNED):
                return await show(request, token, link, status_of(refusal), refusal=refusal)
        return RedirectResponse(f"/s/{token}", 303)

    @router.post("/s/{token}/certificat")
    async def begin(request: Request, token: str) -> Response:
        """Prepare a signature with the person's own certificate: the provider sends its code."""
        link = await found(request, token)
        try:
            _, challenge_id = await proved(request, link)
            view = current(await ports.circuits.signing_view(link), link)
            if view.state is SigningState.READY:
                codes_sent.take(f"provider {link.id}")
                await run_in_threadpool(provider().begin, link, challenge_id, view.document)
        except ParapheError as refusal:
            return await show(request, token, link, status_of(refusal), refusal=refusal)
        return RedirectResponse(f"/s/{token}?envoi=1#signer", 303)

    @router.post("/s/{token}/refus")
    async def refuse(request: Request, token: str) -> Response:
        link = await found(request, token)
        reason = (await posted(request)).text("reason")[:2000]
        try:
            form, challenge_id = await proved(request, link)
            await ports.circuits.refuse(link, reason_of(form), challenge_id, evidence_of(request))
        except ParapheError as refusal:
            if not await became(link, SigningState.REFUSED):
                return await show(request, token, link, status_of(refusal), refusal=refusal, reason=reason)
        return RedirectResponse(f"/s/{token}", 303)

    @router.post("/s/{token}/transmission")
    async def hand_over(request: Request, token: str) -> Response:
        link = await found(request, token)
        try:
            form, challenge_id = await proved(request, link)
            candidate = form.text("candidate")
            view = current(await ports.circuits.signing_view(link), link)
            if candidate not in {person.email for person in view.candidates}:
                raise ActionRefused(
                    "candidate_unknown",
                    "Choisissez une des personnes proposées : elles seules ont le pouvoir de signer.",
                )
            await ports.circuits.hand_over(link, candidate, challenge_id, evidence_of(request))
        except ParapheError as refusal:
            if not await became(link, SigningState.REPLACED):
                return await show(request, token, link, status_of(refusal), refusal=refusal)
        return RedirectResponse(f"/s/{token}", 303)

    @router.get("/s/{token}/pages/{page}.png")
    async def page(request: Request, token: str, page: str) -> Response:
        link = await found(request, token)
        view = current(await ports.circuits.signing_view(link), link)
        require_readable(view)
        number = convention_page.page_number(page, view.pages)
        return convention_page.picture(await run_in_threadpool(ports.files.page_png, shown(view), number))

    @router.get("/s/{token}/{kind}.pdf")
    async def download(request: Request, token: str, kind: str) -> Response:
        link = await found(request, token)
        view = current(await ports.circuits.signing_view(link), link)
        require_readable(view)
        ref = {"convention": view.document, "convention-signee": view.signed_document}.get(kind)
        if ref is None:
            raise NotFound("document_missing", "Ce document n'existe pas, ou pas encore.")
        content = await run_in_threadpool(ports.files.get, ref)
        return convention_page.attachment(content, ref.media_type, f"{kind}-{view.convention_number}")

    return router


def current(view: SigningView, link: Link) -> SigningView:
    """``view``, unless the link itself is dead: then it is never ready, whatever the circuit says."""
    if view.state is SigningState.READY and link.dead:
        return view.model_copy(update={"state": SigningState.REPLACED})
    return view


def readable(view: SigningView) -> bool:
    """Whether the link still shows the document: not once it was replaced. The address may have been a stranger's."""
    return view.state not in {SigningState.REPLACED, SigningState.POWER_ENDED}


def require_readable(view: SigningView) -> None:
    """:raises LinkRefused: ``link_dead``."""
    if not readable(view):
        raise LinkRefused(
            "link_dead", "Ce lien a été remplacé : le document ne s'y lit plus. Utilisez le dernier message reçu."
        )


def shown(view: SigningView) -> DocumentRef:
    """The countersigned copy once there is one, else what is to be signed."""
    return view.signed_document or view.document


def evidence_of(request: Request) -> dict[str, str]:
    """What the portal saw of the person's device; it goes into the evidence, not into any log."""
    return {
        "client_address": client_of(request),
        "user_agent": request.headers.get("user-agent", "")[:300],
    }
