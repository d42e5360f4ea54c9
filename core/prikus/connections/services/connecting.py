"""«Выбрать интеграцию» → «Изменить» → «Подключить» (SET-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
import structlog
from sqlalchemy import func, select, text

from prikus.access.context import Context
from prikus.access.visits import key_hash, new_key
from prikus.connections.kinds import Connected, ConnectionKind, OpenConnection, Secret
from prikus.connections.models import Connection, ConnectionSecret, SendRecord
from prikus.connections.services.opening import ADDRESS, address_of, keep_secrets, kinds, open_connection, secrets_of
from prikus.data.conflicts import flush_unique
from prikus.errors import Conflict, Invalid, NotFound, Problem
from prikus.ui.forms import stale

log = structlog.get_logger("prikus.connections")
RIGHT = "connections.connection.edit"
NEEDED = "Заполните это поле."
LONGEST = 4000
ENDING = 4


class Card(msgspec.Struct, frozen=True):
    """A connection in the list, with the pulse of its work (N-05): what waits, what is stuck."""

    id: int
    kind: ConnectionKind
    title: str
    state: str
    note: str | None
    error: str | None
    succeeded_at: dt.datetime | None
    waiting: int
    stuck: int
    sent_today: int


class Form(msgspec.Struct, frozen=True):
    """What «Изменить» shows: plain values, which secrets are kept, and of some of them the last signs."""

    id: int | None
    kind: ConnectionKind
    title: str
    branch_id: int | None
    row_version: int
    values: dict[str, object]
    kept: frozenset[str]
    webhook_url: str | None = None
    ends: Mapping[str, str] = {}


async def cards(ctx: Context) -> list[Card]:
    """Connections of effective plugins, in the order of the kinds' titles."""
    ctx.require(RIGHT)
    known = kinds(ctx)
    since = ctx.now() - dt.timedelta(days=1)
    sent = (
        select(func.count())
        .where(SendRecord.connection_id == Connection.id, SendRecord.created_at > since)
        .correlate(Connection)
        .scalar_subquery()
    )
    rows = await ctx.db.execute(
        select(
            Connection.id,
            Connection.kind,
            Connection.title,
            Connection.state,
            Connection.note,
            Connection.error,
            Connection.succeeded_at,
            sent.label("sent"),
        )
        .where(Connection.kind.in_(list(known)))
        .order_by(Connection.kind, Connection.id)
    )
    work = await _work(ctx, {known[kind].plugin_id for kind in known})
    return [
        Card(
            row.id,
            known[row.kind],
            row.title,
            row.state,
            row.note,
            row.error,
            row.succeeded_at,
            work.get((known[row.kind].plugin_id, "due"), 0),
            work.get((known[row.kind].plugin_id, "dead"), 0),
            row.sent,
        )
        for row in rows
    ]


async def _work(ctx: Context, plugins: set[str]) -> dict[tuple[str, str], int]:
    """Pieces of work of the plugins by (plugin, state)."""
    owner = {kind: plugin for plugin in plugins for kind in ctx.system.kinds_of(plugin)}
    rows = await ctx.db.execute(text("select * from core.count_work(:kinds)"), {"kinds": list(owner)})
    found: dict[tuple[str, str], int] = {}
    for kind, state, count in rows:
        place = (owner[kind], "due" if state == "running" else state)
        found[place] = found.get(place, 0) + count
    return found


async def send_again(ctx: Context, connection_id: int) -> int:
    """Give the dead letters of the connection's plugin a fresh start (N-05); how many."""
    ctx.require(RIGHT)
    connection = await ctx.load(Connection, connection_id)
    again = await ctx.db.scalar(
        text("select core.retry_work(:kinds)"), {"kinds": ctx.system.kinds_of(connection.plugin_id)}
    )
    ctx.wake()
    await ctx.audit("connection.retried", "connection", connection_id, f"Отправлено ещё раз: {connection.title}")
    return again or 0


def offered(ctx: Context) -> list[ConnectionKind]:
    """What «Выбрать интеграцию» lists."""
    ctx.require(RIGHT)
    return sorted(kinds(ctx).values(), key=lambda kind: kind.title)


async def new_form(ctx: Context, kind_id: str) -> Form:
    """An empty form. Raises `NotFound` for an unknown kind, `Conflict` when it is connected and one is enough."""
    ctx.require(RIGHT)
    kind = kinds(ctx).get(kind_id)
    if kind is None:
        raise NotFound()
    if not kind.many and await ctx.db.scalar(select(Connection.id).where(Connection.kind == kind_id)):
        raise Conflict(f"«{kind.title}» уже есть в списке: измените или подключите её там.")
    return Form(None, kind, kind.title, None, 0, {}, frozenset())


async def form(ctx: Context, connection_id: int) -> Form:
    ctx.require(RIGHT)
    row = await ctx.load(Connection, connection_id)
    kind = kinds(ctx).get(row.kind)
    if kind is None:
        raise NotFound()
    found = (await secrets_of(ctx, [row.id]))[row.id]
    url = address_of(ctx, found) if kind.shows_address else None
    kept = frozenset(found) - {ADDRESS}
    ends = {f.name: _end(found[f.name]) for f in kind.fields if f.shows_end and f.name in kept}
    return Form(row.id, kind, row.title, row.branch_id, row.settings_version, row.settings, kept, url, ends)


def _end(secret: Secret) -> str:
    """Its last four signs, or none when they would be much of it."""
    return secret.reveal()[-ENDING:] if len(secret) >= 4 * ENDING else ""


