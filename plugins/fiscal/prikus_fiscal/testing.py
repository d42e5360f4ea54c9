"""What every provider of cash registers must pass, over its fake and real HTTP. Inherit it beside `PluginContract`.

The fake's `ControlPage` has these faults: `lost` (the next receipt is accepted, and the answer breaks off), `wait` (an
accepted receipt is not ready so many times), `queue` (an accepted receipt is given up, and nothing is registered),
`invalid` (the data of a receipt are refused), `twice` and `early` (a callback comes twice, or before the answer; where
there are no callbacks they do nothing). It notes by `did` each document that it registers, with our number.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import ConnectionContract, Linked
from prikus.toolkit import open_connection
from prikus_billing.public import SettledLine, Settlement
from prikus_fiscal.jobs import RegisterRef, work_register
from prikus_fiscal.models import OPEN, CashRegister, FiscalReceipt
from prikus_fiscal.schemas import Buyer, Item, Paid, Receipt
from prikus_fiscal.services.making import make_receipt
from prikus_fiscal.services.registers import providers

PRICE = Decimal("5000.50")
ROUNDS = 8
NUMBER = len(str(uuid.uuid4()))


class ProviderContract(ConnectionContract):
    async def move(self, linked: Linked, kind: str = "payment", **sums: Decimal) -> str:
        """Money moves; the number of its receipt. A refund takes back a service of 5 000,50, as a payment sells one."""
        patient = await linked.clinic.patient(phone="+79161234567")
        async with linked.clinic.ctx_as("plugin:fiscal") as ctx:
            about = {"patient_id": patient, "legal_entity_id": ctx.branch.legal_entity_id, **(sums or {"cash": PRICE})}
            moved = settlement(kind, branch_id=ctx.branch.id, happened_at=ctx.now(), **about)
            made = await make_receipt(ctx, moved)
            assert made is not None, "«Подключить» has to know the register: prikus_fiscal.public.know_register"
            return (await ctx.load(FiscalReceipt, made.receipt_id)).external_id

    async def go(self, linked: Linked, rounds: int = ROUNDS) -> list[str]:
        """Work as if all pauses were over, until nothing is on its way; states of the receipts, oldest first."""
        states: list[str] = []
        for _ in range(rounds):
            await hurry(linked.clinic)
            await linked.clinic.drain()
            async with linked.clinic.ctx_as("director") as ctx:
                states = list(await ctx.db.scalars(select(FiscalReceipt.state).order_by(FiscalReceipt.id)))
            if not set(states) & set(OPEN):
                break
        return states

    async def registered(self, linked: Linked, number: str) -> int:
        """How many documents the fake has made of a receipt of ours, whatever its attempt."""
        return sum(number[:NUMBER] in line["text"] for line in await linked.fake.log("did"))

    async def test_connecting_makes_its_register_the_active_one(self, connected: Linked) -> None:
        async with connected.clinic.ctx_as("director") as ctx:
            rows = (await ctx.db.execute(select(CashRegister.connection_id, CashRegister.is_active))).all()
        assert [tuple(row) for row in rows] == [(connected.id, True)]

    @pytest.mark.parametrize(
        ("kind", "sums"),
        [
            ("payment", {"cash": Decimal(2000), "cashless": Decimal("3000.50")}),
            ("payment", {"cashless": Decimal("3500.50"), "deposit": Decimal(1500)}),
            ("payment", {"cash": Decimal(2000), "due": Decimal("3000.50")}),
            ("top_up", {"cash": Decimal(1000)}),
            ("refund", {"cash": PRICE}),
            ("withdrawal", {"cashless": Decimal(1000)}),
        ],
    )
    async def test_each_movement_is_registered(self, connected: Linked, kind: str, sums: dict[str, Decimal]) -> None:
        number = await self.move(connected, kind, **sums)
        assert await self.go(connected) == ["done"]
        assert await self.registered(connected, number) == 1

    @pytest.mark.parametrize("fault", ["broken", "limit", "cut", "lost", "wait", "queue", "twice", "early"])
    async def test_a_fault_loses_nothing_and_doubles_nothing(self, connected: Linked, fault: str) -> None:
        await connected.fake.misbehave(fault)
        numbers = [await self.move(connected) for _ in range(2)]
        assert await self.go(connected) == ["done", "done"]
        assert [await self.registered(connected, number) for number in numbers] == [1, 1]

    async def test_a_repetition_is_the_same_document(self, connected: Linked) -> None:
        """Whoever lost the answer sends the same number again, at once or a day later."""
        number, outside = str(uuid.uuid4()), await connected.clinic.outside_as("plugin:fiscal")
        provider = providers(outside)[self.kind]
        async with outside.unit() as own:
            connection = await open_connection(own, connected.id)
            sent = receipt(number, own.now().replace(tzinfo=None, microsecond=0))
        first = await provider.send(outside, connection, sent)
        again = await provider.send(outside, connection, sent)
        assert {first.state, again.state} <= {"wait", "done"}
        assert first.uuid == again.uuid
        for _ in range(ROUNDS):
            if first.state == "wait" and first.uuid is not None:
                first = await provider.status(outside, connection, first.uuid)
        assert first.state == "done"
        assert first.fiscal is not None
        assert await self.registered(connected, number) == 1

    async def test_refused_data_wait_for_a_person(self, connected: Linked) -> None:
        await connected.fake.misbehave("invalid")
        number = await self.move(connected)
        assert await self.go(connected) == ["failed"]
        listed = await connected.director.get("/fiscal/receipts?shown=trouble")
        assert "Не пробит" in listed.text
        async with connected.clinic.ctx_as("director") as ctx:
            id = await ctx.db.scalar(select(func.max(FiscalReceipt.id)))
        assert (await connected.director.post(f"/fiscal/receipts/{id}/retry")).status_code == 204
        assert await self.go(connected) == ["done"]
        assert await self.registered(connected, number) == 1

    async def test_a_disconnected_register_keeps_what_waits(self, connected: Linked) -> None:
        fields = connected.fields
        await connected.disconnect()
        number = await self.move(connected)
        assert await self.go(connected, 2) == ["queued"]
        assert (await connected.connect(**fields)).status_code == 204
        assert await self.go(connected) == ["done"]
        assert await self.registered(connected, number) == 1


def settlement(kind: Any, *, branch_id: int, happened_at: Any, **about: Any) -> Settlement:
    """A movement of money, as billing tells it; a service of 5 000,50 when it is about an invoice."""
    lines = ()
    if kind in ("payment", "refund"):
        line = {"line_id": 1, "service_id": 1, "name": "Лечение кариеса, зуб 36", "quantity": 1}
        lines = (SettledLine(price=PRICE, net_amount=PRICE, **line),)
    nothing = dict.fromkeys(("cash", "cashless", "deposit", "paid_before", "due"), Decimal(0))
    return Settlement(
        transaction_id=uuid.uuid4().int % 10**12,
        kind=kind,
        branch_id=branch_id,
        invoice_id=None,
        number="12" if lines else None,
        total=PRICE if lines else Decimal(0),
        lines=lines,
        reverses=None,
        staff_id=None,
        cashier="Петрова Анна Андреевна",
        happened_at=happened_at,
        business_date=happened_at.date(),
        **{**nothing, **about},
    )


def receipt(number: str, at: Any) -> Receipt:
    """A sale of one service for cash."""
    item = Item(
        name="Лечение кариеса, зуб 36",
        price=PRICE,
        quantity=Decimal(1),
        total=PRICE,
        method="full_payment",
        subject="service",
    )
    buyer = Buyer(email="patient@clinic.example")
    return Receipt(external_id=number, kind="sell", at=at, items=(item,), payments=(Paid("cash", PRICE),), buyer=buyer)


async def hurry(clinic: TestClinic) -> None:
    """Let all pauses of the clinic's receipts be over."""
    async with clinic.ctx_as("system") as ctx:
        # The registers first, as their workers do.
        registers = await ctx.db.scalars(select(CashRegister.id).order_by(CashRegister.id).with_for_update())
        await ctx.db.execute(update(FiscalReceipt).where(FiscalReceipt.next_at.is_not(None)).values(next_at=func.now()))
        for id in registers.all():
            await ctx.enqueue(work_register, RegisterRef(id))
