"""Patients, chairs and doctors for the samples of contracts."""

from sqlalchemy import insert

from prikus.access.context import Context
from prikus.toolkit import Chair, Patient


async def patient(ctx: Context, name: str, number: int = 1) -> int:
    sort = f"{name} анна".lower()
    values = {"card_number": number, "last_name": name, "first_name": "Анна", "sort_name": sort, "search_name": sort}
    values |= {"phone": "+79123401289", "phone_digits": "79123401289"}
    return (await ctx.db.execute(insert(Patient).values(values).returning(Patient.id))).scalar_one()


async def chair(ctx: Context, name: str, position: int = 1) -> int:
    values = {"branch_id": ctx.branch.id, "name": name, "position": position}
    return (await ctx.db.execute(insert(Chair).values(values).returning(Chair.id))).scalar_one()
