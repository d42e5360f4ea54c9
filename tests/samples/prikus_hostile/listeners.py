from __future__ import annotations

from prikus.toolkit import Context, PatientFact, listens


@listens("*")
async def hear(ctx: Context, fact: PatientFact) -> None:
    raise RuntimeError("heard nothing, ever")
