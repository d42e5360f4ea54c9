"""A clinic with one category and one service."""

from decimal import Decimal
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
    return await furnish(ctx_as)
