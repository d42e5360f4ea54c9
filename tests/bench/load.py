"""A small load generator: HTTP/1.1 over raw sockets, in a process of its own that reads its plan from stdin."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid

import msgspec


class Plan(msgspec.Struct):
    """`requests` are sent one after another on `connections` kept alive; `{key}` becomes a fresh key each time."""

    port: int
    requests: list[str]
    connections: int
    seconds: float


class Measured(msgspec.Struct):
    """Answers a second, seconds of each, and what was answered instead of success."""

    rate: float
    times: list[float]
    refused: list[str]


async def _one(plan: Plan, first: int, until: float, times: list[float], refused: list[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
    place = first
    while time.perf_counter() < until:
        request = plan.requests[place % len(plan.requests)].replace("{key}", uuid.uuid4().hex)
        sent = time.perf_counter()
        writer.write(request.encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next((int(x.split(":")[1]) for x in head.split("\r\n") if x.lower().startswith("content-length:")), 0)
        await reader.readexactly(length)
        if head.split(" ", 2)[1] not in ("200", "201", "204"):
            refused.append(head.split("\r\n", 1)[0])
        times.append(time.perf_counter() - sent)
        place += plan.connections
    writer.close()


async def measure(plan: Plan) -> Measured:
    refused: list[str] = []
    times: list[float] = []
    start = time.perf_counter()
    until = start + plan.seconds
    await asyncio.gather(*(_one(plan, n, until, times, refused) for n in range(plan.connections)))
    return Measured(len(times) / (time.perf_counter() - start), times, refused[:3])


if __name__ == "__main__":
    found = asyncio.run(measure(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)))
    sys.stdout.buffer.write(msgspec.json.encode(found))
