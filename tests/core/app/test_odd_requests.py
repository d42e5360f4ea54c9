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
