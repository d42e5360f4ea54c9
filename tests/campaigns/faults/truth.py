"""What must hold after every campaign."""

from __future__ import annotations

from sqlalchemy import text

from prikus.data.session import make_engine
from prikus.operator.checking import invariants
from prikus.testing.clinics import TestClinic
from tests.campaigns.faults.feed import heads, hurry
from tests.campaigns.faults.machine import ALL_WORK
from tests.waiting import until

HEARD = text("""
    select e.id, e.name, (select array_agg(i.listener order by i.listener) from core.inbox_entry i
      where i.clinic_id = e.clinic_id and i.event_id = e.id) as heard
    from core.outbox_event e where e.clinic_id = :clinic
""")
DEAD = text("select ref, kind from core.work where clinic_id = :clinic and state = 'dead'")
LINES = text("""
    select p.payload, count(*) from core.patient_event p where p.clinic_id = :clinic group by p.kind, p.payload
    having count(*) > (select count(*) from core.outbox_event e
      where e.clinic_id = :clinic and e.name = p.kind and e.payload = p.payload)
""")


async def broken(clinic: TestClinic) -> list[str]:
    """What does not hold after all work of the clinic is done, a sentence each.

    The ledgers sum to zero and agree with invoices and payments, numbers have no gaps, nobody is booked twice, no row
    points into another clinic, every press has its outcome (`db check`); each event was heard once by each listener
    unless that delivery lies among the dead letters, and no fact stands in the feed more often than it was told.
    """

    async def all_is_done() -> bool:
        await hurry(clinic)
        await clinic.house.performer.settle(clinic.id)
        return not (await heads(clinic)).keys() - {"dead"}

    await until(all_is_done, ALL_WORK)
    found = await invariants(clinic.house.config, clinic.house.system)
    maint = make_engine(clinic.house.runtime.urls.url("maint"), pooled=False)
    async with maint.connect() as db:
        given = {"clinic": clinic.id}
        dead = {(row.ref, row.kind) for row in await db.execute(DEAD, given)}
        for event in await db.execute(HEARD, given):
            kinds = set(clinic.house.system.listener_kinds(event.name))
            due = sorted(kind.partition(":")[2] for kind in kinds if (event.id, kind) not in dead)
            if due != (event.heard or []):
                found.append(f"событие {event.id} {event.name}: услышали {event.heard}, а должны {due}")
        found += [f"в ленте {count} раза: {payload}" for payload, count in await db.execute(LINES, given)]
    await maint.dispose()
    return found
