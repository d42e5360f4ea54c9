"""The suite that every plugin inherits: what the host promises about it and what it promises the host (contract 9)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, ClassVar

import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import text

from prikus.data import migrate
from prikus.data.base import Base
from prikus.data.session import make_engine
from prikus.data.upgrade import upgrade_all
from prikus.events.runtime import role_urls
from prikus.host.manifest import check_manifest
from prikus.host.rooms import folder_of
from prikus.host.routing import OWNERS
from prikus.host.system import System
from prikus.settings.services.modules import switch
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.databases import scratch_database
from prikus.testing.house import House

HOSTILE = "<script>alert('Ы')</script>"
ESCAPED = "&lt;script&gt;"
PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
ANYTHING = {"int": "1", "str": "x", "date": "2026-01-01", "time": "09:00", "path": "x"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DESCRIBED = ("menu_items", "patient_tabs", "card_actions", "card_boxes", "card_figures", "trash_sections")
MISSING = 2**40


class Door(msgspec.Struct, frozen=True):
    """A route of the plugin: its path with `{parameters}`, and one method."""

    method: str
    path: str

    def filled(self, values: Mapping[str, object]) -> str:
        """The address with values for its parameters; those not given are something of the right kind."""

        def value(found: re.Match[str]) -> str:
            segment = self.path[: found.start()].strip("/").rsplit("/", 1)[-1]
            return str(values.get(f"{segment}.{found[1]}", values.get(found[1], ANYTHING[found[2]])))

        return PARAMETER.sub(value, self.path)

    def numbers(self) -> set[str]:
        """Its numeric parameters, as `ids` names them: `services.id` or `service_id`."""
        found = PARAMETER.finditer(self.path)
        return {
            f"{self.path[: one.start()].strip('/').rsplit('/', 1)[-1]}.{one[1]}" for one in found if one[2] == "int"
        }

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def doors_of(app: Litestar, plugin: str) -> list[Door]:
    """Every route that the plugin owns, alone or with another one."""
    return [
        Door(method, route.path)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.opt.get(OWNERS, ("",))[0] == plugin
        for method in sorted(handler.http_methods - {"OPTIONS"})
    ]


class PluginContract:
    """Inherit, name the plugin, and say what only its author knows: `ids`, `lists`, `add_row`.

    A class called `Test…` in any test module is enough; the fixtures come with the pytest plugin.
    """

    plugin: ClassVar[str]
    lists: ClassVar[tuple[str, ...]] = ()
    """Pages whose number of statements must not grow with the rows that `add_row` makes."""
    for_everybody: ClassVar[tuple[str, ...]] = ()
    """Paths that need no right of their own, each with a reason beside it."""
    query: ClassVar[Mapping[str, str]] = {}
    """Query strings without which a path answers nothing, by path: `"?from=…"`."""

    async def ids(self, clinic: TestClinic, name: str) -> dict[str, object]:
        """Make one of everything that has an address, called `name` where it has a name.

        Values by path parameter, `patient_id`; where one name has several meanings, with the segment before it:
        `appointments.id`.
        """
        return {}

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        """Make one more row of what `lists` show."""
        raise NotImplementedError

    @pytest.fixture
    def doors(self, app: Litestar) -> list[Door]:
        return doors_of(app, self.plugin)

    # --- the manifest and the rights

    def test_the_manifest_is_in_order(self, system: System) -> None:
        manifest = system.plugins[self.plugin]
        check_manifest(manifest, self.plugin, f"prikus_{self.plugin}")
        assert manifest.title.strip()
        assert manifest.summary.strip()
        assert {*manifest.requires, *manifest.enhances} <= {*system.plugins, *manifest.enhances}

    def test_every_right_is_used_and_every_used_right_is_declared(self, system: System) -> None:
        declared = {code for code, right in system.permissions.items() if right.section == self.plugin}
        folder = folder_of(f"prikus_{self.plugin}")
        sources = [path for path in folder.rglob("*.py") if path.name != "permissions.py"]
        used = {code for path in sources for code in re.findall(rf'"({self.plugin}\.\w+\.\w+)"', path.read_text())}
        shown = {
            code for path in folder.rglob("*.html") for code in re.findall(r"can\(['\"]([\w.]+)['\"]", path.read_text())
        }
        assert declared <= used, f"declared but never required: {declared - used}"
        assert shown <= set(system.permissions), f"unknown rights in templates: {shown - set(system.permissions)}"

    async def test_somebody_without_rights_gets_nothing(self, clinic: TestClinic, doors: list[Door]) -> None:
        values = await self.ids(clinic, "Образец")
        nobody = await clinic.client_as(None)
        before = await fingerprint(clinic, self.plugin)
        for door in doors:
            if door.path in self.for_everybody:
                continue
            answer = await self._knock(nobody, door, values)
            allowed = (403,) if door.method == "GET" else (403, 404, 405, 422)
            assert answer.status_code in allowed, f"{door}: {answer.status_code}"
        assert await fingerprint(clinic, self.plugin) == before

    # --- the gate

    async def test_every_door_is_closed_while_it_is_off(self, clinic: TestClinic, doors: list[Door]) -> None:
        values = await self.ids(clinic, "Образец")
        await turn_off(clinic, self.plugin)
        director = await clinic.client_as("director")
        for path in {door.path for door in doors} | {f"/{self.plugin}/no/such/page", f"/api/v1/{self.plugin}/none"}:
            for method in METHODS:
                answer = await self._knock(director, Door(method, path), values)
                assert answer.status_code == 404, f"{method} {path}: {answer.status_code}"
                if method == "GET":
                    assert "Выключен" in answer.text, path

    async def test_nothing_of_it_is_described_while_it_is_off(self, clinic: TestClinic) -> None:
        async with clinic.ctx_as("director") as ctx:
            before = described(ctx, self.plugin)
        await turn_off(clinic, self.plugin)
        async with clinic.ctx_as("director") as ctx:
            assert described(ctx, self.plugin) == []
        assert before or not any(room in ("hooks",) for room in rooms_of(clinic.house.system, self.plugin))

    async def test_its_work_is_parked_while_it_is_off(self, clinic: TestClinic) -> None:
        await turn_off(clinic, self.plugin)
        await clinic.drain()
        system = clinic.house.system
        kinds = [kind for kind, owners in system.owners_of_kind.items() if owners[0] == self.plugin]
        async with clinic.ctx_as("system") as ctx:
            await ctx.db.execute(text("select core.enqueue(:kinds, 0, now())"), {"kinds": kinds})
        await clinic.house.performer.perform_due(clinic.id)
        async with clinic.house.runtime.relay.connect() as db:
            query = text("select kind, state from core.work where clinic_id = :id")
            states = dict(map(tuple, await db.execute(query, {"id": clinic.id})))
        assert states == dict.fromkeys(kinds, "parked")

    async def test_its_live_words_are_for_clinics_where_it_is_on(self, clinic: TestClinic) -> None:
        visits = clinic.house.app.state.visits
        key = await clinic.session("director")
        assert (await visits.find(key))[1].is_effective((self.plugin,))
        await turn_off(clinic, self.plugin)
        assert not (await visits.find(key))[1].is_effective((self.plugin,))

    # --- isolation

    async def test_another_clinics_numbers_are_unknown(
        self, clinic: TestClinic, doors: list[Door], make_clinic: Callable[..., Awaitable[TestClinic]]
    ) -> None:
        values = await self.ids(clinic, "Чужоймаркер")
        stranger = await make_clinic()
        owner, other = await clinic.client_as("director"), await stranger.client_as("director")
        before = await fingerprint(clinic, self.plugin)
        for door in (door for door in doors if door.numbers()):
            foreign = await self._knock(other, door, values)
            allowed = (404,) if door.method == "GET" else (404, 409, 422)
            assert foreign.status_code in allowed, f"{door}: {foreign.status_code}"
            assert "Чужоймаркер" not in foreign.text, door
            if door.method == "GET":
                missing = await self._knock(other, door, dict.fromkeys(values, MISSING))
                assert missing.status_code == 404, f"{door}: {missing.status_code}"
                own = await self._knock(owner, door, values)
                assert own.status_code < 400, f"{door}: {own.status_code} for the owner"
        assert await fingerprint(clinic, self.plugin) == before

    async def test_every_number_in_an_address_has_a_sample(self, clinic: TestClinic, doors: list[Door]) -> None:
        values = await self.ids(clinic, "Образец")
        numbers = {number for door in doors for number in door.numbers()}
        missing = {number for number in numbers if not {number, number.split(".")[1]} & set(values)}
        assert not missing, f"ids() gives no {missing}"

    # --- pages

    async def test_pages_escape_hostile_data(self, clinic: TestClinic, doors: list[Door]) -> None:
        values = await self.ids(clinic, HOSTILE)
        director = await clinic.client_as("director")
        pages = []
        for door in doors:
            if door.method == "GET":
                answer = await self._knock(director, door, values)
                assert answer.status_code < 500, f"{door}: {answer.status_code}"
                if "text/html" in answer.headers.get("content-type", ""):
                    assert HOSTILE not in answer.text, door
                    pages.append(answer.text)
        assert any(ESCAPED in page for page in pages) or not values

    async def test_lists_cost_the_same_with_one_and_thirty_rows(
        self, clinic: TestClinic, count_statements: Callable[[], AbstractContextManager[list[str]]]
    ) -> None:
        costs = []
        director = await clinic.client_as("director")
        for numbers in (range(1), range(1, 30)):
            for number in numbers if self.lists else ():
                await self.add_row(clinic, number)
            await clinic.drain()
            costs.append([await self._cost(director, path, count_statements) for path in self.lists])
        assert costs[0] == costs[1]

    async def _cost(self, client: Client, path: str, counting: Callable[[], AbstractContextManager[list[str]]]) -> int:
        assert (await client.get(path)).is_success, path
        with counting() as statements:
            await client.get(path)
        return len(statements)

    # --- migrations

    async def test_migrations_go_down_and_up_again(self, house: House, system: System) -> None:
        histories = system.installed.histories()
        own = [history for history in histories if history.owner == self.plugin]
        above = [h for h in histories if h.owner in {p.id for p in system.dependants(self.plugin)}]
        async with scratch_database(house.config) as config:
            urls = role_urls(config)
            engine = make_engine(urls.url("owner"), pooled=False)
            await upgrade_all(urls, histories)
            for history in [*reversed(above), *own]:
                async with engine.begin() as db:
                    await db.run_sync(migrate.downgrade, history)
            async with engine.connect() as db:
                left = text("select count(*) from pg_tables where schemaname = :s and tablename <> 'alembic_version'")
                assert await db.scalar(left, {"s": self.plugin}) == 0
            await upgrade_all(urls, histories)
            for history in own:
                async with engine.connect() as db:
                    assert await db.run_sync(migrate.differences, history) == []
            await engine.dispose()

    async def _knock(self, client: Client, door: Door, values: Mapping[str, object]) -> Any:
        return await client.request(door.method, door.filled(values) + self.query.get(door.path, ""))


async def turn_off(clinic: TestClinic, plugin: str) -> None:
    """Switch the plugin off, with what depends on it."""
    async with clinic.ctx_as("director") as ctx:
        dependants = [p.id for p in ctx.system.dependants(plugin) if p.id in ctx.clinic.effective]
        await switch(ctx, plugin, False, confirmed=dependants)


def described(ctx: Any, plugin: str) -> list[str]:
    """Addresses and models of the plugin in everything that is described."""
    found = []
    for hook in DESCRIBED:
        for item in ctx.describe(hook):
            model = getattr(item, "model", None)
            mine = model.__table__.schema == plugin if model is not None else str(item.href).startswith(f"/{plugin}/")
            if mine:
                found.append(f"{hook}: {item}")
    return found


def rooms_of(system: System, plugin: str) -> set[str]:
    return {room for rooms in system.installed.rooms if rooms.owners == (plugin,) for room in rooms.modules}


async def fingerprint(clinic: TestClinic, plugin: str) -> dict[str, tuple[int, int]]:
    """Rows and versions of the plugin's tables in this clinic: equal when nothing was changed."""
    found = {}
    async with clinic.ctx_as("system") as ctx:
        for table in Base.metadata.sorted_tables:
            if table.schema == plugin:
                query = text(f"select count(*), coalesce(sum(row_version), 0) from {table.fullname}")
                rows, versions = (await ctx.db.execute(query)).one()
                found[table.fullname] = (rows, versions)
    return found
