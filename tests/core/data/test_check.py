"""`prikus db check` sees each way of breaking the rules (architecture 5)."""

import asyncpg
import pytest

from prikus.data.check import breaches, faults
from prikus.data.upgrade import plain, upgrade_all
from prikus.events.runtime import role_urls
from prikus.testing.databases import scratch_database

SCHEMAS = ["core", "teahouse"]


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
async def test_a_breach_is_named(house, mischief: str, sentence: str) -> None:
    admin = await asyncpg.connect(plain(house.config.database_url))
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
