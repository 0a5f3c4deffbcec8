"""The door of the desk: an access key opens a session."""

import secrets

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from portal.access import Access, client_of, derived, posted, same
from portal.failures import FormRefused, Unauthorised, status_of
from portal.pages import Pages, safe_return
from portal.settings import PortalSettings


def entry(access: Access, pages: Pages, settings: PortalSettings) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    def show(status: int, back: str, refusal: Unauthorised | None = None) -> Response:
        # Before a session there is nothing to bind a form to but a cookie of its own (double submit).
        seed = secrets.token_urlsafe(24)
        response = pages.render(
            "login.html", status, None, csrf=derived(seed, "entry form"), back=back, refusal=refusal
        )
        response.set_cookie(
            access.entry_cookie,
            seed,
            max_age=3600,
            path="/",
            secure=settings.secure_cookies,
            httponly=True,
            samesite="strict",
        )
        return response

    @router.get("/connexion")
    async def login_page(request: Request) -> Response:
        return show(200, safe_return(request.query_params.get("suite", "/")))

    @router.post("/connexion")
    async def login(request: Request) -> Response:
        access.same_site(request)
        form = await posted(request)
        seed = request.cookies.get(access.entry_cookie, "")
        if not seed or not same(form.fields.get("csrf", ""), derived(seed, "entry form")):
            raise FormRefused(
                "form_expired",
                "Ce formulaire n'est plus valable. Autorisez les cookies de ce site, rechargez la page et recommencez.",
            )
        back = safe_return(form.text("back"))
        staff = await access.by_key(form.text("key"), client_of(request))
        if staff is None:
            refusal = Unauthorised("wrong_key", "Cette clé d'accès n'est pas reconnue. Vérifiez-la et recommencez.")
            return show(status_of(refusal), back, refusal)
        response = RedirectResponse(back, 303)
        await access.open(response, staff)
        return response

    @router.post("/deconnexion")
    async def logout(request: Request) -> Response:
        session = await access.person(request)
        await access.form(request, session)
        response = RedirectResponse("/connexion", 303)
        await access.close(request, response)
        return response

    @router.get("/deconnexion")
    async def logout_page(request: Request) -> Response:
        """Asks; leaving is a POST like every change."""
        session = await access.person(request)
        return pages.render("logout.html", staff=session.staff, csrf=session.csrf)

    return router
