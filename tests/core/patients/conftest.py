from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from prikus.patients.schemas import Added, NewPatient
from prikus.patients.services.keeping import add_patient
from prikus.testing.clinics import TestClinic

Add = Callable[..., Awaitable[Added]]
ANNA = {"last_name": "Морозова", "first_name": "Анна", "patronymic": "Викторовна", "phone": "+7 912 340-12-89"}


@pytest.fixture
def add(clinic: TestClinic) -> Add:
    """Adds a patient to this test's clinic: `await add("Морозова Анна", phone="…")`."""

    async def make(name: str = "Морозова Анна Викторовна", where: TestClinic = clinic, **fields: Any) -> Added:
        last, first, *rest = name.split()
        values = {"last_name": last, "first_name": first, "patronymic": " ".join(rest) or None, **fields}
        async with where.ctx_as("administrator") as ctx:
            return await add_patient(ctx, NewPatient(**{"phone": "+7 912 340-12-89", **values}))

    return make
