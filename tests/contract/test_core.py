"""What plugins prove by the contract, the core proves for its own areas."""

from __future__ import annotations

from typing import ClassVar

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from prikus.host.routing import OWNERS
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.base import Door
from prikus.testing.contract.isolation import IsolationContract
from prikus.testing.contract.rights import RightsContract
from prikus.testing.contract.samples import Sample
from tests.contract.core_samples import CoreSamples
from tests.contract.samples import RIGHTS

API = "/api/v1/"


class TestCore(IsolationContract, RightsContract):
    plugin = "core"
    table = RIGHTS
    without_clinic: ClassVar = (
        "/static/{path:path}",  # files of the wheel, public
        "/schema",  # descriptions of routes, the same for everybody
        "/schema/openapi.json",
        "/schema/{path:str}",
        "/health/live",  # knows no clinic
        "/health/ready",
        "/sign-in",  # before there is a session
        "/sign-out",  # ends the session of its own key
        "/link/{key:str}",  # the key is the secret itself
        "/live",  # a stream: tests/campaigns/test_isolation_live.py
        "/webhooks/{token:str}",  # the token is the secret itself
        "/webhooks/{token:str}/{rest:path}",
    )

    def is_mine(self, path: str) -> bool:
        return not path.startswith(API)

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return await CoreSamples(clinic, marker).all()

    def sections(self, system: System) -> set[str]:
        return {one.section for one in system.permissions.values()} - {*system.plugins, "connections"}

    @pytest.fixture
    def doors(self, app: Litestar, system: System) -> list[Door]:
        return [
            Door(method, route.path)
            for route in app.routes
            if isinstance(route, HTTPRoute)
            for handler in route.route_handlers
            if handler.opt.get(OWNERS, ("",))[0] not in system.plugins
            # None of our plugins connects anything yet: tests/core/connections/test_contract.py has one that does.
            if not route.path.startswith("/connections") and self.is_mine(route.path)
            for method in sorted(handler.http_methods - {"OPTIONS"})
        ]


class TestCoreApi(TestCore):
    """What programs ask the core for, apart: so much is asked that one test of all would take too long."""

    plugin = "core_api"
    without_clinic: ClassVar = ()

    def is_mine(self, path: str) -> bool:
        return path.startswith(API)

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return await CoreSamples(clinic, marker).of_api()

    def sections(self, system: System) -> set[str]:
        return set()
