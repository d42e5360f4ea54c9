"""Here the installation has the sample plugins, and clinics are on the plan that holds them."""

from collections.abc import Awaitable, Callable

import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.house import House
from prikus.testing.plugin import own


@pytest.fixture
def house(tea_house: House) -> House:
    return tea_house


@own
async def clinic(make_clinic: Callable[..., Awaitable[TestClinic]]) -> TestClinic:
    return await make_clinic(plan="tea")
