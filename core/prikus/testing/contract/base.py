"""What every part of a contract stands on: the doors of a plugin, and what its author says about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import text

from prikus.data.base import Base
from prikus.data.session import Scope
from prikus.host.routing import OWNERS
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.samples import Sample

State = dict[str, tuple[int, int]]
PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
ANYTHING = {"int": "1", "str": "x", "date": "2026-01-01", "time": "09:00", "path": "x"}


class Door(msgspec.Struct, frozen=True):
    """A route of the plugin: its path with `{parameters}`, and one method."""

    method: str
    path: str

    def filled(self, values: Mapping[str, object]) -> str:
        """The address with values for its parameters; those not given are something of the right kind.

        Where one name has several meanings, it is given with the segment before it: `appointments.id`.
        """

        def value(found: re.Match[str]) -> str:
            segment = self.path[: found.start()].strip("/").rsplit("/", 1)[-1]
            return str(values.get(f"{segment}.{found[1]}", values.get(found[1], ANYTHING[found[2]])))

        return PARAMETER.sub(value, self.path)

    def request(self, samples: Sequence[Sample]) -> Sample:
        """Its sample. Without one it is asked with what samples of its path, or of others, give to its parameters."""
        own = [sample for sample in samples if sample.path == self.path]
        for sample in own:
            if sample.method == self.method:
                return sample
        values = {name: value for sample in (*samples, *own) for name, value in sample.at.items()}
        return Sample(method=self.method, path=self.filled(values))

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
    """Inherit, name the plugin, and say what only its author knows: `samples`, `lists`, `add_row`.

    A class called `Test…` in any test module is enough; the fixtures come with the pytest plugin.
    """

    plugin: ClassVar[str]
    lists: ClassVar[tuple[str, ...]] = ()
    """Pages that show the rows that `add_row` makes, or their sum, by as many statements as for one.

    In braces a parameter of a path, with the number that `samples` have there.
    """

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        """One request at least for each route of the plugin, made from new objects of the clinic.

        The marker stands in the names and comments of these objects; it may be called again with another one.
        """
        raise NotImplementedError

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        """Make one more row of what `lists` show."""
        raise NotImplementedError

    @pytest.fixture
    def doors(self, app: Litestar) -> list[Door]:
        return doors_of(app, self.plugin)


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


def _version_in(table: str) -> str:
    has_words = "metadata" in Base.metadata.tables[table].c
    return "row_version::bigint" + (" + hashtext(metadata::text)" if has_words else "")


async def state_of(clinic: TestClinic, plugin: str | None = None) -> State:
    """Rows and versions of the clinic's tables, all of them or one plugin's: equal when nothing was changed.

    Words of programs, which are no new version, are counted with it.
    """
    tables = tenant_tables(clinic.house.system, plugin)
    if not tables:  # a plugin may live in the tables of others
        return {}
    counting = "select '{0}', count(*), coalesce(sum({1}), 0)::bigint from {0} where clinic_id = :clinic"
    query = " union all ".join(counting.format(name, _version_in(name)) for name in tables)
    async with clinic.house.runtime.session(Scope(clinic.id)) as db:
        return {name: (rows, versions) for name, rows, versions in await db.execute(text(query), {"clinic": clinic.id})}
