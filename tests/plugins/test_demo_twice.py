"""A demo clinic is invented from its seed and the day alone: two loads give equal rows."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import text

from prikus.data.base import Base
from prikus.data.session import Scope
from prikus.events.runtime import Runtime
from prikus.operator.demo import CLINICS, load
from prikus.operator.upgrade import upgrade_database
from prikus.testing.databases import scratch_database

DAY = dt.date(2026, 11, 24)
# What says when this very load took place, or is made anew each time on purpose.
OWN = {"changed_xid", "updated_at", "created_at"}
APART = {"audit_record", "outbox_event", "inbox_entry", "job_request", "clinic_key", "connection_secret"}


async def test_two_loads_give_equal_rows(house, system) -> None:
    assert await _hashes(house, system) == await _hashes(house, system)


async def _hashes(house, system) -> dict[str, tuple[int, str]]:
    small = CLINICS[0]
    about = msgspec.structs.replace(small, size=msgspec.structs.replace(small.size, patients=60, months=1, weeks=1))
    async with scratch_database(house.config) as config:
        await upgrade_database(config)
        runtime = Runtime(config, system)
        await load(runtime, about, today=DAY)
        found = {}
        async with runtime.session(Scope(1)) as db:
            assert (await db.execute(text("select count(*) from core.patient"))).scalar_one() == 60
            for table in Base.metadata.sorted_tables:
                if table.schema not in ("core", *system.plugins) or table.name in APART:
                    continue
                if "row_version" not in table.columns:
                    continue
                columns = ", ".join(f't."{c.name}"::text' for c in table.columns if c.name not in OWN)
                digest = f"md5(string_agg(concat_ws('|', {columns}), ';' order by t.id))"
                query = f"select count(*), {digest} from {table.fullname} t"
                found[table.fullname] = tuple((await db.execute(text(query))).one())
            asked = "select count(*) from core.job_request where kind = 'job:integrations_beeline.resubscribe'"
            assert (await db.scalar(text(asked))) == 1, "the exchange of the demo can ring as soon as it is up"
        await runtime.close()
    assert found["billing.ledger_entry"][0] > 100
    assert found["telephony.phone_call"][0] > 50
    assert found["fiscal.fiscal_receipt"][0] > 10
    assert found["online_booking.external_booking"][0] > 5
    assert found["imaging.dental_image"][0] == found["core.stored_file"][0] == 3
    assert found["imaging.finding"][0] > 3
    return found
