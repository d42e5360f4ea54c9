import shutil
from pathlib import Path

import pytest

collect_ignore = ["sample"]

SAMPLE = Path(__file__).with_name("sample")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A private copy of the sample workspace."""
    return shutil.copytree(SAMPLE, tmp_path / "sample", ignore=shutil.ignore_patterns("__pycache__"))
