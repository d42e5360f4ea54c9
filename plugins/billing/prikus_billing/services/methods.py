"""The ways of paying that every clinic has."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ClauseElement, select
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Context, prepared
from prikus_billing.models import PaymentMethod
from prikus_billing.schemas.money import Kind

METHODS: dict[Kind, str] = {"cash": "Наличные", "cashless": "Безнал"}


async def seed_methods(ctx: Context) -> None:
    """Bring them. May run again."""
    rows = [{"kind": kind, "name": name} for kind, name in METHODS.items()]
    await ctx.db.execute(
        insert(PaymentMethod).values(rows).on_conflict_do_nothing(index_elements=["clinic_id", "kind"])
    )


async def methods_of(ctx: Context) -> Mapping[Kind, int]:
    """Their numbers by kind."""
    found = {row.kind: row.id for row in await _methods().rows(ctx.db)}
    if len(found) == len(METHODS):
        return found
    await seed_methods(ctx)
    return await methods_of(ctx)


@prepared
def _methods() -> ClauseElement:
    return select(PaymentMethod.kind, PaymentMethod.id)
