"""Objects for the samples of contracts, made by the services that people use."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import insert, text, update

from prikus.access.context import Context
from prikus.clinics.models import Branch, LegalEntity
from prikus.patients.schemas import NewPatient
from prikus.patients.services.keeping import add_patient
from prikus.settings.services.places import add_chair
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.samples import Id
from prikus.toolkit import Chair, Patient
from prikus_calendar.models import Shift
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service

RIGHTS = Path(__file__).with_name("rights.toml")
DAY = dt.date(2055, 3, 16)
"""A Tuesday that stays ahead."""
numbers = count(1)
turns: Counter[int] = Counter()


async def patient(ctx: Context, name: str, number: int = 1) -> int:
    sort = f"{name} анна".lower()
    values = {"card_number": number, "last_name": name, "first_name": "Анна", "sort_name": sort, "search_name": sort}
    values |= {"phone": "+79123401289", "phone_digits": "79123401289"}
    return (await ctx.db.execute(insert(Patient).values(values).returning(Patient.id))).scalar_one()


async def chair(ctx: Context, name: str, position: int = 1) -> int:
    values = {"branch_id": ctx.branch.id, "name": name, "position": position}
    return (await ctx.db.execute(insert(Chair).values(values).returning(Chair.id))).scalar_one()


async def new_patient(clinic: TestClinic, marker: str) -> Id:
    form = NewPatient(last_name=marker, first_name="Анна", phone="+79123401289", comment=marker, despite_duplicate=True)
    async with clinic.ctx_as("director") as ctx:
        return Id((await add_patient(ctx, form)).id)


async def new_chair(clinic: TestClinic, marker: str, branch: int | None = None) -> Id:
    async with clinic.ctx_as("director") as ctx:
        return Id(await add_chair(ctx, branch or ctx.branch.id, f"{marker} {next(numbers)}"))


async def new_branch(clinic: TestClinic, marker: str) -> Id:
    async with clinic.ctx_as("director") as ctx:
        values = {"legal_entity_id": ctx.branch.legal_entity_id, "name": f"{marker} {next(numbers)}"}
        made = (await ctx.db.execute(insert(Branch).values(values).returning(Branch.id))).scalar_one()
        await ctx.db.execute(text("select core.bump_state()"))
        return Id(made)


async def name_house(clinic: TestClinic, marker: str) -> int:
    """Name the clinic's first branch and its legal entity; the latter's new version."""
    async with clinic.ctx_as("director") as ctx:
        branch, entity = ctx.branch.id, ctx.branch.legal_entity_id
        await ctx.db.execute(update(Branch).where(Branch.id == branch).values(name=marker))
        row = update(LegalEntity).where(LegalEntity.id == entity).values(full_name=marker, short_name=marker)
        await ctx.db.execute(text("select core.bump_state()"))
        return (await ctx.db.execute(row.returning(LegalEntity.row_version))).scalar_one()


async def new_service(clinic: TestClinic, marker: str) -> Id:
    """One of 100 roubles in a category of its own."""
    name = f"{marker} {next(numbers)}"
    async with clinic.ctx_as("director") as ctx:
        category = await add_category(ctx, CategoryForm(name=name))
        form = ServiceForm(category_id=category, name=name, code=name, price=Decimal("100.00"), is_active=True)
        return Id(await add_service(ctx, form))


async def inserted(clinic: TestClinic, model: Any, **values: Any) -> Id:
    async with clinic.ctx_as("director") as ctx:
        return Id((await ctx.db.execute(insert(model).values(**values).returning(model.id))).scalar_one())


class Desk(msgspec.Struct, frozen=True):
    """A doctor at work in a chair on `DAY`, from 8 to 20."""

    doctor: Id
    chair: Id
    shift: Id


async def new_desk(clinic: TestClinic, marker: str, branch: int | None = None) -> Desk:
    doctor = await clinic.staff("doctor", last_name=marker)
    chair = await new_chair(clinic, marker, branch)
    async with clinic.ctx_as("director") as ctx:
        zone = ctx.zone(ctx.branch.id)
        starts, ends = (dt.datetime.combine(DAY, dt.time(hour), zone) for hour in (8, 20))
        place = {"staff_id": doctor.staff_id, "chair_id": chair, "branch_id": branch or ctx.branch.id}
        row = insert(Shift).values(starts_at=starts, ends_at=ends, business_date=DAY, **place).returning(Shift.id)
        return Desk(Id(doctor.staff_id), chair, Id((await ctx.db.execute(row)).scalar_one()))


def new_keys(clinic: TestClinic) -> Iterator[str]:
    """Keys of idempotency: the same ones in every clinic, others at the next turn in the same clinic."""
    turns[clinic.id] += 1
    return (f"turn {turns[clinic.id]}, key {number}" for number in count())
