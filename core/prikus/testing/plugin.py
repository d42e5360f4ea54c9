"""The pytest plugin: servers, a clinic for each test, signed-in clients and pages. See `docs/testing.md`.

What needs the database or a browser is imported by the fixture that needs it: most runs need less.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, AsyncExitStack
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from litestar import Litestar
    from playwright.async_api import Browser, Page

    from prikus.access.context import Context
    from prikus.events.runtime import Runtime
    from prikus.host.system import System
    from prikus.testing.clinics import Client, Person, TestClinic
    from prikus.testing.house import House
    from prikus.testing.servers import Servers

RUNNING = pytest.StashKey[AbstractContextManager["Servers"]]()
KEPT = pytest.StashKey["Servers"]()
session = pytest_asyncio.fixture(scope="session", loop_scope="session")
own = pytest_asyncio.fixture(loop_scope="session")
# Contracts of capabilities say what they compared. Now: a conftest may import one before anything is configured.
pytest.register_assert_rewrite(*(f"{entry.module}.testing" for entry in entry_points(group="prikus.plugins")))


def _servers_of(config: pytest.Config) -> Servers:
    """The servers of this run, started when first asked for."""
    if KEPT not in config.stash:
        from prikus.testing import servers

        config.stash[RUNNING] = servers.running()
        config.stash[KEPT] = config.stash[RUNNING].__enter__()
    return config.stash[KEPT]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Several processes share the servers of the one that started them."""
    node.workerinput["prikus_servers"] = msgspec.to_builtins(_servers_of(node.config))


def pytest_configure() -> None:
    """Tests log as processes do, so that what leaks into a log leaks here too."""
    from prikus import logs

    logs.configure()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if RUNNING in config.stash:
        config.stash[RUNNING].__exit__(None, None, None)
        del config.stash[RUNNING]


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Servers:
    """PostgreSQL and Valkey of this run: embedded, or those of `DATABASE_URL` and `REDIS_URL`."""
    given = getattr(request.config, "workerinput", {}).get("prikus_servers")
    if given is None:
        return _servers_of(request.config)
    from prikus.testing.servers import Servers

    return msgspec.convert(given, Servers)


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    """The number of this process among those that share the run, from 0."""
    name = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(name.removeprefix("gw"))


@pytest.fixture(scope="session")
def system() -> System:
    """Everything that is installed."""
    from prikus.host.system import System

    return System.load()


@pytest.fixture(scope="session")
def fakes() -> dict[str, str]:
    """Addresses of fake providers by the hosts that they play. Override it with `fake_provider`, folder by folder."""
    return {}


@session
async def quiet_houses(servers: Servers) -> AsyncIterator[Callable[[System, dict[str, str]], Awaitable[House]]]:
    """Opens installations over one database, one for each system and set of fakes."""
    from prikus.testing.house import migrated, opened
    from prikus.testing.live import free_port

    known: dict[tuple[Any, ...], House] = {}
    async with AsyncExitStack() as closing:

        async def found(system: System, fakes: dict[str, str]) -> House:
            key = (system, *sorted(fakes.items()))
            if key not in known:
                made = opened(await migrated(servers, "quiet", 0), system, fakes=fakes, port=free_port())
                known[key] = await closing.enter_async_context(made)
            return known[key]

        yield found


@own
async def quiet_house(
    quiet_houses: Callable[[System, dict[str, str]], Awaitable[House]], system: System, fakes: dict[str, str]
) -> House:
    """The installation of tests without a live server: work is done only when a test drains it."""
    return await quiet_houses(system, fakes)


@session
async def live_house(
    servers: Servers, system: System, worker_number: int, fakes: dict[str, str]
) -> AsyncIterator[House]:
    """The installation of tests with a live server, whose worker would take the work of other tests away."""
    from prikus.testing.house import migrated, opened

    config = await migrated(servers, f"live_{worker_number}", 1 + worker_number)
    async with opened(config, system, fakes=fakes) as house:
        yield house


