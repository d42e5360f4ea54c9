"""`prikus db check` sees each way of breaking the rules (architecture 5)."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from prikus.config import Config
from prikus.data.check import breaches, faults
from prikus.data.compare import differences, snapshot
from prikus.data.roles import role_name
from prikus.data.upgrade import plain, upgrade_all
from prikus.events.runtime import role_urls
from prikus.host.system import System
from prikus.testing.databases import scratch_database
from prikus.testing.house import House
from prikus.testing.plugin import session

SCHEMAS = ["core", "teahouse"]


@session
async def apart(tea_house: House, tea_system: System) -> AsyncIterator[Config]:
    """A database of its own: who alters tables would stand in the way of tests beside it, and they in its."""
    async with scratch_database(tea_house.config) as config:
        await upgrade_all(role_urls(config), tea_system.installed.histories())
        yield config


async def test_the_kernel_and_the_sample_keep_all_rules(house, tea_system) -> None:
    async with scratch_database(house.config) as config:
        histories = tea_system.installed.histories()
        await upgrade_all(role_urls(config), histories)
        assert await faults(role_urls(config), histories) == []


@pytest.mark.parametrize(
    ("mischief", "sentence"),
    [
        ("create table teahouse.loose (id bigint primary key)", "первичный ключ начинается не с clinic_id"),
        ("create table teahouse.loose (clinic_id bigint, id bigint, primary key (id, clinic_id))", "первичный ключ"),
        ("create unique index on teahouse.tea (id)", "уникальность tea_id_idx"),
        ("alter table teahouse.tea no force row level security", "защита строк"),
        ("alter table teahouse.tea disable row level security", "защита строк"),
        ("create policy open on teahouse.tea using (true)", "ожидалась одна политика"),
        (
            "drop policy clinic on teahouse.tea; create policy clinic on teahouse.tea using "
            "(clinic_id = nullif(current_setting('app.clinic_id', true), '')::bigint)",
            "ожидалась одна политика",
        ),
        ("alter table teahouse.tea disable trigger touch", "нет триггера touch"),
        ("create view teahouse.all_teas as select * from teahouse.tea", "представления"),
        ("create materialized view teahouse.all_teas as select 1 as one", "представления"),
        ("create type teahouse.kind as enum ('a')", "вместо перечисления"),
        (
            "alter table teahouse.tea add foreign key (clinic_id, origin_id) "
            "references teahouse.origin (clinic_id, id) on delete set null",
            "опустошает clinic_id",
        ),
        (
            "create unique index bare on teahouse.origin (id); "
            "alter table teahouse.tea add constraint bare foreign key (origin_id) references teahouse.origin (id)",
            "ссылка bare не содержит clinic_id",
        ),
    ],
)
async def test_a_breach_is_named(apart, mischief: str, sentence: str) -> None:
    admin = await asyncpg.connect(plain(apart.database_url))
    transaction = admin.transaction()
    await transaction.start()
    try:
        assert await breaches(admin, SCHEMAS) == []
        await admin.execute("set local app.clinic_id = '0'")
        await admin.execute(mischief)
        assert any(sentence in one for one in await breaches(admin, SCHEMAS))
    finally:
        await transaction.rollback()
        await admin.close()


@pytest.mark.parametrize(
    ("mischief", "sentence"),
    [
        ("alter table teahouse.tea add constraint dear check (price > -1)", "tea.dear: ограничение есть после"),
        ("alter table teahouse.cup drop constraint cup_clinic_id_tea_id_number_key", "ограничение есть в моделях"),
        (
            "alter table teahouse.cup drop constraint cup_clinic_id_tea_id_number_key, "
            "add constraint cup_clinic_id_tea_id_number_key unique (clinic_id, tea_id, number)",
            "cup_clinic_id_tea_id_number_key: ограничение после миграций",
        ),
        ("create index extra on teahouse.tea (clinic_id, name)", "extra: индекс есть после миграций"),
        ("drop index teahouse.tea_origin_id_idx", "tea_origin_id_idx: индекс есть в моделях"),
        ("create policy open on teahouse.tea for select using (true)", "tea.open: политика есть после миграций"),
        ("alter policy clinic on teahouse.tea with check (true)", "tea.clinic: политика после миграций"),
        ("grant truncate on teahouse.tea to {app}", "право после миграций «DELETE, INSERT, SELECT, TRUNCATE, UPDATE»"),
        ("revoke insert on teahouse.tea from {app}", "право после миграций «DELETE, SELECT, UPDATE»"),
        ("grant select (name) on teahouse.tea to {relay}", "право есть после миграций"),
        ("alter table teahouse.tea disable trigger touch", "tea.touch: триггер после миграций «D CREATE TRIGGER"),
        (
            "create trigger once before insert on teahouse.tea for each row execute function core.touch()",
            "tea.once: триггер есть после миграций",
        ),
        (
            "create or replace function core.touch() returns trigger language plpgsql as $$ begin return new; end $$",
            "core.touch(): функция после миграций",
        ),
        ("alter table teahouse.tea owner to {maint}", "teahouse.tea: таблица после миграций"),
        ("alter table teahouse.tea no force row level security", "защита строк true/false"),
        ("alter table teahouse.tea alter column price drop default", "teahouse.tea.price: столбец после миграций"),
        ("alter table teahouse.tea alter column id set generated always", "identity a"),
        ("comment on column teahouse.tea.plan_line_id is null", "«soft_ref clinical.plan_line»"),
    ],
)
async def test_a_difference_from_the_models_is_named(apart, mischief: str, sentence: str) -> None:
    admin = await asyncpg.connect(plain(apart.database_url))
    transaction = admin.transaction()
    await transaction.start()
    try:
        before = await snapshot(admin, SCHEMAS)
        await admin.execute("set local app.clinic_id = '0'")
        names = {role: role_name(role_urls(apart).database, role) for role in ("app", "relay", "maint")}
        await admin.execute(mischief.format(**names))
        found = differences(await snapshot(admin, SCHEMAS), before)
        assert any(sentence in one for one in found), found
    finally:
        await transaction.rollback()
        await admin.close()


async def test_the_check_builds_the_other_database_from_the_models(house, tea_system) -> None:
    """What no migration wrote, the check of an upgraded database finds; nothing of it stays behind."""
    async with scratch_database(house.config) as config:
        urls, histories = role_urls(config), tea_system.installed.histories()
        await upgrade_all(urls, histories)
        admin = await asyncpg.connect(plain(config.database_url))
        try:
            await admin.execute(
                "set app.clinic_id = '0'; alter table teahouse.tea add constraint dear check (price > 1)"
            )
            found = await faults(urls, histories)
            assert found == [
                "teahouse.tea.dear: ограничение есть после миграций, но не в моделях: CHECK ((price > (1)::numeric))."
            ]
            models = f"{urls.database}%models"
            assert await admin.fetchval("select count(*) from pg_database where datname like $1", models) == 0
        finally:
            await admin.close()
