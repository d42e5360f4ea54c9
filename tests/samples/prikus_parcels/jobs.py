from __future__ import annotations

import msgspec

from prikus.toolkit import Context, connections_of, job, outgoing
from prikus_parcels import services


class Parcel(msgspec.Struct, frozen=True):
    number: int


@job
@outgoing
async def send_parcel(ctx: Context, payload: Parcel) -> None:
    async with ctx.unit() as own:
        connections = await connections_of(own, "parcels")
    for connection in connections:
        await services.send(ctx, connection, payload.number)
