"""Sessions are rows: they end when they should, and not because a cache was lost (reliability 38, 40)."""

import datetime as dt

import msgspec
import pytest
from sqlalchemy import text

from prikus.data.session import ClinicSession, make_engine
from prikus.testing.clinics import Client
from prikus.testing.house import opened
from prikus.ui.render import CSRF_HEADER


@pytest.fixture
def age(runtime):
    """Moves the clock of a session, as the one who owns the clocks."""

    async def shift(client: Client, column: str, minutes: int) -> None:
        engine = make_engine(runtime.urls.url("maint"), pooled=False)
        async with ClinicSession(engine, None) as db, db.begin():
            await db.execute(
                text(
                    f"update core.session set {column} = {column} - cast(:i as interval) where key_hash = sha256(:key)"
                ),
                {"i": dt.timedelta(minutes=minutes), "key": client.key.encode()},
            )
        await engine.dispose()

    return shift


async def is_in(client: Client) -> bool:
    return (await client.get("/teahouse/teas")).status_code == 200


async def test_half_an_hour_of_silence_ends_a_session(client_as, age) -> None:
    client = await client_as("doctor")
    await age(client, "seen_at", 29)
    assert await is_in(client)
    await age(client, "seen_at", 29)
    assert await is_in(client), "the request before was not noted"
    await age(client, "seen_at", 31)
    assert not await is_in(client)


async def test_twelve_hours_end_a_busy_session(client_as, age) -> None:
    client = await client_as("doctor")
    await age(client, "expires_at", 12 * 60 - 1)
    assert await is_in(client)
    await age(client, "expires_at", 1)
    assert not await is_in(client)


async def test_losing_redis_signs_nobody_out_and_stops_no_work(clinic, system, tea_system, house) -> None:
    deaf = msgspec.structs.replace(house.config, redis_url="redis://127.0.0.1:9/0")
    async with opened(deaf, tea_system) as other:
        client = Client(other, await clinic.session("administrator"))
        assert await is_in(client)
        assert (await client.post("/teahouse/teas/улун/well")).status_code == 303
        await client.aclose()
    assert await clinic.drain() == 1


async def test_a_change_needs_the_pages_token_and_our_own_origin(client_as) -> None:
    client = await client_as("administrator")
    url = "/teahouse/teas/улун/well"
    assert (await client.post(url, headers={"Origin": "https://elsewhere.example"})).status_code == 403
    assert (await client.post(url, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await client.post(url, headers={CSRF_HEADER: "0" * 64})).status_code == 403
    del client.headers[CSRF_HEADER]
    assert (await client.post(url)).status_code == 403
    assert (await client.get("/teahouse/teas")).json() == ["Чай заведения"]


async def test_the_token_of_another_session_does_not_count(client_as) -> None:
    own, other = await client_as("administrator"), await client_as("director")
    answer = await own.post("/teahouse/teas/улун/well", headers={CSRF_HEADER: other.headers[CSRF_HEADER]})
    assert answer.status_code == 403


async def test_signing_out_ends_the_session_at_once(client_as) -> None:
    client = await client_as("doctor")
    key = client.key
    assert (await client.post("/sign-out")).status_code == 303
    again = await client_as("doctor")
    again.cookies.clear()
    again.cookies.set("__Host-prikus_session", key)
    assert not await is_in(again)
