"""Doors without a clinic: sign-in, one-use links, the choice of a clinic, and the way to the first page."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, get, post

from prikus.access import entry
from prikus.access.context import Context
from prikus.access.visits import Identity
from prikus.app.door import cookie_name
from prikus.errors import Invalid, Problem, SignInNeeded
from prikus.events.runtime import Runtime
from prikus.ui.forms import read_form
from prikus.ui.render import bare, page, redirect

HOURS = 12
BRANCH_COOKIE = "prikus_branch"


class SignIn(msgspec.Struct):
    email: str
    password: str
    next: str | None = None


class NewPassword(msgspec.Struct):
    password: str
    repeat: str


class Choice(msgspec.Struct):
    clinic_id: int


class Proof(msgspec.Struct):
    password: str


class BranchChoice(msgspec.Struct):
    branch_id: int | None = None


def _runtime(request: Request) -> Runtime:
    return request.app.state.runtime


def _address(request: Request) -> str | None:
    return request.client.host if request.client else None


def _safe(path: str | None) -> str:
    """Only a path of our own may follow a sign-in."""
    return path if path and path.startswith("/") and not path.startswith("//") and "\\" not in path else "/"


def _with_session(request: Request, response: Response[str], key: str) -> Response[str]:
    config = request.app.state.config
    response.set_cookie(
        cookie_name(config),
        key,
        path="/",
        max_age=HOURS * 3600,
        httponly=True,
        secure=not config.insecure,
        samesite="lax",
    )
    return response


@get("/sign-in", include_in_schema=False)
async def sign_in_page(request: Request, next: str | None = None) -> Response[str]:
    return bare(request, "app/sign_in.html", email="", next=_safe(next), errors={})


@post("/sign-in", include_in_schema=False)
async def sign_in(request: Request) -> Response[str]:
    """A wrong answer keeps the e-mail in its field; a right one leads where the person was going."""
    form = await request.form()
    email, back = str(form.get("email", "")), _safe(str(form.get("next", "")))
    try:
        data = await read_form(request, SignIn)
        browser = request.headers.get("user-agent")
        signed = await entry.sign_in(_runtime(request), data.email, data.password, _address(request), browser)
    except Problem as problem:
        errors = problem.fields if isinstance(problem, Invalid) else {"password": problem.sentence}
        return bare(request, "app/sign_in.html", status=problem.status, email=email, next=back, errors=errors)
    target = back if len(signed.memberships) == 1 else "/clinics-of-mine"
    return _with_session(request, redirect(request, target), signed.key)


@post("/sign-out", include_in_schema=False)
async def sign_out(request: Request) -> Response[str]:
    key = request.state.session_key
    if key:
        await entry.sign_out(_runtime(request), key)
    response = redirect(request, "/sign-in")
    response.delete_cookie(cookie_name(request.app.state.config), path="/")
    return response


@post("/session/proof", include_in_schema=False)
async def prove(request: Request) -> Response[str]:
    """The password once more, before money is given back (reliability 11)."""
    _identity(request)
    data = await read_form(request, Proof)
    await entry.prove(_runtime(request), request.state.session_key, data.password)
    return Response("", status_code=204)


@get("/link/{key:str}", include_in_schema=False)
async def link_page(request: Request, key: str) -> Response[str]:
    email = await entry.link_email(_runtime(request), key)
    return bare(request, "app/link.html", email=email, errors={})


@post("/link/{key:str}", include_in_schema=False)
async def use_link(request: Request, key: str) -> Response[str]:
    """The first password. Opening the link changes nothing; only this press does."""
    email = await entry.link_email(_runtime(request), key)
    try:
        data = await read_form(request, NewPassword)
        if data.password != data.repeat:
            raise Invalid({"repeat": "Пароли не совпали."})
        await entry.use_link(_runtime(request), key, data.password)
    except Invalid as problem:
        return bare(request, "app/link.html", status=422, email=email, errors=problem.fields)
    return redirect(request, "/sign-in")


@get("/clinics-of-mine", include_in_schema=False)
async def choose_page(request: Request) -> Response[str]:
    memberships = await entry.memberships_of(_runtime(request), _identity(request).account_id)
    return bare(request, "app/choose.html", memberships=memberships, csrf_token=request.state.csrf_token)


@post("/clinics-of-mine", include_in_schema=False)
async def choose(request: Request) -> Response[str]:
    data = await read_form(request, Choice)
    key = await entry.choose_clinic(
        _runtime(request),
        _identity(request).account_id,
        data.clinic_id,
        request.state.session_key,
        _address(request),
        request.headers.get("user-agent"),
    )
    return _with_session(request, redirect(request, "/"), key)


def _identity(request: Request) -> Identity:
    identity: Identity | None = request.scope["state"].get("identity")
    if identity is None:
        raise SignInNeeded("Сеанс завершён: войдите снова.")
    return identity


@get("/", include_in_schema=False)
async def first_page(request: Request, ctx: Context) -> Response[str]:
    """The first entry of the menu that this person has."""
    items = ctx.menu
    shown = [item for item in items if item.section != "create"]
    return redirect(request, shown[0].href) if shown else page(ctx, "app/account.html")


@post("/session/branch", include_in_schema=False)
async def choose_branch(request: Request, ctx: Context) -> Response[str]:
    """The branch whose chairs and working time are shown in this browser (GEN-05)."""
    data = await read_form(request, BranchChoice)
    known = {branch.id for branch in ctx.branches}
    response = redirect(request, _safe(urlsplit(request.headers.get("referer", "")).path))
    if data.branch_id in known:
        response.set_cookie(BRANCH_COOKIE, str(data.branch_id), path="/", max_age=365 * 86400, samesite="lax")
    else:
        response.delete_cookie(BRANCH_COOKIE, path="/")
    return response


routes = [sign_in_page, sign_in, sign_out, prove, link_page, use_link, choose_page, choose, first_page, choose_branch]
OPEN_PATHS = ("/sign-in", "/sign-out", "/link/{key:str}", "/clinics-of-mine", "/session/branch", "/session/proof")
