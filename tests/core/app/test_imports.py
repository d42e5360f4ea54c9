"""What a web process does not need it does not load: seconds of the start and memory of every process."""

import subprocess
import sys

NEEDLESS = ("alembic", "mako", "hypothesis", "pytest")


def test_the_web_process_loads_no_tools() -> None:
    code = f"import prikus.app.serve, sys; print(*(m for m in {NEEDLESS} if m in sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
