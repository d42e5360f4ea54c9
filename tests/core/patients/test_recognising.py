"""Whose card it is when a service outside says a name and a number."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from prikus.errors import Denied, Invalid
from prikus.patients.schemas import NewPatient
from prikus.patients.services.keeping import add_patient, delete_patient
from prikus.toolkit import Context, Recognised, SaidPerson, recognise_patient

Units = Callable[..., AbstractAsyncContextManager[Context]]
BORN = dt.date(1990, 5, 14)
ANNA: dict[str, Any] = {"last_name": "Алёхина", "first_name": "Анна", "phone": "+79161234567"}


async def add(units: Units, **more: Any) -> int:
    async with units("director") as ctx:
        return (await add_patient(ctx, NewPatient(**{**ANNA, **more}, despite_duplicate=True))).id


async def recognise(units: Units, **more: Any) -> Recognised:
    async with units("director") as ctx:
        return await recognise_patient(ctx, SaidPerson(**{**ANNA, **more}))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"last_name": " АЛЕХИНА ", "phone": "8 916 123-45-67"},
        {"patronymic": "Игоревна"},
        {"birth_date": BORN},
    ],
)
async def test_phone_and_name_name_the_card_that_is_there(ctx_as: Units, said: dict[str, Any]) -> None:
    id = await add(ctx_as, patronymic="Игоревна", birth_date=BORN)
    assert await recognise(ctx_as, **said) == Recognised(id, is_new=False)


@pytest.mark.parametrize(
    "said",
    [
        {"first_name": "Пётр"},
        {"phone": "+79161234568"},
        {"patronymic": "Олеговна"},
        {"birth_date": BORN.replace(year=1960)},
    ],
)
async def test_whoever_is_contradicted_gets_a_card_of_their_own(ctx_as: Units, said: dict[str, Any]) -> None:
    id = await add(ctx_as, patronymic="Игоревна", birth_date=BORN)
    new = await recognise(ctx_as, **said)
    assert (new.id != id, new.is_new) == (True, True)
    assert await recognise(ctx_as, **said) == Recognised(new.id, is_new=False)


async def test_of_two_that_fit_none_is_chosen(ctx_as: Units) -> None:
    known = {await add(ctx_as), await add(ctx_as)}
    assert (await recognise(ctx_as)).id not in known


async def test_a_deleted_card_is_not_brought_back(ctx_as: Units) -> None:
    id = await add(ctx_as)
    async with ctx_as("director") as ctx:
        await delete_patient(ctx, id)
    assert (await recognise(ctx_as)).is_new


async def test_two_requests_at_once_make_one_card(ctx_as: Units) -> None:
    found = await asyncio.gather(*(recognise(ctx_as) for _ in range(4)))
    assert len({one.id for one in found}) == 1
    assert sum(one.is_new for one in found) == 1


async def test_what_is_no_person_is_refused_beside_its_field(ctx_as: Units) -> None:
    for said, name in (({"phone": "12"}, "phone"), ({"last_name": " - "}, "last_name")):
        with pytest.raises(Invalid) as refused:
            await recognise(ctx_as, **said)
        assert set(refused.value.fields) == {name}


async def test_it_needs_the_right_to_keep_cards(ctx_as: Units) -> None:
    async with ctx_as("plugin:calendar") as ctx:
        with pytest.raises(Denied):
            await recognise_patient(ctx, SaidPerson(**ANNA))
