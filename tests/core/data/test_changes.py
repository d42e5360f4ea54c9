"""Lists of several sources that programs follow: no row falls between the statements (API-01)."""

from __future__ import annotations

import asyncio

from sqlalchemy import func, insert, select, text, update

from prikus.data.changes import Changed, ChangeSource, read_changes
from prikus.testing.following import until_told
from prikus_teahouse.models import Origin, Tea

GATE = 4711
WAITS = "select count(*) from pg_locks where locktype = 'advisory' and objid = :gate and not granted"


async def test_what_is_committed_between_two_sources_is_told_later(ctx_as, runtime) -> None:
    """The first source is held up in its statement while a change of it and, later, one of the second are committed."""
    held_up = select(Tea.name).where(func.pg_advisory_xact_lock_shared(GATE).is_not(None))
    slow, plain = (ChangeSource(query, Tea.changed_xid, Tea.id) for query in (held_up, select(Tea.name)))
    origins = ChangeSource(select(Origin.name), Origin.changed_xid, Origin.id)

    async def read(source: ChangeSource, since: str | None) -> Changed:
        async with ctx_as() as ctx:
            await ctx.db.execute(text("set local lock_timeout = '60s'"))  # it waits for the test
            return await read_changes(ctx.db, (source, origins), since)

    async with ctx_as() as ctx:
        tea = await ctx.db.scalar(insert(Tea).values(name="сенча").returning(Tea.id))
    async with runtime.relay.connect() as gate:
        await gate.execute(text("select pg_advisory_lock(:gate)"), {"gate": GATE})
        async with ctx_as() as early:
            await early.db.execute(update(Tea).where(Tea.id == tea).values(name="улун"))
            reading = asyncio.create_task(read(slow, None))
            while not await gate.scalar(text(WAITS), {"gate": GATE}):
                assert not reading.done()
        async with ctx_as() as late:
            await late.db.execute(insert(Origin).values(name="Юньнань"))
        await gate.execute(text("select pg_advisory_unlock(:gate)"), {"gate": GATE})
        page = await reading
    await until_told(runtime)
    told = {row[0] for _, row in (*page.rows, *(await read(plain, page.cursor)).rows)}
    assert {"улун", "Юньнань"} <= told
