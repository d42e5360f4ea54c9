from __future__ import annotations

import datetime as dt
from typing import Any

from prikus.toolkit import Connected, Context, outgoing_client
from prikus_telephony.public import LARGEST_RECORDING, CallRef, Recording, SeenCall

BASE = "https://ringer.example"


async def connect(ctx: Context, connection: Any) -> Connected:
    return Connected("Станция отвечает.")


async def call(ctx: Context, connection: Any, extension: str, phone: str) -> None:
    async with outgoing_client(ctx, connection) as http:
        await http.post(f"{BASE}/call", json={"extension": extension, "phone": phone})


async def recording(ctx: Context, connection: Any, call: CallRef) -> Recording | None:
    async with outgoing_client(ctx, connection) as http:
        answer = await http.get(f"{BASE}/records/{call.external_id}", largest=LARGEST_RECORDING)
    return Recording(answer.body) if answer.is_success else None


async def statistics(ctx: Context, connection: Any, since: dt.datetime, until: dt.datetime) -> list[SeenCall]:
    async with outgoing_client(ctx, connection) as http:
        found = (await http.get(f"{BASE}/statistics")).json(list[SeenCall])
    return [one for one in found if since <= one.started_at <= until]
