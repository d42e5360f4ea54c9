"""What every booking channel must pass, over its fake and real HTTP. Inherit it beside `PluginContract`.

The fake's `ControlPage` has the scenarios below. What each returns is a word for each answer that it got, «принято»,
«занято», «перенесено», «отменено» or «отказ», each with whatever follows up to a semicolon. Their fields are `doctor`
(the code that the schedule tells), `at` (`2026-12-01T10:00`, the branch's clock) and `phone`.

`read` (the schedule, as it was read or told: «свободно 12»; no fields), `book`, `twice` (the same request again),
`lost` (does not wait for the answer and sends the same again), `together` (two people want one cell at one moment),
`move` (the last booking, to `at`), `cancel` (the last booking), `stranger` (books with a wrong key), `garbage` (halves
and nonsense to each address; no fields). A fake that is told what the clinic changed notes by `did` the number of the
booking with its state; one that is told the schedule notes «расписание» of the whole, and of a doctor's day «день» and
its date, `2026-12-01`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from prikus.testing.contract.connections import MANY, ConnectionContract, Linked
from prikus.toolkit import Chair
from prikus_calendar.public import appointments_v1
from prikus_online_booking.models import ExternalBooking
from prikus_online_booking.schemas import PublishForm
from prikus_online_booking.services.channels import publish
from prikus_online_booking.services.telling import providers

PHONE, OTHER_PHONE = "+79161234567", "+79161234568"
CELLS = 12
HOURS = {"starts": "09:00:00", "ends": "15:00:00"}


class Shown:
    """A channel that shows one doctor, who works from 9 to 15 the day after tomorrow."""

    def __init__(self, linked: Linked, doctor: int, chair: int, day: dt.date) -> None:
        self.linked, self.clinic, self.director = linked, linked.clinic, linked.director
        self.doctor, self.chair, self.day = doctor, chair, day

    def at(self, time: str) -> str:
        return f"{self.day}T{time}"

    async def visits(self) -> list[tuple[str, bool]]:
        """The doctor's appointments: their time, and whether they occupy it."""
        visit = appointments_v1().subquery()
        query = select(visit.c.starts_at, visit.c.occupies, visit.c.branch_id).order_by(visit.c.id)
        async with self.clinic.ctx_as("director") as ctx:
            rows = await ctx.db.execute(query.where(visit.c.doctor_id == self.doctor))
            return [(f"{at.astimezone(ctx.zone(branch)):%H:%M}", occupies) for at, occupies, branch in rows]

    async def kept(self) -> list[tuple[str, str]]:
        """States of the bookings, and who changed them last."""
        query = select(ExternalBooking.state, ExternalBooking.changed_by).order_by(ExternalBooking.id)
        async with self.clinic.ctx_as("director") as ctx:
            return [(state, by) for state, by in await ctx.db.execute(query)]

    async def works(self, day: dt.date) -> None:
        """The doctor gets working time."""
        place = {"staff_id": self.doctor, "chair_id": self.chair, "date": day.isoformat()}
        await self._made("shifts", {**place, **HOURS})

    async def book(self, starts: str, ends: str) -> None:
        """The clinic books a patient of its own."""
        place = {"doctor_id": self.doctor, "chair_id": self.chair, "patient_id": await self.clinic.patient()}
        await self._made("appointments", {**place, "date": self.day.isoformat(), "starts": starts, "ends": ends})

    async def move(self, day: dt.date, starts: str, ends: str) -> None:
        """The clinic moves the appointment of the newest booking."""
        at = {"chair_id": self.chair, "date": day.isoformat(), "starts": starts, "ends": ends}
        await self._changed("move", at)

    async def cancel(self) -> None:
        """The clinic cancels the appointment of the newest booking."""
        await self._changed("cancel", {"reason": "Врач заболел"})

    async def _made(self, what: str, values: dict[str, Any]) -> None:
        head = {"Idempotency-Key": str(uuid4())}
        answer = await self.director.post(f"/api/v1/calendar/{what}", json=values, headers=head)
        assert answer.is_success, answer.text

    async def _changed(self, how: str, values: dict[str, Any]) -> None:
        newest = select(ExternalBooking.appointment_id).order_by(ExternalBooking.id.desc()).limit(1)
        async with self.clinic.ctx_as("director") as ctx:
            at = f"/api/v1/calendar/appointments/{await ctx.db.scalar(newest)}"
        version = (await self.director.get(at)).json()["row_version"]
        answer = await self.director.post(f"{at}/{how}", json={"row_version": version, **values})
        assert answer.is_success, answer.text