@session
async def unguarded(servers: Servers, system: System, worker_number: int) -> AsyncIterator[House]:
    """An installation without policies between clinics, for twins: what isolation refuses must succeed in it."""
    from prikus.testing.house import migrated, opened
    from prikus.testing.unguarded import take_guards_away

    config = await migrated(servers, f"unguarded_{worker_number}", 8 + worker_number)
    await take_guards_away(config)
    async with opened(config, system) as house:
        yield house


@session
async def live_server(live_house: House) -> AsyncIterator[str]:
    """The address of a web process; a worker process stands beside it. `clinic` of such a test is its clinic."""
    from prikus.testing.live import serving

    async with serving(live_house.config) as url:
        yield url


@pytest.fixture
def house(request: pytest.FixtureRequest) -> House:
    """The installation of this test."""
    return request.getfixturevalue("live_house" if "live_server" in request.fixturenames else "quiet_house")


@own
async def reachable(house: House) -> None:
    """The installation of this test answers over HTTP, so that fakes can send to the addresses of its connections."""
    await house.answer()


@pytest.fixture
def runtime(house: House) -> Runtime:
    """Engines and Redis of this process, as the application has them."""
    return house.runtime


@pytest.fixture
def app(house: House) -> Litestar:
    """The application of this process, started."""
    return house.app


@own
async def make_clinic(house: House) -> AsyncIterator[Callable[..., Awaitable[TestClinic]]]:
    """Opens clinics: `await make_clinic(plan="start")`."""
    from prikus.testing.clinics import open_test_clinic

    made: list[TestClinic] = []

    async def make(plan: str = "practice", **fields: str) -> TestClinic:
        made.append(await open_test_clinic(house, plan, **fields))
        return made[-1]

    yield make
    for clinic in made:
        await clinic.close()


@own
async def clinic(make_clinic: Callable[..., Awaitable[TestClinic]]) -> TestClinic:
    """This test's own clinic, on the plan «Практика»."""
    return await make_clinic()


@pytest.fixture
def staff(clinic: TestClinic) -> Callable[..., Awaitable[Person]]:
    """Adds members of the staff: `await staff("doctor", last_name="Петрова")`."""
    return clinic.staff


@pytest.fixture
def ctx_as(clinic: TestClinic) -> Callable[..., AbstractAsyncContextManager[Context]]:
    """Opens units of work: `async with ctx_as("administrator") as ctx:`, committed at the end of the block."""
    return clinic.ctx_as


@pytest.fixture
def client_as(clinic: TestClinic) -> Callable[..., Awaitable[Client]]:
    """Signed-in clients: `await client_as("administrator")`."""
    return clinic.client_as


@own
async def stranger(house: House) -> AsyncIterator[Client]:
    """A client that is not signed in."""
    from prikus.testing.clinics import Client

    async with Client(house, None) as client:
        yield client


@pytest.fixture
def drain(clinic: TestClinic) -> Callable[[], Awaitable[int]]:
    """Does all due work of the clinic: `await drain()`."""
    return clinic.drain


@pytest.fixture
def count_statements(runtime: Runtime) -> Callable[[], AbstractContextManager[list[str]]]:
    """Counts what goes to the database: `with count_statements() as statements:`."""
    from prikus.testing.counting import counted

    return lambda: counted(runtime.app)


@session
async def browser() -> AsyncIterator[Browser]:
    """The machine's Chromium."""
    from prikus.testing.browser import launched

    async with launched() as chromium:
        yield chromium


@own
async def page_as(
    live_server: str, browser: Browser, house: House, clinic: TestClinic
) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Signed-in pages, each in a profile of its own: `await page_as("administrator", viewport=PHONE)`.

    The test fails when a script of any of them failed or the content policy refused something.
    """
    from prikus.testing.browser import Faults, open_page

    faults = Faults()
    async with AsyncExitStack() as closing:

        async def open_as(who: str | Person | None = "administrator", **options: Any) -> Page:
            key = await clinic.session(who)
            page = await open_page(browser, live_server, house.config, key, faults, **options)
            closing.push_async_callback(page.context.close)
            return page

        yield open_as
    assert not faults, faults


@pytest.fixture
def check_accessibility() -> Callable[..., Awaitable[None]]:
    """Fails on a breach of WCAG 2.1 AA: `await check_accessibility(page)`."""
    from prikus.testing.browser import check_accessibility

    return check_accessibility
