"""`prikus dev` sees what people edit, and nothing else."""

from __future__ import annotations

from pathlib import Path

from prikus.app.workshop import Workshop


def test_an_edited_file_is_named_and_what_tools_write_is_not(tmp_path: Path) -> None:
    workshop = Workshop([tmp_path], [])
    for _ in range(60):  # the watch may not have begun yet
        (tmp_path / "services.pyc").write_bytes(b"compiled")
        (tmp_path / "services.py").write_text("answer = 42")
        if seen := workshop.changed(patience=1):
            break
    assert seen == {"services.py"}
    assert workshop.changed() == set()
