"""A clinic with two doctors at work whom a channel shows, and what the channel asks for."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import msgspec
import pytest_asyncio
from sqlalchemy import insert, select, text

from prikus.connections.models import Connection
from prikus.toolkit import Context, next_number
from prikus_calendar.models import Appointment
from prikus_calendar.schemas import CancelAppointment, Saved
from prikus_calendar.services import statuses
from prikus_online_booking.models import ExternalBooking, ExternalIdentity
from prikus_online_booking.public import Booking, Outcome, Schedule, Wish, book, cancel, move, schedule
from tests.plugins.calendar.conftest import DAY, Desk, desk
from tests.waiting import PATIENCE

__all__ = ["desk"]
PHONE = "+79161234567"


async def make_channel(ctx: Context, title: str, *doctors: int) -> int:
    """A connection that shows these doctors in cells of half an hour."""
    values = {"plugin_id": "online_booking", "kind": "aggregator", "title": title, "state": "on"}
    id = (await ctx.db.execute(insert(Connection).values(values).returning(Connection.id))).scalar_one()
    rows = [{"connection_id": id, "kind": "doctor", "staff_id": one, "is_published": True} for one in doctors]
    await ctx.db.execute(insert(ExternalIdentity), rows)
    return id


class Aggregator(msgspec.Struct, frozen=True):
    """One channel of a clinic. It acts as the system, which holds every right; people of the clinic are others."""

    desk: Desk
    id: int

    def wish(self, starts: str = "10:00", ends: str | None = None, place: int = 0, day: dt.date = DAY) -> Wish:
        moment = dt.datetime.combine(day, dt.time.fromisoformat(starts))
        end = dt.datetime.combine(day, dt.time.fromisoformat(ends)) if ends else None
        return Wish(doctor=str(self.desk.doctors[place]), starts_at=moment, ends_at=end)

    def booking(self, *wish: Any, id: str | None = "A-1", **more: Any) -> Booking:
        person = {"last_name": "Кузнецова", "first_name": "Мария", "phone": PHONE}
        return Booking(wish=self.wish(*wish), external_id=id, **{**person, **more})

    async def book(self, *wish: Any, **more: Any) -> Outcome:
        async with self.desk.units("system") as ctx:
            return await book(ctx, self.id, self.booking(*wish, **more))

    async def ask(self, wish: Wish, **more: Any) -> Outcome:
        """Book exactly what this wish says."""
        async with self.desk.units("system") as ctx:
            return await book(ctx, self.id, msgspec.structs.replace(self.booking(**more), wish=wish))

    async def move(self, ref: int | str, *wish: Any) -> Outcome:
        async with self.desk.units("system") as ctx:
            return await move(ctx, self.id, ref, self.wish(*wish))

    async def cancel(self, ref: int | str) -> Outcome:
        async with self.desk.units("system") as ctx:
            return await cancel(ctx, self.id, ref)

    async def cancelled_by_clinic(self, reason: str = "Врач заболел") -> Saved:
        """The clinic cancels its only appointment; nobody has heard of it yet."""
        async with self.desk.units("administrator") as ctx:
            visit = (await ctx.db.execute(select(Appointment.id, Appointment.row_version))).one()
            return await statuses.cancel(ctx, visit.id, CancelAppointment(row_version=visit.row_version, reason=reason))

    async def schedule(self, first: dt.date = DAY, last: dt.date = DAY) -> Schedule:
        async with self.desk.units("system") as ctx:
            return await schedule(ctx, self.id, first, last)

    async def kept(self) -> list[tuple[str, str, str | None]]:
        """What is kept of its bookings: number, state, reason."""
        columns = (ExternalBooking.external_id, ExternalBooking.state, ExternalBooking.reason)
        async with self.desk.units("director") as ctx:
            query = select(*columns).where(ExternalBooking.connection_id == self.id).order_by(ExternalBooking.id)
            return [(id, state, reason) for id, state, reason in await ctx.db.execute(query)]

    async def visits(self) -> list[tuple[str, str, bool]]:
        """What stands in the clinic's calendar: whose, when by the clock of Yekaterinburg, and whether it occupies."""
        words = """select p.last_name, to_char(a.starts_at at time zone 'Asia/Yekaterinburg', 'HH24:MI'), a.occupies
            from calendar.appointment a join core.patient p on p.clinic_id = a.clinic_id and p.id = a.patient_id
            order by a.id"""
        async with self.desk.units("director") as ctx:
            return [(name, at, occupies) for name, at, occupies in await ctx.db.execute(text(words))]


async def somebody_waits(clinic: Any, ctx: Context) -> None:
    """Until another transaction waits in the database for the end of this one."""
    waiting = text("select exists (select from pg_stat_activity where :pid = any(pg_blocking_pids(pid)))")
    mine = {"pid": await ctx.db.scalar(text("select pg_backend_pid()"))}
    async with asyncio.timeout(PATIENCE), clinic.house.runtime.relay.connect() as aside:
        while not await aside.scalar(waiting, mine):
            await aside.rollback()


@pytest_asyncio.fixture(loop_scope="session")
async def channel(desk: Desk) -> Aggregator:
    async with desk.units("director") as ctx:
        for _ in desk.patients:  # whose cards were numbered by hand
            await next_number(ctx.db, "patient_card")
        return Aggregator(desk, await make_channel(ctx, "Агрегатор", *desk.doctors))


@pytest_asyncio.fixture(loop_scope="session")
async def other(desk: Desk, channel: Aggregator) -> Aggregator:
    """Another channel, which shows the first doctor alone."""
    async with desk.units("director") as ctx:
        return Aggregator(desk, await make_channel(ctx, "Другой", desk.doctors[0]))
