"""Lists of the core that programs follow ask as much of the database for one row as for thirty."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from prikus.testing.clinics import TestClinic
from tests.contract.samples import new_patient

Counting = Callable[[], AbstractContextManager[list[str]]]


@pytest.mark.parametrize("path", ["/api/v1/patients", "/api/v1/staff", "/api/v1/trash/patients"])
async def test_a_followed_list_costs_the_same_whatever_its_length(
    clinic: TestClinic, count_statements: Counting, path: str
) -> None:
    program = await clinic.program(per_minute=3000)
    costs = []
    for number in (1, 29):
        for place in range(number):
            await new_patient(clinic, f"Строкина{place}")
            await clinic.staff("administrator", last_name=f"Строкин{place}")
        assert (await program.get(path, params={"limit": 500})).is_success
        with count_statements() as statements:
            await program.get(path, params={"limit": 500})
        costs.append(len(statements))
    assert costs[0] == costs[1]
