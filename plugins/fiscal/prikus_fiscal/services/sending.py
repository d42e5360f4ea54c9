"""The queue of a register: one worker at a time, in the order of the money, under a lease (reliability 14–16, 21)."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import false, func, or_, select

from prikus.toolkit import (
    Context,
    Invalid,
    LeasedQueue,
    OpenConnection,
    Problem,
    failpoint,
    lock_head,
    note_result,
    open_connection,
)
from prikus_fiscal.models import OPEN, WITHOUT_BASE, CashRegister, FiscalReceipt
from prikus_fiscal.schemas import Buyer, Content, Kind, Outcome, Receipt, RegisterProvider
from prikus_fiscal.services.outcomes import settle
from prikus_fiscal.services.registers import obstacle, providers

ASKS = 3
"""Questions of one run: other clinics wait for the same worker."""
ASKS_APART = 1.0
"""Seconds between two questions to one register."""
GOING = FiscalReceipt.state.in_(("queued", "unknown")) & FiscalReceipt.provider_uuid.is_(None) & ~WITHOUT_BASE
ASKED = FiscalReceipt.state.in_(("accepted", "unknown")) & FiscalReceipt.provider_uuid.is_not(None)

IN_ORDER = (FiscalReceipt.transaction_id, FiscalReceipt.id)
"""As the money moved; of corrections the taking back before the giving."""


class Step(msgspec.Struct, frozen=True):
    """One request that is about to be made; `uuid` when it is a question."""

    receipt_id: int
    receipt: Receipt
    uuid: str | None
    connection: OpenConnection[Any]
    provider: RegisterProvider


class Heard(msgspec.Struct, frozen=True):
    """What an answer has told: what ails the register, and which registers have returns that waited for its sale."""

    ails: str | None = None
    freed: tuple[int, ...] = ()


class Unasked(Outcome, frozen=True):
    """A refusal that never left the house: it says nothing of what was sent before."""


class Done(msgspec.Struct, frozen=True):
    """The end of a run: look again `at`, None when nobody needs to, and at once at the registers `freed`."""

    at: dt.datetime | None
    freed: frozenset[int] = frozenset()


class ReceiptQueue(LeasedQueue[CashRegister, Step, Outcome]):
    """One run over the queue of a register."""

    steps = 10

    def __init__(self, register_id: int) -> None:
        self.register_id = register_id
        self.asks = 0
        self.heard: tuple[int, str | None] | None = None
        self.freed: set[int] = set()
        self._opened: OpenConnection[Any] | None = None

    async def lock(self, ctx: Context) -> tuple[CashRegister | None, dt.datetime]:
        return await lock_head(ctx, CashRegister, CashRegister.id == self.register_id)

    async def opens(self, ctx: Context, head: CashRegister) -> bool:
        self._opened = await _connection(ctx, head)
        return self._opened is not None

    async def recover(self, ctx: Context, head: CashRegister, now: dt.datetime) -> None:
        """What may have arrived goes again under the same number."""
        lost = FiscalReceipt.register_id == head.id, FiscalReceipt.state == "sending"
        for receipt in await ctx.db.scalars(select(FiscalReceipt).where(*lost)):
            receipt.state, receipt.next_at, receipt.is_doubtful = "unknown", now, True
        await ctx.db.flush()

    async def next(self, ctx: Context, head: CashRegister, now: dt.datetime) -> Step | None:
        receipt = await _next(ctx, head.id, now)
        if receipt is None:
            return None
        if receipt.provider_uuid is None:
            receipt.is_doubtful = receipt.is_doubtful or receipt.state == "unknown"
            receipt.state, receipt.begun_at = "sending", receipt.begun_at or now
        assert self._opened is not None
        written = _written(ctx, receipt)
        return Step(receipt.id, written, receipt.provider_uuid, self._opened, providers(ctx)[head.provider])

    async def request(self, outside: Context, step: Step) -> Outcome:
        if step.uuid is not None:
            self.asks += 1
            await asyncio.sleep(ASKS_APART if self.asks > 1 else 0)
        return await _request(outside, step)

    async def note(
        self, ctx: Context, head: CashRegister, step: Step, answer: Outcome, *, now: dt.datetime, is_mine: bool
    ) -> bool:
        """After another worker has taken over nothing: that one asks again."""
        said = await _note(ctx, head, step.receipt_id, answer, now) if is_mine else Heard()
        self.heard = step.connection.id, said.ails
        self.freed.update(said.freed)
        return self.asks < ASKS

    async def due(self, ctx: Context, head: CashRegister) -> dt.datetime | None:
        mine = FiscalReceipt.register_id == head.id, or_(ASKED, FiscalReceipt.id == _first(head.id))
        return await ctx.db.scalar(select(func.min(FiscalReceipt.next_at)).where(*mine))


async def work(outside: Context, register_id: int) -> Done:
    """Send and ask what is due."""
    queue = ReceiptQueue(register_id)
    try:
        return Done(await queue.run(outside), frozenset(queue.freed))
    finally:
        if queue.heard is not None:
            await note_result(outside, queue.heard[0], queue.heard[1])


async def _connection(ctx: Context, register: CashRegister) -> OpenConnection[Any] | None:
    """What the register is reached by, unless something stands in its way."""
    if register.connection_id is None or await obstacle(ctx, register) is not None:
        return None
    try:
        return await open_connection(ctx, register.connection_id)
    except Problem as problem:
        register.stopped = problem.sentence
        return None


async def _next(ctx: Context, register_id: int, now: dt.datetime) -> FiscalReceipt | None:
    """A question that is due, else the first that waits to be sent once its pause is over: later ones wait behind."""
    mine = select(FiscalReceipt).where(FiscalReceipt.register_id == register_id, FiscalReceipt.next_at.is_not(None))
    asked = mine.where(ASKED, FiscalReceipt.next_at <= now).order_by(FiscalReceipt.next_at, FiscalReceipt.id).limit(1)
    found = await ctx.db.scalar(asked.with_for_update())
    if found is not None:
        return found
    first = await ctx.db.scalar(mine.where(GOING).order_by(*IN_ORDER).limit(1).with_for_update())
    return first if first is not None and first.next_at is not None and first.next_at <= now else None


def _first(register_id: int) -> Any:
    mine = FiscalReceipt.register_id == register_id, FiscalReceipt.next_at.is_not(None), GOING
    return select(FiscalReceipt.id).where(*mine).order_by(*IN_ORDER).limit(1).scalar_subquery()


def _written(ctx: Context, receipt: FiscalReceipt) -> Receipt:
    content = msgspec.convert(receipt.content, Content)
    return Receipt(
        external_id=receipt.external_id,
        kind=msgspec.convert(receipt.kind, Kind),
        at=ctx.now().astimezone(ctx.zone(receipt.branch_id)).replace(tzinfo=None, microsecond=0),
        items=content.items,
        payments=content.payments,
        buyer=msgspec.convert(receipt.buyer or {}, Buyer),
        cashier=content.cashier,
        correction=content.correction,
    )


async def _request(outside: Context, step: Step) -> Outcome:
    if step.uuid is not None:
        return await step.provider.status(outside, step.connection, step.uuid)
    failpoint("before_send")
    try:
        outcome = await step.provider.send(outside, step.connection, step.receipt)
    except Invalid as invalid:
        sentence = " ".join(invalid.fields.values()) or invalid.sentence
        return Unasked(state="refused", trouble="data", sentence=sentence)
    failpoint("after_send")
    return outcome


async def _note(ctx: Context, register: CashRegister, receipt_id: int, outcome: Outcome, now: dt.datetime) -> Heard:
    receipt = await ctx.db.scalar(select(FiscalReceipt).where(FiscalReceipt.id == receipt_id).with_for_update())
    if receipt is None or receipt.state not in OPEN:
        return Heard()
    was_asked = not isinstance(outcome, Unasked)
    register.stopped = settle(receipt, outcome, now, was_asked=was_asked) or register.stopped
    freed: list[int] = []
    if receipt.state == "done":
        register.succeeded_at = now
        await ctx.db.flush()
        freed = await waiting_for(ctx, receipt_id)
    ctx.changed("fiscal.receipts", receipt.transaction_id)
    ctx.changed("fiscal.registers")
    ails = outcome.sentence if outcome.trouble in ("credentials", "register", "busy") else None
    return Heard(ails, tuple(id for id in freed if id != register.id))


async def waiting_for(ctx: Context, receipt_id: int) -> list[int]:
    """The registers of returns that wait until this receipt has ended."""
    mine = FiscalReceipt.base_id == receipt_id, FiscalReceipt.kind == "sell_refund", FiscalReceipt.state.in_(OPEN)
    query = select(FiscalReceipt.register_id).where(*mine, FiscalReceipt.register_id.is_not(None)).distinct()
    return [id for id in await ctx.db.scalars(query) if id is not None]


async def hint(ctx: Context, connection_id: int, external_id: str | None, provider_uuid: str | None) -> int | None:
    """A callback said something about a receipt: ask soon. The register's number, None for what is not ours."""
    named = {FiscalReceipt.external_id: external_id, FiscalReceipt.provider_uuid: provider_uuid}
    same = or_(false(), *(column == number for column, number in named.items() if number))
    query = select(FiscalReceipt).join(
        CashRegister,
        (CashRegister.clinic_id == FiscalReceipt.clinic_id) & (CashRegister.id == FiscalReceipt.register_id),
    )
    query = query.where(CashRegister.connection_id == connection_id, same, FiscalReceipt.state.in_(OPEN))
    receipt = await ctx.db.scalar(query.limit(1).with_for_update(of=FiscalReceipt))
    if receipt is None:
        return None
    if receipt.state != "sending":
        receipt.next_at = ctx.now()
    return receipt.register_id


async def due_registers(ctx: Context) -> list[int]:
    """Registers with receipts that somebody should have looked at."""
    late = FiscalReceipt.next_at.is_not(None) & (FiscalReceipt.next_at <= func.now())
    query = select(FiscalReceipt.register_id).where(FiscalReceipt.state.in_(OPEN), late, ~WITHOUT_BASE).distinct()
    return [id for id in await ctx.db.scalars(query) if id is not None]
