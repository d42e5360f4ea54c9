"""«Звонки», the card of an incoming call, calling, recordings, whose telephones are whose."""

from __future__ import annotations

from typing import Any, Literal

from litestar import Request, Response, get, post

from prikus.toolkit import Context, done, filter_day, fragment, page, read_form
from prikus_telephony.events import length_words
from prikus_telephony.schemas import Direction, NewExtension
from prikus_telephony.services import extensions, incoming, log, providers

CHANGED = "calls-changed"
EXTENSIONS_CHANGED = "extensions-changed"
Shown = Literal["", "missed", "waiting"]


@get("/calls")
async def calls(
    ctx: Context,
    date_from: str = "",
    date_to: str = "",
    direction: Literal["", "in", "out"] = "",
    shown: Shown = "",
    after: str | None = None,
    before: str | None = None,
) -> Response[str]:
    """The log; the interval is closed at both ends (CRM-25)."""
    filters = log.Filters(
        filter_day(date_from), filter_day(date_to), _direction(direction), shown == "missed", shown == "waiting"
    )
    found = await log.calls(ctx, filters, after=after, before=before)
    return page(
        ctx,
        "telephony/calls.html",
        block="list",
        found=found,
        filters=filters,
        shown=shown,
        waiting=await log.count_waiting(ctx),
        figures=await log.figures(ctx, filters.date_from, filters.date_to),
        length_words=length_words,
    )


@get("/figures")
async def show_figures(ctx: Context, date_from: str = "", date_to: str = "") -> Response[str]:
    """The widget «Звонки» for a page of figures (HOME-03)."""
    found = await log.figures(ctx, filter_day(date_from), filter_day(date_to))
    return fragment(ctx, "telephony/figures.html", "widget", figures=found)


@post("/calls/{call_id:int}/done", status_code=200)
async def mark_done(ctx: Context, call_id: int) -> Response[str]:
    await log.mark_done(ctx, call_id)
    return done("Отмечено: перезвонили.", CHANGED)


@post("/calls/{call_id:int}/call-back", status_code=200)
async def call_back(outside: Context, call_id: int) -> Response[str]:
    phone = await providers.call_back(outside, call_id)
    return done(f"Снимите трубку: соединяем с {phone}.")


@get("/calls/{call_id:int}/recording")
async def recording(outside: Context, call_id: int) -> Response[bytes]:
    """The sound; kept by no cache, since every listening is noted (CRM-24)."""
    found = await providers.recording(outside, call_id)
    return Response(found.content, media_type=found.content_type, headers={"Cache-Control": "no-store"})


@get("/calls/{call_id:int}/player")
async def player(ctx: Context, call_id: int) -> Response[str]:
    """What plays a recording; the sound is asked for by its own request."""
    shown = await log.to_hear(ctx, call_id)
    return page(ctx, "telephony/player.html", block="panel", call=shown)


@get("/incoming/{call_id:int}")
async def show_incoming(ctx: Context, call_id: int) -> Response[str]:
    """The card of an incoming call for whom it concerns; nothing for others."""
    found = await incoming.incoming(ctx, call_id)
    if found is None:
        return Response("", status_code=204)
    return fragment(ctx, "telephony/incoming.html", "card", call=found, now=ctx.now())


@get("/patients/{patient_id:int}/call")
async def ask_to_call(ctx: Context, patient_id: int) -> Response[str]:
    """The panel of «Позвонить»."""
    shown = await providers.whom(ctx, patient_id)
    mine = await extensions.own_extension(ctx)
    return page(ctx, "telephony/call.html", block="panel", whom=shown, extension=mine[1] if mine else None)


@post("/patients/{patient_id:int}/call", status_code=200)
async def call_patient(outside: Context, patient_id: int) -> Response[str]:
    phone = await providers.call_patient(outside, patient_id)
    return done(f"Снимите трубку: соединяем с {phone}.")


@get("/extensions")
async def show_extensions(ctx: Context) -> Response[str]:
    return page(ctx, "telephony/extensions.html", block="list", rows=await extensions.extensions(ctx))


@get("/extensions/new")
async def new_extension(ctx: Context, connection_id: int | None = None, number: str = "") -> Response[str]:
    """The panel, filled in with the telephone of the list that nobody sits at."""
    ctx.require("telephony.extension.edit")
    return page(
        ctx,
        "telephony/extension.html",
        block="panel",
        connections=[(one.id, one.title) for one in await providers.exchanges(ctx)],
        staff=await extensions.colleagues(ctx),
        chosen={"connection_id": connection_id, "number": number},
    )


@post("/extensions/new", status_code=200)
async def add_extension(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    form = await read_form(request, NewExtension)
    await extensions.add_extension(ctx, form.connection_id, form.number.strip(), form.staff_id)
    return done("Внутренний номер закреплён.", EXTENSIONS_CHANGED)


@post("/extensions/{extension_id:int}/remove", status_code=200)
async def remove_extension(ctx: Context, extension_id: int) -> Response[str]:
    await extensions.remove_extension(ctx, extension_id)
    return done("Внутренний номер откреплён.", EXTENSIONS_CHANGED)


def _direction(text: str) -> Direction | None:
    return "in" if text == "in" else "out" if text == "out" else None


routes = [
    calls,
    show_figures,
    mark_done,
    call_back,
    recording,
    player,
    show_incoming,
    ask_to_call,
    call_patient,
    show_extensions,
    new_extension,
    add_extension,
    remove_extension,
]
