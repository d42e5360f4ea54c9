"""Connections of one clinic are nothing to another: the contract, over the sample integration."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.base import Door
from prikus.testing.contract.isolation import IsolationContract
from prikus.testing.contract.rights import RightsContract
from prikus.testing.contract.samples import Id, Sample
from tests.contract.samples import RIGHTS, inserted, numbers

ONE = "/connections/{connection_id:int}"
NEW = "/connections/new/{kind:str}"


class TestConnections(IsolationContract, RightsContract):
    plugin = "connections"
    table = RIGHTS

    @pytest.fixture
    def doors(self, app: Litestar) -> list[Door]:
        return [
            Door(method, route.path)
            for route in app.routes
            if isinstance(route, HTTPRoute) and route.path.startswith("/connections")
            for handler in route.route_handlers
            for method in sorted(handler.http_methods - {"OPTIONS"})
        ]

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        async def connection() -> Id:
            title = f"{marker} {next(numbers)}"
            return await inserted(clinic, Connection, plugin_id="parcels", kind="pallets", title=title)

        seen, fields = await connection(), {"title": f"{marker} {next(numbers)}", "office": marker}
        return [
            Sample(method="GET", path="/connections"),
            Sample(method="GET", path="/connections/new", shows=False),
            Sample(method="GET", path=NEW, at={"kind": "pallets"}, shows=False),
            Sample(method="POST", path=NEW, at={"kind": "pallets"}, form={"row_version": 0, **fields}),
            Sample(method="GET", path=ONE, at={"connection_id": seen}),
            Sample(
                method="POST",
                path=ONE,
                at={"connection_id": await connection()},
                form={"row_version": 1, "title": f"{marker} {next(numbers)}", "office": marker},
            ),
            *[
                Sample(method="POST", path=f"{ONE}/{what}", at={"connection_id": await connection()})
                for what in ("connect", "disconnect", "address", "again")
            ],
        ]
