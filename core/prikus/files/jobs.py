"""What is done later about bytes that are nobody's."""

from __future__ import annotations

import datetime as dt
import uuid

import msgspec
from sqlalchemy import select

from prikus.access.context import Context
from prikus.files.models import StoredFile
from prikus.files.store import store_of
from prikus.host.declarations import job, outgoing, scheduled

PATIENCE = dt.timedelta(days=1)
"""An upload whose form is still open may get its row later."""


class ForgetBytes(msgspec.Struct, frozen=True):
    """Keys whose rows are gone."""

    keys: list[uuid.UUID]


@job
@outgoing
async def forget_bytes(ctx: Context, payload: ForgetBytes) -> None:
    """Delete bytes whose rows were deleted. It was asked for in the same transaction, so that it ran."""
    for key in await nobodys(ctx, payload.keys):
        await store_of(ctx.runtime.config).delete(ctx.clinic.id, key)


@scheduled("29 2 * * *")
@outgoing
async def sweep_bytes(ctx: Context) -> None:
    """Delete bytes older than a day that no row points at: the process ended between an upload and its row."""
    store, until = store_of(ctx.runtime.config), ctx.now() - PATIENCE
    await store.drop_halves(ctx.clinic.id, until)
    async for batch in store.lying(ctx.clinic.id):
        for key in await nobodys(ctx, [one.key for one in batch if one.at < until]):
            await store.delete(ctx.clinic.id, key)


async def nobodys(ctx: Context, keys: list[uuid.UUID]) -> list[uuid.UUID]:
    """Those of the keys that have no row."""
    if not keys:
        return []
    async with ctx.unit() as own:
        known = set(await own.db.scalars(select(StoredFile.key).where(StoredFile.key.in_(keys))))
    return [key for key in keys if key not in known]
