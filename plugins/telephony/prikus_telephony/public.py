"""What providers and other plugins may use of telephony."""

from __future__ import annotations

from collections.abc import Iterable

from prikus.toolkit import Context
from prikus_telephony.events import CallAnswered, CallFinished, CallStarted
from prikus_telephony.jobs import CallId, settle_call, telling
from prikus_telephony.schemas import LARGEST_RECORDING, CallRef, Leg, Recording, SeenCall, Telephone, TelephonyProvider
from prikus_telephony.services import extensions, hearing
from prikus_telephony.services.finishing import SETTLE
from prikus_telephony.services.furnishing import take_over

__all__ = [
    "LARGEST_RECORDING",
    "CallAnswered",
    "CallFinished",
    "CallRef",
    "CallStarted",
    "Leg",
    "Recording",
    "SeenCall",
    "Telephone",
    "TelephonyProvider",
    "hear_leg",
    "know_telephones",
    "reconcile",
    "take_over",
]


async def hear_leg(ctx: Context, connection_id: int, leg: Leg) -> None:
    """Take in one event of one leg of a call: for the webhooks of providers.

    Late, shuffled and repeated events give the same call. It is finished some seconds after its last known leg.
    """
    over = await hearing.hear(ctx, connection_id, leg)
    if over is not None:
        await ctx.enqueue(settle_call, CallId(over), ctx.now() + SETTLE)


async def reconcile(ctx: Context, connection_id: int, seen: Iterable[SeenCall]) -> None:
    """Merge the provider's statistics: what no event told is added, what hangs is finished. May be told twice.

    A row is the call with its id, else the one with the same client number and direction that began within 5 s. A row
    that `is_named` is never a call that events or other such rows have named: two hidden callers at once stay two.
    """
    await telling(ctx, await hearing.reconcile(ctx, connection_id, seen))


async def know_telephones(ctx: Context, connection_id: int, telephones: Iterable[Telephone]) -> None:
    """All telephones of the exchange: they are offered under «Внутренние номера», where colleagues are put to them.

    One that is not there any more goes, unless it is on somebody's desk.
    """
    await extensions.know_telephones(ctx, connection_id, telephones)
