"""Many patients, put in by the server itself: a million within minutes."""

from __future__ import annotations

import datetime as dt

import asyncpg

from prikus.config import Config
from prikus.data.roles import role_name
from prikus.data.upgrade import plain
from prikus.events.runtime import role_urls
from prikus.invented import names
from prikus.testing.clinics import TestClinic

DAY = dt.date(2055, 3, 16)
PATIENTS = """
    insert into core.patient (clinic_id, card_number, last_name, first_name, sort_name, search_name, phone,
      phone_digits, birth_date, deleted_at)
    select $1, n, last, first, lower(last || ' ' || first), replace(lower(last || ' ' || first), 'ё', 'е'),
      '+79' || digits, '79' || digits, date '1940-01-01' + (n * 37 % 25000)::int, case when n % 50 = 0 then now() end
    from generate_series($5::bigint, $2::bigint) n,
      lateral (select ($3::text[])[1 + (n * 7919 % cardinality($3::text[]))::int] last,
        ($4::text[])[1 + (n * 104729 % cardinality($4::text[]))::int] first,
        lpad((n * 7368787 % 1000000000)::text, 9, '0') digits) invented
"""
FEED = """
    insert into core.patient_event (clinic_id, patient_id, kind, title, happened_at, actor_kind, icon)
    select clinic_id, id, 'patient.created', 'Карта открыта', now(), 'system', 'user' from core.patient
    where clinic_id = $1 and card_number >= $2
"""
VISITS = """
    insert into calendar.appointment (clinic_id, patient_id, doctor_id, chair_id, branch_id, starts_at, ends_at,
      business_date, status_id, occupies)
    select p.clinic_id, p.id, a.doctor_id, a.chair_id, a.branch_id, moment, moment + interval '30 minutes',
      (moment at time zone 'Asia/Yekaterinburg')::date, a.status_id, a.occupies
    from core.patient p,
      lateral (select * from calendar.appointment where clinic_id = $1 and business_date = $3 limit 1) a,
      lateral (select a.starts_at - interval '1 day' * (1 + p.card_number / 10)
        + interval '30 minutes' * (p.card_number % 10) moment) at
    where p.clinic_id = $1 and p.card_number >= $2
"""
WATCHED = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_level": "notice",
}
"""Settings with which PostgreSQL tells a client the plan of each of its statements, those inside functions too."""


async def administrator(config: Config) -> asyncpg.Connection:
    assert config.database_url is not None
    return await asyncpg.connect(plain(config.database_url), command_timeout=1800)


async def fill(
    admin: asyncpg.Connection, clinic: TestClinic, patients: int, *, first: int = 2, day: dt.date = DAY
) -> None:
    """Cards of these numbers, each with a line of the feed and an appointment of the past, like one of `day`."""
    await _fill_cards(admin, clinic.id, patients, first)
    await admin.execute(FEED, clinic.id, first)
    await admin.execute(VISITS, clinic.id, first, day)


async def add_clinics(admin: asyncpg.Connection, number: int, patients: int) -> None:
    """Neighbours with so many patients each."""
    for place in range(number):
        query = "insert into core.clinic (slug, name, time_zone) values ($1, $1, 'Europe/Moscow') returning id"
        await _fill_cards(admin, await admin.fetchval(query, f"neighbour-{place}"), patients)


async def _fill_cards(admin: asyncpg.Connection, clinic_id: int, patients: int, first: int = 2) -> None:
    await admin.execute(PATIENTS, clinic_id, patients, list(names.SURNAMES), list(names.MALE_NAMES[1958]), first)


async def in_bulk(admin: asyncpg.Connection) -> list[str]:
    """No triggers, and no indexes of patients that slow the load down; returns what makes them again."""
    await admin.execute("set session_replication_role = replica")
    rows = await admin.fetch(
        "select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made from pg_index i "
        "where i.indrelid = 'core.patient'::regclass and not i.indisunique"
    )
    for row in rows:
        await admin.execute(f"drop index {row['name']}")
    return [row["made"] for row in rows]


async def watch(admin: asyncpg.Connection, config: Config) -> None:
    """Have the application told its plans, on connections made from now on."""
    role = role_name(role_urls(config).database, "app")
    for name, value in WATCHED.items():
        await admin.execute(f"alter role \"{role}\" set {name} = '{value}'")
