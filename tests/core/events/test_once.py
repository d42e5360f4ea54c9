"""A press of a button counts once, and a refusal that a page shows leaves nothing of it (reliability 12)."""

import httpx
import msgspec
import pytest
from sqlalchemy import select

from prikus.errors import Conflict
from prikus.events.models import IdempotencyKey
from prikus.events.numbers import once
from prikus.patients.schemas import NewPatient
from prikus.patients.services.keeping import add_patient
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


async def test_a_press_that_is_at_work_is_told_to_come_again_and_then_gets_its_outcome(client_as, ctx_as) -> None:
    """Another key, the twin, does not wait: there are two cards of one person then."""
    typed = {"last_name": "Двойная", "first_name": "Анна", "phone": "+79123408912", "despite_duplicate": True}
    client = await client_as("director")

    async def post(key: str) -> httpx.Response:
        return await client.post("/api/v1/patients", json=typed, headers={"Idempotency-Key": key})

    async with ctx_as("director") as ctx:
        first = await add_patient(ctx, msgspec.convert(typed, NewPatient), "pressed-twice")
        waiting = await post("pressed-twice")
        assert (waiting.status_code, waiting.headers["Retry-After"]) == (409, "2")
        assert waiting.json()["sentence"].startswith("Это действие уже выполняется.")
    again = await post("pressed-twice")
    assert (again.status_code, again.json()["id"]) == (201, first.id)
    other = await post("pressed-by-another")
    assert (other.status_code, other.json()["id"] != first.id) == (201, True)
