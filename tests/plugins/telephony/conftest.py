"""A clinic with a connection of an exchange, and short ways to let it ring."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

import msgspec
import pytest_asyncio
from sqlalchemy import insert, text

from prikus.connections.models import Connection
from prikus.patients.models import Patient
from prikus.toolkit import Context
from prikus_telephony.public import Leg, SeenCall, hear_leg, reconcile
from prikus_telephony.services.extensions import add_extension
from prikus_telephony.services.finishing import settle

Units = Callable[..., AbstractAsyncContextManager[Context]]
NUMBER = "+79123401289"


async def make_patient(ctx: Context, last_name: str = "Морозова", card_number: int = 1, phone: str = NUMBER) -> int:
    sort = f"{last_name} анна".lower()
    values = {"card_number": card_number, "last_name": last_name, "first_name": "Анна", "sort_name": sort}
    values |= {"search_name": sort, "phone": phone, "phone_digits": phone.removeprefix("+")}
    id = await ctx.db.scalar(insert(Patient).values(values).returning(Patient.id))
    assert id is not None
    return id


async def make_connection(ctx: Context, kind: str = "ringer", title: str = "Станция") -> int:
    values = {"plugin_id": kind, "kind": kind, "title": title, "state": "on"}
    id = await ctx.db.scalar(insert(Connection).values(values).returning(Connection.id))
    assert id is not None
    return id


class Exchange(msgspec.Struct, frozen=True):
    """The exchange of a clinic. Moments are seconds after `start`."""

    units: Any
    connection_id: int
    start: dt.datetime

    def leg(self, state: Any, at: float = 0, *, call: str = "c1", leg: str = "l1", **more: Any) -> Leg:
        more = {"direction": "in", "client_number": NUMBER, **more}
        moment = self.start + dt.timedelta(seconds=at)
        return Leg(external_id=call, leg_id=leg, state=state, at=moment, **more)

    def seen(self, at: float = 0, *, call: str = "s1", is_answered: bool = True, **more: Any) -> SeenCall:
        more = {"direction": "in", "client_number": NUMBER, **more}
        moment = self.start + dt.timedelta(seconds=at)
        return SeenCall(external_id=call, started_at=moment, is_answered=is_answered, **more)

    async def hear(self, *legs: Leg) -> None:
        for leg in legs:
            async with self.units("system") as ctx:
                await hear_leg(ctx, self.connection_id, leg)

    async def tell(self, *seen: SeenCall) -> None:
        async with self.units("system") as ctx:
            await reconcile(ctx, self.connection_id, seen)

    async def settle(self) -> None:
        async with self.units("system") as ctx:
            for id in list(await ctx.db.scalars(text("select id from telephony.phone_call order by id"))):
                await settle(ctx, id)

    async def ring(self, state: str = "ringing", **more: Any) -> int:
        """A call that has come so far; its number."""
        states = ("ringing", "answered", "released")
        await self.hear(*(self.leg(one, n, **more) for n, one in enumerate(states[: states.index(state) + 1])))
        [[id]] = await self.rows("select max(id) from telephony.phone_call")
        return id

    async def miss(self, at: float = 0, **more: Any) -> int:
        """A finished call that nobody took; its number."""
        await self.hear(self.leg("ringing", at, **more), self.leg("released", at + 20, **more))
        await self.settle()
        [[id]] = await self.rows("select max(id) from telephony.phone_call")
        return id

    async def give(self, number: str, staff_id: int) -> None:
        async with self.units("director") as ctx:
            await add_extension(ctx, self.connection_id, number, staff_id)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.units("director") as ctx:
            return [tuple(row) for row in await ctx.db.execute(text(query))]


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(ctx_as: Units) -> Exchange:
    async with ctx_as("director") as ctx:
        connection = await make_connection(ctx)
        return Exchange(partial(ctx_as, patiently=True), connection, ctx.now().replace(microsecond=0))


@pytest_asyncio.fixture(loop_scope="session")
async def patient(ctx_as: Units) -> int:
    async with ctx_as("director") as ctx:
        return await make_patient(ctx)
