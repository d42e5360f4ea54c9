"""Words that wake the workers: never lost, and few."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

import msgspec

from prikus.events.runtime import Runtime
from prikus.testing.live import free_port
from tests.waiting import until

STREAM, MANY, OUTAGE = "prikus:work", 15, 10
"""A database of Redis for each test: other processes of the run wake theirs through other ones."""


async def heard(own: Runtime, words: int) -> bool:
    return await own.redis.xlen(STREAM) >= words


async def test_many_wishes_at_once_are_two_words(runtime: Runtime) -> None:
    assert runtime.config.redis_url
    address = f"{runtime.config.redis_url.rpartition('/')[0]}/{MANY}"
    own = Runtime(msgspec.structs.replace(runtime.config, redis_url=address), runtime.system)
    try:
        before = await own.redis.xlen(STREAM)
        for _ in range(50):
            own.wake()
        await own.settle()
        assert await own.redis.xlen(STREAM) == before + 1
        own.wake()
        await until(partial(heard, own, before + 2))
        for _ in range(50):
            own.wake()
        await own.settle()
        assert await own.redis.xlen(STREAM) == before + 3
    finally:
        await own.close()


@asynccontextmanager
async def relayed(port: int, to: str) -> AsyncIterator[None]:
    """Whatever comes to the port goes to the server at that address and back."""
    there = urlsplit(to)

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(there.hostname, there.port)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        yield


async def test_after_an_outage_of_redis_workers_are_woken_again(runtime: Runtime) -> None:
    assert runtime.config.redis_url
    port = free_port()
    apart = urlsplit(runtime.config.redis_url)._replace(path=f"/{OUTAGE}")
    away = apart._replace(
        netloc=apart.netloc.replace(str(apart.port), str(port)).replace(str(apart.hostname), "127.0.0.1")
    )
    own = Runtime(msgspec.structs.replace(runtime.config, redis_url=away.geturl()), runtime.system)
    try:
        own.wake()
        await own.settle()
        async with relayed(port, apart.geturl()):
            before = await own.redis.xlen(STREAM)
            own.wake()
            await own.settle()
            assert await own.redis.xlen(STREAM) == before + 1
            await own.close()
    finally:
        await own.close()
