"""Words about messages, by GET or as a form. How they are signed nobody has published: they say when to ask."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from prikus.toolkit import LARGEST_ID, Arrived, Context, OpenConnection, Reply, Webhook
from prikus_integrations_smsc.settings import Settings
from prikus_messaging.public import ask_soon

LONGEST = len(str(LARGEST_ID))
"""Digits of a number of ours."""
NOT_OURS = "Не о сообщении этой клиники."


class Statuses(Webhook):
    kind = "smsc"
    max_bytes = 64 * 1024
    proves_life = False

    def verify(self, arrived: Arrived, settings: Any) -> bool:
        """What names no message, such as an answer of a patient, is refused before anything of it is kept."""
        return number_of(arrived) is not None

    def reply(self, arrived: Arrived) -> Reply:
        return Reply(200, "OK")

    async def handle(self, ctx: Context, connection: OpenConnection[Settings], arrived: Arrived) -> str | None:
        return None if await ask_soon(ctx, connection.id, message_id=number_of(arrived)) else NOT_OURS


def number_of(arrived: Arrived) -> int | None:
    """The number of the message whose status has changed; where address and body disagree, the body's."""
    said = dict(parse_qsl(arrived.query)) | dict(parse_qsl(arrived.body.decode("utf-8", "replace")))
    id = said.get("id", "")
    is_number = id.isascii() and id.isdecimal() and len(id) <= LONGEST
    return int(id) if "status" in said and is_number else None


webhooks = [Statuses()]
