"""Webhooks: known by the hash of their token, verified over raw bytes, stored once, worked later (reliability 19)."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text

from prikus.access.models import AuditRecord
from prikus.connections.models import WebhookDelivery
from prikus.connections.services import inbound
from prikus.settings.services.modules import switch
from prikus.testing.clinics import Client, TestClinic
from prikus_parcels.fake import KEY
from tests.core.connections.test_connecting import address, set_up


def signed(body: bytes, key: str = KEY) -> dict[str, str]:
    return {"X-Signature": hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}


def parcel(id: int) -> bytes:
    return json.dumps({"id": id}).encode()


@pytest.fixture
async def url(clinic: TestClinic) -> str:
    return await address(clinic, await set_up(await clinic.client_as("director")))


async def arrived(clinic: TestClinic) -> list[str]:
    async with clinic.ctx_as("system") as ctx:
        query = select(AuditRecord.sentence).where(AuditRecord.action == "parcel.arrived").order_by(AuditRecord.id)
        return list(await ctx.db.scalars(query))


async def test_a_delivery_is_stored_answered_and_worked_later(clinic: TestClinic, url: str, provider: Client) -> None:
    answer = await provider.post(url + "/anything/null?a=1", content=parcel(1), headers=signed(parcel(1)))
    assert (answer.status_code, answer.text) == (200, "ok")
    assert await arrived(clinic) == []
    await clinic.drain()
    assert await arrived(clinic) == ["Посылка 1"]
    async with clinic.ctx_as("system") as ctx:
        row = (await ctx.db.execute(select(WebhookDelivery.path, WebhookDelivery.query, WebhookDelivery.state))).one()
    assert row == ("/anything/null", "a=1", "done")


@pytest.fixture
async def provider(clinic: TestClinic) -> Client:
    """Somebody without a session."""
    return await clinic._closing.enter_async_context(Client(clinic.house, None))


async def test_unknown_forged_and_oversized_deliveries_leave_nothing(
    clinic: TestClinic, url: str, provider: Client
) -> None:
    body = parcel(1)
    assert (await provider.post("/webhooks/nobody", content=body)).status_code == 404
    assert (await provider.post(url, content=body)).status_code == 403
    assert (await provider.post(url, content=body, headers=signed(body, "чужой"))).status_code == 403
    assert (await provider.post(url, content=body + b" ", headers=signed(body))).status_code == 403
    large = b'"' + b"x" * 1000 + b'"'
    assert (await provider.post(url, content=large, headers=signed(large))).status_code == 413
    assert (await provider.post(url, content=b"x" * 1_100_000)).status_code == 413
    async with clinic.ctx_as("system") as ctx:
        assert await ctx.db.scalar(select(func.count(WebhookDelivery.id))) == 0


async def test_a_token_is_nowhere_in_the_database(clinic: TestClinic, url: str) -> None:
    token = url.rsplit("/")[-1]
    async with clinic.ctx_as("system") as ctx:
        found = await ctx.db.scalar(text("select string_agg(s::text, '') from core.connection_secret s"))
        own = await ctx.db.scalar(text("select string_agg(c::text, '') from core.connection c"))
    assert token.encode().hex() not in found
    assert token not in own


async def test_repeated_and_shuffled_deliveries_have_one_effect_each(
    clinic: TestClinic, url: str, provider: Client, rounds: Callable[[int, int], int], chance: random.Random
) -> None:
    wanted = list(range(rounds(60, inbound.A_MINUTE // 3)))
    sent = wanted * 3
    chance.shuffle(sent)
    for number in sent:
        body = parcel(number)
        assert (await provider.post(url, content=body, headers=signed(body))).status_code == 200
    await clinic.drain()
    assert sorted(await arrived(clinic)) == sorted(f"Посылка {number}" for number in wanted)


async def test_a_flood_at_one_address_is_refused_and_does_not_touch_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "time", SimpleNamespace(monotonic=lambda: 0.0))  # a minute that does not end
    limits = inbound.Limits()
    over = [limits.is_over(b"one") for _ in range(inbound.A_MINUTE + 50)]
    assert sum(over) == 50
    assert not limits.is_over(b"two")


async def test_while_the_integration_is_off_deliveries_are_kept_and_worked_at_return(
    clinic: TestClinic, url: str, provider: Client
) -> None:
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "parcels", False)
    body = parcel(5)
    assert (await provider.post(url, content=body, headers=signed(body))).status_code == 200
    await clinic.house.performer.perform_due(clinic.id)
    assert await arrived(clinic) == []
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "parcels", True)
    await clinic.drain()
    assert await arrived(clinic) == ["Посылка 5"]
