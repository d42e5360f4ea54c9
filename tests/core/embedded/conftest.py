import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from prikus.config import Config


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that other accounts may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="prikus-") as name:
        os.chmod(name, 0o711)
        yield Path(name)


@pytest.fixture
def config(folder: Path) -> Config:
    return Config(data=folder)
