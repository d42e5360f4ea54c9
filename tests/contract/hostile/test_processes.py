"""Jobs that kill, hang or fail, pages that never come back: in real processes, with seconds in place of minutes."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from sqlalchemy import select, text

from prikus.access.models import AuditRecord
from prikus.app.door import cookie_name, csrf_token
from prikus.events.queue import TRIES
from prikus.patients.events import PatientUpdated
from prikus.patients.models import Patient
from prikus.testing.clinics import TestClinic
from prikus.testing.house import House
from prikus.testing.live import free_port
from prikus.ui.render import CSRF_HEADER
from tests.campaigns.faults.machine import Process
from tests.contract import samples
from tests.waiting import PATIENCE, until

STALL, LIMIT = 1, 10
ENDED = re.compile(
    rf"^Timeout \(0:00:{LIMIT}\)!\n(?:(?:Thread|  ).*\n|\n)*?  File \".*prikus_hostile/pages.py\"", re.MULTILINE
)
"""What is written at the end of a process that a page of the plugin holds."""


@pytest.fixture
def house(hostile_apart: House) -> House:
    return hostile_apart


async def order(clinic: TestClinic, *ways: str) -> None:
    from prikus_hostile.jobs import Act, act

    async with clinic.ctx_as("system") as ctx:
        for how in ways:
            await ctx.enqueue(act, Act(how))


async def heads(clinic: TestClinic) -> list[tuple[str, str, int, str | None]]:
    query = "select split_part(kind, '.', 2), state, attempt, error from core.work where clinic_id = :id order by id"
    async with clinic.house.runtime.relay.connect() as db:
        return [tuple(row) for row in await db.execute(text(query), {"id": clinic.id})]


async def kinds(clinic: TestClinic) -> list[str]:
    return [kind for kind, *_ in await heads(clinic)]


async def done(clinic: TestClinic) -> int:
    async with clinic.ctx_as("system") as ctx:
        return len(list(await ctx.db.scalars(select(AuditRecord.id).where(AuditRecord.action == "hostile.done"))))


def reached(look: Callable[[], Awaitable[object]], expected: object) -> Callable[[], Awaitable[bool]]:
    async def is_reached() -> bool:
        return await look() == expected

    return is_reached


async def test_a_job_that_killed_its_worker_twice_is_not_tried_again_by_itself(
    clinic, make_clinic, house, start
) -> None:
    other = await make_clinic(plan="hostile")
    await order(clinic, "die")
    await order(clinic, "good")
    await order(other, "good", "good")
    deaths = 0
    async with asyncio.timeout(180):
        while [state for _, state, *_ in await heads(clinic)] != ["dead"]:
            worker = start("worker")
            await until(lambda worker=worker: _ended_or_buried(worker, clinic))
            if not worker.is_alive:
                deaths += 1
                await end_leases(house)
    assert deaths == 2
    assert await done(clinic) == 1
    await until(reached(lambda: done(other), 2))
    assert await heads(clinic) == [("act", "dead", 2, "Дважды остановило обработчик и больше не повторяется само.")]
    await order(clinic, "good")
    await until(reached(lambda: done(clinic), 2))
    assert [state for _, state, *_ in await heads(clinic)] == ["dead"]


async def end_leases(house: House) -> None:
    """Those of workers that died; no other runs now."""
    query = "update core.work set lease_until = now() - interval '1 second' where state = 'running'"
    async with house.runtime.relay.begin() as db:
        await db.execute(text(query))


async def _ended_or_buried(worker: Process, clinic: TestClinic) -> bool:
    return not worker.is_alive or [state for _, state, *_ in await heads(clinic)] == ["dead"]


async def test_what_hangs_is_given_up_and_what_always_fails_is_buried_while_others_go_on(
    clinic, make_clinic, start
) -> None:
    """Each fact about a patient is also heard by the core's own listener, which writes the feed."""
    other = await make_clinic(plan="hostile")
    await order(clinic, "hang")
    async with clinic.ctx_as("director") as ctx:
        patient = await ctx.load(Patient, await samples.patient(ctx, "Слышная"))
        await ctx.emit(PatientUpdated(patient_id=patient.id, changed=()), aggregate=patient)
    await order(other, "good")
    start("worker", PRIKUS_WORK_LONGEST="1", PRIKUS_WORK_RETRY="0.001")
    await until(reached(lambda: done(other), 1))
    await until(reached(lambda: kinds(clinic), ["act", "hear"]))
    buried = [
        ("act", "dead", TRIES, "Не закончилось за 1 с и прервано."),
        ("hear", "dead", TRIES, "RuntimeError: heard nothing, ever"),
    ]
    await until(reached(lambda: heads(clinic), buried))


@pytest.fixture
async def visitor(house: House, clinic: TestClinic) -> AsyncIterator[Callable[[int], httpx.AsyncClient]]:
    """Makes the director's browser at a port."""
    key = await clinic.session("director")
    token = csrf_token(house.config.secret(), key)
    headers = {"Cookie": f"{cookie_name(house.config)}={key}", CSRF_HEADER: token}
    made: list[httpx.AsyncClient] = []

    def at(port: int) -> httpx.AsyncClient:
        made.append(
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}",
                headers=headers,
                timeout=PATIENCE,
            )
        )
        return made[-1]

    yield at
    for one in made:
        await one.aclose()


async def test_a_page_that_never_comes_back_ends_its_process_which_is_replaced(clinic, start, visitor, rounds) -> None:
    port = free_port()
    web = start("serve", PRIKUS_PORT=str(port), PRIKUS_LOOP_STALL=str(STALL), PRIKUS_LOOP_LIMIT=str(LIMIT))
    ways = ("regex", "python", "sleep")[: rounds(1, 3)]
    for number, how in enumerate(ways, 1):
        browser = visitor(port)
        await until(lambda browser=browser: answers(browser))
        assert (await browser.post("/hostile/note")).status_code == 201
        began = time.monotonic()
        with pytest.raises(httpx.TransportError):
            await browser.post(f"/hostile/spin/{how}")
        await until(lambda: answers(visitor(port)))
        print(f"{how}: back after {time.monotonic() - began:.1f} s with a limit of {LIMIT} s")
        assert len(ENDED.findall(web.said())) == number, web.said()[-4000:]
    assert web.is_alive, "the whole web ended, not only the process that was stuck"
    async with clinic.ctx_as("system") as ctx:
        written = await ctx.db.scalars(select(AuditRecord.action).where(AuditRecord.action.like("hostile.%")))
        assert list(written) == ["hostile.noted"] * len(ways)


async def test_twin_without_the_watchdog_nobody_is_answered_any_more(start, visitor) -> None:
    port = free_port()
    web = start("serve", PRIKUS_PORT=str(port), PRIKUS_LOOP_STALL=str(STALL), PRIKUS_LOOP_LIMIT="0")
    browser = visitor(port)
    await until(lambda: answers(browser))
    with pytest.raises(httpx.ReadTimeout):
        await browser.post("/hostile/spin/python", timeout=LIMIT + 2)
    with pytest.raises(httpx.TransportError):
        await visitor(port).get("/health/live", timeout=1)
    assert web.is_alive
    await web.kill()


async def answers(browser: httpx.AsyncClient) -> bool:
    try:
        return (await browser.get("/health/ready", timeout=2)).is_success
    except httpx.HTTPError:
        return False
