"""A clinic whose messages go over the fake smsc.ru, over real HTTP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from prikus.connections.services.outgoing import breaker
from prikus.host.system import System
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.contract.connections import Linked
from prikus.testing.fakes import Fake, fake_provider
from prikus.testing.house import House, answering, migrated, opened
from prikus.testing.live import free_port
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus.toolkit import open_connection
from prikus_integrations_smsc.fake import HOST


def account() -> dict[str, str]:
    """Fields of an account that the fake knows."""
    name = uuid.uuid4().hex[:12]
    return {"login": f"clinic-{name}", "password": f"pass-{name}"}


@session
async def smsc_fake() -> AsyncIterator[str]:
    async with fake_provider("prikus_integrations_smsc.fake:build") as url:
        yield url


@session
async def smsc_house(servers: Servers, system: System, smsc_fake: str) -> AsyncIterator[House]:
    config = await migrated(servers, "smsc", 0)
    config = msgspec.structs.replace(config, fakes={HOST: smsc_fake}, port=free_port())
    async with opened(config, system) as house:
        yield house


@session
async def reachable(smsc_house: House) -> AsyncIterator[None]:
    async with answering(smsc_house):
        yield


@pytest.fixture
async def clinic(smsc_house: House) -> AsyncIterator[TestClinic]:
    clinic = await open_test_clinic(smsc_house)
    yield clinic
    await clinic.close()


@pytest.fixture
def house(smsc_house: House) -> House:
    return smsc_house


@pytest.fixture
async def center(clinic: TestClinic, reachable: None) -> Linked:
    """Connected, and the address of words set in the cabinet."""
    breaker.forget()
    linked = Linked(clinic, (await clinic.client_as("director")).htmx, "smsc", Fake(clinic.house.config.fakes[HOST]))
    answer = await linked.connect(**account())
    assert answer.status_code == 204, answer.text
    async with httpx.AsyncClient(base_url=clinic.house.config.fakes[HOST]) as cabinet:
        words: dict[str, Any] = {"login": linked.fields["login"], "url": await address(linked)}
        assert (await cabinet.get("/sys/cabinet", params=words)).is_success
    return linked


async def address(linked: Linked) -> str:
    """Where the clinic's own address is."""
    async with linked.clinic.ctx_as("plugin:integrations_smsc") as ctx:
        found = (await open_connection(ctx, linked.id)).webhook_url
    assert found
    return found
