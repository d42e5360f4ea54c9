"""A clinic with patients, a price list and a register at the fake provider, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from prikus.testing.clinics import TestClinic
from prikus_fiscal.services import outcomes
from prikus_fiscal.testing import hurry
from tests.plugins.billing.conftest import Desk, furnish
from tests.plugins.integrations_evotor.conftest import Till, connected, fakes, till

__all__ = ["connected", "fakes", "till"]


class Front:
    """The front desk of a clinic with a register."""

    def __init__(self, clinic: TestClinic, till: Till, desk: Desk) -> None:
        self.clinic, self.till, self.desk = clinic, till, desk

    async def pay(self, cash: str = "0", cashless: str = "0") -> int:
        """One invoice of 9 100,00, and this much for it; the invoice's number."""
        invoice = (await self.desk.invoice()).invoice_id
        await self.desk.pay(invoice, cash, cashless)
        return invoice

    async def work(self, times: int = 1) -> None:
        """Do what is due; then, `times` times, what would be due after its pause."""
        await self.clinic.drain()
        for _ in range(times):
            await hurry(self.clinic)
            await self.clinic.drain()

    async def rows(self, what: str, where: str = "true") -> list[Any]:
        return await self.clinic.rows(f"select {what} from fiscal.fiscal_receipt where {where} order by id")

    async def of_registers(self, what: str) -> list[Any]:
        return await self.clinic.rows(f"select {what} from fiscal.cash_register order by id")

    async def hold(self, token: str, until: str) -> None:
        """Put the register into the hands of a worker until so much later."""
        held = f"update fiscal.cash_register set lease_token = :token, lease_until = now() + interval '{until}'"
        await self.clinic.change(held, token=token)

    async def states(self) -> list[str]:
        return [row[0] for row in await self.rows("state")]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause is over by itself while a test looks: `hurry` ends it."""
    for pauses in ("ASK_PAUSES", "SEND_PAUSES"):
        monkeypatch.setattr(outcomes, pauses, (3600,) * 5)


@pytest.fixture
async def front(clinic: TestClinic, connected: Till) -> Front:
    return Front(clinic, connected, await furnish(clinic.ctx_as))
