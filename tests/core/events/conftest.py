"""Here the installation has the sample plugins, and clinics are on the plan that holds them."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from prikus.access.performing import Performer
from prikus.config import WorkPace
from prikus.events.queue import Queue
from prikus.testing.clinics import TestClinic
from prikus.testing.house import House
from prikus.testing.plugin import own


@pytest.fixture
def house(tea_house: House) -> House:
    return tea_house


@own
async def clinic(make_clinic: Callable[..., Awaitable[TestClinic]]) -> TestClinic:
    return await make_clinic(plan="tea")


@pytest.fixture
def performer(house: House) -> Performer:
    """Tries nothing again before a test says so."""
    return Performer(house.runtime, house.states, Queue(house.runtime.relay, WorkPace(retry=3600)), together=1)


@pytest.fixture
def hurry(runtime, clinic):
    """Makes what was put off due, and lets leases run out."""

    async def move() -> None:
        query = "update core.work set due = now(), lease_until = now() - interval '1 second' where clinic_id = :id"
        async with runtime.relay.begin() as db:
            await db.execute(text(query), {"id": clinic.id})

    return move
