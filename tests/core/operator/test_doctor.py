"""`prikus doctor` names what is wrong with an installation; what is well it leaves alone."""

import asyncpg
import msgspec
import pytest

from prikus.config import Config
from prikus.data.roles import role_name
from prikus.data.upgrade import plain
from prikus.events.runtime import role_urls
from prikus.operator.examining import Ailment, of_database, of_machine, of_plugins, of_valkey
from prikus.operator.upgrade import upgrade_database
from prikus.testing.databases import scratch_database


async def seen(config: Config, system) -> list[str]:
    return [ailment.sentence async for ailment in of_database(config, system)]


async def test_a_sound_installation_and_each_ailment_of_its_database(house, system) -> None:
    assert list(of_plugins()) == []
    async with scratch_database(house.config) as config:
        names = role_urls(config).database
        assert f"нет роли {role_name(names, 'app')}." in await seen(config, system)
        await upgrade_database(config, system=system)
        assert await seen(config, system) == []
        admin = await asyncpg.connect(plain(config.database_url))
        app = role_name(names, "app")
        try:
            for harm, sentence, mend in (
                (f'alter role "{app}" bypassrls', f"роль {app} обходит политики.", f'alter role "{app}" nobypassrls'),
                (
                    "alter table billing.invoice no force row level security",
                    "billing.invoice: защита строк включена не для всех.",
                    "alter table billing.invoice force row level security",
                ),
                (
                    f'create schema gone authorization "{role_name(names, "owner")}" '
                    "create table alembic_version (version_num text)",
                    "в базе есть схема «gone», а модуль не установлен.",
                    "drop schema gone cascade",
                ),
                (
                    "alter function core.close_session owner to current_user",
                    "функция core.close_session принадлежит не роли definer.",
                    f'alter function core.close_session owner to "{role_name(names, "definer")}"',
                ),
                (
                    "insert into core.work (clinic_id, kind, ref) values (1, 'job:gone.tidy_up', 1)",
                    "1 шт. вида «job:gone.tidy_up» никто не умеет делать.",
                    "delete from core.work",
                ),
                ("delete from catalog.alembic_version", "«catalog» остановился на None.", None),
                (
                    "drop table catalog.alembic_version",
                    "«catalog» установлен, а его схемы в базе нет.",
                    None,
                ),
            ):
                await admin.execute(harm)
                assert await seen(config, system) == [sentence]
                if mend:
                    await admin.execute(mend)
        finally:
            await admin.close()


async def test_servers_that_do_not_answer(house, system) -> None:
    away = msgspec.structs.replace(
        house.config, database_url="postgresql://nobody:no@127.0.0.1:9/none", redis_url="redis://127.0.0.1:9/0"
    )
    (sentence,) = await seen(away, system)
    assert sentence.startswith("недоступна")
    (ailment,) = [one async for one in of_valkey(away)]
    assert (ailment.part, ailment.mend) == ("Valkey", "Запустите его или исправьте REDIS_URL.")
    assert [one async for one in of_valkey(house.config)] == []


@pytest.mark.parametrize(("mode", "harmed"), [(0o600, False), (0o640, True), (0o604, True)])
def test_secrets_that_others_may_read(tmp_path, mode: int, harmed: bool) -> None:
    secret = tmp_path / "secret"
    secret.write_text("00")
    secret.chmod(mode)
    wanted = [Ailment("папка данных", f"{secret} могут читать другие.", f"Выполните chmod 600 {secret}.")]
    found = [one for one in of_machine(Config(data=tmp_path)) if one.part == "папка данных"]
    assert found == (wanted if harmed else [])
