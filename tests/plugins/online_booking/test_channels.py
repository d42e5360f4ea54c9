"""What the clinic shows at a channel, and under which codes."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select

from prikus.toolkit import Invalid, StaffMember
from prikus_online_booking.schemas import PublishForm
from prikus_online_booking.services.channels import publish
from tests.plugins.online_booking.conftest import Aggregator, somebody_waits
from tests.waiting import outcome


async def name(channel: Aggregator, place: int, code: str) -> None:
    """Show a doctor under this code."""
    async with channel.desk.units("director") as ctx:
        form = PublishForm(is_published=True, code=code)
        await publish(ctx, channel.id, "doctor", channel.desk.doctors[place], form)


async def codes(channel: Aggregator) -> dict[int, str]:
    return {doctor.id: doctor.code for doctor in (await channel.schedule()).doctors}


async def test_the_code_of_a_deleted_doctor_is_free_again(channel: Aggregator) -> None:
    gone, there = channel.desk.doctors
    await name(channel, 0, "D-17")
    async with channel.desk.units("director") as ctx:
        ctx.soft_delete(await ctx.load(StaffMember, gone))
    await name(channel, 1, "D-17")
    assert await codes(channel) == {there: "D-17"}
    async with channel.desk.units("director") as ctx:
        restored = (await ctx.db.scalars(select(StaffMember).where(StaffMember.id == gone))).one()
        restored.deleted_at = restored.deleted_by_kind = restored.deleted_by_id = None
    assert await codes(channel) == {gone: str(gone), there: "D-17"}


async def test_of_two_who_give_one_code_at_one_moment_the_later_is_refused_beside_it(
    channel: Aggregator, clinic: Any
) -> None:
    first, _ = channel.desk.doctors
    async with asyncio.TaskGroup() as group, channel.desk.units("director") as ctx:
        await publish(ctx, channel.id, "doctor", first, PublishForm(is_published=True, code="D-17"))
        later = group.create_task(outcome(name(channel, 1, "D-17")))
        await somebody_waits(clinic, ctx)
    refused = later.result()
    assert isinstance(refused, Invalid)
    assert refused.fields == {"code": "Этот код уже занят."}
    assert (await codes(channel))[first] == "D-17"


async def test_who_publishes_a_doctor_at_the_same_moment_as_another_is_not_refused(
    other: Aggregator, clinic: Any
) -> None:
    """The doctor has not stood at this channel yet; the later one's words stay."""
    _, doctor = other.desk.doctors
    async with asyncio.TaskGroup() as group, other.desk.units("director") as ctx:
        await publish(ctx, other.id, "doctor", doctor, PublishForm(is_published=True))
        group.create_task(name(other, 1, "D-17"))
        await somebody_waits(clinic, ctx)
    assert (await codes(other))[doctor] == "D-17"
