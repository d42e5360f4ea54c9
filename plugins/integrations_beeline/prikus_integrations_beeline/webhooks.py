"""Events of calls. They are not signed: the secret address and a subscription that we asked for are all there is."""

from __future__ import annotations

from typing import Any

from prikus.toolkit import Arrived, Context, OpenConnection, Webhook
from prikus_integrations_beeline.jobs import KIND, ConnectionRef, resubscribe
from prikus_integrations_beeline.services import abonents, subscribing
from prikus_integrations_beeline.services.reading import Unreadable, read
from prikus_integrations_beeline.services.telling import ENDED, legs
from prikus_integrations_beeline.settings import Settings
from prikus_telephony.public import hear_leg

FOREIGN = "Чужая подписка: этих событий мы не просили."
NOT_A_CALL = "Событие не о звонке: {kind}."


class Events(Webhook):
    kind = KIND
    max_bytes = 64 * 1024

    def verify(self, arrived: Arrived, settings: Any) -> bool:
        """What cannot be an event is refused before anything of it is kept."""
        try:
            read(arrived.body)
        except Unreadable:
            return False
        return True

    def external_id(self, arrived: Arrived) -> str | None:
        return read(arrived.body).event_id or None

    async def handle(self, ctx: Context, connection: OpenConnection[Settings], arrived: Arrived) -> str | None:
        event = read(arrived.body)
        if not await subscribing.is_ours(ctx, connection.id, event.subscription_id):
            return FOREIGN
        if event.kind == ENDED:
            await subscribing.end(ctx, connection.id, event.subscription_id)
            await ctx.enqueue(resubscribe, ConnectionRef(connection.id))
            return None
        said = list(legs(event, await abonents.people(ctx, connection.id)))
        for leg in said:
            await hear_leg(ctx, connection.id, leg)
        return None if said else NOT_A_CALL.format(kind=event.kind)


webhooks = [Events()]
