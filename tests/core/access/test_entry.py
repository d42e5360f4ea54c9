"""Signing in and out, one-use links, sessions, and forms from elsewhere (reliability 36 to 40)."""

import datetime as dt
import re
import time

import asyncpg
import pytest

from prikus.access.people import invite
from prikus.data.upgrade import plain
from prikus.staff.services.members import NewMember, Profession, add_member
from prikus.testing.clinics import BASE_URL, PASSWORD, Client

ANOTHER = "совсем другая фраза"
# What differs between two renderings of one page.
OWN = re.compile(r'nonce="[^"]+"|\w+-[0-9a-f]{6}\b')


@pytest.fixture
async def admin(house):
    """The database as its administrator: the only one who may move the clock of sessions and links."""
    connection = await asyncpg.connect(plain(house.config.database_url))
    yield connection
    await connection.close()


@pytest.fixture
async def invited(clinic):
    """The address of somebody who was invited, and the link's path."""
    email = f"new@{clinic.slug}.example"
    async with clinic.ctx_as("system") as ctx:
        _, key = await invite(ctx.db, email)
    return email, f"/link/{key}"


async def sign_in(client, email, password, **more):
    return await client.post("/sign-in", data={"email": email, "password": password, **more})


async def test_signing_in_gives_a_bound_cookie_and_leads_where_the_person_was_going(stranger, clinic) -> None:
    sent = await stranger.get("/patients/")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/sign-in?next=/patients"
    entered = await sign_in(stranger, clinic.head.email.upper(), PASSWORD, next="/patients/")
    assert entered.status_code == 303
    assert entered.headers["location"] == "/patients/"
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("__Host-prikus_session=")
    flags = {flag.strip().lower() for flag in cookie.split(";")[1:]}
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= flags
    assert not any(flag.startswith("domain") for flag in flags)
    assert (await stranger.get("/patients/")).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_nobody_is_led_outside_after_signing_in(stranger, clinic, target) -> None:
    assert (await sign_in(stranger, clinic.head.email, PASSWORD, next=target)).headers["location"] == "/"


async def test_wrong_password_and_unknown_person_get_the_same_answer_for_the_same_work(stranger, clinic) -> None:
    async def attempt(email):
        began = time.process_time()  # the processor's, so that what else the machine does falls on neither
        answer = await sign_in(stranger, email, ANOTHER)
        return OWN.sub("", answer.text.replace(email, "")), answer.status_code, time.process_time() - began

    unknown = f"nobody@{clinic.slug}.example"
    wrong, missing = [await attempt(clinic.head.email) for _ in range(2)], [await attempt(unknown) for _ in range(2)]
    assert wrong[0][:2] == missing[0][:2]
    assert wrong[0][1] == 422
    assert min(taken for *_, taken in missing) > min(taken for *_, taken in wrong) / 2


async def test_each_failure_makes_the_next_attempt_wait_longer(stranger, clinic, admin) -> None:
    id, wait = clinic.head.account_id, "select wait_until from core.account where id = $1"
    for seconds in (0, 0, 1, 2, 4):
        before = await admin.fetchval("select clock_timestamp()")
        assert (await sign_in(stranger, clinic.head.email, ANOTHER)).status_code == 422
        after = await admin.fetchval("select clock_timestamp()")
        until = await admin.fetchval(wait, id)
        assert (until is None) == (seconds == 0)
        if until:
            assert before <= until - dt.timedelta(seconds=seconds) <= after
            await admin.execute("update core.account set wait_until = now() + interval '1 minute' where id = $1", id)
            refused = await sign_in(stranger, clinic.head.email, PASSWORD)
            assert refused.status_code == 429
            assert "Подождите" in refused.text
        await admin.execute("update core.account set wait_until = null where id = $1", id)
    assert (await sign_in(stranger, clinic.head.email, PASSWORD)).status_code == 303
    assert await admin.fetchval("select failures from core.account where id = $1", id) == 0


async def test_a_link_works_once_and_opening_it_changes_nothing(stranger, invited) -> None:
    email, link = invited
    for _ in range(2):
        assert email in (await stranger.get(link)).text
    assert (await stranger.post(link, data={"password": PASSWORD, "repeat": PASSWORD})).status_code == 303
    assert (await stranger.get(link)).status_code == 404
    again = await stranger.post(link, data={"password": ANOTHER, "repeat": ANOTHER})
    assert again.status_code == 404
    assert "72 часов" in again.text
    refused = await sign_in(stranger, email, ANOTHER)
    assert refused.status_code == 422


async def test_a_link_dies_after_72_hours(stranger, invited, admin) -> None:
    email, link = invited
    lives = """select expires_at - now() from core.one_use_link l join core.account a on a.id = l.account_id
               where a.email = $1"""
    left = await admin.fetchval(lives, email)
    assert 71 < left.total_seconds() / 3600 <= 72
    await admin.execute(
        """update core.one_use_link set expires_at = now() - interval '1 second'
           where account_id = (select id from core.account where email = $1)""",
        email,
    )
    assert (await stranger.get(link)).status_code == 404
    assert (await stranger.post(link, data={"password": PASSWORD, "repeat": PASSWORD})).status_code == 404


