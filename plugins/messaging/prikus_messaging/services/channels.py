"""The connections that messages go over."""

from __future__ import annotations

from prikus.toolkit import WORKS, Context, known_connections
from prikus_messaging.schemas import ChannelInfo, MessageProvider


def providers(ctx: Context) -> dict[str, MessageProvider]:
    """Services of effective plugins, by kind of connection."""
    return {provider.kind: provider for provider in ctx.describe("message_providers")}


async def channels(ctx: Context) -> list[ChannelInfo]:
    """Connections that are there to send over, also those whose service does not answer just now."""
    ctx.require("messaging.message.view")
    return await usable(ctx)


async def usable(ctx: Context) -> list[ChannelInfo]:
    known = providers(ctx)
    found = await known_connections(ctx)
    return [ChannelInfo(one.id, one.title) for one in found if one.kind in known and one.state in WORKS]


async def can_ask(ctx: Context, connection_id: int | None) -> bool:
    """Whether the service of a connection can be asked what became of a message."""
    kind = next((one.kind for one in await known_connections(ctx) if one.id == connection_id), "")
    provider = providers(ctx).get(kind)
    return provider is not None and provider.status is not None
