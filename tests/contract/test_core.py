"""What plugins prove by the contract, the core proves for its own areas."""

from __future__ import annotations

from typing import ClassVar

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from prikus.host.routing import OWNERS
from prikus.host.system import System
from prikus.patients.services.keeping import delete_patient
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.base import Door
from prikus.testing.contract.isolation import IsolationContract
from prikus.testing.contract.pages import PageContract
from prikus.testing.contract.rights import RightsContract
from prikus.testing.contract.samples import Sample
from tests.contract.core_api_samples import CoreApiSamples
from tests.contract.core_samples import CoreSamples
from tests.contract.samples import RIGHTS, new_patient

API = "/api/v1/"


class CoreContract(IsolationContract, RightsContract):
    table = RIGHTS

    def is_mine(self, path: str) -> bool:
        raise NotImplementedError

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


class TestCore(CoreContract, PageContract):
    plugin = "core"
    lists = (
        "/patients",
        "/staff",
        "/staff/groups/{group_id}",
        "/trash/patients",
        "/api/v1/patients",
        "/api/v1/staff",
        "/api/v1/staff/groups",
        "/api/v1/trash/patients",
    )
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

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        made = CoreSamples(clinic, f"Строкина{number}")
        await new_patient(clinic, made.marker)
        deleted = await new_patient(clinic, made.marker)
        async with clinic.ctx_as("director") as ctx:
            await delete_patient(ctx, int(deleted))
        await made.new_member(await made.new_group())

    def sections(self, system: System) -> set[str]:
        return {one.section for one in system.permissions.values()} - {*system.plugins, "connections"}


class TestCoreApi(CoreContract):
    """What programs ask the core for, apart: so much is asked that one test of all would take too long."""

    plugin = "core_api"

    def is_mine(self, path: str) -> bool:
        return path.startswith(API)

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return await CoreApiSamples(clinic, marker).all()

    def sections(self, system: System) -> set[str]:
        return set()
