"""Background work: staying subscribed, knowing the people of the exchange."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Conflict, Context, Nothing, Problem, connections_of, job, note_result, outgoing, scheduled
from prikus_integrations_beeline.services import subscribing

KIND = "beeline"


class ConnectionRef(msgspec.Struct, frozen=True):
    connection_id: int


@job
@outgoing
async def on_enable(ctx: Context, payload: Nothing) -> None:
    """Whatever ran out while the module was off is asked for at once."""
    await _keep(ctx)


@job
@outgoing
async def resubscribe(ctx: Context, payload: ConnectionRef) -> None:
    """The exchange ended the subscription: ask for another one at once."""
    await _keep(ctx, payload.connection_id)


@scheduled("*/5 * * * *")
@outgoing
async def stay_subscribed(ctx: Context) -> None:
    """Renew what is due; look whether the exchange still knows the rest."""
    await _keep(ctx)


async def _keep(outside: Context, connection_id: int | None = None) -> None:
    async with outside.unit() as own:
        opened = [one for one in await connections_of(own, KIND) if connection_id in (None, one.id)]
    for connection in opened:
        try:
            await subscribing.keep(outside, connection)
        except Conflict:
            continue
        except Problem as problem:
            await note_result(outside, connection.id, problem.sentence)
        else:
            await note_result(outside, connection.id, None)


@scheduled("7 * * * *")
@outgoing
async def learn_people(ctx: Context) -> None:
    """Who has joined or left, and whose short number is which."""
    async with ctx.unit() as own:
        opened = await connections_of(own, KIND)
    for connection in opened:
        try:
            await subscribing.learn(ctx, connection)
        except Problem as problem:
            await note_result(ctx, connection.id, problem.sentence)
