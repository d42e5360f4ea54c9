"""«Сообщения»: the log, «Отправить смс», one message and what a person decides about it."""

from __future__ import annotations

from typing import Any, Literal

from litestar import Request, Response, get, post

from prikus.toolkit import Context, OptionalId, done, filter_day, key_of, once, page, read_form
from prikus_messaging.jobs import wake_channel
from prikus_messaging.schemas import Decision, NewMessage, Recipient, Written
from prikus_messaging.services import channels, deciding, log, writing

CHANGED = "messages-changed"
STATES = {
    "queued": ("В очереди", "wait"),
    "sending": ("В очереди", "wait"),
    "accepted": ("Принято оператором", "now"),
    "delivered": ("Доставлено", "done"),
    "failed": ("Ошибка отправки", "miss"),
    "unknown": ("Выясняется", "wait"),
}
CHOICES = [(state, STATES[state][0]) for state in ("queued", "accepted", "delivered", "failed", "unknown")]


@get("/messages")
async def messages(
    ctx: Context,
    date_from: str = "",
    date_to: str = "",
    phone: str = "",
    text: str = "",
    status: Literal["", "queued", "accepted", "delivered", "failed", "unknown"] = "",
    parts: str = "",
    after: str | None = None,
    before: str | None = None,
) -> Response[str]:
    """The log; the interval is closed at both ends (CRM-26, CRM-27)."""
    filters = log.Filters(filter_day(date_from), filter_day(date_to), phone, text, status or None, _number(parts))
    return page(
        ctx,
        "messaging/messages.html",
        block="list",
        found=await log.messages(ctx, filters, after=after, before=before),
        filters=filters,
        undecided=await log.count_undecided(ctx),
        is_connected=bool(await channels.channels(ctx)),
        states=STATES,
        choices=CHOICES,
    )


@get("/messages/new")
async def new_message(ctx: Context, again: OptionalId = None) -> Response[str]:
    """The panel of «Отправить смс»; `again` is a message whose words and recipient it begins with."""
    return await _form(ctx, Recipient() if again is None else await writing.repeated(ctx, again))


@get("/patients/{patient_id:int}/message")
async def message_to_patient(ctx: Context, patient_id: int) -> Response[str]:
    """The same for the patient whose card is open."""
    return await _form(ctx, await writing.recipient(ctx, patient_id))


async def _form(ctx: Context, to: Recipient) -> Response[str]:
    ctx.require(writing.RIGHT)
    offered = [(one.connection_id, one.title) for one in await channels.usable(ctx)]
    return page(ctx, "messaging/new.html", block="panel", to=to, channels=offered)


@post("/messages/new", status_code=200)
async def send_message(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    form = await read_form(request, NewMessage)
    written = await once(ctx.db, await key_of(request), form, Written, lambda: writing.write_message(ctx, form))
    await wake_channel(ctx, written.connection_id)
    return done("Сообщение поставлено в очередь.", CHANGED)


@get("/messages/{message_id:int}")
async def show_message(ctx: Context, message_id: int) -> Response[str]:
    message = await log.one(ctx, message_id)
    titles = {one.connection_id: one.title for one in await channels.channels(ctx)}
    channel = titles.get(message.connection_id or 0)
    return page(ctx, "messaging/message.html", block="panel", message=message, channel=channel, states=STATES)


@post("/messages/{message_id:int}/decide", status_code=200)
async def decide(ctx: Context, request: Request[Any, Any, Any], message_id: int) -> Response[str]:
    form = await read_form(request, Decision)
    await deciding.decide(ctx, message_id, form.state)
    return done("Отмечено.", CHANGED)


@post("/messages/{message_id:int}/cancel", status_code=200)
async def cancel(ctx: Context, message_id: int) -> Response[str]:
    await deciding.cancel(ctx, message_id)
    return done("Сообщение отменено.", CHANGED)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len("10") else None


routes = [messages, new_message, message_to_patient, send_message, show_message, decide, cancel]
