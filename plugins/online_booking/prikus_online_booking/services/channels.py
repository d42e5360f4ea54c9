"""What the clinic shows at its channels, and under which names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import (
    Branch,
    Context,
    Invalid,
    NotFound,
    StaffMember,
    flush_unique,
    full_name,
    known_connections,
)
from prikus_online_booking.models import ExternalIdentity
from prikus_online_booking.schemas import USUAL_MINUTES, Channel, Kind, Published, PublishForm
from prikus_online_booking.services.telling import providers

RIGHT = "online_booking.channel.edit"
LONGEST_CODE = 100
TAKEN = "Этот код уже занят."


async def channels(ctx: Context) -> list[Channel]:
    """All channels, whatever their state, with the clinic's doctors and branches.

    Where something was published once stays a channel, also while its plugin is off.
    """
    ctx.require(RIGHT)
    doctors, branches = await _doctors(ctx), await _branches(ctx)
    rows = await ctx.db.scalars(select(ExternalIdentity))
    known = {(row.connection_id, row.kind, row.staff_id or row.branch_id): row for row in rows}
    kinds, used = providers(ctx), {connection_id for connection_id, _, _ in known}
    found = [one for one in await known_connections(ctx) if one.kind in kinds or one.id in used]

    def published(connection_id: int, kind: Kind, id: int, name: str, note: str | None) -> Published:
        row = known.get((connection_id, kind, id))
        is_shown = kind == "branch" or bool(row and row.is_published)
        return Published(
            id, name, note or "", is_shown, row.minutes if row else USUAL_MINUTES, row.code if row else None
        )

    return [
        Channel(
            one.id,
            one.kind,
            one.title,
            one.state,
            [published(one.id, "doctor", *doctor) for doctor in doctors],
            [published(one.id, "branch", *branch) for branch in branches],
        )
        for one in found
    ]


async def published(ctx: Context, connection_id: int, kind: Kind, id: int) -> tuple[Channel, Published]:
    """One doctor or branch beside a channel, for its form. Raises `NotFound`."""
    for channel in await channels(ctx):
        for one in channel.doctors if kind == "doctor" else channel.branches:
            if (channel.id, one.id) == (connection_id, id):
                return channel, one
    raise NotFound()


async def publish(ctx: Context, connection_id: int, kind: Kind, id: int, form: PublishForm) -> None:
    """Show a doctor or not, in cells of so many minutes, under this code. Raises `NotFound`, `Invalid`."""
    channel, _ = await published(ctx, connection_id, kind, id)
    code = (form.code or "").strip() or None
    if form.minutes % 5 or not 5 <= form.minutes <= 480:
        raise Invalid({"minutes": "От 5 до 480 минут, с шагом 5."})
    if code is not None:
        _check_code(channel, kind, id, code)
        await _free(ctx, connection_id, kind, code)
    thing = ExternalIdentity.staff_id if kind == "doctor" else ExternalIdentity.branch_id
    fresh = insert(ExternalIdentity).values({"connection_id": connection_id, "kind": kind, thing.key: id})
    await ctx.db.execute(fresh.on_conflict_do_nothing())
    mine = select(ExternalIdentity).where(ExternalIdentity.connection_id == connection_id, thing == id)
    row = (await ctx.db.scalars(mine.with_for_update())).one()
    row.code, row.minutes, row.is_published = code, form.minutes, form.is_published or kind == "branch"
    await flush_unique(ctx.db, Invalid({"code": TAKEN}))
    words = f"Онлайн-запись, «{channel.title}»: изменена публикация"
    after: dict[str, object] = {"code": code, "minutes": row.minutes, "is_published": row.is_published}
    await ctx.audit("online_booking.published", kind, id, words, after=after)


def _check_code(channel: Channel, kind: Kind, id: int, code: str) -> None:
    """A code means one thing: it is neither another's code nor the number of one that has none."""
    if len(code) > LONGEST_CODE or not code.isprintable():
        raise Invalid({"code": f"Не длиннее {LONGEST_CODE} знаков, в одну строку."})
    others = channel.doctors if kind == "doctor" else channel.branches
    if any(code == (one.code or str(one.id)) for one in others if one.id != id):
        raise Invalid({"code": TAKEN})


async def _free(ctx: Context, connection_id: int, kind: Kind, code: str) -> None:
    """A code of whoever was deleted may be given anew; who is restored is called by our number then."""
    owner, key = (StaffMember, ExternalIdentity.staff_id) if kind == "doctor" else (Branch, ExternalIdentity.branch_id)
    gone = select(owner.id).where(owner.deleted_at.is_not(None))
    its = update(ExternalIdentity).where(ExternalIdentity.connection_id == connection_id, ExternalIdentity.code == code)
    await ctx.db.execute(its.where(key.in_(gone)).values(code=None))


async def _doctors(ctx: Context) -> list[tuple[int, str, None]]:
    names = (StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
    query = ctx.visible(StaffMember, StaffMember.id, *names).where(StaffMember.kind == "doctor")
    rows = await ctx.db.execute(query.order_by(StaffMember.sort_name, StaffMember.id))
    return [(id, full_name(*name), None) for id, *name in rows]


async def _branches(ctx: Context) -> list[Any]:
    rows = await ctx.db.execute(ctx.visible(Branch, Branch.id, Branch.name, Branch.address).order_by(Branch.id))
    return [tuple(row) for row in rows]
