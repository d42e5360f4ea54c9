"""What billing asks others."""

from __future__ import annotations

from collections.abc import Sequence

from prikus.toolkit import Context, hookspec


@hookspec("ask", title="можно ли выставить счёт", veto=True)
async def billing_may_invoice(ctx: Context, patient_id: int, service_ids: Sequence[int]) -> str | None:
    """Asked before an invoice is issued. A sentence for the front desk refuses it, None agrees."""
    raise NotImplementedError


@hookspec("ask")
async def propose_doctor(ctx: Context, patient_id: int) -> tuple[int, int | None] | None:
    """Asked when the form of an invoice opens: who treats the patient today, as (doctor, appointment or None)."""
    raise NotImplementedError
