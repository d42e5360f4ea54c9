"""What tests of the staff look up, and the form that they fill in."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from prikus.access.models import PermissionGroup, Profession
from prikus.testing.clinics import TestClinic


@pytest.fixture
def group_id(clinic: TestClinic) -> Callable[[str], Awaitable[int]]:
    """The id of a shipped group."""

    async def find(code: str) -> int:
        async with clinic.ctx_as("system") as ctx:
            id = await ctx.db.scalar(select(PermissionGroup.id).where(PermissionGroup.code == code))
        assert id is not None
        return id

    return find


@pytest.fixture
def profession_id(clinic: TestClinic) -> Callable[[str], Awaitable[int]]:
    """The id of a profession."""

    async def find(name: str) -> int:
        async with clinic.ctx_as("system") as ctx:
            id = await ctx.db.scalar(select(Profession.id).where(Profession.name == name))
        assert id is not None
        return id

    return find


@pytest.fixture
def person_form(clinic: TestClinic) -> Callable[..., dict[str, Any]]:
    """The fields of «Добавить сотрудника» with a fresh e-mail."""

    def fill(**fields: Any) -> dict[str, Any]:
        return {
            "kind": "staff",
            "last_name": "Кузнецова",
            "first_name": "Ольга",
            "patronymic": "Викторовна",
            "email": f"kuznetsova@{clinic.slug}.example",
            **fields,
        }

    return fill
