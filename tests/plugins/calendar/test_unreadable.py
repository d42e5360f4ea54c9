"""Bodies that the grid never sends are refused with a sentence."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(("body", "status"), [(b"{bad", 400), (b'{"strange": 1}', 422)])
async def test_a_body_that_cannot_be_read(client_as, body: bytes, status: int) -> None:
    client = await client_as("administrator")
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a-key-long-enough"}
    answer = await client.post("/api/v1/calendar/appointments", content=body, headers=headers)
    assert answer.status_code == status
    assert "не удалось прочитать" in answer.json()["sentence"]
