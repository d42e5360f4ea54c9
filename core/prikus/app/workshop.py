"""`prikus dev`: everything on one machine, started anew after each change of the core or of an editable plugin."""

from __future__ import annotations

import os
import sys
import sysconfig
import threading
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from watchfiles import DefaultFilter, watch

from prikus.app import supervisor
from prikus.config import Config
from prikus.host.rooms import folder_of
from prikus.host.system import System
from prikus.operator.services import PLANS

PLAN = "practice"
WATCHED = (".py", ".html", ".po", ".css", ".js", ".sql", ".toml")


class Sources(DefaultFilter):
    """Text that people edit; not what tools write beside it."""

    def __call__(self, change: object, path: str) -> bool:
        return path.endswith(WATCHED) and super().__call__(change, path)  # type: ignore[arg-type]


class Workshop:
    """Watches folders in a thread of its own. `steps` put plugins that are in no plan into the demo clinic's."""

    def __init__(self, folders: list[Path], steps: list[list[str]]) -> None:
        self.folders = folders
        self.steps = steps
        self._edited: SimpleQueue[set[str]] = SimpleQueue()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        for changes in watch(*self.folders, watch_filter=Sources()):
            self._edited.put({Path(path).name for _, path in changes})

    def changed(self, patience: float = 0) -> set[str]:
        """Names of the files that were edited since the last call; waits so many seconds for the first."""
        found: set[str] = set()
        with suppress(Empty):
            found |= self._edited.get(block=patience > 0, timeout=patience)
            while True:
                found |= self._edited.get_nowait()
        return found


def main(config: Config) -> None:
    """Run until Ctrl-C, with demo clinics, fake providers and the trace of hooks."""
    system = System.load(with_texts=False)
    shipped = {plugin for *_, plugins in PLANS for plugin in plugins}
    unplanned = [id for id in system.plugins if id not in shipped]
    bought = Path(sysconfig.get_paths()["purelib"])
    folders = [folder_of("prikus"), *(folder_of(plugin.package) for plugin in system.plugins.values())]
    edited = [folder for folder in folders if bought not in folder.parents]
    os.environ.update(PRIKUS_TRACE_HOOKS="1", PRIKUS_PROCESSES="1")
    print(f"prikus: слежу за {', '.join(map(str, edited)) or 'ничем: все пакеты установлены'}", file=sys.stderr)
    steps = [["plugin", "offer", id, "--plan", PLAN, "--on"] for id in unplanned]
    supervisor.up(Config.load(), demo=True, workshop=Workshop(edited, steps))
