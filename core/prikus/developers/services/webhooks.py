"""Addresses that hear facts: adding, changing, secrets, tests, the log and sending again (API-02)."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from prikus.access.context import Context
from prikus.connections.services.opening import vault
from prikus.connections.vault import seal, unseal
from prikus.developers.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from prikus.developers.services.messages import PING, Sending, new_secret
from prikus.errors import Conflict, Invalid
from prikus.staff.services.rights import section_title

RIGHT = "developers.webhook.edit"
OVERLAP = dt.timedelta(hours=24)
SHOWN = 50
LONGEST_URL, LONGEST_TITLE = 500, 100
SEND = "developers.send_webhook"


class EndpointFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person says of an address."""

    title: str
    url: str
    events: list[str]


class Added(msgspec.Struct, frozen=True):
    """An address with its secret, which is told this once."""

    id: int
    title: str
    secret: str
    previous_until: dt.datetime | None = None


class EndpointLine(msgspec.Struct, frozen=True):
    """An address in the list with what has become of its messages."""

    id: int
    title: str
    url: str
    events: list[str]
    state: str
    waiting: int
    failed: int
    delivered: int


class MessageLine(msgspec.Struct, frozen=True):
    """A message in the log; `status` and `error` are of the last attempt."""

    id: int
    event: str
    state: str
    created_at: dt.datetime
    next_at: dt.datetime | None
    tries: int
    status: int | None
    error: str | None


class EventSection(msgspec.Struct, frozen=True):
    """Names of facts of one module."""

    title: str
    events: list[tuple[str, str]]


def offered(ctx: Context) -> list[EventSection]:
    """Facts that an address may hear: of the core and of modules that are on."""
    ctx.require(RIGHT)
    found: dict[str, set[str]] = {}
    for (name, _), event in ctx.system.events.items():
        package, area = event.__module__.split(".")[:2]
        owner = area if package == "prikus" else package.removeprefix("prikus_")
        if owner not in ctx.system.plugins or ctx.has(owner):
            found.setdefault(section_title(ctx.system, owner), set()).add(name)
    return [EventSection(title, [(name, name) for name in sorted(names)]) for title, names in found.items()]


async def endpoints(ctx: Context) -> list[EndpointLine]:
    """All addresses of the clinic. Raises `Denied`."""
    ctx.require(RIGHT)
    counts = select(WebhookMessage.endpoint_id, WebhookMessage.state, func.count().label("number")).group_by(
        WebhookMessage.endpoint_id, WebhookMessage.state
    )
    number = {(row.endpoint_id, row.state): row.number for row in await ctx.db.execute(counts)}
    return [
        EndpointLine(
            one.id,
            one.title,
            one.url,
            one.events,
            one.state,
            *(number.get((one.id, state), 0) for state in ("waiting", "failed", "delivered")),
        )
        for one in await ctx.db.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.id))
    ]


async def endpoint(ctx: Context, endpoint_id: int, *, lock: bool = False) -> WebhookEndpoint:
    ctx.require(RIGHT)
    return await ctx.load(WebhookEndpoint, endpoint_id, lock=lock)


async def add(ctx: Context, fields: EndpointFields) -> Added:
    """A new address. Raises `Invalid`, `Denied`."""
    checked = _checked(ctx, fields)
    secret = new_secret()
    one = WebhookEndpoint(**msgspec.structs.asdict(checked), secret=b"")
    ctx.db.add(one)
    await ctx.db.flush()
    one.secret = await _sealed(ctx, one.id, secret)
    await _changed(ctx, "added", one, f"Добавлен вебхук «{one.title}» на {urlsplit(one.url).hostname}.")
    return Added(one.id, one.title, secret)


async def change(ctx: Context, endpoint_id: int, fields: EndpointFields) -> None:
    """Another address, title or choice of facts. Raises `Invalid`, `NotFound`, `Denied`."""
    checked = _checked(ctx, fields)
    one = await endpoint(ctx, endpoint_id, lock=True)
    for name, value in msgspec.structs.asdict(checked).items():
        setattr(one, name, value)
    await _changed(ctx, "changed", one, f"Изменён вебхук «{one.title}» на {urlsplit(one.url).hostname}.")


async def rotate(ctx: Context, endpoint_id: int) -> Added:
    """A new secret; for a day messages are signed with both."""
    one = await endpoint(ctx, endpoint_id, lock=True)
    secret = new_secret()
    one.previous_secret, one.previous_until = one.secret, ctx.now() + OVERLAP
    one.secret = await _sealed(ctx, one.id, secret)
    await _changed(ctx, "rotated", one, f"Заменён секрет вебхука «{one.title}».")
    return Added(one.id, one.title, secret, one.previous_until)


async def switch(ctx: Context, endpoint_id: int, on: bool) -> str:
    """Off: facts of this time are not kept for it. On again: what waited is sent. Returns the title."""
    one = await endpoint(ctx, endpoint_id, lock=True)
    one.state = "on" if on else "off"
    await _changed(ctx, "switched", one, f"Вебхук «{one.title}» {'включён' if on else 'выключен'}.")
    if on:
        await _again(ctx, WebhookMessage.endpoint_id == one.id, WebhookMessage.state == "waiting")
    return one.title


async def remove(ctx: Context, endpoint_id: int) -> str:
    """The address with its log."""
    one = await endpoint(ctx, endpoint_id, lock=True)
    await _changed(ctx, "removed", one, f"Удалён вебхук «{one.title}».")
    await ctx.db.delete(one)
    return one.title


