"""What is answered at once at the address of a connection: for whom, in whose name, and when not."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy import select

from prikus.access.models import AuditRecord
from prikus.connections.models import Connection
from prikus.operator.subscriptions import Terms, change_subscription
from prikus.settings.services.modules import switch
from prikus.testing.clinics import Client, TestClinic
from prikus_parcels.fake import KEY
from tests.core.connections.test_connecting import address

HEAD = {"Authorization": f"Token {KEY}"}


@pytest.fixture
async def card(clinic: TestClinic) -> str:
    """The connection's own page, connected."""
    director = (await clinic.client_as("director")).htmx
    await director.post("/connections/new/shelves", data={"row_version": "0", "token": KEY})
    found = re.search(r"/connections/\d+(?=/connect)", (await director.get("/connections/")).text)
    assert found
    assert (await director.post(f"{found[0]}/connect")).status_code == 204
    return found[0]


@pytest.fixture
async def url(clinic: TestClinic, card: str) -> str:
    return await address(clinic, int(card.rsplit("/", 1)[1]))


async def put(provider: Client, url: str, words: str, head: dict[str, str] = HEAD) -> int:
    return (await provider.post(url, content=words.encode(), headers=head)).status_code


async def lies(clinic: TestClinic) -> list[str]:
    async with clinic.ctx_as("system") as ctx:
        query = select(AuditRecord.sentence).where(AuditRecord.action == "parcel.arrived").order_by(AuditRecord.id)
        return list(await ctx.db.scalars(query))


async def test_it_is_answered_at_once_by_the_plugin_with_the_rights_of_its_acts(url: str, stranger: Client) -> None:
    assert await put(stranger, url, "1") == 200
    answer = await stranger.get(url + "/what?ever=1", headers={"Authorization": f"bearer {KEY}"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"lies": ["Посылка 1"], "acts": "plugin:parcels", "may": ["patients.patient.view"]}


@pytest.mark.parametrize(
    ("path", "status", "error"), [("/full", 409, "Полка занята."), ("/broken", 503, "Try again later.")]
)
async def test_what_is_raised_is_rolled_back_and_said(
    clinic: TestClinic, url: str, stranger: Client, path: str, status: int, error: str
) -> None:
    answer = await stranger.post(url + path, content=b"1", headers=HEAD)
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert await lies(clinic) == []


async def test_whoever_does_not_show_the_token_is_refused_and_the_clinic_sees_it(
    clinic: TestClinic, url: str, stranger: Client
) -> None:
    for head in ({}, {"Authorization": KEY}, {"Authorization": "Token "}, {"Authorization": "Token чужой".encode()}):
        assert (await stranger.post(url, content=b"1", headers=head)).status_code == 401  # type: ignore[arg-type]
    assert (await stranger.post(url, content=b"x" * 1001, headers=HEAD)).status_code == 413
    assert (await stranger.post("/webhooks/nobody", content=b"1", headers=HEAD)).status_code == 404
    assert await lies(clinic) == []
    async with clinic.ctx_as("system") as ctx:
        refused = list(await ctx.db.scalars(select(AuditRecord.id).where(AuditRecord.action == "connection.refused")))
        assert len(refused) == 4
    assert await put(stranger, url, "1") == 200


async def test_it_is_closed_while_the_plugin_is_off(clinic: TestClinic, url: str, stranger: Client) -> None:
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "parcels", False)
    assert await put(stranger, url, "1") == 404
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "parcels", True)
    await clinic.drain()
    assert await lies(clinic) == []
    assert await put(stranger, url, "2") == 200


async def test_a_clinic_whose_term_is_over_answers_and_changes_nothing(
    clinic: TestClinic, url: str, stranger: Client
) -> None:
    over = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=60)
    await change_subscription(clinic.house.runtime, clinic.slug, Terms(ends_on=over))
    assert await put(stranger, url, "1") == 403
    answer = await stranger.get(url, headers=HEAD)
    assert (answer.status_code, answer.json()["lies"]) == (200, [])
    await change_subscription(clinic.house.runtime, clinic.slug, Terms(state="suspended"))
    assert (await stranger.get(url, headers=HEAD)).status_code == 403


async def test_only_a_connected_one_answers(clinic: TestClinic, card: str, url: str, stranger: Client) -> None:
    async with clinic.ctx_as("director") as ctx:
        (await ctx.load(Connection, int(card.rsplit("/", 1)[1]))).state = "new"
    assert await put(stranger, url, "1") == 403
    director = (await clinic.client_as("director")).htmx
    assert (await director.post(f"{card}/connect")).status_code == 204
    assert await put(stranger, url, "1") == 200
    assert (await director.post(f"{card}/disconnect")).status_code == 204
    assert await put(stranger, url, "2") == 404
