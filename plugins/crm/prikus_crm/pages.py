"""«CRM» → «Заявки»: the list, and a request in the panel."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from prikus.toolkit import Context, done, filter_day, key_of, page, read_form
from prikus_crm.schemas import STATUSES, MoveForm, RequestForm, Status
from prikus_crm.services import keeping, listing
from prikus_crm.services.listing import Filters, Sort

CHANGED = "crm-changed"


@get("/")
async def requests(
    ctx: Context,
    q: str = "",
    date_from: str = "",
    date_to: str = "",
    status: str = "",
    source: str = "",
    responsible: str = "",
    sort: Sort = "-received",
    after: str | None = None,
    before: str | None = None,
) -> Response[str]:
    filters = Filters(
        q=q,
        date_from=filter_day(date_from),
        date_to=filter_day(date_to),
        status=_status(status),
        source=source or None,
        responsible=int(responsible) if responsible.isdecimal() else None,
    )
    return page(
        ctx,
        "crm/requests.html",
        block="list",
        found=await listing.requests(ctx, filters, sort, after=after, before=before),
        counts=await listing.counts(ctx, filters),
        sources=await listing.sources(ctx),
        colleagues=await listing.colleagues(ctx),
        filters=filters,
        statuses=STATUSES,
        sort=sort,
    )


@get("/requests/new")
async def new_request(ctx: Context) -> Response[str]:
    ctx.require("crm.request.edit")
    return await _panel(ctx)


@post("/requests/new", status_code=200)
async def create_request(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    form = await read_form(request, RequestForm)
    await keeping.add(ctx, form, await key_of(request))
    return done("Заявка создана.", CHANGED)


@get("/requests/{request_id:int}/edit")
async def edit_request(ctx: Context, request_id: int, patient: int | None = None) -> Response[str]:
    """All about a request. `patient` is who was just added for it."""
    return await _panel(ctx, request_id, patient)


@post("/requests/{request_id:int}/edit", status_code=200)
async def save_request(ctx: Context, request: Request[Any, Any, Any], request_id: int) -> Response[str]:
    await keeping.change(ctx, request_id, await read_form(request, RequestForm))
    return done("Заявка сохранена.", CHANGED)


@post("/requests/{request_id:int}/move", status_code=200)
async def move_request(ctx: Context, request: Request[Any, Any, Any], request_id: int) -> Response[str]:
    form = await read_form(request, MoveForm)
    await keeping.move(ctx, request_id, form.status)
    return done(f"Заявка перенесена: «{STATUSES[form.status][0]}».", CHANGED, close_panel=False)


@post("/requests/{request_id:int}/delete", status_code=200)
async def delete_request(ctx: Context, request_id: int) -> Response[str]:
    await keeping.delete(ctx, request_id)
    return done("Заявка в корзине.", CHANGED)


async def _panel(ctx: Context, request_id: int | None = None, patient: int | None = None) -> Response[str]:
    return page(
        ctx,
        "crm/request.html",
        block="panel",
        request=await keeping.request(ctx, request_id) if request_id else None,
        row=await listing.one(ctx, request_id) if request_id else None,
        patient=await keeping.patient_of(ctx, request_id, patient) if request_id else None,
        colleagues=await listing.colleagues(ctx),
        statuses=STATUSES,
        status_choices=[(code, words) for code, (words, _) in STATUSES.items()],
    )


def _status(text: str) -> Status | None:
    return next((status for status in STATUSES if status == text), None)


routes = [requests, new_request, create_request, edit_request, save_request, move_request, delete_request]
