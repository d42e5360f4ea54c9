"""A callback names a receipt; what it does not name is left alone."""

from __future__ import annotations

from prikus_fiscal.public import hear_callback
from tests.plugins.fiscal.conftest import Front


async def test_a_callback_without_one_of_the_numbers_is_about_no_other_receipt(front: Front) -> None:
    await front.hold("another", "1 minute")
    for _ in range(2):
        await front.pay(cash="9100")
    await front.work()
    [(connection,)] = await front.of_registers("connection_id")
    [_, (number,)] = await front.rows("external_id")
    before = await front.rows("next_at")
    async with front.clinic.ctx_as("plugin:fiscal") as ctx:
        assert not await hear_callback(ctx, connection, external_id="nobody", uuid=None)
        assert not await hear_callback(ctx, connection, external_id=None, uuid=None)
    assert await front.rows("next_at") == before
    async with front.clinic.ctx_as("plugin:fiscal") as ctx:
        assert await hear_callback(ctx, connection, external_id=number, uuid=None)
    assert [then != now for then, now in zip(before, await front.rows("next_at"), strict=True)] == [False, True]
