"""Channels and people want one time at one moment: exactly one gets it, the others are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, text

from prikus.toolkit import Chair, Conflict
from prikus_calendar.models import Appointment
from tests.plugins.online_booking.conftest import Aggregator, somebody_waits

Rounds = Callable[[int, int], int]
TIMES = ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "12:00", "12:30")


async def test_two_channels_and_a_receptionist_want_one_time(
    channel: Aggregator, other: Aggregator, rounds: Rounds
) -> None:
    for number, time in enumerate(TIMES[: rounds(4, len(TIMES))]):
        asked = [
            one.book(time, id=f"{number}-{n}", last_name=f"Гостья{'абвг'[n]}", phone=f"+7916{number:03}000{n}")
            for n, one in enumerate((channel, other, channel, other))
        ]
        desk = channel.desk.book(time, f"{time[:3]}{int(time[3:]) + 30 if time[3:] == '00' else 45}", patient=2)
        *answers, at_desk = await asyncio.gather(*asked, desk, return_exceptions=True)
        won = [one for one in answers if getattr(one, "result", None) == "booked"]
        lost = [one for one in answers if getattr(one, "result", None) == "taken"]
        assert len(won) + len(lost) == len(asked), answers
        assert len(won) + (not isinstance(at_desk, Conflict)) == 1
        assert sum(occupies and at == time for _, at, occupies in await channel.visits()) == 1


async def test_one_request_sent_many_times_at_once_is_one_booking(channel: Aggregator, rounds: Rounds) -> None:
    for number, time in enumerate(TIMES[: rounds(4, len(TIMES))]):
        id = f"N-{number}" if number % 2 else None
        same = await asyncio.gather(
            *(channel.book(time, id=id, phone=f"+7917{number:03}0001", last_name="Гостья") for _ in range(4))
        )
        assert [one.result for one in same] == ["booked"] * 4
        assert sum(not one.is_repeated for one in same) == 1
        assert len({one.booking.id for one in same if one.booking}) == 1
    assert len(await channel.visits()) == rounds(4, len(TIMES))


async def test_what_was_cancelled_is_asked_for_anew_many_times_at_once(channel: Aggregator, rounds: Rounds) -> None:
    """Without a number of its own: who waits for the former booking finds it renamed, and looks again."""
    for number, time in enumerate(TIMES[: rounds(4, len(TIMES))]):
        who = {"id": None, "phone": f"+7917{number:03}0002", "last_name": "Гостья"}
        former = await channel.book(time, **who)
        assert former.booking is not None
        await channel.cancel(former.booking.id)
        same = await asyncio.gather(*(channel.book(time, **who) for _ in range(4)))
        assert [one.result for one in same] == ["booked"] * 4
        assert sum(not one.is_repeated for one in same) == 1
        assert len({one.booking.id for one in same if one.booking} - {former.booking.id}) == 1


async def test_one_new_person_of_two_requests_gets_one_card(channel: Aggregator, other: Aggregator) -> None:
    await asyncio.gather(channel.book("09:00"), other.book("10:00", id="B-1"))
    async with channel.desk.units("director") as ctx:
        assert await ctx.db.scalar(text("select count(*) from core.patient where last_name = 'Кузнецова'")) == 1


async def test_a_chair_that_is_deleted_while_a_booking_moves_into_it_is_no_slot(
    channel: Aggregator, clinic: Any
) -> None:
    await channel.book("10:00", None, 1)
    async with asyncio.TaskGroup() as group, channel.desk.units("director") as ctx:
        await ctx.db.execute(select(Appointment.id).with_for_update())
        ctx.soft_delete(await ctx.load(Chair, channel.desk.chairs[0]))
        moving = group.create_task(channel.move("A-1", "11:00"))
        await somebody_waits(clinic, ctx)
    moved = moving.result()
    assert moved.booking is not None
    assert (moved.result, f"{moved.booking.starts_at:%H:%M}") == ("no_slot", "10:00")
