"""Run as a script: imports what every start imports, then answers each order with a process forked from here.

Only the core and libraries are imported beforehand, no plugin, and nothing is loaded or checked: the child does what
`python -m prikus` does from its first line on, a second sooner.
"""

import gc
import importlib
import json
import os
import runpy
import sys
from importlib.util import find_spec
from pathlib import Path

from prikus.host.rooms import AREAS, ROOMS

for name in ("prikus.cli", "prikus.app.serve", "prikus.host.commands"):
    importlib.import_module(name)
for name in (f"prikus.{area}.{room}" for area in AREAS for room in ROOMS):
    if find_spec(name):
        importlib.import_module(name)
gc.freeze()


def become(order: dict, out: Path, err: Path) -> None:
    for path, number in ((out, 1), (err, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.update(order["environ"])
    sys.path.insert(0, order["site"])
    importlib.invalidate_caches()
    sys.argv = ["prikus", *order["words"]]
    runpy.run_module("prikus", run_name="__main__", alter_sys=True)


for line in sys.stdin:
    order = json.loads(line)
    folder = Path(order["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    out, err = folder / "out", folder / "err"
    child = os.fork()
    if child == 0:
        become(order, out, err)
        raise SystemExit("prikus ended without an exit code")
    _, status = os.waitpid(child, 0)
    answer = {"code": os.waitstatus_to_exitcode(status), "out": out.read_text(), "err": err.read_text()}
    print(json.dumps(answer), flush=True)
