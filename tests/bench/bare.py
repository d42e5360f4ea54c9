"""The ceiling: what plain asyncpg needs for the same rows and the same bytes, on the same server.

One prepared statement for each thing shown or changed, pooled, autocommit, as a role that no policy binds; no session,
no rights, no ORM. JSON is encoded by msgspec from the rows. Pages are a Jinja template without macros, in which all but
the values of the rows is written out already (`pages.py`); the bench refuses to compare when the bytes differ. A change
writes the rows that ours writes, into the very same tables, in one statement, but no idempotency key; it answers an id.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from jinja2 import Environment, FileSystemLoader
from litestar import Litestar, Response, get, post

from prikus.ui.filters import FILTERS
from tests.bench import sql
from tests.bench.setting import FIRST_DAY, SLOTS, Setting

PAGE = 50


def build() -> Litestar:
    """The application. `BENCH_SETTING` is a folder with setting.json and the templates."""
    folder = Path(os.environ["BENCH_SETTING"])
    here = msgspec.json.decode((folder / "setting.json").read_bytes(), type=Setting)
    templates = Environment(loader=FileSystemLoader(folder), autoescape=True, keep_trailing_newline=True)
    templates.filters.update(FILTERS)
    pools: list[asyncpg.Pool] = []
    numbers = itertools.count()

    async def start(_: Litestar) -> None:
        pools.append(await asyncpg.create_pool(here.url, min_size=5, max_size=10, reset=_nothing))

    async def fetch(query: str, *values: Any) -> list[asyncpg.Record]:
        async with pools[0].acquire() as connection:
            return await connection.fetch(query, here.clinic, *values)

    def html(name: str, **values: Any) -> Response[str]:
        return Response(templates.get_template(name).render(values), media_type="text/html")

    def json(found: Any) -> Response[bytes]:
        return Response(msgspec.json.encode(found), media_type="application/json")

    @get("/one")
    async def one() -> Response[bytes]:
        return json([dict(row) for row in await fetch("select $1::bigint as one")])

    @get("/list")
    async def patients() -> Response[str]:
        return html("list.html", rows=await fetch(sql.LIST, PAGE))

    @get("/list.json")
    async def patients_json() -> Response[bytes]:
        return json([dict(row) for row in await fetch(sql.LIST, PAGE)])

    @get("/card/{patient:int}")
    async def card(patient: int) -> Response[str]:
        async with pools[0].acquire() as connection:
            found = await connection.fetchrow(sql.CARD, here.clinic, patient)
            rows = await connection.fetch(sql.FEED, here.clinic, patient)
        return html("card.html", card=found, rows=rows[:20], zone=here.zone)

    @get("/prefix")
    async def prefix(q: str) -> Response[str]:
        return html("prefix.html", q=q, rows=await fetch(sql.PREFIX, q.lower(), q.lower()[:-1] + chr(ord(q[-1]) + 1)))

    @get("/inside")
    async def inside(q: str) -> Response[str]:
        return html("inside.html", q=q, rows=await fetch(sql.INSIDE, f"%{q}%"))

    @get("/week/{first:str}/{last:str}")
    async def week(first: str, last: str) -> Response[bytes]:
        days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
        async with pools[0].acquire() as connection:
            shifts = await connection.fetch(sql.SHIFTS, here.clinic, here.branch, here.zone, *days)
            booked = await connection.fetch(sql.WEEK, here.clinic, here.branch, here.zone, *days)
        cells = {"shifts": [dict(row) for row in shifts], "appointments": [dict(row) for row in booked]}
        return json({"branch_id": here.branch, "time_zone": here.zone, **cells})

    @post("/create", status_code=200)
    async def create() -> Response[bytes]:
        n = next(numbers)
        starts = dt.datetime.combine(FIRST_DAY, dt.time(9), dt.UTC)
        starts += dt.timedelta(days=n // SLOTS, minutes=15 * (n % SLOTS))
        ends = starts + dt.timedelta(minutes=15)
        patient = here.patients[n % len(here.patients)]
        who = (patient, here.doctor, here.chair, here.branch, here.status)
        return json(await _id(sql.CREATE, *who, starts, ends, starts.date(), here.kinds["appointment.created"]))

    @post("/issue", status_code=200)
    async def issue() -> Response[bytes]:
        patient = here.patients[next(numbers) % len(here.patients)]
        who = (patient, here.entity, here.branch, here.service)
        return json(await _id(sql.ISSUE, *who, here.kinds["invoice.issued"]))

    @post("/pay", status_code=200)
    async def pay() -> Response[bytes]:
        invoice = here.invoices[next(numbers) % len(here.invoices)]
        return json(await _id(sql.PAY, invoice, here.methods[0], here.kinds["payment.received"]))

    async def _id(query: str, *values: Any) -> dict[str, int]:
        rows = await fetch(query, *values)
        return {"id": rows[0][0]}

    return Litestar(
        [one, patients, patients_json, card, prefix, inside, week, create, issue, pay],
        on_startup=[start],
        openapi_config=None,
        logging_config=None,
    )


async def _nothing(_: asyncpg.Connection) -> None:
    """Nothing was set on the connection, so that there is nothing to reset."""
