"""Whatever a program sends: an answer that the description names, and never a fault of ours (API-01).

Small and the same each time in `make test`; `make fuzz` sends many more, and new ones each time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from prikus.access.groups import SHIPPED
from prikus.developers.services import keys
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.rights import person_with
from prikus.testing.live import PATIENCE
from tests.contract.samples import new_patient

CHECKS = (not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance)
VIEW = "patients.patient.view"
DESCRIPTION = "/schema/openapi.json"


def run(url: str, token: str, number: int, examples: int) -> int:
    """Ask every operation so often; how many operations there are."""
    headers = {"Authorization": f"Bearer {token}"}
    document = httpx.get(f"{url}{DESCRIPTION}", headers=headers, timeout=PATIENCE).json()
    operations = [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]
    for operation in operations:

        @seed(number)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            answer = case.call(base_url=url, headers=headers, timeout=PATIENCE)
            case.validate_response(answer, checks=list(CHECKS))

        ask()
    return len(operations)


@pytest.mark.parametrize("group", list(SHIPPED))
async def test_every_answer_is_described_and_none_is_a_fault(
    clinic: TestClinic, live_server: str, group: str, rounds: Callable[[int, int], int], chance: random.Random
) -> None:
    await new_patient(clinic, "Первая")
    person = await person_with(clinic, group, **{keys.RIGHT: True, VIEW: True})
    async with clinic.ctx_as(person) as ctx:
        own = [code for section in keys.scopes(ctx) for code, _ in section.scopes]
        issued = await keys.issue(ctx, keys.KeyFields(name=group, scopes=own, per_minute=3000))
    number = rounds(1, chance.getrandbits(30))
    assert await asyncio.to_thread(run, live_server, issued.token, number, rounds(3, 150)) > 15
