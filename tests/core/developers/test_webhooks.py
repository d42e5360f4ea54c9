"""Facts on their way out: signed as Standard Webhooks wants it, none lost, none under two names."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from prikus.developers.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from prikus.developers.services import sending, webhooks
from prikus.errors import Invalid
from prikus.testing.clinics import TestClinic
from prikus.testing.plugin import own
from tests.contract.samples import new_patient

CREATED = "patient.created"


@own
async def endpoint(clinic: TestClinic) -> webhooks.Added:
    fields = webhooks.EndpointFields(title="Сайт", url=f"https://hook.example/hook/{clinic.slug}", events=[CREATED])
    async with clinic.ctx_as() as ctx:
        return await webhooks.add(ctx, fields)


async def heard(hook: httpx.AsyncClient, clinic: TestClinic) -> list[dict[str, Any]]:
    return (await hook.get(f"/heard/{clinic.slug}")).json()


async def messages(clinic: TestClinic) -> list[WebhookMessage]:
    async with clinic.ctx_as("system") as ctx:
        return list(await ctx.db.scalars(select(WebhookMessage).order_by(WebhookMessage.id)))


async def one_piece(clinic: TestClinic) -> None:
    performer = clinic.house.performer
    [head] = await performer.queue.claim(clinic.house.system.kinds(), 1, clinic.id)
    await performer.perform(head)


async def make_due(clinic: TestClinic) -> None:
    """The pause is over."""
    async with clinic.house.runtime.relay.begin() as db:
        await db.execute(text("update core.work set due = now() where clinic_id = :id"), {"id": clinic.id})


async def test_a_fact_is_sent_signed_and_verified_by_the_standards_library(
    clinic: TestClinic, endpoint: webhooks.Added, hook: httpx.AsyncClient
) -> None:
    patient = int(await new_patient(clinic, "Слышная"))
    await clinic.drain()
    [one] = await heard(hook, clinic)
    said = Webhook(endpoint.secret).verify(one["body"], one["headers"])
    assert said["type"] == CREATED
    assert said["data"]["patient_id"] == patient
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(one["body"].replace(CREATED, "patient.deleted"), one["headers"])
    [message] = await messages(clinic)
    assert (message.state, message.attempts) == ("delivered", 1)


async def test_facts_that_nobody_chose_make_no_work(clinic: TestClinic, endpoint: webhooks.Added) -> None:
    async with clinic.ctx_as() as ctx:
        await webhooks.switch(ctx, endpoint.id, False)
    await new_patient(clinic, "Тихая")
    async with clinic.house.runtime.relay.begin() as db:
        query = text("select count(*) from core.work where clinic_id = :id and kind = 'listener:developers.forward'")
        assert await db.scalar(query, {"id": clinic.id}) == 0


async def test_a_failed_message_keeps_its_name_and_waits_longer_each_time(
    clinic: TestClinic, endpoint: webhooks.Added, hook: httpx.AsyncClient
) -> None:
    await hook.post("/answer/500")
    await new_patient(clinic, "Упорная")
    pauses = []
    for _ in range(len(sending.PAUSES)):
        await clinic.drain()
        [message] = await messages(clinic)
        assert message.next_at is not None
        pauses.append((message.next_at - dt.datetime.now(dt.UTC)).total_seconds())
        await make_due(clinic)
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 86_000
    await hook.post("/answer/204")
    await clinic.drain()
    names = {one["headers"]["webhook-id"] for one in await heard(hook, clinic)}
    assert len(names) == 1
    [message] = await messages(clinic)
    assert (message.state, message.attempts) == ("delivered", len(sending.PAUSES) + 1)


async def test_after_the_last_pause_it_is_switched_off_with_a_notice_and_comes_back_by_hand(
    clinic: TestClinic, endpoint: webhooks.Added, hook: httpx.AsyncClient
) -> None:
    await hook.post("/answer/302")
    await new_patient(clinic, "Последняя")
    for _ in range(len(sending.PAUSES) + 1):
        await clinic.drain()
        await make_due(clinic)
    [message] = await messages(clinic)
    assert message.state == "failed"
    director = await clinic.client_as("director")
    assert "Вебхук «Сайт» выключен" in (await director.get("/patients/")).text
    doctor = await clinic.client_as("doctor")
    assert "Вебхук" not in (await doctor.get("/patients/")).text
    await hook.post("/answer/204")
    assert (await director.htmx.post(f"/developers/webhooks/{endpoint.id}/on")).status_code == 204
    assert (await director.htmx.post(f"/developers/webhooks/{endpoint.id}/again")).status_code == 204
    await clinic.drain()
    [message] = await messages(clinic)
    assert message.state == "delivered"
    assert len({one["headers"]["webhook-id"] for one in await heard(hook, clinic)}) == 1
    assert "Вебхук «Сайт»" not in (await director.get("/patients/")).text


async def test_gone_ends_it_at_once(clinic: TestClinic, endpoint: webhooks.Added, hook: httpx.AsyncClient) -> None:
    await hook.post("/answer/410")
    await new_patient(clinic, "Ушедшая")
    await clinic.drain()
    async with clinic.ctx_as() as ctx:
        assert (await ctx.load(WebhookEndpoint, endpoint.id)).state == "failed"


async def test_two_secrets_sign_while_one_replaces_the_other(
    clinic: TestClinic, endpoint: webhooks.Added, hook: httpx.AsyncClient
) -> None:
    async with clinic.ctx_as() as ctx:
        new = await webhooks.rotate(ctx, endpoint.id)
        await webhooks.ping(ctx, endpoint.id)
    await clinic.drain()
    [one] = await heard(hook, clinic)
    for secret in (endpoint.secret, new.secret):
        assert Webhook(secret).verify(one["body"], one["headers"])["type"] == "webhook.ping"
    async with clinic.ctx_as() as ctx:
        await ctx.db.execute(update(WebhookEndpoint).values(previous_until=text("now()")))
        await webhooks.ping(ctx, endpoint.id)
    await clinic.drain()
    last = (await heard(hook, clinic))[-1]
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(last["body"], last["headers"])


async def test_what_could_not_be_noted_is_sent_again_under_the_same_name(
    clinic: TestClinic, endpoint: webhooks.Added, hook: httpx.AsyncClient
) -> None:
    """The receiver has it, the database does not answer: the message is held longer than a lock waits."""
    await new_patient(clinic, "Дважды")
    while not await messages(clinic):
        await one_piece(clinic)
    async with clinic.ctx_as("system") as ctx:
        await ctx.db.execute(select(WebhookMessage.id).with_for_update())
        await clinic.house.performer.perform_due(clinic.id)
    [message] = await messages(clinic)
    assert (message.state, message.attempts) == ("waiting", 0)
    await make_due(clinic)
    await clinic.house.performer.perform_due(clinic.id)
    names = [one["headers"]["webhook-id"] for one in await heard(hook, clinic)]
    assert len(names) == 2
    assert len(set(names)) == 1
    [message] = await messages(clinic)
    assert (message.state, message.attempts) == ("delivered", 1)


@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "https://localhost/x", "https://[::1]/", "https://10.0.0.8/"])
async def test_private_addresses_are_never_asked(clinic: TestClinic, endpoint: webhooks.Added, url: str) -> None:
    fields = webhooks.EndpointFields(title="Внутрь", url=url, events=[CREATED])
    async with clinic.ctx_as() as ctx:
        await webhooks.change(ctx, endpoint.id, fields)
        await webhooks.ping(ctx, endpoint.id)
    await clinic.drain()
    async with clinic.ctx_as() as ctx:
        [attempt] = await ctx.db.scalars(select(WebhookAttempt))
    assert attempt.status is None
    assert "внутреннюю сеть" in (attempt.error or "")


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "http://hook.example/"), ("url", "https://a:b@hook.example/"), ("events", ["no.such"]), ("title", " ")],
)
async def test_what_does_not_fit_is_said_beside_its_field(clinic: TestClinic, field: str, value: Any) -> None:
    fields: dict[str, Any] = {"title": "Сайт", "url": "https://hook.example/hook/x", "events": [CREATED]}
    async with clinic.ctx_as() as ctx:
        with pytest.raises(Invalid) as refused:
            await webhooks.add(ctx, webhooks.EndpointFields(**fields | {field: value}))
    assert list(refused.value.fields) == [field]


async def test_secrets_lie_sealed(clinic: TestClinic, endpoint: webhooks.Added) -> None:
    async with clinic.ctx_as() as ctx:
        row = (await ctx.db.execute(text("select to_jsonb(e)::text from core.webhook_endpoint e"))).scalar_one()
        assert await webhooks.secrets_of(ctx, await ctx.load(WebhookEndpoint, endpoint.id)) == [endpoint.secret]
    assert endpoint.secret.removeprefix("whsec_") not in json.loads(row)["secret"]
