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
    """Answers a second, and what was answered instead of success."""

    rate: float
    refused: list[str]


async def _one(plan: Plan, first: int, until: float, refused: list[str]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", plan.port)
    done, place = 0, first
    while time.perf_counter() < until:
        request = plan.requests[place % len(plan.requests)].replace("{key}", uuid.uuid4().hex)
        writer.write(request.encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next((int(x.split(":")[1]) for x in head.split("\r\n") if x.lower().startswith("content-length:")), 0)
        await reader.readexactly(length)
        if head.split(" ", 2)[1] not in ("200", "204"):
            refused.append(head.split("\r\n", 1)[0])
        done, place = done + 1, place + plan.connections
    writer.close()
    return done


async def measure(plan: Plan) -> Measured:
    refused: list[str] = []
    start = time.perf_counter()
    until = start + plan.seconds
    done = await asyncio.gather(*(_one(plan, n, until, refused) for n in range(plan.connections)))
    return Measured(sum(done) / (time.perf_counter() - start), refused[:3])


if __name__ == "__main__":
    found = asyncio.run(measure(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)))
    sys.stdout.buffer.write(msgspec.json.encode(found))
