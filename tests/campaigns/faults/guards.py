"""Guards of the database, taken away for a twin and put back: the twin shows that they are what holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from prikus.data.upgrade import plain
from prikus.testing.clinics import TestClinic


def lingering(*tables: str) -> list[str]:
    """In the schema `twin`: who inserts first into one of the tables waits until a second one has come, ten seconds at
    most, so that neither sees what the other does. The second one is told by a sequence, which sees no transactions.
    """
    return [
        "create function twin.linger() returns trigger language plpgsql security definer as $$ begin"
        "  if nextval(tg_argv[0]::regclass) = 1 then"
        "    for n in 1..500 loop"
        "      exit when pg_sequence_last_value(tg_argv[0]::regclass) > 1;"
        "      perform pg_sleep(0.02);"
        "    end loop;"
        "  end if;"
        "  return new;"
        " end $$",
        *(f"create sequence twin.{table.replace('.', '_')}" for table in tables),
        *(
            f"create trigger linger before insert on {table} for each row"
            f" execute function twin.linger('twin.{table.replace('.', '_')}')"
            for table in tables
        ),
    ]


@asynccontextmanager
async def without(clinic: TestClinic, off: Sequence[str], on: Sequence[str]) -> AsyncIterator[None]:
    """Run `off`, at the end `on`, as the database's administrator. What the clinic had before is kept by its test."""
    assert clinic.house.config.database_url is not None
    admin = await asyncpg.connect(plain(clinic.house.config.database_url))
    try:
        async with admin.transaction():
            for statement in off:
                await admin.execute(statement)
        try:
            yield
        finally:
            # Rows that the missing guard let in must not meet the guard again, nor triggers that keep them for ever.
            await admin.execute("set session_replication_role = replica")
            for statement in on:
                await admin.execute(statement.replace(":clinic", str(clinic.id)))
    finally:
        await admin.close()
