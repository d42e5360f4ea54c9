"""The password once more, before money is given back (reliability 11)."""

import asyncpg
import pytest

from prikus.access.proof import FRESH_MINUTES, require_proof
from prikus.access.visits import key_hash
from prikus.data.upgrade import plain
from prikus.testing.clinics import PASSWORD, Client

IS_PROVED = "select core.is_proved(id, $2) from core.session where key_hash = $1"
AGE = "update core.session set proved_at = now() - make_interval(mins => $2) where key_hash = $1"

OF_SESSION = "(select account_id from core.session where key_hash = $1)"
FAILURES = f"select failures from core.account where id = {OF_SESSION}"
WAIT = f"update core.account set wait_until = now() + interval '1 minute' where id = {OF_SESSION}"


@pytest.fixture
async def admin(house, clinic):
    """The database as its administrator, who may move the clock of sessions, in this clinic."""
    connection = await asyncpg.connect(plain(house.config.database_url))
    await connection.execute(f"set app.clinic_id = '{clinic.id}'")
    yield connection
    await connection.close()


async def is_proved(admin, client: Client) -> bool:
    return await admin.fetchval(IS_PROVED, key_hash(client.key), FRESH_MINUTES)


async def test_a_password_counts_for_a_while_and_can_be_typed_again(client_as, admin) -> None:
    client = await client_as("director")
    assert await is_proved(admin, client)
    await admin.execute(AGE, key_hash(client.key), FRESH_MINUTES - 1)
    assert await is_proved(admin, client)
    await admin.execute(AGE, key_hash(client.key), FRESH_MINUTES)
    assert not await is_proved(admin, client)
    assert (await client.htmx.post("/session/proof", data={"password": PASSWORD})).status_code == 204
    assert await is_proved(admin, client)


async def test_a_wrong_password_proves_nothing_and_counts_towards_a_pause(client_as, admin) -> None:
    client = (await client_as("doctor")).htmx
    await admin.execute(AGE, key_hash(client.key), FRESH_MINUTES)
    refused = await client.post("/session/proof", data={"password": "не тот"})
    assert refused.json()["fields"] == {"password": "Пароль не подходит. Проверьте раскладку и повторите."}
    assert (await client.post("/session/proof", data={"password": ""})).json()["fields"] == {
        "password": "Заполните это поле."
    }
    assert await admin.fetchval(FAILURES, key_hash(client.key)) == 1
    await admin.execute(WAIT, key_hash(client.key))
    assert (await client.post("/session/proof", data={"password": PASSWORD})).status_code == 429
    assert not await is_proved(admin, client)


async def test_a_session_of_another_clinic_proves_nothing_here(admin, make_clinic) -> None:
    other = await make_clinic()
    key = await other.session("director")
    assert not await admin.fetchval(IS_PROVED, key_hash(key), FRESH_MINUTES)
    await admin.execute(f"set app.clinic_id = '{other.id}'")
    assert await admin.fetchval(IS_PROVED, key_hash(key), FRESH_MINUTES)


async def test_without_a_session_there_is_nothing_to_prove(stranger, ctx_as) -> None:
    assert (await stranger.post("/session/proof", data={"password": PASSWORD})).status_code in (303, 401, 403)
    async with ctx_as("director") as ctx:
        await require_proof(ctx)