@pytest.mark.parametrize(
    ("password", "repeat", "field"),
    [
        ("короткий", "короткий", "Пароль должен быть от 12"),
        ("qwerty123456", "qwerty123456", "легко подобрать"),
        (PASSWORD, ANOTHER, "не совпали"),
    ],
)
async def test_a_poor_password_is_refused_with_the_reason(stranger, invited, password, repeat, field) -> None:
    _, link = invited
    refused = await stranger.post(link, data={"password": password, "repeat": repeat})
    assert refused.status_code == 422
    assert field in refused.text
    assert (await stranger.get(link)).status_code == 200


async def test_with_several_memberships_the_clinic_is_chosen_after_signing_in(stranger, make_clinic, clinic) -> None:
    other = await make_clinic(name="На Садовой")
    async with other.ctx_as("director") as ctx:
        profession = await ctx.db.scalar(
            ctx.visible(Profession, Profession.id).where(Profession.kind == "staff").limit(1)
        )
        assert profession is not None
        person = NewMember(
            kind="staff", last_name="Общая", first_name="Анна", email=clinic.head.email, professions=[profession]
        )
        await add_member(ctx, person)
    entered = await sign_in(stranger, clinic.head.email, PASSWORD)
    assert entered.headers["location"] == "/clinics-of-mine"
    before = stranger.cookies["__Host-prikus_session"]
    page = (await stranger.get("/clinics-of-mine")).text
    assert "На Проверочной" in page
    assert "На Садовой" in page
    assert (await stranger.get("/staff/")).status_code == 303
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    chosen = await stranger.post("/clinics-of-mine", data={"clinic_id": other.id, "csrf_token": token})
    assert chosen.headers["location"] == "/"
    assert stranger.cookies["__Host-prikus_session"] != before
    assert (await stranger.get("/staff/")).status_code == 403


async def test_a_clinic_where_one_does_not_work_cannot_be_chosen(client_as, make_clinic) -> None:
    other = await make_clinic()
    client = await client_as("director")
    assert (await client.post("/clinics-of-mine", data={"clinic_id": other.id})).status_code == 404


async def test_signing_out_ends_the_session_itself(client_as, house) -> None:
    client = await client_as("director")
    async with Client(house, client.key) as stolen:
        assert (await stolen.get("/patients/")).status_code == 200
        assert (await client.post("/sign-out")).headers["location"] == "/sign-in"
        assert (await stolen.get("/patients/")).status_code == 303


@pytest.mark.parametrize(
    "change", ["seen_at = now() - interval '31 minutes'", "expires_at = now() - interval '1 second'"]
)
async def test_a_session_ends_when_idle_and_at_its_absolute_end(client_as, clinic, admin, change) -> None:
    client = await client_as("director")
    ends = await admin.fetchval(
        "select max(expires_at) - max(created_at) from core.session where account_id = $1", clinic.head.account_id
    )
    assert ends.total_seconds() == 12 * 3600
    assert (await client.get("/patients/")).status_code == 200
    await admin.execute(f"update core.session set {change} where account_id = $1", clinic.head.account_id)
    assert (await client.get("/patients/")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "f" * 64},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
    ],
)
async def test_a_form_from_elsewhere_changes_nothing(client_as, clinic, headers) -> None:
    client = await client_as("director")
    refused = await client.post("/settings/modules/calendar/off", headers=headers)
    assert refused.status_code == 403
    async with clinic.ctx_as("director") as ctx:
        assert ctx.has("calendar")
    meant = await client.post(
        "/settings/modules/calendar/off",
        data={"confirmed": "online_booking"},
        headers={"Sec-Fetch-Site": "same-origin", "Origin": BASE_URL},
    )
    assert meant.status_code == 204


async def test_only_a_hash_of_the_key_is_kept(client_as, admin, clinic) -> None:
    client = await client_as("director")
    rows = await admin.fetch("select * from core.session where account_id = $1", clinic.head.account_id)
    assert rows
    assert client.key not in repr([dict(row) for row in rows])


async def test_a_form_without_scripts_carries_its_token_in_a_field(client_as, house, clinic) -> None:
    client = await client_as("director")
    token = client.headers.pop("X-CSRF-Token")
    form = {"time_zone": "Asia/Omsk"}
    for wrong in ("", "чужой", token[:-1]):
        assert (await client.post("/settings/places/zone", data={**form, "csrf_token": wrong})).status_code == 403
    assert (await client.post("/settings/places/zone", data={**form, "csrf_token": token})).status_code == 204
    async with clinic.ctx_as("director") as ctx:
        assert ctx.clinic.time_zone == "Asia/Omsk"
