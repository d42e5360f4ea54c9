"""Facts on their way out: one message for each address that wants to hear of them."""

from __future__ import annotations

import msgspec

from prikus.access.context import Context
from prikus.developers.services import webhooks
from prikus.host.declarations import EVERYTHING, listens


class AnyFact(msgspec.Struct, frozen=True):
    """The fact itself is read when it is sent."""


@listens(EVERYTHING, into=AnyFact)
async def forward(ctx: Context, _: AnyFact) -> None:
    """Only facts that the clinic's addresses have chosen get here (`ClinicState.webhook_events`)."""
    await webhooks.note_fact(ctx, ctx.cause.id, ctx.cause.name)
