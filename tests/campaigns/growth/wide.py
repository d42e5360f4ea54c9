"""One database, and beside it the same system with few plugins and with many."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import msgspec
from sqlalchemy import select

from prikus.access.models import StaffMember
from prikus.app.door import cookie_name, csrf_token
from prikus.config import Config
from prikus.data.session import Scope
from prikus.data.upgrade import plain
from prikus.embedded import process
from prikus.testing.clinics import PASSWORD, Person, TestClinic
from prikus.testing.house import House
from prikus.testing.live import PATIENCE, environment, free_port, started, wait_until_ready
from prikus.ui.render import CSRF_HEADER
from tests.campaigns.growth import generated
from tests.core.app.test_supervisor import children

OURS = (
    "catalog",
    "calendar",
    "billing",
    "telephony",
    "messaging",
    "crm",
    "fiscal",
    "imaging",
    "integrations_beeline",
    "integrations_diagnocat",
    "integrations_evotor",
    "integrations_smsc",
    "integrations_tilda",
    "online_booking",
)
FEW = len(OURS)
MANY = FEW + 30
SLUG = "wide"


class Running(msgspec.Struct, frozen=True):
    """A web process that is ready: where, its number, and the processor's seconds that its start took."""

    url: str
    pid: int
    seconds: float


def environ(config: Config, folder: Path, **more: str) -> dict[str, str]:
    return environment(config, PYTHONPATH=str(folder), **more)


async def carried_out(words: str, environ: Mapping[str, str], log: Path) -> None:
    """`prikus <words>` in a process of its own, to its end."""
    child = started(words, environ, log)
    code = await asyncio.to_thread(child.wait, PATIENCE)
    assert code == 0, said(log)


def said(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]


@asynccontextmanager
async def web(config: Config, folder: Path) -> AsyncIterator[Running]:
    """A web process with the plugins of the folder beside ours."""
    port = free_port()
    log = config.data / f"wide-{port}.log"
    child = started("serve", environ(config, folder, PRIKUS_PORT=str(port)), log)
    try:
        url = f"http://127.0.0.1:{port}"
        await asyncio.to_thread(wait_until_ready, url, [child], log)
        yield Running(url, child.pid, processor(child.pid))
    finally:
        await asyncio.to_thread(process.stop, child, signal.SIGTERM, PATIENCE)


async def furnish(house: House, folder: Path) -> TestClinic:
    """Bring the database of the house to the many plugins, and open a clinic that has them all."""
    config, log = house.config, house.config.data / "wide.log"
    await carried_out("db upgrade", environ(config, folder), log)
    assert config.database_url is not None
    admin = await asyncpg.connect(plain(config.database_url))
    plan = "('wide', 'Всё', 1, 9)"
    await admin.execute(f"insert into core.subscription_plan (code, title, price, position) values {plan}")
    await admin.execute(
        "insert into core.plan_plugin (plan_id, plugin_id) select id, unnest($1::text[]) "
        "from core.subscription_plan where code = 'wide'",
        [*OURS, *generated.ids(MANY - len(OURS))],
    )
    password = PASSWORD.replace(" ", "-")
    words = f"clinic create --slug {SLUG} --name {SLUG} --plan wide --admin-email head@wide.example"
    await carried_out(f"{words} --admin-password {password}", environ(config, folder), log)
    clinic_id = await admin.fetchval("select id from core.clinic where slug = $1", SLUG)
    await admin.close()
    async with house.runtime.session(Scope(clinic_id)) as db:
        staff_id, account_id = (await db.execute(select(StaffMember.id, StaffMember.account_id))).one()
    return TestClinic(house, clinic_id, SLUG, Person(staff_id, account_id, "head@wide.example", "director"))


async def signed_in(clinic: TestClinic, url: str) -> httpx.AsyncClient:
    """The head of the clinic at a web process, over a socket."""
    key, config = await clinic.session("director"), clinic.house.config
    headers = {"Cookie": f"{cookie_name(config)}={key}", CSRF_HEADER: csrf_token(config.secret(), key)}
    return httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE)


def memory(pid: int) -> list[float]:
    """MiB in use of a process and of each of its children; what several share is divided among them."""
    return [_own(pid), *(size for child in children(pid) for size in memory(child))]


def processor(pid: int) -> float:
    """Seconds of the processor that a process and its children have used, whatever else the machine does."""
    used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK") + sum(map(processor, children(pid)))


def _own(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
