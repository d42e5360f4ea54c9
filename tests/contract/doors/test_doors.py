"""Every door of the real system, taken from what is built, is closed while its plugin is off, whatever the reason.

For each plugin and each reason: open, closed with the reason said, open with the guard taken away (so it was the gate
that closed it), open again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from prikus.access import context
from prikus.access.context import Context
from prikus.access.visits import key_hash
from prikus.app.scheduler import ask_for
from prikus.clinics.models import PlanPlugin, SubscriptionPlan
from prikus.clinics.state import ClinicState
from prikus.connections.models import Connection
from prikus.connections.services.opening import keep_secrets
from prikus.data.session import driver_url
from prikus.events.outbox import write_job
from prikus.host.declarations import Nothing
from prikus.host.gate import Gate
from prikus.host.system import System
from prikus.operator.subscriptions import Terms, change_subscription
from prikus.settings.services.modules import switch
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.contract.base import Door, state_of
from prikus.testing.contract.gate import METHODS
from prikus.testing.contract.isolation import new_marker
from tests.contract.doors.built import (
    ARRIVING,
    ASKED,
    CONTRACTS,
    FILLED_IN,
    PAYLOADS,
    REFUSED,
    SHOWN,
    UNSEEN,
    owned_routes,
    without_case,
)
from tests.contract.samples import inserted, new_patient

SAID = {
    "switch": ("switched_off", "Выключен"),
    "plan": ("not_in_plan", "не входит в тариф"),
    "requirement": ("requirement_not_in_plan", "Он работает вместе с"),
}
CASES = [
    (plugin, reason)
    for plugin in CONTRACTS
    for reason in SAID
    if reason != "requirement" or System.load().plugins[plugin].requires
]


class Closing(msgspec.Struct, frozen=True):
    """One way to close all doors of a plugin in a clinic, and to open them again."""

    clinic: TestClinic
    plugin: str
    reason: str

    async def close(self) -> None:
        if self.reason == "switch":
            async with self.clinic.ctx_as("director") as ctx:
                needed_by = [p.id for p in ctx.system.dependants(self.plugin)]
                await switch(ctx, self.plugin, False, confirmed=needed_by)
        else:
            system = self.clinic.house.system
            lacking = self.plugin if self.reason == "plan" else system.plugins[self.plugin].requires[0]
            plan = await plan_without(self.clinic, lacking)
            await change_subscription(self.clinic.house.runtime, self.clinic.slug, Terms(plan=plan))

    async def open(self) -> None:
        if self.reason == "switch":
            async with self.clinic.ctx_as("director") as ctx:
                await switch(ctx, self.plugin, True)
        else:
            await change_subscription(self.clinic.house.runtime, self.clinic.slug, Terms(plan="practice"))


async def plan_without(clinic: TestClinic, plugin: str) -> str:
    """The code of a plan that holds everything but this plugin."""
    code = f"without-{plugin}"
    engine = create_async_engine(driver_url(clinic.house.runtime.urls.url("operator")))
    async with engine.begin() as db:
        await db.execute(text("select pg_advisory_xact_lock(1)"))
        if await db.scalar(select(SubscriptionPlan.id).where(SubscriptionPlan.code == code)) is None:
            row = insert(SubscriptionPlan).values(code=code, title=f"Без {plugin}", price=1, position=50)
            plan = await db.scalar(row.returning(SubscriptionPlan.id))
            others = [{"plan_id": plan, "plugin_id": other} for other in clinic.house.system.plugins if other != plugin]
            await db.execute(insert(PlanPlugin), others)
    await engine.dispose()
    return code


@pytest.fixture(params=CASES, ids="-".join)
def closing(request: pytest.FixtureRequest, clinic: TestClinic) -> Closing:
    return Closing(clinic, *request.param)


@pytest.fixture
def taken_away() -> Callable[..., pytest.MonkeyPatch]:
    """`with taken_away(owner, name, value)`: a guard that is off inside the block."""
    return lambda *guard: _Without(guard)


class _Without:
    def __init__(self, guard: tuple[Any, str, Any]) -> None:
        self._guard = guard
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        self._patch.setattr(*self._guard)

    def __exit__(self, *_: object) -> None:
        self._patch.undo()


def test_no_kind_of_door_is_without_a_case(app: Any, system: System) -> None:
    assert without_case(app, system) == []


def is_closed(answer: httpx.Response, words: str) -> bool:
    return answer.status_code == 404 and words in answer.text


async def test_every_route_is_closed(closing: Closing, app: Any, taken_away: Any, rounds: Any) -> None:
    plugin, clinic = closing.plugin, closing.clinic
    kind, words = SAID[closing.reason]
    samples = await CONTRACTS[plugin].samples(clinic, new_marker())
    director = await clinic.client_as("director")

    async def knock(door: Door, client: Client = director) -> httpx.Response:
        return await door.request(samples).sent(client)

    doors = [one.door for one in owned_routes(app) if plugin in one.owners]
    reading = [door for door in doors if door.method == "GET"]
    changing = [door for door in doors if door.method not in ("GET", "HEAD")]
    for door in reading:
        status = (await knock(door)).status_code
        assert status < 400 or status == REFUSED.get(door.path), f"{door} while it is on"

    await closing.close()
    before = await state_of(clinic, plugin)
    nowhere = {f"/{plugin}", f"/{plugin}/no/such", f"/{plugin}/%2e%2e/x", f"/api/v1/{plugin}", f"/api/v1/{plugin}/none"}
    for path in {door.path for door in doors} | nowhere:
        used = [door.method for door in doors if door.path == path]
        for method in METHODS[: rounds(3, len(METHODS))] if used else METHODS[:1]:
            answer = await knock(Door(method, path))
            assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
            assert method == "HEAD" or words in answer.text, f"{method} {path}"
    for door in doors:
        answer = await knock(door, director.htmx)
        assert answer.status_code == 404
        assert door.method == "HEAD" or answer.json()["reason"] == kind, door
    assert await state_of(clinic, plugin) == before

    with taken_away(Gate, "passes", lambda gate, scope: True):
        for door in reading:
            status = (await knock(door)).status_code
            assert status < 400 or status == REFUSED.get(door.path), f"{door} without its gate"
        for door in changing:
            answer = await knock(door)
            assert not is_closed(answer, words), f"{door} without its gate"
            assert answer.status_code < 500, f"{door} without its gate: {answer.status_code}"

    await closing.open()
    for door in doors:
        assert not is_closed(await knock(door), words), f"{door} after it is on again"


async def test_nothing_of_it_is_shown(closing: Closing, taken_away: Any) -> None:
    clinic = closing.clinic
    values = {"patient_id": await new_patient(clinic, "Показательная")}
    director = await clinic.client_as("director")
    found = await contributed(closing)
    unseen = {hook: found.pop(hook) for hook in UNSEEN}
    marks = [
        (SHOWN[hook].page.format(**values), SHOWN[hook].mark(item).format(**values))
        for hook, items in found.items()
        for item in items
    ]

    async def seen() -> list[bool]:
        pages = {page: (await director.get(page)) for page, _ in marks}
        assert all(answer.status_code == 200 for answer in pages.values())
        return [mark in pages[page].text for page, mark in marks]

    async def described() -> list[Any]:
        async with clinic.ctx_as("director") as ctx:
            return [ctx.describe(hook) for hook in UNSEEN]

    assert marks
    assert all(await seen()), marks
    await closing.close()
    assert not any(await seen()), marks
    assert not any(
        item in shown for shown, mine in zip(await described(), unseen.values(), strict=True) for item in mine
    )
    with taken_away(Context, "is_effective", lambda ctx, owners: True):
        assert all(await seen()), marks
    await closing.open()
    assert all(await seen()), marks


async def contributed(closing: Closing) -> dict[str, list[Any]]:
    """What the plugin, and nobody else, contributes to each hook of the core."""
    async with closing.clinic.ctx_as("director") as ctx:
        with _Without((Context, "is_effective", lambda ctx, owners: closing.plugin in owners)):
            return {hook: ctx.describe(hook) for hook in (*SHOWN, *UNSEEN)}


async def test_what_comes_in_is_kept_and_worked_when_it_is_on_again(closing: Closing, stranger: Client) -> None:
    clinic, plugin = closing.clinic, closing.plugin
    kinds = [job.id.rsplit(".", 1)[1] for job in clinic.house.system.jobs.values() if f"{plugin}.webhook." in job.id]
    for kind in kinds:
        connection = int(await inserted(clinic, Connection, plugin_id=plugin, kind=kind, title=kind, state="on"))
        async with clinic.ctx_as("system") as ctx:
            await keep_secrets(ctx, connection, dict(FILLED_IN.get(kind, {"token": "4711"})))
            at = {"connection": connection, "hash": key_hash(f"{clinic.slug} {kind}")}
            await ctx.db.execute(text("select core.set_webhook(:connection, :hash)"), at)
    await closing.close()
    await clinic.drain()
    for kind in kinds:
        answer = await stranger.post(f"/webhooks/{clinic.slug} {kind}", content=ARRIVING[kind])
        assert answer.status_code == 200, f"{kind}: {answer.text}"
    await clinic.drain()
    assert await deliveries(clinic) == ["stored"] * len(kinds)
    assert await states(clinic) == ["parked"] * len(kinds)
    await closing.open()
    await clinic.drain()
    assert "stored" not in await deliveries(clinic)


async def deliveries(clinic: TestClinic) -> list[str]:
    async with clinic.ctx_as("system") as ctx:
        return list(await ctx.db.scalars(text("select state from core.webhook_delivery")))


async def test_its_section_of_the_trash_is_closed(closing: Closing) -> None:
    clinic, plugin = closing.clinic, closing.plugin
    found = (await contributed(closing))["trash_sections"]
    director = await clinic.client_as("director")
    for section in found:
        assert (await director.get(f"/trash/{section.id}")).status_code == 200
    await closing.close()
    for section in found:
        assert (await director.get(f"/trash/{section.id}")).status_code == 404
        assert (await director.htmx.post(f"/trash/{section.id}/1/restore")).status_code == 404
    assert found or plugin != "catalog"


async def test_it_is_not_asked(closing: Closing, taken_away: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "ASK_TIMEOUT_MS", 60_000)  # a busy machine loses no answer
    clinic, plugin = closing.clinic, closing.plugin
    system = clinic.house.system

    async def answers(hook: str) -> int:
        async with clinic.ctx_as("director") as ctx:
            return len(await ctx.ask(hook, **ASKED[hook]))

    mine = {hook: [owners for owners in system.hooks.owners_of(hook) if plugin in owners] for hook in ASKED}
    expected = {hook: len(owners) for hook, owners in mine.items() if owners}
    before = {hook: await answers(hook) for hook in expected}
    await closing.close()
    assert {hook: before[hook] - await answers(hook) for hook in expected} == expected
    with taken_away(Context, "is_effective", lambda ctx, owners: True):
        assert {hook: await answers(hook) for hook in expected} == before
    await closing.open()
    async with clinic.ctx_as("director") as ctx:
        needed = plugin not in system.plugins["billing"].requires or "billing" in ctx.clinic.effective
    if needed:
        assert {hook: await answers(hook) for hook in expected} == before


async def test_its_work_waits_and_is_done_when_it_is_on_again(closing: Closing, taken_away: Any) -> None:
    clinic, plugin = closing.clinic, closing.plugin
    jobs = [job for job in clinic.house.system.jobs.values() if plugin in job.owners]
    await closing.close()
    await clinic.drain()

    async def ask() -> None:
        async with clinic.ctx_as("system") as ctx:
            for job in jobs:
                payload = PAYLOADS.get(job.id, Nothing())
                assert isinstance(payload, job.payload), f"{job.id} needs a case with a payload"
                await write_job(ctx.db, job, payload, None)

    await ask()
    await clinic.house.performer.perform_due(clinic.id)
    assert await states(clinic) == ["parked"] * len(jobs)
    for job in (job for job in jobs if job.cron):
        await ask_for(clinic.house.runtime, clinic.house.states, job, [clinic.id])
    assert await states(clinic) == ["parked"] * len(jobs), "a schedule asked for what is off"
    with taken_away(ClinicState, "works_for", lambda state, owners: True):
        await ask()
        await clinic.drain()
    assert await states(clinic) == ["parked"] * len(jobs), "the second ones were done, nothing but the gate held them"
    await closing.open()
    await clinic.drain()
    assert await states(clinic) == []


async def states(clinic: TestClinic) -> list[str]:
    async with clinic.house.runtime.relay.connect() as db:
        query = text("select state from core.work where clinic_id = :id")
        return list(await db.scalars(query, {"id": clinic.id}))
