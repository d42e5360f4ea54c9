"""Plugins fresh from the scaffold, written by the command and installed from their wheels beside ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.contract.refusals.workshop import install

BORN: Mapping[str, tuple[str, str]] = {
    "module": ("wait_list", "Лист ожидания"),
    "webhook": ("site_leads", "Заявки сайта"),
    "telephony": ("own_exchange", "Своя АТС"),
    "register": ("own_till", "Своя касса"),
    "messages": ("own_post", "Своя почта"),
    "booking": ("own_booking", "Своя запись"),
    "imaging": ("own_eye", "Свой взгляд"),
}
"""One of each kind: its id and title."""
CLI = (sys.executable, "-m", "prikus")
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


class Newborns(msgspec.Struct, frozen=True):
    """Folders of the distributions, and the folder that they are installed into."""

    sources: Path
    site: Path

    def source(self, kind: str) -> Path:
        return self.sources / f"prikus-{BORN[kind][0].replace('_', '-')}"

    def environ(self, site: Path | None = None) -> dict[str, str]:
        """What a process is started with that has them installed."""
        data = str(self.sources / "data")
        return os.environ | {"PYTHONPATH": str(site or self.site), "PRIKUS_DATA": data, "NO_COLOR": "1"}

    def run(self, *words: str, site: Path | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        environ = self.environ(site)
        return subprocess.run(words, check=False, env=environ, cwd=cwd, capture_output=True, text=True, timeout=500)


def installed(source: Path, site: Path) -> None:
    (wheel,) = WheelBuilder(str(source)).build(directory=str(source / "dist"), versions=["standard"])
    install(Path(wheel), site)


@pytest.fixture(scope="session")
def newborns(tmp_path_factory: pytest.TempPathFactory) -> Newborns:
    folder = tmp_path_factory.mktemp("kit")
    made = Newborns(folder / "sources", folder / "site")
    for kind, (plugin_id, title) in BORN.items():
        words = (*CLI, "plugin", "new", kind, plugin_id, "--title", title, "--into", str(made.sources))
        written = made.run(*words, site=folder)
        assert written.returncode == 0, written.stderr
        installed(made.source(kind), made.site)
    return made
