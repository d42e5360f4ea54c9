"""The ceiling: the same rows by one prepared statement, pooled, without policy, msgspec, on the same server."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

import asyncpg
import msgspec
from litestar import Litestar, Response, get, post

LIST = """
    select id, card_number, last_name, first_name, patronymic, phone, birth_date from core.patient
    where clinic_id = $1 and deleted_at is null order by sort_name, id limit 50
"""
WEEK = """
    select a.id, a.row_version, a.chair_id, a.doctor_id, a.patient_id, a.status_id, a.business_date, a.starts_at,
      a.ends_at,
      p.last_name, p.first_name, p.phone, s.last_name as doctor, t.name as status, t.colour, t.meaning
    from calendar.appointment a
      join core.patient p on p.clinic_id = a.clinic_id and p.id = a.patient_id
      join core.staff_member s on s.clinic_id = a.clinic_id and s.id = a.doctor_id
      join calendar.appointment_status t on t.clinic_id = a.clinic_id and t.id = a.status_id
    where a.clinic_id = $1 and a.business_date between $2 and $3 order by a.starts_at, a.id
"""
PAY = """
    with paid as (update bench.invoice set paid = paid + 1 where id = $1 returning id),
      payment as (insert into bench.payment (invoice_id, amount) select id, 1 from paid returning id),
      entry as (insert into bench.entry (payment_id, account, amount)
        select id, account, sign from payment, (values ('cash', 1), ('receivable', -1)) v (account, sign))
    select id from payment
"""
TABLES = """
    create schema bench;
    create table bench.invoice (id bigint primary key, paid numeric(14,2) not null default 0);
    create table bench.payment (id bigint generated always as identity primary key,
      invoice_id bigint references bench.invoice,
      amount numeric(14,2));
    create table bench.entry (id bigint generated always as identity primary key, payment_id bigint, account text,
      amount numeric(14,2));
    insert into bench.invoice (id) select generate_series(0, 15);
"""


def build() -> Litestar:
    """The application. It reads `BENCH_URL` and `BENCH_CLINIC`."""
    clinic_id = int(os.environ["BENCH_CLINIC"])
    pools: list[asyncpg.Pool] = []

    async def start(_: Litestar) -> None:
        pools.append(await asyncpg.create_pool(os.environ["BENCH_URL"], min_size=5, max_size=10, reset=_nothing))

    async def rows(query: str, *values: Any) -> Response[bytes]:
        async with pools[0].acquire() as connection:
            found = [dict(row) for row in await connection.fetch(query, *values)]
        return Response(msgspec.json.encode(found), media_type="application/json")

    @get("/one")
    async def one() -> Response[bytes]:
        return await rows("select 1 as one")

    @get("/list")
    async def patients() -> Response[bytes]:
        return await rows(LIST, clinic_id)

    @get("/week/{first:str}/{last:str}")
    async def week(first: str, last: str) -> Response[bytes]:
        return await rows(WEEK, clinic_id, dt.date.fromisoformat(first), dt.date.fromisoformat(last))

    @post("/pay/{number:int}", status_code=200)
    async def pay(number: int) -> Response[bytes]:
        return await rows(PAY, number)

    return Litestar([one, patients, week, pay], on_startup=[start], openapi_config=None, logging_config=None)


async def _nothing(_: asyncpg.Connection) -> None:
    """Nothing was set on the connection, so that there is nothing to reset."""
