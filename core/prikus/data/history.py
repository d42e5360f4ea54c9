"""Where a plugin's migrations lie, and which there are: what a process that runs none of them needs to know.

Alembic, which runs them, costs a tenth of a second and 10 MiB at the start of every process that imports it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ANCESTOR = re.compile(r"""^down_revision\b[^=\n]*=\s*["']([^"']+)["']""", re.MULTILINE)


class History(NamedTuple):
    """The migrations of one owner, a plugin's id and schema. They stand one upon the other, without branches."""

    owner: str
    folder: Path

    def older(self) -> frozenset[str]:
        """Revisions that this code knows and that are not its newest."""
        sources = [path.read_text("utf-8") for path in self.folder.glob("[0-9]*.py")]
        return frozenset(name for source in sources for name in ANCESTOR.findall(source))
