"""Pages of `docs/plugins` as something that can be done: blocks with their file, commands, changes."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

DOCS = Path(__file__).parents[3] / "docs" / "plugins"
PAGES = (
    *("README", "tutorial", "routes", "api", "models", "events", "jobs", "hooks", "files", "connections", "fakes"),
    *("telephony", "registers", "messages", "booking", "imaging", "templates", "demo", "tests", "joining", "security"),
    *("checks", "reference"),
)
"""In the order in which their blocks are added."""
OTHERS = {
    "tutorial": "prikus-site-leads",
    "connections": "prikus-site-leads",
    "telephony": "prikus-own-exchange",
    "booking": "prikus-own-booking",
}
"""Distributions of pages that do not add to `wait_list`."""
EXCEPTIONS = {
    ("checks", ""): "what the command prints and takes; tests/contract/refusals tries it",
    ("tutorial", "pip install -e prikus-site-leads"): "installed from its wheel: the tests' environment stays as it is",
}
"""Blocks and commands that are not executed, each with its reason."""
FENCE = re.compile(r"^```(\w*) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(msgspec.Struct, frozen=True):
    """A fenced block: `path` is the file of the distribution that it is added to."""

    page: str
    language: str
    path: str
    text: str

    @property
    def distribution(self) -> str:
        return OTHERS.get(self.page, "prikus-wait-list")

    @property
    def commands(self) -> list[str]:
        return self.text.splitlines() if self.language == "sh" else []


def blocks() -> Iterator[Block]:
    for page in PAGES:
        for language, path, text in FENCE.findall((DOCS / f"{page}.md").read_text("utf-8")):
            yield Block(page, language, path, text)


def apply(block: Block, sources: Path) -> None:
    """Do what the page tells its reader to do with the block."""
    root = sources / block.distribution
    if block.language == "diff":
        words = ("git", "apply", "--recount", "--unsafe-paths", "-")
        done = subprocess.run(words, check=False, cwd=root, input=block.text, text=True, capture_output=True)
        assert done.returncode == 0, f"{block.page}: {done.stderr}\n{block.text}"
    elif block.path:
        target = root / block.path
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.read_text("utf-8") + "\n\n" if target.exists() else ""
        target.write_text(before + block.text, "utf-8")
