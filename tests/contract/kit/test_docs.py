"""`docs/plugins`: what its pages tell the reader to do is done, and the reference says what the code says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from prikus import toolkit
from prikus.host.system import System
from tests.contract.kit.conftest import CLI, PYTEST, Newborns, installed
from tests.contract.kit.pages import DOCS, EXCEPTIONS, PAGES, apply, blocks
from tests.contract.kit.reference import PAGE, events_of, specs_of, written

UNSAMPLED = "test_every_route_has_a_sample_and_every_sample_a_route"


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Newborns:
    """The plugins of the pages, as a reader has them who did everything."""
    folder = tmp_path_factory.mktemp("docs")
    made = Newborns(folder / "sources", folder / "site")
    made.sources.mkdir()
    for command in (line for block in blocks() for line in block.commands if line.startswith("prikus plugin new ")):
        told = made.run(*CLI, *shlex.split(command)[1:], site=folder, cwd=made.sources)
        assert told.returncode == 0, told.stderr
    for block in blocks():
        apply(block, made.sources)
    for source in sorted(made.sources.glob("prikus-*")):
        installed(source, made.site)
    return made


def test_every_page_is_read_and_every_block_is_done_or_excepted() -> None:
    assert {path.stem for path in DOCS.glob("*.md")} == set(PAGES)
    assert len(EXCEPTIONS) <= 5
    excepted = set()
    for block in blocks():
        for command in block.commands:
            if not command.startswith("prikus plugin "):
                excepted.add((block.page, command))
        if not (block.path or block.language in ("sh", "diff")):
            excepted.add((block.page, block.language))
    assert excepted == set(EXCEPTIONS)


def test_the_commands_of_the_pages_work(read: Newborns) -> None:
    for command in (line for block in blocks() for line in block.commands):
        if command.startswith("prikus plugin ") and not command.startswith("prikus plugin new "):
            told = read.run(*CLI, *shlex.split(command)[1:])
            assert told.returncode == 0, f"{command}: {told.stdout} {told.stderr}"


@pytest.mark.parametrize(
    ("distribution", "words", "red"),
    [
        ("prikus-site-leads", "docs or leads", []),
        ("prikus-own-exchange", "docs", []),
        ("prikus-own-booking", "docs", []),
        ("prikus-wait-list", f"docs or {UNSAMPLED}", [UNSAMPLED]),
    ],
)
def test_tests_of_the_pages_are_green_and_the_route_without_a_sample_is_told(
    read: Newborns, distribution: str, words: str, red: list[str]
) -> None:
    """The twin is the last: of the page's own warning, that the contract turns red, every word is true."""
    told = read.run(*PYTEST, "-k", words, "tests", cwd=read.sources / distribution)
    said = told.stdout[-3000:] + told.stderr
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", told.stdout, re.MULTILINE)
    assert ([name.rsplit("::")[-1] for name in failed], told.returncode) == (red, len(red)), said
    assert ("without a sample" in told.stdout) == bool(red), said
    tests = sum(block.path.startswith("tests/") for block in blocks() if block.distribution == distribution)
    passed = re.search(r"(\d+) passed", told.stdout)
    assert passed
    assert int(passed[1]) >= tests


def test_the_reference_is_what_the_code_says(system: System) -> None:
    assert PAGE.read_text("utf-8") == written(system), "run: python -m tests.contract.kit.reference"


def test_every_hook_event_and_name_of_the_toolkit_stands_in_the_reference(system: System) -> None:
    text = PAGE.read_text("utf-8")
    hooks = {function.__name__ for _, function in specs_of(system)}
    assert hooks == set(system.hooks.kinds)
    for heading in hooks | {event.name for _, event in events_of(system)}:
        assert f"\n### {heading}\n" in text
    for name in toolkit.__all__:
        assert re.search(rf"^\| `{name}[`(]", text, re.MULTILINE), name
    assert "| — |" not in text, "a name of the toolkit without a docstring"


def test_links_of_the_pages_lead_somewhere() -> None:
    for page in DOCS.glob("*.md"):
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            if not link.startswith("http"):
                assert (Path(page.parent) / link.split("#")[0]).resolve().exists(), f"{page.name}: {link}"
