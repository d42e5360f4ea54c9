from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from prikus.toolkit import Answerer, Arrived, Conflict, Context, OpenConnection, Reply, Webhook, json_reply, shows_token
from prikus_parcels import services


class ParcelArrived(Webhook):
    kind = "parcels"
    max_bytes = 1000

    def verify(self, arrived: Arrived, settings: Any) -> bool:
        expected = hmac.new(settings["token"].encode(), arrived.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(arrived.headers.get("x-signature", ""), expected)

    def external_id(self, arrived: Arrived) -> str | None:
        return str(json.loads(arrived.body).get("id"))

    def reply(self, arrived: Arrived) -> Reply:
        return Reply(200, "ok")

    async def handle(self, ctx: Context, connection: OpenConnection[Any], arrived: Arrived) -> None:
        await services.note(ctx, str(json.loads(arrived.body)["id"]))


class Shelf(Answerer):
    """Says at once what lies there; puts something on it."""

    kind = "shelves"
    max_bytes = 1000

    def verify(self, arrived: Arrived, settings: Any) -> bool:
        return shows_token(arrived, settings.get("token"))

    async def answer(self, ctx: Context, connection: OpenConnection[Any], arrived: Arrived) -> Reply:
        if arrived.method == "POST":
            await services.note(ctx, arrived.body.decode())
            if arrived.path == "/full":
                raise Conflict("Полка занята.")
            if arrived.path == "/broken":
                raise RuntimeError
        return json_reply({"lies": await services.noted(ctx), "acts": ctx.actor.kind, "may": sorted(ctx.rights)})


webhooks = [ParcelArrived(), Shelf()]
