"""Interleaved rounds of list, week and pay, ours and bare; medians and ratios beside the goals of `performance.md`."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import statistics
import subprocess
import sys
from decimal import Decimal
from uuid import uuid4

import asyncpg
import msgspec
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from prikus.app.door import cookie_name, csrf_token
from prikus.data.upgrade import plain
from prikus.events.runtime import role_urls
from prikus.host.system import System
from prikus.testing import servers
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.live import environment, free_port, started
from prikus.toolkit import Chair, Patient
from prikus_billing.schemas import NewInvoice, NewLine
from prikus_billing.services.invoices import issue_invoice
from prikus_calendar.models import Shift
from prikus_calendar.schemas import NewAppointment
from prikus_calendar.services.booking import book
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service
from tests.bench.bare import TABLES
from tests.bench.load import Measured, Plan

MONDAY = dt.date(2027, 3, 15)
PATIENTS, INVOICES = 2000, 16
GOALS = {"list": (0.42, 0.42), "week": (0.42, 0.36), "pay": (0.40, 0.30)}


async def furnish(clinic: TestClinic) -> list[int]:
    """Patients, a week of 60 appointments, invoices to be paid. Returns the invoices."""
    doctor = await clinic.staff("doctor", last_name="Петрова")
    async with clinic.ctx_as("director") as ctx:
        names = [(n, f"Пациентова{n:05}") for n in range(1, PATIENTS + 1)]
        rows = [
            {"card_number": n, "last_name": name, "first_name": "Анна", "sort_name": f"{name} анна".lower(),
             "search_name": f"{name} анна".lower(), "phone": f"+7912{n:07}", "phone_digits": f"7912{n:07}"}
            for n, name in names
        ]  # fmt: skip
        people = list(await ctx.db.scalars(insert(Patient).returning(Patient.id), rows))
        place = {"branch_id": ctx.branch.id, "name": "Кресло 1", "position": 1}
        chair = (await ctx.db.execute(insert(Chair).values(place).returning(Chair.id))).scalar_one()
        for day in (MONDAY + dt.timedelta(days=n) for n in range(6)):
            await _one_day(ctx, day, doctor.staff_id, chair, people)
        category = await add_category(ctx, CategoryForm(name="Терапия"))
        form = ServiceForm(category_id=category, name="Осмотр", code="X1", price=Decimal("900000.00"), is_active=True)
        wish = NewInvoice(patient_id=people[0], lines=(NewLine(service_id=await add_service(ctx, form)),))
        invoices = [(await issue_invoice(ctx, wish, str(uuid4()))).invoice_id for _ in range(INVOICES)]
    await clinic.drain()
    return invoices


async def _one_day(ctx, day: dt.date, doctor: int, chair: int, people: list[int]) -> None:
    zone = ctx.zone(ctx.branch.id)
    hours = {
        "starts_at": dt.datetime.combine(day, dt.time(9), zone),
        "ends_at": dt.datetime.combine(day, dt.time(19), zone),
    }
    where = {"staff_id": doctor, "chair_id": chair, "branch_id": ctx.branch.id, "business_date": day}
    await ctx.db.execute(insert(Shift).values(**hours, **where))
    for n in range(10):
        times = {"starts": dt.time(9 + n), "ends": dt.time(9 + n, 45)}
        wish = NewAppointment(patient_id=people[n], chair_id=chair, doctor_id=doctor, date=day, **times)
        await book(ctx, wish, str(uuid4()))


def requests(house: House, key: str, invoices: list[int]) -> dict[str, tuple[list[str], list[str]]]:
    """What is sent to us and to the bare server, by name."""
    head = "\r\n".join(
        [
            "Host: 127.0.0.1",
            f"Cookie: {cookie_name(house.config)}={key}",
            "HX-Request: true",
            f"X-CSRF-Token: {csrf_token(house.config.secret(), key)}",
        ]
    )
    last = MONDAY + dt.timedelta(days=5)
    body = "cash=1&cashless=0&idempotency_key=" + "0" * 32
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}"
    posts = [
        f"POST /billing/invoices/{one} HTTP/1.1\r\n{head}\r\n{form}\r\n\r\n".replace(f"/{one} ", f"/{one}/pay ")
        + body.replace("0" * 32, "{key}")
        for one in invoices
    ]
    bare = "Host: 127.0.0.1\r\n\r\n"
    return {
        "one": ([], [f"GET /one HTTP/1.1\r\n{bare}"]),
        "list": ([f"GET /patients/ HTTP/1.1\r\n{head}\r\n\r\n"], [f"GET /list HTTP/1.1\r\n{bare}"]),
        "week": (
            [f"GET /api/v1/calendar/appointments?from={MONDAY}&to={last} HTTP/1.1\r\n{head}\r\n\r\n"],
            [f"GET /week/{MONDAY}/{last} HTTP/1.1\r\n{bare}"],
        ),
        "pay": (posts, [f"POST /pay/{n} HTTP/1.1\r\nContent-Length: 0\r\n{bare}" for n in range(INVOICES)]),
    }


async def rate(port: int, sent: list[str], connections: int, seconds: float) -> float:
    plan = msgspec.json.encode(Plan(port, sent, connections, seconds))
    command = (sys.executable, "-m", "tests.bench.load")
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, _ = await process.communicate(plan)
    measured = msgspec.json.decode(out, type=Measured)
    assert not measured.refused, (sent[0].split("\r\n")[0], measured.refused)
    return measured.rate


async def compare(
    ours: int, bare: int, sent: dict[str, tuple[list[str], list[str]]], options: argparse.Namespace
) -> Table:
    table = Table("запрос", "c", "наш, 1/с", "голый, 1/с", "отношение", "цель", "голый к SELECT 1")
    for connections, place in ((1, 0), (8, 1)):
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in sent}
        for _ in range(options.rounds):
            for name, (us, them) in sent.items():
                own = await rate(ours, us, connections, options.seconds) if us else 0.0
                found[name].append((own, await rate(bare, them, connections, options.seconds)))
        medians = {name: tuple(map(statistics.median, zip(*rounds, strict=True))) for name, rounds in found.items()}
        for name in GOALS:
            own, ceiling = medians[name]
            table.add_row(
                name, str(connections), f"{own:.0f}", f"{ceiling:.0f}", f"{own / ceiling:.2f}",
                f"{GOALS[name][place]:.2f}", f"{ceiling / medians['one'][1]:.2f}",
            )  # fmt: skip
    return table


async def run(options: argparse.Namespace, given: servers.Servers) -> None:
    system = System.load()
    config = await migrated(given, "bench", 9)
    async with opened(config, system) as house:
        clinic = await open_test_clinic(house)
        invoices = await furnish(clinic)
        admin = await asyncpg.connect(plain(config.database_url or ""))
        await admin.execute(TABLES)
        await admin.execute("vacuum analyze")
        await admin.close()
        sent = requests(house, await clinic.session("administrator"), invoices)
    ports, log = (free_port(), free_port()), config.data / "bench.log"
    here = environment(config, PRIKUS_PORT=str(ports[0]))
    web = started("serve", here, log)
    url = plain(role_urls(config).admin_url.render_as_string(hide_password=False))
    bare = subprocess.Popen(  # noqa: ASYNC220
        [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "asgi",
            "--workers",
            "1",
            "--port",
            str(ports[1]),
            "--factory",
            "--log-level",
            "error",
            "tests.bench.bare:build",
        ],
        env=os.environ | {"BENCH_URL": url, "BENCH_CLINIC": str(clinic.id)},
    )
    try:
        for port in ports:
            await _until_open(port)
        Console(width=110).print(await compare(*ports, sent, options))
    finally:
        for process in (web, bare):
            process.terminate()
            process.wait(20)


async def _until_open(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    with servers.running() as given:
        asyncio.run(run(options, given))


if __name__ == "__main__":
    main()
