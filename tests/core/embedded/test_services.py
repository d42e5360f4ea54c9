import socket
from pathlib import Path

import pytest
from asyncpg import InvalidPasswordError
from redis import AuthenticationError, Redis

from prikus import embedded
from prikus.config import Config
from prikus.embedded import Postgres
from prikus.errors import Misconfigured
from tests.core.embedded.machine import ends_within, neighbour, value, watch


async def test_data_and_addresses_survive_a_restart(config: Config) -> None:
    with embedded.services(config) as first:
        await value(first.database_url, "CREATE TABLE teeth AS SELECT 'резец' AS name")
        with Redis.from_url(first.redis_url) as redis:
            redis.set("bite", "ровный")
    with embedded.services(config) as second:
        assert await value(second.database_url, "SELECT name FROM teeth") == "резец"
        with Redis.from_url(second.redis_url, decode_responses=True) as redis:
            assert redis.get("bite") == "ровный"
    assert tuple(second) == tuple(first)


async def test_given_urls_start_nothing(config: Config) -> None:
    given = Config(data=config.data, database_url="postgresql://elsewhere/prikus", redis_url="redis://elsewhere")
    with embedded.services(given) as services:
        assert tuple(services) == ("postgresql://elsewhere/prikus", "redis://elsewhere")
        assert services.servers == ()
    assert not list(config.data.rglob("*"))


async def test_russian_is_understood_under_the_poorest_locale(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    with embedded.services(config) as (database_url, _):
        assert await value(database_url, "SELECT lower('ПРИВЕТ')") == "привет"
        assert await value(database_url, "SELECT 'ЁЛКИН' ILIKE 'ёлк%'")
        await value(database_url, "CREATE EXTENSION pg_trgm")
        assert await value(database_url, "SELECT similarity('Сидоров', 'Сидорова')") == pytest.approx(0.7)


async def test_nobody_enters_without_the_password(config: Config) -> None:
    with embedded.services(config) as (database_url, redis_url):
        password, address = database_url.removeprefix("postgresql://postgres:").split("@")
        with pytest.raises(InvalidPasswordError):
            await value(f"postgresql://postgres:{password[::-1]}@{address}", "SELECT 1")
        without_password = redis_url.split("@")[1]
        with Redis.from_url(f"redis://{without_password}") as redis, pytest.raises(AuthenticationError):
            redis.ping()


async def test_statistics_of_statements_are_collected(config: Config) -> None:
    with embedded.services(config) as (database_url, _):
        await value(database_url, "CREATE EXTENSION pg_stat_statements")
        assert await value(database_url, "SELECT count(*) FROM pg_stat_statements WHERE query LIKE 'CREATE EXT%'") == 1


async def test_careless_mode_is_only_for_those_who_ask(config: Config) -> None:
    with embedded.services(config) as (database_url, _):
        assert await value(database_url, "SHOW fsync") == "on"
    with embedded.services(config, durable=False) as (database_url, _):
        assert await value(database_url, "SHOW fsync") == "off"


async def test_servers_end_with_a_killed_parent_and_leave_the_data_whole(config: Config) -> None:
    with neighbour(config.data) as killed:
        await value(killed.database_url, "CREATE TABLE teeth AS SELECT 'клык' AS name")
        handles = [watch(pid) for pid in killed.server_pids]
        killed.kill()
        assert len(handles) == 2
        assert all(ends_within(handle, 60) for handle in handles)
    assert "database system is shut down" in (config.data / "postgresql" / "server.log").read_text()
    with embedded.services(config) as (database_url, _):
        assert await value(database_url, "SELECT name FROM teeth") == "клык"


async def test_a_new_start_need_not_wait_for_the_old_servers_to_end(config: Config) -> None:
    with neighbour(config.data) as killed:
        killed.kill()
        with embedded.services(config) as (database_url, redis_url):
            assert await value(database_url, "SELECT 1") == 1
            with Redis.from_url(redis_url) as redis:
                assert redis.ping()


async def test_a_second_process_joins_and_leaves_without_harm(config: Config) -> None:
    with neighbour(config.data) as owner:
        with embedded.services(config) as services:
            assert tuple(services) == (owner.database_url, owner.redis_url)
            assert services.servers == ()
        assert await value(owner.database_url, "SELECT 1") == 1
        with pytest.raises(Misconfigured, match=f"процесс {owner.process.pid}"):
            embedded.services(config, share=False).__enter__()


async def test_a_taken_port_is_given_up(folder: Path) -> None:
    postgres = Postgres(folder)
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", postgres.door.port))
        stranger.listen()
        before = postgres.url
        with postgres.running(share=False) as url:
            assert url != before
            assert await value(url, "SELECT 1") == 1


async def test_a_server_without_an_owner_is_replaced(folder: Path) -> None:
    orphan = Postgres(folder)
    orphan.start()
    with Postgres(folder).running(share=False) as url:
        assert orphan.process is not None
        assert orphan.process.wait(60) == 0
        assert await value(url, "SELECT 1") == 1


async def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(folder: Path) -> None:
    with Postgres(folder).running(share=False):
        pid_file = folder / "data" / "postmaster.pid"
        remains = pid_file.read_text().split("\n")
    with neighbour(folder / "stranger") as stranger:
        pid_file.write_text("\n".join([str(stranger.process.pid), *remains[1:]]))
        with Postgres(folder).running(share=False) as url:
            assert await value(url, "SELECT 1") == 1


async def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    (folder / "data.new").mkdir()
    (folder / "data.new" / "PG_VERSION").write_text("18")
    with Postgres(folder).running(share=False) as url:
        assert await value(url, "SELECT 1") == 1


def test_a_refusal_to_start_says_why(folder: Path) -> None:
    with Postgres(folder).running(share=False):
        pass
    (folder / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(Misconfigured, match="no_such_setting"):
        Postgres(folder).running(share=False).__enter__()
