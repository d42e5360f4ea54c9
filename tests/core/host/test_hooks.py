"""Asking plugins: each in a savepoint of its own, so that nobody spoils what the asker has begun (contract 4)."""

import asyncio
import sys
from contextlib import asynccontextmanager, nullcontext, suppress
from types import ModuleType

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from structlog.testing import capture_logs

from prikus.access import context
from prikus.errors import Conflict, Misconfigured
from prikus.host import asking
from prikus.host.breaker import Breaker
from prikus.host.declarations import hookimpl, hookspec
from prikus.host.hooks import Answer, Hooks
from prikus_teahouse.models import Tea


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """A busy machine loses no good answer."""
    monkeypatch.setattr(context, "ASK_TIMEOUT_MS", 60_000)


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


WAYS_TO_FAIL = (
    *("raise", "sql", "write", "swallow", "slow", "hang", "drip", "deaf", "nested"),
    *("commit", "rollback", "close", "raw commit", "ask"),
)


@pytest.fixture
def short(ctx_as):
    """`ctx_as`, whose answers are given up after a tenth of a second."""

    @asynccontextmanager
    async def opened(who: str):
        async with ctx_as(who) as ctx:
            ctx.ask_timeout_ms = 100
            yield ctx

    return opened


async def test_a_failing_answer_leaves_the_askers_work_alone(short, house, monkeypatch) -> None:
    for tea in WAYS_TO_FAIL:
        monkeypatch.setattr(house.system.hooks, "breaker", Breaker())
        async with asyncio.timeout(60), short("director") as ctx:
            ctx.db.add(Tea(name=f"до {tea}"))
            with capture_logs() as said:
                assert await ctx.ask("may_brew", tea=tea) == [Answer("biscuits", failed=True)], tea
            assert [(one["event"], one["plugin"], one["hook"]) for one in said] == [
                ("hook failed", "biscuits", "may_brew")
            ], tea
            assert await ctx.db.scalar(text("show statement_timeout")) == "15s", tea
            ctx.db.add(Tea(name=f"после {tea}"))
    async with short("director") as ctx:
        kept = {f"{when} {tea}" for when in ("до", "после") for tea in WAYS_TO_FAIL}
        assert await names(ctx) == {"Чай заведения"} | kept


async def test_twin_cancelling_over_a_running_query_loses_the_askers_transaction(ctx_as) -> None:
    """Why an answer is given up only between its statements, and one under way is left to the server."""

    async def ask_and_cancel() -> None:
        async with ctx_as("director") as ctx:
            ctx.db.add(Tea(name="до вопроса"))
            await ctx.db.flush()
            with suppress(TimeoutError, DBAPIError):
                async with asyncio.timeout(0.1), ctx.db.begin_nested():
                    await ctx.db.execute(text("select pg_sleep(20)"))
            await names(ctx)

    with pytest.raises((DBAPIError, InvalidRequestError)):
        await ask_and_cancel()
    async with ctx_as("director") as ctx:
        assert "до вопроса" not in await names(ctx)


async def test_twin_without_the_loan_a_commit_of_an_answer_keeps_what_the_asker_takes_back(ctx_as, monkeypatch) -> None:
    monkeypatch.setattr(asking, "lent", lambda *_: nullcontext())

    async def ask_and_fail() -> None:
        async with ctx_as("director") as ctx:
            ctx.db.add(Tea(name="до вопроса"))
            await ctx.ask("may_brew", tea="raw commit")
            raise RuntimeError("the asker changes its mind")

    with pytest.raises((RuntimeError, DBAPIError, InvalidRequestError)):
        await ask_and_fail()
    async with ctx_as("director") as ctx:
        assert "до вопроса" in await names(ctx)


async def test_an_answer_that_cannot_be_given_up_ends_the_request_with_nothing_kept(short, ctx_as, monkeypatch) -> None:
    # The sample hears at last, after more calls than these.
    monkeypatch.setattr(asking, "CANCELS", 2)

    async def ask_the_deaf() -> None:
        async with short("director") as ctx:
            ctx.db.add(Tea(name="до вопроса"))
            await ctx.ask("may_brew", tea="deaf")

    with pytest.raises(asking.AnswerStuck):
        await ask_the_deaf()
    async with ctx_as("director") as ctx:
        assert "до вопроса" not in await names(ctx)
        assert await ctx.ask("may_brew", tea="улун") == [Answer("biscuits", "к чаю «улун»")]


async def test_a_veto_that_fails_refuses(short, house, monkeypatch) -> None:
    for tea in WAYS_TO_FAIL:
        monkeypatch.setattr(house.system.hooks, "breaker", Breaker())
        async with short("director") as ctx:
            with pytest.raises(
                Conflict, match="Не удалось проверить, можно ли подать чай: модуль «Печенье» не отвечает"
            ):
                await ctx.ask("may_serve", tea=tea)


async def test_a_veto_refuses_by_its_sentence_and_agrees_by_silence(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        for tea, sentence in (("no", "Чай остыл."), ("veto", "Печенье кончилось.")):
            with pytest.raises(Conflict, match=sentence):
                await ctx.ask("may_serve", tea=tea)
        assert await ctx.ask("may_serve", tea="улун") == [Answer("biscuits")]


async def test_after_three_failures_in_a_minute_it_rests_for_five(ctx_as, make_clinic, house, monkeypatch) -> None:
    now = 1000.0
    monkeypatch.setattr(house.system.hooks, "breaker", Breaker(lambda: now))
    other = await make_clinic(plan="tea")
    good, off = [Answer("biscuits", "к чаю «улун»")], [Answer("biscuits", failed=True)]
    async with ctx_as("director") as ctx, other.ctx_as("director") as elsewhere:
        for seconds in (0.0, 30.0, 30.0):
            now += seconds
            assert await ctx.ask("may_brew", tea="улун") == good, "it was left alone too early"
            await ctx.ask("may_brew", tea="raise")
        assert await ctx.ask("may_brew", tea="улун") == good, "the first failure is a minute old"
        await ctx.ask("may_brew", tea="raise")
        assert await ctx.ask("may_brew", tea="улун") == off
        assert await elsewhere.ask("may_brew", tea="улун") == good, "another clinic pays for it"
        assert await ctx.ask("may_serve", tea="улун") == [Answer("biscuits")], "another hook pays for it"
        now += 299
        assert await ctx.ask("may_brew", tea="улун") == off
        now += 1
        assert await ctx.ask("may_brew", tea="улун") == good


async def test_a_veto_that_is_switched_off_refuses(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        for _ in range(3):
            with pytest.raises(Conflict, match="не отвечает"):
                await ctx.ask("may_serve", tea="raise")
        with pytest.raises(Conflict, match="модуль «Печенье» не отвечает"):
            await ctx.ask("may_serve", tea="улун")


async def test_a_request_asks_three_times_at_most(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        ctx.request = object()
        for _ in range(3):
            await ctx.ask("may_brew", tea="улун")
        with pytest.raises(RuntimeError, match="at most 3"):
            await ctx.ask("may_brew", tea="улун")


async def test_the_timeout_is_put_back_after_a_good_answer(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        await ctx.ask("may_brew", tea="улун")
        assert await ctx.db.scalar(text("show statement_timeout")) == "15s"


async def test_a_refusal_of_a_hook_that_is_no_veto_is_a_missing_answer(ctx_as) -> None:
    async with ctx_as("director") as ctx:
        assert await ctx.ask("may_brew", tea="veto") == [Answer("biscuits", failed=True)]


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
    with pytest.raises(Misconfigured, match="уже объявлена"):
        hooks.declare(specs())
