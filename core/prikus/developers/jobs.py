"""Sending webhooks, and forgetting what was sent long ago."""

from __future__ import annotations

from prikus.access.context import Context
from prikus.developers.services import sending
from prikus.developers.services.messages import Sending
from prikus.host.declarations import job, outgoing, scheduled


@job
@outgoing
async def send_webhook(ctx: Context, payload: Sending) -> None:
    """One attempt; the next one is asked for here, after a pause."""
    await sending.send(ctx, payload)


@scheduled("41 3 * * *")
async def forget_webhooks(ctx: Context) -> None:
    """The log is kept for 30 days."""
    await sending.forget_old(ctx)
