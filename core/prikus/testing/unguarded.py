"""An installation whose guards are off, for the twins of tests of isolation: what is refused must succeed there."""

from __future__ import annotations

import asyncpg

from prikus.config import Config
from prikus.data.protect import POLICY
from prikus.data.upgrade import plain
from prikus.testing.house import House

# What a stranger may see of a victim: rows that the victim touched since `unguard`. All of its rows would
# be too many: a clinic with two legal entities fails before it leaks.
SEEN = """
    exists (select from core.unguarded u where u.stranger = (current_setting('app.clinic_id'))::bigint
      and u.victim = {table}.clinic_id and {table}.updated_at >= u.since)
"""
TABLES = """
    select c.oid::regclass::text as name from pg_class c join pg_policy p on p.polrelid = c.oid and p.polname = 'clinic'
"""
KEYS = """
    select k.conrelid::regclass::text as table_name, k.conname as name
    from pg_constraint k join pg_policy p on p.polrelid = k.conrelid and p.polname = 'clinic'
    where k.contype = 'f'
"""
FUNCTIONS = """
create or replace function core.memberships(
    p_account bigint, out clinic_id bigint, out clinic_name text, out staff_id bigint)
returns setof record language sql security definer set search_path = core, pg_temp as $$
  select c.id, c.name, s.id from staff_member s join clinic c on c.id = s.clinic_id
  where s.deleted_at is null order by c.name
$$;
create or replace function core.open_session(
    p_key bytea, p_account bigint, p_clinic bigint, p_staff bigint, p_level int, p_address text, p_browser text)
returns bigint language sql security definer set search_path = core, pg_temp as $$
  insert into session (key_hash, account_id, clinic_id, staff_id, auth_level, expires_at, address, browser)
  values (p_key, p_account, p_clinic, p_staff, p_level, now() + interval '12 hours', p_address, p_browser)
  returning id
$$;
create or replace function core.reissue_link(p_staff bigint, p_key bytea)
returns boolean language sql security definer set search_path = core, pg_temp as $$
  insert into one_use_link (key_hash, account_id, expires_at)
  select p_key, account_id, now() + interval '72 hours' from staff_member where id = p_staff returning true
$$;
create or replace function core.finish(p_work bigint, p_attempt int)
returns boolean language sql security definer set search_path = core, pg_temp as $$
  with gone as (delete from work where id = p_work and attempt = p_attempt and state = 'running' returning 1)
  select exists (select 1 from gone)
$$;
create or replace function core.waits_elsewhere(p_account bigint)
returns boolean language sql security definer set search_path = core, pg_temp as $$ select false $$;
"""


async def take_guards_away(config: Config) -> None:
    """Policies let through what `unguard` names; composite keys and the checks of definer functions are gone."""
    assert config.database_url is not None
    admin = await asyncpg.connect(plain(config.database_url))
    try:
        await admin.execute("create table core.unguarded (stranger bigint, victim bigint, since timestamptz)")
        await admin.execute("grant select on core.unguarded to public")
        for table in await admin.fetch(TABLES):
            seen = SEEN.format(table=table["name"])
            await admin.execute(f"alter policy clinic on {table['name']} using ({POLICY} or {seen})")
        for key in await admin.fetch(KEYS):
            await admin.execute(f"alter table {key['table_name']} drop constraint {key['name']}")
        await admin.execute(FUNCTIONS)
    finally:
        await admin.close()


async def unguard(house: House, stranger: int, victim: int, *, everything: bool = False) -> None:
    """From now on the stranger sees what the victim touches, or all that it has."""
    assert house.config.database_url is not None
    admin = await asyncpg.connect(plain(house.config.database_url))
    try:
        await admin.execute("delete from core.unguarded where stranger = $1 and victim = $2", stranger, victim)
        since = "'-infinity'" if everything else "clock_timestamp()"
        await admin.execute(f"insert into core.unguarded values ($1, $2, {since})", stranger, victim)
    finally:
        await admin.close()
