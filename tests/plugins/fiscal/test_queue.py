"""From the payment to the fiscal document, over the fake provider."""

from __future__ import annotations

from tests.plugins.fiscal.conftest import Front


async def test_a_payment_becomes_a_fiscal_document_once(front: Front) -> None:
    await front.pay(cash="3000", cashless="6100")
    await front.clinic.drain()
    assert await front.states() == ["accepted"]
    await front.work()
    assert await front.states() == ["done"]
    [kept] = await front.till.registered()
    [(number, fiscal)] = await front.rows("external_id, fiscal")
    assert (kept["external_id"], kept["payload"]["total"], kept["status"]) == (number, 9100, "done")
    assert (fiscal["fn"], fiscal["document"]) == ("9999078900000001", str(kept["payload"]["fiscal_document_number"]))
