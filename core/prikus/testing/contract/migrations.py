"""The part of the contract about migrations."""

from __future__ import annotations

from sqlalchemy import text

from prikus.data import migrate
from prikus.data.session import make_engine
from prikus.data.upgrade import upgrade_all
from prikus.events.runtime import role_urls
from prikus.host.system import System
from prikus.testing.contract.base import Contract
from prikus.testing.databases import scratch_database
from prikus.testing.house import House


class MigrationContract(Contract):
    """Migrations go down to nothing and up again to what the models say."""

    async def test_migrations_go_down_and_up_again(self, house: House, system: System) -> None:
        histories = system.installed.histories()
        own = [history for history in histories if history.owner == self.plugin]
        above = [h for h in histories if h.owner in {p.id for p in system.dependants(self.plugin)}]
        async with scratch_database(house.config) as config:
            urls = role_urls(config)
            engine = make_engine(urls.url("owner"), pooled=False)
            await upgrade_all(urls, histories)
            for history in [*reversed(above), *own]:
                async with engine.begin() as db:
                    await db.run_sync(migrate.downgrade, history)
            async with engine.connect() as db:
                left = text("select count(*) from pg_tables where schemaname = :s and tablename <> 'alembic_version'")
                assert await db.scalar(left, {"s": self.plugin}) == 0
            await upgrade_all(urls, histories)
            for history in own:
                async with engine.connect() as db:
                    assert await db.run_sync(migrate.differences, history) == []
            await engine.dispose()
