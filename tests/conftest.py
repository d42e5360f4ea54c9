"""Campaigns: the same test is small in `make test` and large in `make campaign`; its seed is printed either way.

A test that waits for what never comes fails after `LONGEST` seconds and shows where; outside coroutines, and in
fixtures, `faulthandler_timeout` ends the process, which costs that one test.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")  # a machine that is busy is no fault of what is tested

LONGEST = 480.0
HERE = Path(__file__).parent
LARGE = (
    HERE / "campaigns/versions/test_wheel.py",
    HERE / "contract/hostile/test_neighbours.py",
    HERE / "contract/hostile/test_up.py",
)
"""Minutes each, for installations of a package, or of figures only: they are there with `--campaign`."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", action="store_true", help="run campaigns at full length")
    parser.addoption("--seed", type=int, default=None, help="the seed that a failed campaign printed")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path in LARGE and not config.getoption("--campaign") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--campaign"):
        return
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = ended_after(LONGEST, item.obj)


def ended_after(seconds: float, test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The test, given up with a traceback of what it waits for when it takes longer."""

    @functools.wraps(test)
    async def limited(*args: Any, **kw: Any) -> None:
        async with asyncio.timeout(seconds):
            await test(*args, **kw)

    return limited


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