class ProviderContract(ConnectionContract):
    async def introduce(self, linked: Linked) -> None:
        """Tell the fake our address, where `connect` does not: what a manager does by mail."""

    @pytest_asyncio.fixture(loop_scope="session")
    async def shown(self, connected: Linked) -> Shown:
        await self.introduce(connected)
        clinic = connected.clinic
        doctor = (await clinic.staff("doctor", last_name="Петров")).staff_id
        async with clinic.ctx_as("director") as ctx:
            chair = Chair(branch_id=ctx.branch.id, name="Онлайн")
            ctx.db.add(chair)
            await ctx.db.flush()
            day, chair_id = ctx.today(ctx.branch.id) + dt.timedelta(days=2), chair.id
            await publish(ctx, connected.id, "doctor", doctor, PublishForm(is_published=True))
        shown = Shown(connected, doctor, chair_id, day)
        await shown.works(day)
        await clinic.drain()
        return shown

    async def ask(
        self, shown: Shown, scenario: str, *, at: str = "10:00", phone: str = PHONE, **more: str
    ) -> list[str]:
        """What the fake was answered, a word for each request."""
        fields = {"doctor": str(shown.doctor), "at": shown.at(at), "phone": phone, **more}
        said = await self.press(shown.linked, scenario, **fields)
        return [part.split()[0] for part in said.split(";") if part.strip()]

    async def free(self, shown: Shown) -> int:
        said = await self.press(shown.linked, "read")
        assert said.startswith("свободно "), said
        return int(said.split()[1])

    async def tell_schedule(self, shown: Shown) -> None:
        await shown.clinic.run_scheduled("online_booking")
        await shown.clinic.drain_all()

    async def test_the_schedule_tells_what_is_free(self, shown: Shown) -> None:
        assert await self.free(shown) == CELLS
        assert await self.ask(shown, "book") == ["принято"]
        await shown.clinic.drain_all()
        assert await self.free(shown) == CELLS - 1

    async def test_a_doctor_who_is_not_published_is_not_shown_and_not_booked(self, shown: Shown) -> None:
        async with shown.clinic.ctx_as("director") as ctx:
            await publish(ctx, shown.linked.id, "doctor", shown.doctor, PublishForm())
        assert await self.ask(shown, "book") == ["отказ"]
        assert await shown.visits() == []

    @pytest.mark.parametrize("scenario", ["book", "twice", "lost"])
    async def test_a_booking_is_made_once(self, shown: Shown, scenario: str) -> None:
        assert set(await self.ask(shown, scenario)) == {"принято"}
        assert await shown.visits() == [("10:00", True)]
        assert await shown.kept() == [("new", "channel")]

    async def test_of_two_at_one_moment_one_wins(self, shown: Shown) -> None:
        assert sorted(await self.ask(shown, "together")) == ["занято", "принято"]
        assert await shown.visits() == [("10:00", True)]

    async def test_a_taken_time_is_told_and_kept_with_its_reason(self, shown: Shown) -> None:
        assert await self.ask(shown, "book") == ["принято"]
        assert await self.ask(shown, "book", phone=OTHER_PHONE) == ["занято"]
        assert await shown.visits() == [("10:00", True)]
        assert await shown.kept() == [("new", "channel"), ("refused", "channel")]
        listed = (await shown.director.get("/online_booking/bookings?shown=refused")).text
        assert "Это время уже занято." in listed

    async def test_a_time_that_is_not_published_is_refused(self, shown: Shown) -> None:
        for at in ("08:00", "10:10"):
            assert await self.ask(shown, "book", at=at) == ["отказ"]
        assert await shown.visits() == []

    async def test_a_booking_is_moved_and_stays_where_the_new_time_is_taken(self, shown: Shown) -> None:
        assert await self.ask(shown, "book", at="12:00", phone=OTHER_PHONE) == ["принято"]
        assert await self.ask(shown, "book") == ["принято"]
        assert await self.ask(shown, "move", at="11:00") == ["перенесено"]
        assert await self.ask(shown, "move", at="12:00") == ["занято"]
        assert await shown.visits() == [("12:00", True), ("11:00", True)]

    async def test_what_is_cancelled_twice_is_cancelled_once(self, shown: Shown) -> None:
        await self.ask(shown, "book")
        assert await self.ask(shown, "cancel") == ["отменено"]
        assert await self.ask(shown, "cancel") == ["отменено"]
        assert await shown.visits() == [("10:00", False)]
        assert await shown.kept() == [("cancelled", "channel")]

    async def test_what_the_clinic_moves_the_channel_learns(self, shown: Shown) -> None:
        await self.ask(shown, "book")
        await shown.clinic.drain_all()
        before = await shown.linked.fake.last()
        await shown.move(shown.day, "11:00:00", "11:30:00")
        await shown.clinic.drain_all()
        assert await shown.kept() == [("moved", "clinic")]
        async with shown.clinic.ctx_as("director") as ctx:
            wants = providers(ctx)[self.kind].tell is not None
        said = await shown.linked.fake.log("did", after=before)
        assert any("moved" in line["text"] or "перенес" in line["text"] for line in said) == wants, said

    @pytest.mark.parametrize("fault", ["", "broken", "limit", "cut"])
    async def test_what_the_clinic_cancels_the_channel_learns(self, shown: Shown, fault: str) -> None:
        await self.ask(shown, "book")
        await shown.clinic.drain_all()
        before = await shown.linked.fake.last()
        if fault:
            await shown.linked.fake.misbehave(fault)
        await shown.cancel()
        await hurry(shown)
        assert await shown.kept() == [("cancelled", "clinic")]
        async with shown.clinic.ctx_as("director") as ctx:
            wants = providers(ctx)[self.kind].tell is not None
        said = await shown.linked.fake.log("did", after=before)
        assert any("cancelled" in line["text"] or "отмен" in line["text"] for line in said) == wants, said
        assert await self.ask(shown, "cancel") == ["отменено"]

    async def test_who_wants_the_schedule_is_told_it_and_again_after_a_failure(self, shown: Shown) -> None:
        async with shown.clinic.ctx_as("director") as ctx:
            wants = providers(ctx)[self.kind].publish is not None
        for fault in ("", "broken"):
            before = await shown.linked.fake.last()
            if fault:
                await shown.linked.fake.misbehave(fault, MANY)
                await self.tell_schedule(shown)
                await shown.linked.fake.misbehave(fault, 0)
                assert (await shown.linked.state())[0] == ("failing" if wants else "on")
            await self.tell_schedule(shown)
            said = await shown.linked.fake.log("did", after=before)
            assert any("расписание" in line["text"] for line in said) == wants, said
            assert await shown.linked.state() == ("on", None)

    async def told_days(self, shown: Shown, *days: dt.date, after: int) -> set[dt.date]:
        """Of which of these days of the doctor the fake has been told."""
        await shown.clinic.drain_all()
        said = [line["text"] for line in await shown.linked.fake.log("did", after=after)]
        return {day for day in days if any("день" in text and str(day) in text for text in said)}

    async def test_who_wants_the_schedule_is_told_each_day_that_changes(self, shown: Shown) -> None:
        """Of those that it wants: working time behind them is not told."""
        async with shown.clinic.ctx_as("director") as ctx:
            provider = providers(ctx)[self.kind]
            behind = ctx.today() + dt.timedelta(days=provider.days)
        there, next_day = shown.day, shown.day + dt.timedelta(days=1)
        days = (there, next_day, behind)

        async def told(*changes: Awaitable[object]) -> set[dt.date]:
            before = await shown.linked.fake.last()
            for change in changes:
                await change
            return await self.told_days(shown, *days, after=before)

        found = [
            await told(shown.works(next_day), shown.works(behind)),
            await told(shown.book("12:00:00", "12:30:00")),
            await told(self.ask(shown, "book")),
            await told(shown.move(next_day, "10:00:00", "10:30:00")),
        ]
        wanted = [{next_day}, {there}, {there}, {there, next_day}]
        assert found == [days if provider.publish else set() for days in wanted], found

    async def test_hiding_the_only_doctor_is_told(self, shown: Shown) -> None:
        """An empty schedule takes everything away: that is what somebody asked for."""
        async with shown.clinic.ctx_as("director") as ctx:
            wants = providers(ctx)[self.kind].publish is not None
        before = await shown.linked.fake.last()
        at = f"/api/v1/online_booking/channels/{shown.linked.id}/doctors/{shown.doctor}"
        hidden = await shown.director.post(at, json={"is_published": False})
        assert hidden.is_success, hidden.text
        await shown.clinic.drain_all()
        said = await shown.linked.fake.log("did", after=before)
        assert any("расписание" in line["text"] for line in said) == wants, said
        assert await self.free(shown) == 0

    async def test_nothing_is_told_before_anybody_chose_a_doctor(self, connected: Linked) -> None:
        await self.introduce(connected)
        before = await connected.fake.last()
        await connected.clinic.run_scheduled("online_booking")
        await connected.clinic.drain_all()
        assert not any("расписание" in line["text"] for line in await connected.fake.log("did", after=before))
        assert await connected.state() == ("on", None)

    async def test_a_wrong_key_books_nothing(self, shown: Shown) -> None:
        assert await self.ask(shown, "stranger") == ["отказ"]
        assert await shown.visits() == []

    async def test_nonsense_is_refused_and_breaks_nothing(self, shown: Shown) -> None:
        before = await shown.linked.fake.last()
        await self.press(shown.linked, "garbage")
        sent = await shown.linked.fake.log("out", after=before)
        assert sent
        assert all(400 <= line["status"] < 500 for line in sent), sent
        assert await shown.visits() == []
        assert await self.ask(shown, "book") == ["принято"]

    async def test_nothing_is_booked_after_disconnecting(self, shown: Shown) -> None:
        await shown.linked.disconnect()
        assert await self.ask(shown, "book") == ["отказ"]
        assert await shown.visits() == []


async def hurry(shown: Shown) -> None:
    """Do the clinic's work, and what failed of it once more, as if the pause were over."""
    await shown.clinic.house.performer.perform_due(shown.clinic.id)
    again = text("update core.work set due = now(), error = null where clinic_id = :clinic and state = 'due'")
    async with shown.clinic.house.runtime.relay.begin() as db:
        await db.execute(again, {"clinic": shown.clinic.id})
    await shown.clinic.drain_all()