async def save(ctx: Context, asked: Form, typed: Mapping[str, str]) -> int:
    """Keep what was typed; an empty secret stays as it was. The connection's id. Raises `Invalid` beside the fields."""
    ctx.require(RIGHT)
    kind = asked.kind
    mistakes = {
        field.name: NEEDED
        for field in kind.fields
        if field.is_required and not typed.get(field.name) and field.name not in asked.kept
    }
    mistakes |= {name: f"Слишком длинно: не больше {LONGEST} знаков." for name in typed if len(typed[name]) > LONGEST}
    if kind.many and not typed.get("title"):
        mistakes["title"] = NEEDED
    if mistakes:
        raise Invalid(mistakes)
    row = await _row(ctx, asked, typed)
    row.settings = {f.name: typed.get(f.name, "") for f in kind.fields if not f.is_secret}
    await flush_unique(ctx.db, Invalid({"title": "Такое название уже есть."}))
    hidden = {f.name: typed[f.name] for f in kind.fields if f.is_secret and typed.get(f.name)}
    await keep_secrets(ctx, row.id, hidden)
    if kind.has_webhook and ADDRESS not in (await secrets_of(ctx, [row.id]))[row.id]:
        await _give_address(ctx, row.id)
    await ctx.audit("connection.saved", "connection", row.id, f"Изменена интеграция «{row.title}»", after=row.settings)
    return row.id


async def _row(ctx: Context, asked: Form, typed: Mapping[str, str]) -> Connection:
    kind = asked.kind
    if asked.id is None:
        row = Connection(plugin_id=kind.plugin_id, kind=kind.id, title=kind.title)
        ctx.db.add(row)
    else:
        row = await ctx.load(Connection, asked.id, lock=True)
        if str(row.settings_version) != typed.get("row_version"):
            raise stale(typed, {"title": row.title, **row.settings}, row.settings_version)
        row.settings_version += 1
    if kind.many:
        row.title = typed["title"]
        branch = typed.get("branch_id", "")
        row.branch_id = int(branch) if branch.isdecimal() else None
        if row.branch_id is not None and row.branch_id not in {one.id for one in ctx.branches}:
            raise Invalid({"branch_id": "Такого филиала нет."})
    return row


async def _give_address(ctx: Context, connection_id: int) -> None:
    token = new_key()
    await keep_secrets(ctx, connection_id, {ADDRESS: token})
    await ctx.db.execute(
        text("select core.set_webhook(:connection, :hash)"), {"connection": connection_id, "hash": key_hash(token)}
    )


async def renew_address(ctx: Context, connection_id: int) -> None:
    """A new secret address; the old one is unknown from now on."""
    ctx.require(RIGHT)
    connection = await ctx.load(Connection, connection_id, lock=True)
    await _give_address(ctx, connection_id)
    await ctx.audit("connection.address", "connection", connection_id, f"Новый адрес приёма: {connection.title}")


async def connect(outer: Context, connection_id: int) -> Connected:
    """«Подключить»: try it for real, outside of a transaction, and keep the result. The refusal is raised again."""
    outer.require(RIGHT)
    async with outer.unit() as ctx:
        opened, kind = await open_connection(ctx, connection_id), kinds(ctx)
    try:
        result = await kind[opened.kind].connect(outer, opened)
    except Problem as problem:
        await note_result(outer, connection_id, problem.sentence)
        raise
    except Exception as error:
        log.exception("connecting failed", plugin=opened.plugin_id, connection=connection_id)
        sentence = f"Подключить «{opened.title}» не удалось: ошибка модуля. Она записана в журнал системы."
        await note_result(outer, connection_id, sentence)
        raise Conflict(sentence) from error
    await note_result(outer, connection_id, None, note=result.sentence)
    return result


async def note_result(outer: Context, connection_id: int, error: str | None, *, note: str | None = None) -> None:
    """What the last attempt to reach the service gave. Only «Подключить», whose `note` it brings, ends «Отключена»."""
    async with outer.unit() as ctx:
        row = await ctx.load(Connection, connection_id, lock=True)
        if row.state == "off" and note is None:
            return
        was, row.error = row.state, error
        if error is None:
            row.state, row.succeeded_at = "on", ctx.now()
            row.note = note or row.note
        elif row.state == "on":
            row.state = "failing"
        if was != row.state:
            sentence = f"Интеграция «{row.title}»: {'подключена' if error is None else 'не работает'}"
            await ctx.audit("connection.state", "connection", connection_id, sentence, before={"state": was})
        ctx.changed("core.connections", connection_id)


async def disconnect(outer: Context, connection_id: int) -> str:
    """«Отключить»: tell the provider where it can be told, forget the secrets and the address. Returns the title."""
    outer.require(RIGHT)
    async with outer.unit() as ctx:
        opened, kind = await open_connection(ctx, connection_id), kinds(ctx)
    await _tell(outer, kind[opened.kind], opened)
    async with outer.unit() as ctx:
        row = await ctx.load(Connection, connection_id, lock=True)
        row.state, row.error, row.note = "off", None, None
        for secret in await ctx.db.scalars(
            select(ConnectionSecret).where(ConnectionSecret.connection_id == connection_id)
        ):
            await ctx.db.delete(secret)
        await ctx.db.execute(text("select core.set_webhook(:connection, null)"), {"connection": connection_id})
        await ctx.audit("connection.off", "connection", connection_id, f"Отключена интеграция «{row.title}»")
        ctx.changed("core.connections", connection_id)
        return row.title


async def _tell(outer: Context, kind: ConnectionKind, opened: OpenConnection[Any]) -> None:
    """The provider may be gone for good: that must not keep the clinic from leaving it."""
    if kind.disconnect is None:
        return
    try:
        await kind.disconnect(outer, opened)
    except Exception as error:
        log.warning("disconnecting was not told", plugin=opened.plugin_id, connection=opened.id, error=str(error))
