"""What providers of registers and other plugins may use of fiscal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from prikus.toolkit import Context, Demo
from prikus_fiscal.jobs import RegisterRef, work_register
from prikus_fiscal.schemas import (
    Buyer,
    Correction,
    Fiscal,
    Item,
    Kind,
    KnownRegister,
    Outcome,
    Paid,
    Receipt,
    RegisterProvider,
    Trouble,
    Vat,
)
from prikus_fiscal.services import furnishing, registers, sending

__all__ = [
    "Buyer",
    "Correction",
    "Fiscal",
    "Item",
    "Kind",
    "KnownRegister",
    "Outcome",
    "Paid",
    "Receipt",
    "RegisterProvider",
    "Trouble",
    "Vat",
    "furnish_registers",
    "hear_callback",
    "know_register",
]

NOTED = dt.timedelta(seconds=5)
"""After this long «API Интеграции» has noted that the connection works: nothing is sent over one that does not."""


async def know_register(ctx: Context, known: KnownRegister) -> int:
    """A connection was tried with success: its register is there from now on, and sends what waited for it.

    The first one of a branch becomes its active one. Raises `Invalid` when the clinic has several branches and none is
    named. Returns the register's number.
    """
    register_id = await registers.know_register(ctx, known)
    await ctx.enqueue(work_register, RegisterRef(register_id), ctx.now() + NOTED)
    return register_id


async def hear_callback(ctx: Context, connection_id: int, *, external_id: str | None, uuid: str | None) -> bool:
    """Somebody said that a receipt has ended: the provider is asked, the words themselves are not believed.

    `external_id` is our number, `uuid` the provider's. False when it is no open receipt of this connection.
    """
    register_id = await sending.hint(ctx, connection_id, external_id, uuid)
    if register_id is not None:
        await ctx.enqueue(work_register, RegisterRef(register_id))
    return register_id is not None


async def furnish_registers(demo: Demo, connections: Mapping[int, int], kind: str, taxation: str) -> None:
    """For the demo of a provider: an active register for each branch (branch → connection), with a week of receipts."""
    await furnishing.furnish(demo, connections, kind, taxation)
