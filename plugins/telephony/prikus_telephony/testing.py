"""What every telephony provider must pass, over its fake and real HTTP. Inherit it beside `PluginContract`.

The fake's `ControlPage` has these scenarios, each with the fields `client` (the number outside; none is hidden) and
`seconds` (how long it takes; 0 tells all of it at once): `answered`, `missed`, `outgoing`; `doubled` (a missed call,
each event twice), `shuffled` (an answered one, events in another order), `late` (a missed one that only statistics
know). Without these fields: `unknown` (an event of a kind that nobody knows) and `cut` (half an event). It notes by
`did` whom it rang: telephone and number.
"""

from __future__ import annotations

from typing import ClassVar

import pytest
from sqlalchemy import select

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import ConnectionContract, Linked
from prikus_telephony.models import PhoneCall
from prikus_telephony.services.extensions import add_extension
from prikus_telephony.services.providers import look_back

CLIENT = "+79161234567"
Row = tuple[str, bool, str | None, str]


class ProviderContract(ConnectionContract):
    """`extension` is a telephone that the fake knows.

    `names_rows`: statistics name a call as its events do, and `SeenCall.is_named` says so. Where they cannot, of two
    calls that are alike the one that no event told is lost.
    """

    extension: ClassVar[str] = "101"
    names_rows: ClassVar[bool] = True

    async def ring(self, linked: Linked, scenario: str, client: str = CLIENT) -> None:
        """Let somebody call; all that is told of it is taken in and worked."""
        before = await linked.fake.last()
        await self.press(linked, scenario, client=client, seconds="0")
        refused = [line for line in await linked.fake.log("out", after=before) if not 200 <= line["status"] < 300]
        assert refused == []
        await linked.clinic.drain_all()

    async def reconcile(self, linked: Linked) -> None:
        """Ask for statistics twice, as jobs do that overlap."""
        for _ in range(2):
            await look_back(await linked.clinic.outside_as("plugin:telephony"))
        await linked.clinic.drain_all()

    @pytest.mark.parametrize(
        ("scenario", "direction", "is_answered"),
        [
            ("answered", "in", True),
            ("missed", "in", False),
            ("outgoing", "out", True),
            ("doubled", "in", False),
            ("shuffled", "in", True),
        ],
    )
    async def test_what_is_told_is_one_call_that_statistics_do_not_double(
        self, connected: Linked, scenario: str, direction: str, is_answered: bool
    ) -> None:
        await self.ring(connected, scenario)
        told = [(direction, is_answered, CLIENT, "finished")]
        assert await calls(connected.clinic) == told
        await self.reconcile(connected)
        assert await calls(connected.clinic) == told

    async def test_statistics_bring_what_no_event_told(self, connected: Linked) -> None:
        await self.ring(connected, "late")
        assert await calls(connected.clinic) == []
        await self.reconcile(connected)
        assert await calls(connected.clinic) == [("in", False, CLIENT, "finished")]

    async def test_two_hidden_callers_at_once_are_two_calls_where_statistics_name_them(self, connected: Linked) -> None:
        for scenario in ("late", "missed"):
            await self.press(connected, scenario, client="", seconds="0")
        await connected.clinic.drain_all()
        await self.reconcile(connected)
        assert await calls(connected.clinic) == [("in", False, None, "finished")] * (2 if self.names_rows else 1)

    async def test_a_talk_is_heard(self, connected: Linked) -> None:
        await self.ring(connected, "answered")
        [call] = await numbers(connected.clinic)
        heard = await connected.director.get(f"/telephony/calls/{call}/recording")
        assert (heard.status_code, heard.headers["content-type"].partition("/")[0]) == (200, "audio"), heard.text
        assert heard.content

    async def test_a_missed_call_has_no_recording(self, connected: Linked) -> None:
        await self.ring(connected, "missed")
        [call] = await numbers(connected.clinic)
        assert (await connected.director.get(f"/telephony/calls/{call}/recording")).status_code == 404

    async def test_a_click_rings_ones_own_telephone_once(self, connected: Linked) -> None:
        before, path = await connected.fake.last(), await self.desk(connected)
        answer = await connected.director.post(path)
        assert answer.status_code == 204, answer.text
        assert await self.rung(connected, before) == 1

    async def test_a_click_that_the_exchange_fails_at_is_said_and_not_repeated(self, connected: Linked) -> None:
        """Whoever repeats it may ring twice."""
        before, path = await connected.fake.last(), await self.desk(connected)
        await connected.fake.misbehave("broken")
        answer = await connected.director.post(path)
        assert (answer.status_code, bool(answer.json()["sentence"])) == (502, True)
        assert await self.rung(connected, before) == 0

    async def desk(self, linked: Linked) -> str:
        """The director sits at `extension` and sees a patient; the address of «Позвонить»."""
        patient = await linked.clinic.patient(phone=CLIENT)
        async with linked.clinic.ctx_as("director") as ctx:
            await add_extension(ctx, linked.id, self.extension, linked.clinic.head.staff_id)
        return f"/telephony/patients/{patient}/call"

    async def rung(self, linked: Linked, before: int) -> int:
        """How often the fake has rung that telephone for that number since then."""
        parts, done = (self.extension, CLIENT[2:]), await linked.fake.log("did", after=before)
        return sum(all(part in line["text"] for part in parts) for line in done)

    @pytest.mark.parametrize("scenario", ["unknown", "cut"])
    async def test_what_is_not_understood_is_passed_over(self, connected: Linked, scenario: str) -> None:
        before = await connected.fake.last()
        await self.press(connected, scenario)
        sent = await connected.fake.log("out", after=before)
        assert sent
        assert all(0 < line["status"] < 500 for line in sent)
        await connected.clinic.drain_all()
        assert await calls(connected.clinic) == []
        await self.ring(connected, "missed")
        assert len(await calls(connected.clinic)) == 1

    async def test_nothing_is_heard_after_disconnecting(self, connected: Linked) -> None:
        await connected.disconnect()
        await self.ring(connected, "missed")
        assert await calls(connected.clinic) == []


class SubscribingContract(ProviderContract):
    """For an exchange that is asked to send its events and may forget it: the scenario `forgotten`."""

    async def test_a_subscription_that_is_lost_is_renewed(self, connected: Linked) -> None:
        await self.press(connected, "forgotten")
        await self.ring(connected, "missed")
        assert await calls(connected.clinic) == []
        await connected.clinic.run_scheduled(self.plugin)
        await self.ring(connected, "missed")
        assert len(await calls(connected.clinic)) == 1


async def calls(clinic: TestClinic) -> list[Row]:
    """The clinic's calls with the outside, oldest first."""
    columns = (PhoneCall.direction, PhoneCall.is_answered, PhoneCall.client_number, PhoneCall.state)
    async with clinic.ctx_as("director") as ctx:
        query = select(*columns).where(~PhoneCall.is_internal).order_by(PhoneCall.started_at, PhoneCall.id)
        return [(way, answered, client, state) for way, answered, client, state in await ctx.db.execute(query)]


async def numbers(clinic: TestClinic) -> list[int]:
    async with clinic.ctx_as("director") as ctx:
        return list(await ctx.db.scalars(select(PhoneCall.id).order_by(PhoneCall.id)))
