"""Programs at the door: what a key opens, for how long, how often, and in whose name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, text, update

from prikus.access.models import ApiKey, AuditRecord
from prikus.access.visits import KeyVisit, key_hash
from prikus.app.programs import Limiter
from prikus.developers.services import keys
from prikus.errors import Denied, Invalid
from prikus.operator.subscriptions import Terms, change_subscription
from prikus.patients.models import Patient
from prikus.staff.services.members import delete_member
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.contract.rights import person_with

VIEW, EDIT = "patients.patient.view", "patients.patient.edit"
KEY = {"Idempotency-Key": "first-press"}
ANNA = {"last_name": "Ключевая", "first_name": "Анна", "phone": "+79123401290"}


async def issued(clinic: TestClinic, *scopes: str, who: object = "director") -> keys.Issued:
    async with clinic.ctx_as(who) as ctx:  # type: ignore[arg-type]
        return await keys.issue(ctx, keys.KeyFields(name="Сайт", scopes=list(scopes)))


async def status(client: Client) -> int:
    return (await client.get("/api/v1/patients")).status_code


async def test_a_key_acts_as_itself_without_cookies_and_csrf(clinic: TestClinic) -> None:
    program = await clinic.program(VIEW, EDIT)
    made = await program.post("/api/v1/patients", json=ANNA, headers=KEY)
    again = await program.post("/api/v1/patients", json=ANNA, headers=KEY)
    assert made.status_code == 201
    assert made.json() == again.json()
    async with clinic.ctx_as() as ctx:
        author = await ctx.db.execute(select(Patient.created_by_kind, Patient.created_by_id))
        key = await ctx.db.execute(select(ApiKey.id, ApiKey.used_at))
        [(kind, id)], [(key_id, used_at)] = author.all(), key.all()
    assert (kind, id) == ("api_key", key_id)
    assert used_at is not None


@pytest.mark.spec("API-01", part="scopes of keys")
async def test_a_key_opens_what_its_scopes_say_and_no_page(clinic: TestClinic) -> None:
    program = await clinic.program(VIEW)
    assert await status(program) == 200
    assert (await program.post("/api/v1/patients", json=ANNA, headers=KEY)).status_code == 403
    page = await program.get("/patients/")
    assert (page.status_code, page.headers["content-type"]) == (403, "application/json")
    assert "api/v1" in page.json()["sentence"]


async def test_a_session_beside_a_wrong_key_does_not_help(clinic: TestClinic) -> None:
    director = await clinic.client_as("director")
    answer = await director.get("/api/v1/patients", headers={"Authorization": "Bearer prikus_1_1_wrong"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await director.get("/api/v1/patients")).status_code == 200


async def test_nobody_gives_a_key_more_than_they_may(clinic: TestClinic) -> None:
    person = await person_with(clinic, "doctor", **{keys.RIGHT: True, "patients.patient.erase": False})
    with pytest.raises(Denied, match=r"patients\.patient\.erase"):
        await issued(clinic, "patients.patient.erase", who=person)
    with pytest.raises(Denied, match=r"developers\.key\.edit"):
        await issued(clinic, keys.RIGHT)
    with pytest.raises(Invalid):
        await issued(clinic)


async def test_a_key_loses_what_its_person_loses(clinic: TestClinic) -> None:
    person = await person_with(clinic, None, **{keys.RIGHT: True, VIEW: True})
    program = clinic.with_token((await issued(clinic, VIEW, who=person)).token)
    assert await status(program) == 200
    async with clinic.ctx_as("system") as ctx:
        word = "update core.staff_permission set is_allowed = false where staff_id = :id and permission = :right"
        await ctx.db.execute(text(word), {"id": person.staff_id, "right": VIEW})
        await ctx.db.execute(text("select core.bump_state()"))
    assert await status(program) == 403


async def test_the_key_of_a_dismissed_person_is_dead_until_another_takes_it_over(clinic: TestClinic) -> None:
    person = await person_with(clinic, "administrator", **{keys.RIGHT: True})
    old = await issued(clinic, VIEW, who=person)
    async with clinic.ctx_as() as ctx:
        await delete_member(ctx, person.staff_id)
    assert await status(clinic.with_token(old.token)) == 401
    async with clinic.ctx_as() as ctx:
        [line] = await keys.keys(ctx)
        taken = await keys.rotate(ctx, old.id)
    assert line.state == "orphaned"
    assert await status(clinic.with_token(taken.token)) == 200
    assert await status(clinic.with_token(old.token)) == 401


@pytest.mark.spec("API-01", part="rotation of keys")
async def test_two_secrets_work_while_one_replaces_the_other(clinic: TestClinic) -> None:
    old = await issued(clinic, VIEW)
    async with clinic.ctx_as() as ctx:
        new = await keys.rotate(ctx, old.id)
    assert [await status(clinic.with_token(one.token)) for one in (old, new)] == [200, 200]
    async with clinic.ctx_as() as ctx:
        await ctx.db.execute(update(ApiKey).values(previous_until=text("now()")))
    assert [await status(clinic.with_token(one.token)) for one in (old, new)] == [401, 200]


@pytest.mark.spec("API-01", part="expiry of keys")
async def test_revoked_and_ended_keys_are_dead(clinic: TestClinic) -> None:
    revoked, ended = await issued(clinic, VIEW), await issued(clinic, VIEW)
    async with clinic.ctx_as() as ctx:
        await keys.revoke(ctx, revoked.id)
        await ctx.db.execute(update(ApiKey).where(ApiKey.id == ended.id).values(expires_at=text("now()")))
    assert [await status(clinic.with_token(one.token)) for one in (revoked, ended)] == [401, 401]
    async with clinic.ctx_as() as ctx:
        words = (await ctx.db.scalars(select(AuditRecord.action).where(AuditRecord.object_kind == "api_key"))).all()
    assert sorted(words) == ["api_key.issued", "api_key.issued", "api_key.revoked"]


async def test_the_secret_is_shown_once_and_kept_as_a_hash(clinic: TestClinic) -> None:
    director = (await clinic.client_as("director")).htmx
    form = {"name": "Сайт", "scopes": [VIEW], "per_minute": "300"}
    shown = await director.post("/developers/keys/new", data=form)
    token = shown.text.partition("prikus_")[2].partition('"')[0]
    assert await status(clinic.with_token(f"prikus_{token}")) == 200
    assert token not in (await director.get("/developers/")).text
    async with clinic.ctx_as() as ctx:
        kept = await ctx.db.scalar(select(ApiKey.secret_hash))
    assert kept == key_hash(token.split("_", 2)[2])


async def test_a_program_cannot_make_keys(clinic: TestClinic) -> None:
    async with clinic.ctx_as() as ctx:
        ctx.actor = type(ctx.actor)("api_key", 1, "Сайт")
        with pytest.raises(Denied):
            await keys.issue(ctx, keys.KeyFields(name="Вторая", scopes=[VIEW]))


@pytest.mark.spec("API-01", part="keys of one clinic")
async def test_a_key_of_one_clinic_with_the_number_of_another_is_dead(
    clinic: TestClinic, make_clinic: Callable[[], Awaitable[TestClinic]]
) -> None:
    other_clinic = await make_clinic()
    token = (await issued(clinic, VIEW)).token
    forged = token.replace(f"prikus_{clinic.id}_", f"prikus_{other_clinic.id}_")
    assert await status(clinic.with_token(forged)) == 401


async def test_too_many_requests_wait(clinic: TestClinic) -> None:
    program = await clinic.program(VIEW, per_minute=2)
    answers = [await program.get("/api/v1/patients") for _ in range(5)]
    late = [answer for answer in answers if answer.status_code == 429]
    # The minute may turn once between them.
    assert 1 <= len(late) <= 3
    assert all(1 <= int(answer.headers["Retry-After"]) <= 60 for answer in late)


async def test_without_redis_requests_are_counted_still(clinic: TestClinic) -> None:
    limiter = Limiter(clinic.house.runtime)
    limiter._redis = type(limiter._redis).from_url("redis://127.0.0.1:1/0")
    visit = KeyVisit(None, 1, 1)  # type: ignore[arg-type]
    waits = [await limiter.wait(clinic.id, visit) for _ in range(3)]
    assert waits[0] == 0
    assert any(waits)


@pytest.mark.parametrize(("terms", "reads"), [({"ends_on": dt.date(2020, 1, 1)}, 200), ({"state": "suspended"}, 403)])
async def test_the_clinics_mode_counts_for_programs_too(clinic: TestClinic, terms: dict[str, Any], reads: int) -> None:
    program = await clinic.program(VIEW, EDIT)
    await change_subscription(clinic.house.runtime, clinic.slug, Terms(**terms))
    assert await status(program) == reads
    assert (await program.post("/api/v1/patients", json=ANNA, headers=KEY)).status_code == 403
