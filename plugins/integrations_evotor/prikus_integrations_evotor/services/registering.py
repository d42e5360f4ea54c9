"""Receipts to and from Evotor, as fiscal asks for them."""

from __future__ import annotations

from prikus.toolkit import Context, OpenConnection
from prikus_fiscal.public import Outcome, Receipt
from prikus_integrations_evotor.services.client import register
from prikus_integrations_evotor.settings import Settings


async def send(outside: Context, connection: OpenConnection[Settings], receipt: Receipt) -> Outcome:
    async with register(outside, connection) as evotor:
        return await evotor.send(receipt)


async def status(outside: Context, connection: OpenConnection[Settings], uuid: str) -> Outcome:
    async with register(outside, connection) as evotor:
        return await evotor.status(uuid)
