"""
Interleaved rounds of seven requests, ours, bare and of a peer; medians and ratios beside the goals of `performance.md`.

What the bare side is stands in `bare.py`, what the peer is in `peer/`. The list is compared twice: with the bare page
of equal bytes, and with JSON of its rows. CPU is that of all processes of a server, without PostgreSQL.
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
from prikus.testing.live import environment, free_port, started, until_open
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
PEER_GOALS = {
    "card": (1.4, 2.0),
    "prefix": (12.0, 12.0),
    "inside": (4.0, 4.0),
    "week": (3.5, 6.0),
    "list": (2.2, 2.5),
    "list to JSON": (2.2, 2.5),
    "create": (2.0, 3.5),
    "issue": (1.5, 3.0),
    "pay": (1.5, 3.0),
}
"""Ratios to reach with one connection and with eight; `pay` has those of `issue`."""
COLUMNS = (
    *("запрос", "c", "1/с", "к голому", "цель", "к Django", "цель", "p50, мс", "p99, мс"),
    *("CPU, мс: наш", "голый", "Django"),
)
PEER_SERVER = ("--interface", "wsgi", "--blocking-threads", "8", "tests.bench.peer.serving:application")
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


class Side(msgspec.Struct):
    """One of the servers that are compared; the peer is asked with the headers of its session."""

    port: int
    process: subprocess.Popen[bytes]
    headers: list[str] = []


async def compare(ours: Side, others: list[Side], asked: dict[str, Asked], options: argparse.Namespace) -> Table:
    """`others` are the bare server and the peer."""
    table = Table(*COLUMNS)
    endless: dict[str, Iterator[str]] = {name: one.ours() for name, one in asked.items()}
    for connections, place in ((1, 0), (8, 1)):
        found: dict[str, list[list[Round]]] = {name: [] for name in asked}
        for _ in range(options.rounds):
            for name, one in asked.items():
                sent = list(islice(endless[name], one.distinct))
                rounds = [await measure(ours.process, Plan(ours.port, sent, connections, options.seconds))]
                for side in others:
                    plan = Plan(side.port, [one.signed(side.headers)], connections, options.seconds)
                    rounds.append(await measure(side.process, plan))
                found[name].append(rounds)
        for name, rounds in found.items():
            own, bare, peer = (_medians([sides[n] for sides in rounds]) for n in range(3))
            ratios = (f"{own.rate / bare.rate:.2f}", f"{GOALS[name][place]:.2f}")
            to_peer = (f"{own.rate / peer.rate:.1f}", f"{PEER_GOALS[name][place]:.1f}")
            times = (f"{own.p50:.1f}", f"{own.p99:.1f}", *(f"{side.cpu:.2f}" for side in (own, bare, peer)))
            table.add_row(name, str(connections), f"{own.rate:.0f}", *ratios, *to_peer, *times)
    return table


def _medians(rounds: list[Round]) -> Round:
    return Round(*(statistics.median(getattr(one, field) for one in rounds) for field in Round.__struct_fields__))


async def run(options: argparse.Namespace, given: servers.Servers) -> None:
    system = System.load()
    config = await migrated(given, "bench", 9)
    folder = config.data / "bench"
    folder.mkdir()
    async with opened(config, system) as house:
        asked = await furnish(house, await open_test_clinic(house), folder, options.patients)
    if options.only:
        asked = {name: one for name, one in asked.items() if name in options.only.split(",")}
    told = os.environ | {"BENCH_SETTING": str(folder)}
    signing = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.peer.serving", env=told, stdout=subprocess.PIPE
    )
    headers = (await signing.communicate())[0].decode().splitlines()
    ports = [free_port() for _ in range(3)]
    sides = [
        Side(ports[0], started("serve", environment(config, PRIKUS_PORT=str(ports[0])), config.data / "bench.log")),
        Side(ports[1], _granian(told, ports[1], "--interface", "asgi", "--factory", "tests.bench.bare:build")),
        Side(ports[2], _granian(told, ports[2], *PEER_SERVER), headers),
    ]
    try:
        for port in ports:
            await until_open(port)
        for one in asked.values():
            await one.check_answers(*ports, headers)
        Console(width=130).print(await compare(sides[0], sides[1:], asked, options))
    finally:
        for side in sides:
            side.process.terminate()
            side.process.wait(20)


def _granian(env: dict[str, str], port: int, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--workers", "1", "--log-level", "error", "--port", str(port), *options]
    return subprocess.Popen(command, env=env)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--patients", type=int, default=200_000, help="others in the same clinic")
    parser.add_argument("--only", default="", help="names of requests, with commas between")
    options = parser.parse_args()
    with servers.running() as given:
        asyncio.run(run(options, given))


if __name__ == "__main__":
    main()
