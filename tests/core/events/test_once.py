"""A press of a button counts once, and a refusal that a page shows leaves nothing of it (reliability 12)."""

import msgspec
import pytest
from sqlalchemy import select

from prikus.errors import Conflict
from prikus.events.models import IdempotencyKey
from prikus.events.numbers import once
from prikus_teahouse.models import Tea


class Wish(msgspec.Struct):
    name: str


class Made(msgspec.Struct):
    id: int


async def press(ctx, name: str, *, refuses: bool = False) -> Made:
    async def work() -> Made:
        tea = Tea(name=name)
        ctx.db.add(tea)
        await ctx.db.flush()
        if refuses:
            raise Conflict("Чайник занят.")
        return Made(tea.id)

    return await once(ctx.db, "a-key-of-the-form", Wish(name), Made, work)


async def test_a_refusal_that_is_caught_and_committed_leaves_nothing(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        ctx.db.add(Tea(name="до отказа"))
        with pytest.raises(Conflict, match="Чайник занят"):
            await press(ctx, "улун", refuses=True)
    async with ctx_as("director") as ctx:
        assert list(await ctx.db.scalars(select(Tea.name).where(Tea.name.in_(["улун", "до отказа"])))) == ["до отказа"]
        assert list(await ctx.db.scalars(select(IdempotencyKey.id))) == []


async def test_after_a_refusal_the_same_key_can_be_pressed_again(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        with pytest.raises(Conflict):
            await press(ctx, "улун", refuses=True)
    for _ in range(2):
        async with ctx_as("director") as ctx:
            made = await press(ctx, "улун")
    async with ctx_as("director") as ctx:
        assert list(await ctx.db.scalars(select(Tea.id).where(Tea.name == "улун"))) == [made.id]
