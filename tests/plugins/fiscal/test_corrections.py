"""A receipt that is corrected again: what its last correction gave is taken back, once that one is registered."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from httpx import Response

from tests.plugins.fiscal.conftest import Front
from tests.plugins.integrations_evotor.conftest import Till

NAMES = "content->'items'->0->>'name'"


async def correct(front: Front, receipt_id: int, name: str) -> Response:
    """Services are called so from now on, and the receipt is given anew."""
    [(register,)] = await front.of_registers("id")
    words: dict[str, Any] = {"naming": "generic", "generic_name": name, "advance_name": "Аванс", "debt_name": "Долг"}
    saved = await front.till.director.post(f"/fiscal/registers/{register}", data={**words, "is_active": "1"})
    assert saved.status_code == 204, saved.text
    why = {"reason": "own", "day": "2026-03-01", "number": "7", "note": name, "idempotency_key": str(uuid4())}
    return await front.till.director.post(f"/fiscal/receipts/{receipt_id}/correct", data=why)


async def test_a_second_correction_takes_back_the_first(till: Till, front: Front) -> None:
    assert (await till.connect(corrections="yes")).status_code == 204
    await front.pay(cash="9100")
    await front.work(1)
    [(id, first)] = await front.rows(f"id, {NAMES}")
    assert (await correct(front, id, "Услуга")).status_code == 204
    refused = await correct(front, id, "Помощь")
    assert refused.status_code == 409, "the first correction is not registered yet"
    assert "ещё не пробит" in refused.text
    await front.work(3)
    assert (await correct(front, id, "Помощь")).status_code == 204
    await front.work(3)
    assert await front.rows(f"kind, {NAMES}, state") == [
        ("sell", first, "done"),
        ("sell_refund_correction", first, "done"),
        ("sell_correction", "Услуга", "done"),
        ("sell_refund_correction", "Услуга", "done"),
        ("sell_correction", "Помощь", "done"),
    ]
