"""Providers as `prikus plugin new` writes them, installed for the tests of the capability that they provide."""

from __future__ import annotations

import sys
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import EntryPoint
from pathlib import Path

from prikus.host import rooms
from prikus.host.scaffolding import NewPlugin, write_plugin
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import Linked
from prikus.testing.fakes import fake_provider
from tests.core.conftest import entry


def written(kind: str, into: Path, **titles: str) -> dict[str, Path]:
    """Folders of the plugins by id, each as its author has it; they can be imported from now on."""
    folders = {id: write_plugin(NewPlugin(kind, id, title), into) for id, title in titles.items()}
    sys.path += map(str, folders.values())
    return folders


def host_of(id: str) -> str:
    return f"api.{id}.example"


def credentials() -> dict[str, str]:
    """Fields of an account that their fakes know, another one each time."""
    return {"token": f"key-{uuid.uuid4().hex}"}


def system_with(folders: Iterable[str], others: Iterable[EntryPoint]) -> System:
    return System(rooms.installed([*others, *map(entry, folders)]))


@asynccontextmanager
async def played(folders: Mapping[str, Path]) -> AsyncIterator[dict[str, str]]:
    """Addresses of their fakes, by the hosts that they play."""
    async with AsyncExitStack() as stack:
        found = {}
        for id, folder in folders.items():
            play = fake_provider(f"prikus_{id}.fake:build", folders=[folder])
            found[host_of(id)] = await stack.enter_async_context(play)
        yield found


async def connected(clinic: TestClinic, id: str) -> Linked:
    linked = await Linked.new(clinic, id, host_of(id))
    answer = await linked.connect(**credentials())
    assert answer.status_code == 204, answer.text
    return linked
