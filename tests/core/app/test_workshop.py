"""`prikus dev` sees what people edit, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

from prikus.app.supervisor import LONGEST_PAUSE, Child, Ward
from prikus.app.workshop import Workshop
from prikus.testing.live import free_port


def test_an_edited_file_is_named_and_what_tools_write_is_not(tmp_path: Path) -> None:
    workshop = Workshop([tmp_path], [])
    for _ in range(60):  # the watch may not have begun yet
        (tmp_path / "services.pyc").write_bytes(b"compiled")
        (tmp_path / "services.py").write_text("answer = 42")
        if seen := workshop.changed(patience=1):
            break
    assert seen == {"services.py"}
    assert workshop.changed() == set()


def test_what_waits_for_its_next_start_is_started_once_by_an_edit() -> None:
    """A child has died, its ward has put off the next start, and then somebody saves a file."""
    child = Child("fakes", ["fakes", "--port", str(free_port())], os.environ)
    ward = Ward(child)
    child.start()
    try:
        child.kill()
        child.wait(60)
        ward.tend(time.monotonic())
        ward.restart()
        started = child.pid
        ward.tend(time.monotonic() + LONGEST_PAUSE)
        assert child.pid == started
        assert child.is_alive
    finally:
        child.kill()
        child.wait(60)
