"""A web process dies during a payment: all or nothing, and the same key finds out which (reliability 12–14)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest

from prikus.failpoints import Name
from prikus.testing.clinics import TestClinic
from tests.campaigns.faults.machine import Machine, order
from tests.campaigns.faults.truth import broken
from tests.plugins.billing.conftest import Desk, furnish

POINTS: tuple[tuple[Name, int], ...] = (
    ("before_write", 0),
    ("after_ledger", 0),
    ("after_outbox", 0),
    ("before_commit", 0),
    ("after_commit", 1),
    ("before_answer", 1),
)


async def payments(desk: Desk, invoice_id: int) -> int:
    query = "select count(distinct payment_id) from billing.ledger_entry where payment_id is not null and invoice_id = "
    return (await desk.rows(f"{query}{invoice_id}"))[0][0]


@pytest.mark.parametrize(("point", "kept"), POINTS)
async def test_a_web_that_dies_during_a_payment_took_all_of_it_or_nothing(
    point: Name, kept: int, machine: Machine, calm_url: str, clinic: TestClinic, rounds: Callable[[int, int], int]
) -> None:
    desk = await furnish(clinic.ctx_as)
    session = await clinic.session("administrator")
    async with machine.client(calm_url, session) as calm:
        for _ in range(rounds(1, 20)):
            address = f"/billing/invoices/{(await desk.invoice()).invoice_id}/pay"
            invoice_id = int(address.split("/")[3])
            press = {"cash": "100", "idempotency_key": str(uuid4())}
            web = await machine.web(order(point))
            async with machine.client(web.url, session) as client:
                with pytest.raises(httpx.TransportError):
                    await client.post(address, data=press)
            assert await web.ended() == -9, web.said()
            assert f"failpoint {point}: kill" in web.said()
            assert await payments(desk, invoice_id) == kept

            for _ in range(2):
                assert (await calm.post(address, data=press)).status_code == 204
            assert await payments(desk, invoice_id) == 1
    assert await broken(clinic) == []


async def test_its_twin_that_tries_again_with_a_new_key_pays_twice(
    machine: Machine, calm_url: str, clinic: TestClinic
) -> None:
    desk = await furnish(clinic.ctx_as)
    session = await clinic.session("administrator")
    invoice = await desk.invoice()
    address = f"/billing/invoices/{invoice.invoice_id}/pay"
    web = await machine.web(order("after_commit"))
    async with machine.client(web.url, session) as client:
        with pytest.raises(httpx.TransportError):
            await client.post(address, data={"cash": "100", "idempotency_key": str(uuid4())})
    async with machine.client(calm_url, session) as calm:
        await calm.post(address, data={"cash": "100", "idempotency_key": str(uuid4())})
    assert await payments(desk, invoice.invoice_id) == 2
