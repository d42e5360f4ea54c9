"""What services tell only those who may know, whichever page asks."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from prikus.toolkit import Context, Denied, NotFound
from prikus_billing.services import deposits, reading, reversing
from prikus_billing.services import desk as drawer
from tests.plugins.billing.conftest import Desk, Units

Asked = Callable[[Context, Desk, int], Awaitable[Any]]
ASKED: dict[str, Asked] = {
    "returnable_lines": lambda ctx, desk, invoice: reversing.returnable_lines(ctx, invoice),
    "lines_to_refund": lambda ctx, desk, invoice: reversing.lines_to_refund(ctx, invoice),
    "proposed_way": lambda ctx, desk, invoice: reversing.proposed_way(ctx, invoice),
    "named_deposit": lambda ctx, desk, invoice: deposits.named_deposit(ctx, desk.patient_id),
    "deposit_to_fill": lambda ctx, desk, invoice: deposits.deposit_to_fill(ctx, desk.patient_id),
    "deposit_to_withdraw": lambda ctx, desk, invoice: deposits.deposit_to_withdraw(ctx, desk.patient_id),
    "kept_by": lambda ctx, desk, invoice: deposits.kept_by(ctx, desk.patient_id, ctx.branch.legal_entity_id),
    "colleagues": lambda ctx, desk, invoice: drawer.colleagues(ctx),
    "last_count": lambda ctx, desk, invoice: drawer.last_count(ctx, ctx.branch),
    "doctors": lambda ctx, desk, invoice: reading.doctors(ctx),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
async def test_a_service_asks_for_a_right(desk: Desk, ctx_as: Units, staff, asked: Asked) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="9100")
    await desk.top_up("100")
    async with ctx_as("director") as ctx:
        await asked(ctx, desk, invoice)
    async with ctx_as(await staff(None)) as ctx:
        with pytest.raises(Denied):
            await asked(ctx, desk, invoice)


async def test_lines_of_no_invoice_are_not_found(desk: Desk) -> None:
    async with desk.units("director") as ctx:
        with pytest.raises(NotFound):
            await reversing.returnable_lines(ctx, 10**9)
