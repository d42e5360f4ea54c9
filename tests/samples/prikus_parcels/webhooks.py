from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from prikus.toolkit import Arrived, Context, OpenConnection, Reply, Webhook
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


webhooks = [ParcelArrived()]
