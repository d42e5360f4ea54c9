"""A clinic whose messages go over the fake smsc.ru, over real HTTP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import Linked
from prikus.testing.fakes import fake_provider
from prikus.testing.plugin import session
from prikus_integrations_smsc.fake import HOST
from tests.waiting import PATIENCE


def account() -> dict[str, str]:
    """Fields of an account that the fake knows."""
    name = uuid.uuid4().hex[:12]
    return {"login": f"clinic-{name}", "password": f"pass-{name}"}


@session
async def fakes() -> AsyncIterator[dict[str, str]]:
    async with fake_provider("prikus_integrations_smsc.fake:build") as url:
        yield {HOST: url}


@pytest.fixture
async def center(clinic: TestClinic, reachable: None) -> Linked:
    """Connected, and the address of words set in the cabinet."""
    linked = await Linked.new(clinic, "smsc", HOST)
    answer = await linked.connect(**account())
    assert answer.status_code == 204, answer.text
    async with httpx.AsyncClient(base_url=clinic.house.config.fakes[HOST], timeout=PATIENCE) as cabinet:
        words: dict[str, Any] = {"login": linked.fields["login"], "url": await linked.address()}
        assert (await cabinet.get("/sys/cabinet", params=words)).is_success
    return linked
