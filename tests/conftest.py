"""Campaigns: the same test is small in `make test` and large in `make campaign`; its seed is printed either way."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", action="store_true", help="run campaigns at full length")
    parser.addoption("--seed", type=int, default=None, help="the seed that a failed campaign printed")


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """How often to try: `rounds(20, 200)` is 20 in `make test` and 200 in `make campaign`."""
    full = request.config.getoption("--campaign")
    return lambda small, large: large if full else small


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """The random choices of a campaign; a failed one is repeated with `--seed` and the number that it printed."""
    given = request.config.getoption("--seed")
    seed = int.from_bytes(os.urandom(4)) if given is None else given
    print(f"seed {seed}")
    return random.Random(seed)
