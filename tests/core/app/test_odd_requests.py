"""Requests that no page of ours sends: each gets a refusal that says something, never a fault."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "path", ["/patients/abc", "/patients/99999999999999999999999", "/patients/9223372036854775808", "/nowhere"]
)
async def test_an_address_that_cannot_be(client_as, path: str) -> None:
    client = await client_as("administrator")
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "Не найдено" in answer.text


@pytest.mark.parametrize(("body", "status"), [(b"{bad", 400), (b'{"strange": 1}', 422)])
async def test_a_body_that_cannot_be_read(client_as, body: bytes, status: int) -> None:
    client = await client_as("administrator")
    headers = {"Content-Type": "application/json", "Idempotency-Key": "a-key-long-enough"}
    answer = await client.post("/api/v1/calendar/appointments", content=body, headers=headers)
    assert answer.status_code == status
    assert "не удалось прочитать" in answer.json()["sentence"]