async def ping(ctx: Context, endpoint_id: int) -> None:
    """Ask for a test message. Raises `Conflict` while the address is off."""
    one = await endpoint(ctx, endpoint_id)
    if one.state != "on":
        raise Conflict("Вебхук выключен: сначала включите его.")
    await _ask(ctx, WebhookMessage(endpoint_id=one.id, event=PING))


async def log(ctx: Context, endpoint_id: int) -> list[MessageLine]:
    """The newest messages of an address with how they ended."""
    await endpoint(ctx, endpoint_id)
    last = (
        select(WebhookAttempt.status, WebhookAttempt.error)
        .where(WebhookAttempt.message_id == WebhookMessage.id)
        .order_by(WebhookAttempt.id.desc())
        .limit(1)
        .lateral()
    )
    tries = select(func.count()).where(WebhookAttempt.message_id == WebhookMessage.id).scalar_subquery()
    one = WebhookMessage
    query = (
        select(one.id, one.event, one.state, one.created_at, one.next_at, tries, last.c.status, last.c.error)
        .outerjoin(last, text("true"))
        .where(one.endpoint_id == endpoint_id)
        .order_by(one.id.desc())
        .limit(SHOWN)
    )
    return [MessageLine(*row) for row in await ctx.db.execute(query)]


async def send_again(ctx: Context, endpoint_id: int, message_id: int | None = None) -> int:
    """Replay: one message, or all that failed. Their `webhook-id` stays. Returns how many."""
    one = await endpoint(ctx, endpoint_id)
    if one.state != "on":
        raise Conflict("Вебхук выключен: сначала включите его.")
    of_it = WebhookMessage.endpoint_id == endpoint_id
    if message_id is None:
        return await _again(ctx, of_it, WebhookMessage.state == "failed")
    message = await ctx.load(WebhookMessage, message_id)
    return await _again(ctx, of_it, WebhookMessage.id == message.id)


async def note_fact(ctx: Context, event_id: int, name: str) -> None:
    """A message for each address that wants to hear of the fact; once, however often the listener is called."""
    wanting = select(WebhookEndpoint.id).where(WebhookEndpoint.state == "on", WebhookEndpoint.events.contains([name]))
    for endpoint_id in (await ctx.db.scalars(wanting)).all():
        row = insert(WebhookMessage).values(endpoint_id=endpoint_id, event_id=event_id, event=name)
        keys = ["clinic_id", "endpoint_id", "event_id"]
        made = await ctx.db.scalar(row.on_conflict_do_nothing(index_elements=keys).returning(WebhookMessage.id))
        if made is not None:
            await enqueue(ctx, Sending(made, 0, 0))


async def secrets_of(ctx: Context, one: WebhookEndpoint) -> list[str]:
    """The secrets that count now, the newest first."""
    key = await vault(ctx).clinic_key(ctx.db, ctx.clinic.id)
    found = [one.secret]
    if one.previous_secret is not None and one.previous_until and one.previous_until > ctx.now():
        found.append(one.previous_secret)
    return [unseal(key, sealed, _place(ctx, one.id)).decode() for sealed in found]


async def _sealed(ctx: Context, endpoint_id: int, secret: str) -> bytes:
    key = await vault(ctx).clinic_key(ctx.db, ctx.clinic.id)
    return seal(key, secret.encode(), _place(ctx, endpoint_id))


def _place(ctx: Context, endpoint_id: int) -> str:
    return f"{ctx.clinic.id} webhook {endpoint_id}"


async def _changed(ctx: Context, what: str, one: WebhookEndpoint, sentence: str) -> None:
    """The clinic's state says which facts are wanted, so that others cost nothing."""
    await ctx.db.flush()
    await ctx.db.execute(text("select core.bump_state()"))
    await ctx.audit(f"webhook.{what}", "webhook_endpoint", one.id, sentence, after={"events": one.events})
    ctx.changed("developers.webhooks")


async def _ask(ctx: Context, message: WebhookMessage) -> None:
    ctx.db.add(message)
    await ctx.db.flush()
    await enqueue(ctx, Sending(message.id, 0, 0))


async def _again(ctx: Context, *conditions: object) -> int:
    fresh = (
        update(WebhookMessage)
        .where(*conditions)  # type: ignore[arg-type]
        .values(state="waiting", attempts=0, round=WebhookMessage.round + 1, next_at=None)
        .returning(WebhookMessage.id, WebhookMessage.round)
    )
    rows = (await ctx.db.execute(fresh)).all()
    for row in rows:
        await enqueue(ctx, Sending(row.id, row.round, 0))
    return len(rows)


async def enqueue(ctx: Context, sending: Sending, due: dt.datetime | None = None) -> None:
    """The job stands above services and is found by its name."""
    await ctx.enqueue(ctx.system.jobs[SEND].call, sending, due)


def _checked(ctx: Context, fields: EndpointFields) -> EndpointFields:
    mistakes = {}
    parts = urlsplit(fields.url.strip())
    if not 1 <= len(fields.title.strip()) <= LONGEST_TITLE:
        mistakes["title"] = f"Назовите, кому это отправляется, не длиннее {LONGEST_TITLE} знаков."
    if parts.scheme != "https" or not parts.hostname or parts.username or len(fields.url) > LONGEST_URL:
        mistakes["url"] = "Нужен адрес, который начинается с https:// и открыт из интернета."
    known = {name for section in offered(ctx) for name, _ in section.events}
    if not fields.events or not known.issuperset(fields.events):
        mistakes["events"] = "Отметьте события из списка."
    if mistakes:
        raise Invalid(mistakes)
    return EndpointFields(title=fields.title.strip(), url=fields.url.strip(), events=sorted(set(fields.events)))
