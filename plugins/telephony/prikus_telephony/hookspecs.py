"""What telephony asks others."""

from __future__ import annotations

from prikus.toolkit import Context, hookspec
from prikus_telephony.schemas import CallerPart, TelephonyProvider


@hookspec("describe", title="телефонные станции")
def telephony_providers() -> list[TelephonyProvider]:
    """Exchanges that can call, hand out recordings and statistics. Events of calls come by `public.hear_leg`."""
    raise NotImplementedError


@hookspec("ask", title="сведения о звонящем")
async def caller_part(ctx: Context, patient_id: int) -> CallerPart | None:
    """Asked when the card of an incoming call opens: what the person at the desk should see of this patient."""
    raise NotImplementedError
