"""The worker process: woken by Redis, swept every five seconds, stopped within ten (patterns 8)."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from contextlib import suppress

import structlog
import uvloop
from sqlalchemy.exc import SQLAlchemyError
from taskiq.api import run_receiver_task

from prikus.access.performing import Performer
from prikus.app.watchdog import Watchdog
from prikus.clinics.state import States
from prikus.config import Config
from prikus.events.runtime import WAKE, Runtime
from prikus.host.system import System

log = structlog.get_logger("prikus.worker")
CANCELS = 3
CANCEL_SECONDS = 1.0


async def run(config: Config, system: System) -> None:
    """Work until SIGTERM or SIGINT; what was begun is finished or its lease runs out."""
    stop = asyncio.Event()
    for word in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(word, stop.set)
    runtime = Runtime(config, system, pool_size=config.work.together)
    performer = Performer(runtime, States(runtime))
    wake = asyncio.Event()

    @runtime.broker.task(task_name=WAKE)
    async def woken() -> None:
        wake.set()

    runtime.broker.is_worker_process = True
    watchdog = Watchdog(config.loop_stall, config.loop_limit)
    watchdog.start()
    receiver = asyncio.create_task(run_receiver_task(runtime.broker, run_startup=True))
    worker = asyncio.create_task(_work(performer, wake, config.work.sweep))
    gc.collect()
    gc.freeze()
    log.info("worker ready")
    await stop.wait()
    watchdog.stop()
    left = await end({receiver, worker})
    with suppress(SQLAlchemyError, OSError):
        await performer.hand_back()
    with suppress(TimeoutError):
        await asyncio.wait_for(runtime.broker.shutdown(), CANCEL_SECONDS)
    await runtime.close()
    if left:
        # taskiq's receiver, reading from Redis, can refuse to hear a cancellation. It holds nothing: heads of work are
        # in PostgreSQL, and ours are finished or on a lease.
        os._exit(0)


async def end(tasks: set[asyncio.Task[None]]) -> set[asyncio.Task[None]]:
    """Cancel until they listen: a task that is just starting, or just waking, may swallow the first word.

    Returns those that did not.
    """
    for _ in range(CANCELS):
        for task in tasks:
            task.cancel()
        _, tasks = await asyncio.wait(tasks, timeout=CANCEL_SECONDS)
        if not tasks:
            break
    return tasks


async def _work(performer: Performer, wake: asyncio.Event, sweep_seconds: float) -> None:
    while True:
        try:
            await performer.work(wake)
        except Exception:
            log.exception("cannot reach the queue, will try again")
        await asyncio.sleep(sweep_seconds)


def main(config: Config) -> None:
    uvloop.run(run(config, System.load(with_texts=False)))
