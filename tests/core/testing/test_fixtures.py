"""The kit itself: what its fixtures promise to every other test."""

from importlib import import_module
from importlib.util import find_spec

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook
from sqlalchemy import func, select, text

from prikus.access.models import StaffMember
from prikus.data.session import ClinicSession, Scope


async def test_ctx_as_acts_in_this_tests_clinic_only(ctx_as, make_clinic) -> None:
    other = await make_clinic()
    await other.staff("doctor")
    async with ctx_as("administrator") as ctx:
        assert ctx.actor.kind == "staff"
        assert await ctx.db.scalar(select(func.count()).select_from(StaffMember)) == 2


async def test_ctx_as_commits_at_its_end_and_rolls_back_on_an_error(clinic, ctx_as) -> None:
    async def names() -> set[str]:
        async with ctx_as("system") as ctx:
            return set(await ctx.db.scalars(select(StaffMember.first_name)))

    async with ctx_as("system") as ctx:
        (await ctx.load(StaffMember, clinic.head.staff_id)).first_name = "Вера"
    assert await names() == {"Вера"}

    async def change_and_fail() -> None:
        async with ctx_as("system") as ctx:
            (await ctx.load(StaffMember, clinic.head.staff_id)).first_name = "Нина"
            await ctx.db.flush()
            raise RuntimeError("after the change")

    with pytest.raises(RuntimeError, match="after the change"):
        await change_and_fail()
    assert await names() == {"Вера"}


async def test_a_client_is_signed_in_and_a_stranger_is_not(client_as, stranger) -> None:
    client = await client_as("director")
    assert (await client.get("/", follow_redirects=True)).url.path != "/sign-in"
    assert (await stranger.get("/", follow_redirects=True)).url.path == "/sign-in"


async def test_the_password_of_staff_opens_the_door(staff, stranger) -> None:
    from prikus.testing.clinics import PASSWORD

    doctor = await staff("doctor")
    answer = await stranger.post("/sign-in", data={"email": doctor.email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text


async def test_count_statements_sees_every_statement(runtime, clinic, count_statements) -> None:
    async with ClinicSession(runtime.app, Scope(clinic.id)) as db:
        with count_statements() as statements:
            await db.execute(text("select 1"))
            await db.execute(text("select 2"))
    assert statements == ["select 1", "select 2"]


async def test_the_live_server_serves_this_tests_clinic(page_as, live_server) -> None:
    page = await page_as("director")
    answer = await page.goto("/")
    assert answer is not None
    assert answer.status == 200
    assert not page.url.endswith("/sign-in")


def test_contracts_of_capabilities_say_what_they_compared(system) -> None:
    names = [f"{plugin.package}.testing" for plugin in system.plugins.values()]
    contracts = [import_module(name) for name in names if find_spec(name)]
    assert contracts
    for contract in contracts:
        assert isinstance(contract.__loader__, AssertionRewritingHook), contract.__name__
