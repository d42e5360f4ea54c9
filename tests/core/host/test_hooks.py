"""Asking plugins: each in a savepoint of its own, so that nobody spoils what the asker has begun (contract 4)."""

import sys
from types import ModuleType

import pytest
from sqlalchemy import select, text

from prikus.errors import Conflict, Misconfigured
from prikus.host import hooks as dispatching
from prikus.host.declarations import hookimpl, hookspec
from prikus.host.hooks import Answer, Hooks
from prikus_teahouse.models import Tea


async def names(ctx) -> set[str]:
    return set(await ctx.db.scalars(select(Tea.name)))


async def test_an_answer_comes_with_its_owner(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        assert await ctx.ask("may_brew", tea="улун") == [Answer("biscuits", "к чаю «улун»")]


async def test_a_plugin_that_is_off_is_not_asked(make_clinic) -> None:
    clinic = await make_clinic(plan="start")
    async with clinic.ctx_as("director") as ctx:
        assert await ctx.ask("may_brew", tea="улун") == []
        assert ctx.describe("teas_of_day") == []


@pytest.mark.parametrize("tea", ["raise", "sql", "write"])
async def test_a_failing_answer_leaves_the_askers_work_alone(ctx_as, tea: str) -> None:
    async with ctx_as("director") as ctx:
        ctx.db.add(Tea(name="до вопроса"))
        assert await ctx.ask("may_brew", tea=tea) == [Answer("biscuits", failed=True)]
        ctx.db.add(Tea(name="после вопроса"))
    async with ctx_as("director") as ctx:
        assert await names(ctx) == {"Чай заведения", "до вопроса", "после вопроса"}


async def test_a_swallowed_error_of_the_database_is_still_a_failure(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        ctx.db.add(Tea(name="до вопроса"))
        assert await ctx.ask("may_brew", tea="swallow") == [Answer("biscuits", failed=True)]
        assert "до вопроса" in await names(ctx)


async def test_a_slow_query_of_an_answer_is_stopped_by_the_server(ctx_as, monkeypatch) -> None:
    monkeypatch.setattr(dispatching, "ASK_TIMEOUT_MS", 100)
    async with ctx_as("director") as ctx:
        before = await ctx.db.scalar(text("show statement_timeout"))
        assert await ctx.ask("may_brew", tea="slow") == [Answer("biscuits", failed=True)]
        assert await ctx.db.scalar(text("show statement_timeout")) == before == "15s"


async def test_the_timeout_is_put_back_after_a_good_answer(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        await ctx.ask("may_brew", tea="улун")
        assert await ctx.db.scalar(text("show statement_timeout")) == "15s"


async def test_a_refusal_reaches_the_person(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        with pytest.raises(Conflict, match="Печенье кончилось"):
            await ctx.ask("may_brew", tea="veto")


async def test_descriptions_stand_in_the_order_core_plugin_joining_room(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        assert ctx.describe("teas_of_day") == ["чёрный", "к печенью"]


async def test_a_joining_room_is_silent_while_one_of_both_is_off(clinic, ctx_as) -> None:
    from prikus.settings.services.modules import switch

    async with ctx_as("director") as ctx:
        await switch(ctx, "biscuits", on=False)
    async with ctx_as("director") as ctx:
        assert ctx.describe("teas_of_day") == ["чёрный"]


def module(name: str, **members) -> ModuleType:
    made = ModuleType(name)
    for key, value in members.items():
        value.__module__ = name
        setattr(made, key, value)
    sys.modules[name] = made
    return made


def specs() -> ModuleType:
    @hookspec("describe")
    def cups() -> list[str]:
        """Cups."""

    @hookspec("ask")
    async def may_pour(ctx) -> None:
        """Asked before."""

    return module("sample_specs", cups=cups, may_pour=may_pour)


def sealed(**members) -> Hooks:
    hooks = Hooks()
    hooks.declare(specs())
    hooks.register(module("sample_hooks", **members), ("sample",))
    hooks.seal()
    return hooks


def test_a_misspelt_hook_stops_the_start() -> None:
    @hookimpl
    def cupz() -> list[str]:
        return []

    with pytest.raises(Misconfigured, match="cupz"):
        sealed(cupz=cupz)


def test_an_answer_of_the_wrong_kind_stops_the_start() -> None:
    @hookimpl
    async def cups() -> list[str]:
        return []

    with pytest.raises(Misconfigured, match="describe должна быть обычной функцией"):
        sealed(cups=cups)

    @hookimpl
    def may_pour(ctx) -> None:
        return None

    with pytest.raises(Misconfigured, match="ask должна быть async def"):
        sealed(may_pour=may_pour)


def test_an_argument_that_the_hook_does_not_have_stops_the_start() -> None:
    @hookimpl
    def cups(colour) -> list[str]:
        return []

    with pytest.raises(Misconfigured, match="colour"):
        sealed(cups=cups)


@pytest.mark.parametrize("option", ["hookwrapper", "wrapper", "tryfirst", "trylast"])
def test_wrappers_and_queue_jumpers_stop_the_start(option: str) -> None:
    def cups() -> list[str]:
        yield

    if option.startswith("try"):

        def cups() -> list[str]:
            return []

    hookimpl(cups)
    cups.prikus_impl[option] = True
    with pytest.raises(Misconfigured, match="cups"):
        sealed(cups=cups)


def test_one_name_for_two_hooks_stops_the_start() -> None:
    hooks = Hooks()
    hooks.declare(specs())
    with pytest.raises(Misconfigured, match="дважды"):
        hooks.declare(specs())
