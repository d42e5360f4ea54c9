"""A clinic with one category and one service."""

import asyncio
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
import pytest_asyncio
from sqlalchemy import text

from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service


class Shelf(msgspec.Struct, frozen=True):
    """The ids of «Терапия» and of its «Кариес, реставрация» at 7 900,00."""

    units: Any
    category: int
    service: int

    def form(self, **changes: Any) -> ServiceForm:
        values = {
            "category_id": self.category,
            "code": "A16.07.002",
            "name": "Кариес, реставрация",
            "price": Decimal("7900.00"),
            "duration": 60,
            "is_active": True,
        }
        return ServiceForm(**{**values, **changes})

    async def five_at_once(self) -> list[str]:
        """What becomes of five people who add the same category and service."""

        async def add_both() -> None:
            async with self.units("director") as ctx:
                await add_category(ctx, CategoryForm(name="Хирургия"))
                await add_service(ctx, self.form(code="ХИР-01"))

        answers = await asyncio.gather(*(add_both() for _ in range(5)), return_exceptions=True)
        return sorted(type(answer).__name__ for answer in answers)

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.units("director") as ctx:
            return [tuple(row) for row in await ctx.db.execute(text(query))]


async def furnish(units: Any) -> Shelf:
    async with units("director") as ctx:
        category = await add_category(ctx, CategoryForm(name="Терапия"))
        shelf = Shelf(units, category, 0)
        return Shelf(units, category, await add_service(ctx, shelf.form()))


@pytest_asyncio.fixture(loop_scope="session")
async def shelf(ctx_as: Any) -> Shelf:
    return await furnish(partial(ctx_as, patiently=True))
