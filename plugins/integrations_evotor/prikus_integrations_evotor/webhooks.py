"""Callbacks about receipts. Nobody signs them: they say when to ask, never what became of a receipt."""

from __future__ import annotations

from typing import Any

from prikus.toolkit import Arrived, Context, OpenConnection, Webhook
from prikus_fiscal.public import hear_callback
from prikus_integrations_evotor.services import atol
from prikus_integrations_evotor.settings import Settings

NOT_OURS = "Не об открытом чеке этой кассы."


class Results(Webhook):
    kind = "evotor"
    max_bytes = 64 * 1024
    proves_life = False

    def verify(self, arrived: Arrived, settings: Any) -> bool:
        """What names no receipt is refused before anything of it is kept."""
        said = atol.read(arrived.body)
        return said is not None and bool(said.uuid or said.external_id)

    async def handle(self, ctx: Context, connection: OpenConnection[Settings], arrived: Arrived) -> str | None:
        said = atol.read(arrived.body)
        assert said is not None
        is_ours = await hear_callback(ctx, connection.id, external_id=said.external_id, uuid=said.uuid)
        return None if is_ours else NOT_OURS


webhooks = [Results()]
