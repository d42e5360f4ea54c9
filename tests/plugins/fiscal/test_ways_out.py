"""Receipts of a register that does not work have a way out: another register, or a person closes them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.plugins.fiscal.conftest import Front

ON_ITS_WAY = "update fiscal.fiscal_receipt set state = :state"


async def press(front: Front, address: str, **form: Any) -> int:
    return (await front.till.director.post(f"/fiscal/receipts/{address}", data=form)).status_code


async def waiting(front: Front) -> tuple[int, str]:
    """A receipt that nobody has tried yet at a register that was disconnected; its page."""
    assert (await front.till.director.post(f"{front.till.card}/disconnect")).is_success
    await front.pay(cash="9100")
    await front.work(1)
    [(id, state, tries)] = await front.rows("id, state, tries")
    assert (state, tries) == ("queued", 0)
    return id, (await front.till.director.get(f"/fiscal/receipts/{id}")).text


async def test_a_receipt_of_a_disconnected_register_can_be_closed_by_hand(front: Front) -> None:
    id, shown = await waiting(front)
    assert "Касса не подключена" in shown
    assert "Закрыть вручную" in shown
    assert await press(front, f"{id}/resolve", note="Пробит на другой кассе, ФД № 152") == 204
    assert await front.rows("state, next_at") == [("resolved", None)]
    assert (await front.till.connect()).status_code == 204
    await front.work(1)
    assert await front.states() == ["resolved"]


async def test_a_receipt_of_a_disconnected_register_can_go_to_another(front: Front) -> None:
    id, shown = await waiting(front)
    assert f"/fiscal/receipts/{id}/register" in shown
    other = front.till.another()
    assert (await other.connect(title="Касса у кабинета")).status_code == 204
    [_, (second,)] = await front.of_registers("id")
    assert await press(front, f"{id}/register", register_id=second) == 204
    await front.work(1)
    assert await front.rows("state, register_id") == [("done", second)]


@pytest.mark.parametrize("state", ["sending", "accepted"])
async def test_what_is_on_its_way_at_a_register_that_works_is_not_closed(front: Front, state: str) -> None:
    await front.hold("another", "1 minute")
    await front.pay(cash="9100")
    await front.work()
    [(id,)] = await front.rows("id")
    async with front.clinic.ctx_as("system") as ctx:
        await ctx.db.execute(text(ON_ITS_WAY), {"state": state})
    assert "Закрыть вручную" not in (await front.till.director.get(f"/fiscal/receipts/{id}")).text
    assert await press(front, f"{id}/resolve", note="Пробит") == 409
    async with front.clinic.ctx_as("system") as ctx:
        await ctx.db.execute(text("update fiscal.cash_register set stopped = 'Неверный пароль.'"))
    shown = (await front.till.director.get(f"/fiscal/receipts/{id}")).text
    assert "Неверный пароль." in shown
    assert "Закрыть вручную" in shown
    assert await press(front, f"{id}/resolve", note="Пробит, ФД № 152") == 204


@pytest.mark.parametrize("note", ["", "  "])
async def test_closing_needs_a_word_of_how_it_ended(front: Front, note: str) -> None:
    id, _ = await waiting(front)
    assert await press(front, f"{id}/resolve", note=note) == 422
