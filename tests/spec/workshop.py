"""A copy of the workspace in which a statement can be taken out and tests be run."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .marks import Bite
from .surgery import NoSuchStatement, excise

COPIED = ("core", "plugins", "tests", "docs", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", ".pytest_cache", ".hypothesis", ".venv", ".prikus")
SECONDS_TO_START = 180
SECONDS_PER_TEST = 60


class CouldNotRun(Exception):
    """The run says nothing about the test: it did not come to its body, or ran other code than the copy's."""


@dataclass(frozen=True)
class Happened:
    """One phase of one test."""

    test: str
    phase: str
    outcome: str
    error: str
    broken: bool


class Workshop:
    """The copy in `folder`; its modules are imported before the installed ones, its data are its own."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self._workspace = folder / "workspace"
        self._workspace.mkdir(parents=True)
        for name in COPIED:
            if (source := root / name).is_dir():
                shutil.copytree(source, self._workspace / name, ignore=LEFT_OUT)
            elif source.exists():
                shutil.copy2(source, self._workspace / name)
        kit = folder / "kit"
        kit.mkdir()
        shutil.copy2(Path(__file__).with_name("guard.py"), kit / "bite_guard.py")
        self._path = [kit, *source_folders(self._workspace)]

    @contextmanager
    def without(self, bite: Bite) -> Iterator[None]:
        """The statement is gone from the copy inside the block; raises NoSuchStatement."""
        path = module_file(self._workspace, bite.module)
        whole = path.read_bytes()
        try:
            _write(path, excise(whole.decode("utf-8"), bite.scope, bite.text).encode("utf-8"))
            yield
        finally:
            _write(path, whole)

    def run(self, tests: Sequence[str], modules: Sequence[str]) -> list[Happened]:
        """Runs the tests in the copy; raises CouldNotRun when a module came from elsewhere or nothing was collected."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        log = self.folder / "pytest.log"
        with log.open("wb") as output:
            self._pytest(tests, self._environment(report, modules), output)
        if not report.exists():
            raise CouldNotRun(_last_words(log))
        told = json.loads(report.read_text("utf-8"))
        for module, origin in told["origins"].items():
            if origin is not None and not Path(origin).is_relative_to(self._workspace):
                raise CouldNotRun(f"{module} was imported from {origin}, not from the copy")
        if told["not_collected"]:
            raise CouldNotRun(f"not collected: {told['not_collected'][0]}")
        if not told["happened"]:
            raise CouldNotRun(_last_words(log))
        return [Happened(**one) for one in told["happened"]]

    def _environment(self, report: Path, modules: Sequence[str]) -> dict[str, str]:
        inherited = [path for path in [os.environ.get("PYTHONPATH")] if path]
        return os.environ | {
            "PYTHONPATH": os.pathsep.join([*map(str, self._path), *inherited]),
            "PRIKUS_DATA": str(self.folder / "data"),
            "BITE_REPORT": str(report),
            "BITE_MODULES": " ".join(modules),
        }

    def _pytest(self, tests: Sequence[str], environment: dict[str, str], output: IO[bytes]) -> None:
        command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "bite_guard", "-p", "no:cacheprovider", *tests]
        started = subprocess.Popen(
            command,
            cwd=self._workspace,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        limit = SECONDS_TO_START + SECONDS_PER_TEST * len(tests)
        try:
            started.wait(limit)
        except subprocess.TimeoutExpired:
            raise CouldNotRun(f"no end after {limit} s") from None
        finally:
            if started.poll() is None:
                os.killpg(started.pid, signal.SIGKILL)
                started.wait()


def source_folders(root: Path) -> list[Path]:
    """The folders from which the workspace's packages are imported."""
    return [root / "core", *sorted(path for path in root.glob("plugins/*") if path.is_dir())]


def module_file(root: Path, module: str) -> Path:
    """The source of a module of the workspace; raises NoSuchStatement when there is none."""
    stem = Path(*module.split("."))
    for folder in source_folders(root):
        for path in (folder / stem.with_suffix(".py"), folder / stem / "__init__.py"):
            if path.is_file():
                return path
    raise NoSuchStatement(f"no module {module} in core or plugins")


def _write(path: Path, source: bytes) -> None:
    path.write_bytes(source)
    # Bytecode is matched by whole seconds and size: two versions written in one second may look alike.
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else "pytest said nothing"
