"""Ports of servers that a test starts: granian shares one with whoever shares it, so nobody else may be given it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server as Web

from prikus.embedded.server import require_free_port
from prikus.errors import Misconfigured
from prikus.testing.house import House, opened
from prikus.testing.live import free_port, until_open
from prikus.testing.plugin import own


@own
async def neighbour() -> AsyncIterator[int]:
    """The port of another program that shares its own."""

    async def answer(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    port = free_port()
    web = Web(answer, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    serving = asyncio.create_task(web.serve())
    await until_open(port, serving.done)
    yield port
    web.stop()
    await serving


def bind(port: int) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", port))


def test_a_port_that_was_given_is_given_to_nobody_else() -> None:
    port = free_port()
    with pytest.raises(OSError, match="in use"):
        bind(port)
    require_free_port("127.0.0.1", port)


def test_without_a_keeper_the_port_is_anybodys() -> None:
    """The twin: asking the system alone promises nothing."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    bind(port)


async def test_who_takes_a_port_gets_every_request(neighbour: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answers = {(await client.get(f"http://127.0.0.1:{neighbour}")).status_code for _ in range(20)}
    assert answers == {418}


async def test_a_house_does_not_share_its_port(house: House, neighbour: int) -> None:
    async with opened(house.config, house.system, port=neighbour) as own_house:
        with pytest.raises(Misconfigured, match=str(neighbour)):
            await own_house.answer()
