"""The scheduler process: at each job's time it asks for one run per clinic where the plugin is effective."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence

import structlog
import uvloop
from sqlalchemy import text
from taskiq import InMemoryBroker, TaskiqScheduler
from taskiq.api import run_scheduler_task
from taskiq.schedule_sources import LabelScheduleSource

from prikus.access.actors import SYSTEM
from prikus.access.context import open_unit
from prikus.clinics.state import States
from prikus.config import Config
from prikus.events.outbox import write_job
from prikus.events.runtime import Runtime
from prikus.host.declarations import Job, Nothing
from prikus.host.system import System

log = structlog.get_logger("prikus.scheduler")


async def clinics(runtime: Runtime) -> list[int]:
    """All there are, whatever their state."""
    async with runtime.relay.begin() as db:
        return list(await db.scalars(text("select id from core.clinic order by id")))


async def ask_for(runtime: Runtime, states: States, job: Job, among: Sequence[int]) -> int:
    """Ask for the job in each of these clinics where its owners are effective now. Returns how many."""
    asked = 0
    for clinic_id in among:
        clinic = await states.get(clinic_id)
        if clinic.works_for(job.owners):
            async with open_unit(runtime, clinic, SYSTEM, frozenset()) as ctx:
                await write_job(ctx.db, job, Nothing(), None)
                ctx.wake()
            asked += 1
    return asked


async def run(config: Config, system: System) -> None:
    """Keep time until SIGTERM or SIGINT. The heads of work go straight into the database, without Redis between."""
    stop = asyncio.Event()
    for word in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(word, stop.set)
    runtime = Runtime(config, system, pool_size=1)
    states = States(runtime)
    clock = InMemoryBroker()
    for job in system.jobs.values():
        if job.cron is not None:
            clock.register_task(_asking(runtime, states, job), task_name=job.kind, schedule=[{"cron": job.cron}])
    scheduler = TaskiqScheduler(clock, [LabelScheduleSource(clock)])
    keeping = asyncio.create_task(run_scheduler_task(scheduler, run_startup=True))
    log.info("scheduler ready")
    await stop.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await runtime.close()


def _asking(runtime: Runtime, states: States, job: Job) -> Callable[[], Awaitable[None]]:
    async def ask() -> None:
        log.info("scheduled", job=job.id, clinics=await ask_for(runtime, states, job, await clinics(runtime)))

    return ask


def main(config: Config) -> None:
    uvloop.run(run(config, System.load(with_texts=False)))
