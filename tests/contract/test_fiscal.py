from typing import ClassVar

from sqlalchemy import text

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from tests.contract import samples
from tests.contract.fiscal_samples import FiscalSamples


class TestFiscal(PluginContract):
    plugin = "fiscal"
    table = samples.RIGHTS
    lists = ("/fiscal/receipts", "/fiscal/registers")
    kept: ClassVar = (
        "fiscal.cash_register.name",  # the clinic's own
        "fiscal.fiscal_receipt.content",  # what was paid, as the tax service knows it, not by whom
        "fiscal.fiscal_receipt.error",  # the register's words, about no person
    )

    async def settle(self, clinic: TestClinic) -> None:
        """Nothing is on its way any more."""
        resolved = "update fiscal.fiscal_receipt set state = 'resolved', next_at = null where state <> 'done'"
        async with clinic.ctx_as("director") as ctx:
            await ctx.db.execute(text(resolved))

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return await FiscalSamples.of(clinic, marker)

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        made = await FiscalSamples.begun(clinic, f"Чековая{number}")
        await made.receipt("failed", error="Касса не приняла чек.")
