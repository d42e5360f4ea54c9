"""What every provider of messages must pass, over its fake and real HTTP. Inherit it beside `PluginContract`.

The fake's `ControlPage` has these faults: `lost` (the next message is taken, and the answer breaks off), `number` (its
number is refused), `money` (there is none left), `twice` and `early` (the word about a message comes twice, or before
the answer; where nothing is called back they do nothing). Its scenarios are about all messages that it has taken:
`delivered`, `undelivered`, and `late` (an older word, that a message is on its way, comes or is answered once more). It
notes by `did` each message that it sends, with our number.
"""

from __future__ import annotations

import re
from typing import ClassVar

import pytest
from sqlalchemy import func, select, update

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import ConnectionContract, Linked
from prikus_messaging.jobs import ChannelRef, work_channel
from prikus_messaging.models import MessageChannel, OutboundMessage
from prikus_messaging.schemas import NewMessage
from prikus_messaging.services.channels import providers
from prikus_messaging.services.writing import write_message

ADDRESS = "+79161234567"
TEXT = "Анна, ждём вас завтра в 10:00. Если планы изменились, позвоните нам: мы подберём другое время."
PARTS = 2
ROUNDS = 8
OPEN = frozenset({"queued", "sending", "unknown"})


class ProviderContract(ConnectionContract):
    """`address` is a number that the fake takes."""

    address: ClassVar[str] = ADDRESS

    async def write(self, linked: Linked, text: str = TEXT) -> int:
        """A message that waits; its number."""
        async with linked.clinic.ctx_as("director") as ctx:
            new = NewMessage(text=text, phone=self.address, connection_id=linked.id)
            return (await write_message(ctx, new)).message_id

    async def go(self, linked: Linked, rounds: int = ROUNDS) -> list[str]:
        """Work as if all pauses were over, until the provider has what it takes; states of messages, oldest first."""
        found: list[str] = []
        for _ in range(rounds):
            await hurry(linked.clinic)
            await linked.clinic.drain()
            found = await states(linked.clinic)
            if not set(found) & OPEN:
                break
        return found

    async def ask(self, linked: Linked) -> list[str]:
        """Ask once more for what the provider has, and work what it tells."""
        await linked.clinic.drain_all()
        await hurry(linked.clinic)
        await linked.clinic.drain()
        return await states(linked.clinic)

    async def sent(self, linked: Linked, message: int) -> int:
        """How often the fake has sent this message of ours."""
        return sum(bool(re.search(rf"\b{message}\b", line["text"])) for line in await linked.fake.log("did"))

    async def can_say(self, linked: Linked) -> bool:
        """Whether the provider can be asked what became of a message."""
        async with linked.clinic.ctx_as("director") as ctx:
            return providers(ctx)[self.kind].status is not None

    async def test_a_message_is_taken_once_and_the_provider_says_what_it_is(self, connected: Linked) -> None:
        message = await self.write(connected)
        assert await self.go(connected) == ["accepted"]
        assert await self.sent(connected, message) == 1
        async with connected.clinic.ctx_as("director") as ctx:
            row = await ctx.load(OutboundMessage, message)
            assert (row.parts, bool(row.external_id), row.sent_at is not None) == (PARTS, True, True)

    @pytest.mark.parametrize(("scenario", "state"), [("delivered", "delivered"), ("undelivered", "failed")])
    async def test_what_became_of_it_is_known(self, connected: Linked, scenario: str, state: str) -> None:
        message = await self.write(connected)
        assert await self.go(connected) == ["accepted"]
        await self.press(connected, scenario)
        assert await self.ask(connected) == [state]
        assert await self.sent(connected, message) == 1

    async def test_an_older_word_undoes_nothing(self, connected: Linked) -> None:
        await self.write(connected)
        await self.go(connected)
        await self.press(connected, "delivered")
        assert await self.ask(connected) == ["delivered"]
        await self.press(connected, "late")
        assert await self.ask(connected) == ["delivered"]

    @pytest.mark.parametrize("fault", ["broken", "limit", "cut", "lost", "twice", "early"])
    async def test_a_fault_loses_nothing_and_doubles_nothing(self, connected: Linked, fault: str) -> None:
        """Where the provider cannot be asked, a person decides about the one whose answer was lost."""
        await connected.fake.misbehave(fault)
        messages = [await self.write(connected) for _ in range(2)]
        found = await self.go(connected)
        sent = [await self.sent(connected, message) for message in messages]
        if await self.can_say(connected):
            assert (found, sent) == (["accepted", "accepted"], [1, 1])
            await self.press(connected, "delivered")
            assert await self.ask(connected) == ["delivered", "delivered"]
        else:
            assert set(found) <= {"accepted", "unknown"}
            assert all(times <= 1 for times in sent)

    async def test_a_word_that_comes_twice_or_early_is_one(self, connected: Linked) -> None:
        for fault in ("early", "twice"):
            await connected.fake.misbehave(fault)
        message = await self.write(connected)
        await self.go(connected)
        for _ in range(2):
            await self.press(connected, "delivered")
        assert await self.ask(connected) == ["delivered"]
        assert await self.sent(connected, message) == 1

    async def test_a_number_that_is_refused_waits_for_a_person(self, connected: Linked) -> None:
        await connected.fake.misbehave("number")
        message = await self.write(connected)
        assert await self.go(connected) == ["failed"]
        assert await self.sent(connected, message) == 0
        assert "Ошибка отправки" in (await connected.director.get("/messaging/messages?status=failed")).text
        assert (await connected.state())[0] == "on"

    async def test_without_money_messages_wait_and_the_connection_says_so(self, connected: Linked) -> None:
        await connected.fake.misbehave("money")
        messages = [await self.write(connected) for _ in range(2)]
        await hurry(connected.clinic)
        await connected.clinic.drain()
        assert await states(connected.clinic) == ["queued", "queued"]
        state, error = await connected.state()
        assert (state, bool(error)) == ("failing", True)
        assert await self.go(connected) == ["accepted", "accepted"]
        assert [await self.sent(connected, message) for message in messages] == [1, 1]
        assert await connected.state() == ("on", None)

    async def test_a_word_about_an_earlier_message_ends_no_rest(self, connected: Linked) -> None:
        await self.write(connected)
        await self.go(connected)
        await connected.fake.misbehave("money")
        waiting = await self.write(connected)
        await hurry(connected.clinic)
        await connected.clinic.drain()
        await self.press(connected, "delivered")
        await connected.clinic.drain()
        await come_due(connected.clinic)
        await connected.clinic.drain()
        state, error = await connected.state()
        assert (state, bool(error)) == ("failing", True)
        assert await self.sent(connected, waiting) == 0

    async def test_a_disconnected_service_keeps_what_waits(self, connected: Linked) -> None:
        fields, message = connected.fields, await self.write(connected)
        await connected.disconnect()
        assert await self.go(connected, 2) == ["queued"]
        assert (await connected.connect(**fields)).status_code == 204
        assert await self.go(connected) == ["accepted"]
        assert await self.sent(connected, message) == 1


async def states(clinic: TestClinic) -> list[str]:
    """States of the clinic's messages, oldest first."""
    async with clinic.ctx_as("director") as ctx:
        return list(await ctx.db.scalars(select(OutboundMessage.state).order_by(OutboundMessage.id)))


async def hurry(clinic: TestClinic) -> None:
    """Let all pauses of the clinic's messages and of its services be over."""
    async with clinic.ctx_as("system") as ctx:
        await ctx.db.execute(update(MessageChannel).values(paused_until=None))
    await come_due(clinic)


async def come_due(clinic: TestClinic) -> None:
    """Let all pauses of the clinic's messages be over; a service that rests goes on resting."""
    async with clinic.ctx_as("system") as ctx:
        waits = OutboundMessage.next_at.is_not(None)
        await ctx.db.execute(update(OutboundMessage).where(waits).values(next_at=func.now()))
        waiting = select(OutboundMessage.connection_id).where(waits, OutboundMessage.connection_id.is_not(None))
        for id in (await ctx.db.scalars(waiting.distinct())).all():
            await ctx.enqueue(work_channel, ChannelRef(int(id or 0)))
