"""What every part of a contract stands on: the doors of a plugin, and what its author says about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import text

from prikus.data.base import Base
from prikus.data.session import Scope
from prikus.host.routing import OWNERS
from prikus.host.system import System
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.contract.samples import Sample

State = dict[str, tuple[int, int]]
PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
ANYTHING = {"int": "1", "str": "x", "date": "2026-01-01", "time": "09:00", "path": "x"}


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


class Contract:
    """Inherit, name the plugin, and say what only its author knows: `ids`, `lists`, `add_row`.

    A class called `Test…` in any test module is enough; the fixtures come with the pytest plugin.
    """

    plugin: ClassVar[str]
    lists: ClassVar[tuple[str, ...]] = ()
    """Pages whose number of statements must not grow with the rows that `add_row` makes.

    In braces a name of `ids`, whose objects are then made once before.
    """
    query: ClassVar[Mapping[str, str]] = {}
    """Query strings without which a path answers nothing, by path: `"?from=…"`, `"?service={service_id}"`."""

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        """One request at least for each route of the plugin, made from new objects of the clinic.

        The marker stands in the names and comments of these objects; it may be called again with another one.
        """
        raise NotImplementedError

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

    async def knock(self, client: Client, door: Door, values: Mapping[str, object]) -> Any:
        query = self.query.get(door.path, "").format_map(values)
        return await client.request(door.method, door.filled(values) + query)


def tenant_tables(system: System, plugin: str | None = None) -> list[str]:
    """Tables of clinics in this installation, all of them or one plugin's, by their full names.

    The catalogue of models may hold those of another installation of the same process.
    """
    installed = {"core", *system.plugins}
    return [
        table.fullname
        for table in Base.metadata.sorted_tables
        if "row_version" in table.c and table.schema in installed and plugin in (None, table.schema)
    ]


async def state_of(clinic: TestClinic, plugin: str | None = None) -> State:
    """Rows and versions of the clinic's tables, all of them or one plugin's: equal when nothing was changed."""
    tables = tenant_tables(clinic.house.system, plugin)
    counting = "select '{0}', count(*), coalesce(sum(row_version), 0) from {0} where clinic_id = :clinic"
    query = " union all ".join(counting.format(name) for name in tables)
    async with clinic.house.runtime.session(Scope(clinic.id)) as db:
        return {name: (rows, versions) for name, rows, versions in await db.execute(text(query), {"clinic": clinic.id})}
