"""Interleaved rounds of seven requests, ours and bare; medians and ratios beside the goals of `performance.md`.

What the bare side is stands in `bare.py`. The list is compared twice: with the bare page of equal bytes, and with JSON
of its rows. CPU is that of all processes of the server, without PostgreSQL.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from prikus.host.system import System
from prikus.testing import servers
from prikus.testing.clinics import open_test_clinic
from prikus.testing.house import migrated, opened
from prikus.testing.live import environment, free_port, started
from tests.bench.furnishing import Asked, furnish
from tests.bench.load import Measured, Plan

GOALS = {
    "card": (0.40, 0.32),
    "prefix": (0.40, 0.30),
    "inside": (0.70, 0.70),
    "week": (0.42, 0.36),
    "list": (0.42, 0.42),
    "list to JSON": (0.42, 0.42),
    "create": (0.45, 0.35),
    "issue": (0.40, 0.30),
    "pay": (0.40, 0.30),
}
TICKS = os.sysconf("SC_CLK_TCK")


class Round(msgspec.Struct):
    rate: float
    p50: float
    p99: float
    cpu: float


def _processor_time(pid: int) -> float:
    """Seconds of a process and of its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / TICKS + sum(_processor_time(int(child)) for child in children)


async def measure(server: subprocess.Popen[bytes], plan: Plan) -> Round:
    """Milliseconds, and answers a second."""
    before = _processor_time(server.pid)
    command = (sys.executable, "-m", "tests.bench.load")
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, _ = await process.communicate(msgspec.json.encode(plan))
    measured = msgspec.json.decode(out, type=Measured)
    assert not measured.refused, (plan.requests[0].split("\r\n")[0], measured.refused)
    times = sorted(measured.times)
    cpu = (_processor_time(server.pid) - before) / len(times)
    return Round(measured.rate, *(1000 * x for x in (times[len(times) // 2], times[len(times) * 99 // 100], cpu)))


async def compare(
    ours: tuple[int, subprocess.Popen[bytes]],
    bare: tuple[int, subprocess.Popen[bytes]],
    asked: dict[str, Asked],
    options: argparse.Namespace,
) -> Table:
    columns = (
        "запрос",
        "c",
        "наш, 1/с",
        "голый, 1/с",
        "отношение",
        "цель",
        "p50, мс",
        "p99, мс",
        "CPU, мс",
        "CPU голого",
    )
    table = Table(*columns)
    endless: dict[str, Iterator[str]] = {name: one.ours() for name, one in asked.items()}
    for connections, place in ((1, 0), (8, 1)):
        found: dict[str, list[tuple[Round, Round]]] = {name: [] for name in asked}
        for _ in range(options.rounds):
            for name, one in asked.items():
                sent = list(islice(endless[name], one.distinct))
                own = await measure(ours[1], Plan(ours[0], sent, connections, options.seconds))
                them = await measure(bare[1], Plan(bare[0], [one.bare], connections, options.seconds))
                found[name].append((own, them))
        for name, rounds in found.items():
            own, them = (_medians([pair[side] for pair in rounds]) for side in (0, 1))
            numbers = (f"{own.p50:.1f}", f"{own.p99:.1f}", f"{own.cpu:.2f}", f"{them.cpu:.2f}")
            rates = (f"{own.rate:.0f}", f"{them.rate:.0f}", f"{own.rate / them.rate:.2f}", f"{GOALS[name][place]:.2f}")
            table.add_row(name, str(connections), *rates, *numbers)
    return table


def _medians(rounds: list[Round]) -> Round:
    return Round(*(statistics.median(getattr(one, field) for one in rounds) for field in Round.__struct_fields__))


async def run(options: argparse.Namespace, given: servers.Servers) -> None:
    system = System.load()
    config = await migrated(given, "bench", 9)
    folder = config.data / "bench"
    folder.mkdir()
    async with opened(config, system) as house:
        asked = await furnish(house, await open_test_clinic(house), folder)
    if options.only:
        asked = {name: one for name, one in asked.items() if name in options.only.split(",")}
    ports = (free_port(), free_port())
    web = started("serve", environment(config, PRIKUS_PORT=str(ports[0])), config.data / "bench.log")
    command = ["granian", "--interface", "asgi", "--workers", "1", "--factory", "--log-level", "error", "--port"]
    bare = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-m", *command, str(ports[1]), "tests.bench.bare:build"],
        env=os.environ | {"BENCH_SETTING": str(folder)},
    )
    try:
        for port in ports:
            await _until_open(port)
        for one in asked.values():
            await one.check_bytes(*ports)
        Console(width=120).print(await compare((ports[0], web), (ports[1], bare), asked, options))
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
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--only", default="", help="names of requests, with commas between")
    options = parser.parse_args()
    with servers.running() as given:
        asyncio.run(run(options, given))


if __name__ == "__main__":
    main()
