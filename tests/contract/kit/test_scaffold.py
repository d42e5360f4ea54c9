"""`prikus plugin new`: what it writes is installed, keeps the rules, and its own tests are green."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from prikus.errors import Conflict, Invalid
from prikus.host.scaffolding import KINDS, NewPlugin, write_plugin
from tests.contract.kit.conftest import BORN, CLI, PYTEST, Newborns, installed


def test_every_kind_is_tried() -> None:
    assert set(KINDS) == set(BORN)


def test_newborns_are_found_and_keep_every_rule(newborns: Newborns) -> None:
    listed = newborns.run(*CLI, "plugin", "list")
    for plugin_id, _ in BORN.values():
        assert plugin_id in listed.stdout, listed.stderr
    checked = newborns.run(*CLI, "plugin", "check", "--format", "json")
    assert (checked.returncode, json.loads(checked.stdout)) == (0, []), checked.stderr


def test_a_newborn_that_breaks_a_rule_is_told(newborns: Newborns, tmp_path: Path) -> None:
    """The twin: the silence of `plugin check` is not that of somebody who does not look."""
    source, site = tmp_path / "source", tmp_path / "site"
    shutil.copytree(newborns.source("module"), source)
    services = source / "prikus_wait_list" / "services.py"
    services.write_text(
        services.read_text("utf-8").replace("prikus.toolkit import", "prikus.errors import", 1), "utf-8"
    )
    installed(source, site)
    checked = newborns.run(*CLI, "plugin", "check", "wait_list", "--format", "json", site=site)
    assert checked.returncode == 1
    assert {finding["rule"] for finding in json.loads(checked.stdout)} >= {"P060"}


@pytest.mark.parametrize("kind", BORN)
def test_its_own_tests_are_green(newborns: Newborns, kind: str) -> None:
    """In a process of its own with servers of its own, as authors run them."""
    tested = newborns.run(*PYTEST, cwd=newborns.source(kind))
    assert tested.returncode == 0, tested.stdout[-20_000:] + tested.stderr
    assert " passed" in tested.stdout


def test_what_is_written_is_formatted(newborns: Newborns) -> None:
    for kind in BORN:
        for words in (("check",), ("format", "--check")):
            found = newborns.run(sys.executable, "-m", "ruff", *words, "--no-cache", ".", cwd=newborns.source(kind))
            assert found.returncode == 0, found.stdout + found.stderr


def test_nothing_of_the_scaffold_is_left_to_fill_in(newborns: Newborns) -> None:
    for file in (
        path for path in newborns.sources.rglob("*") if path.suffix in (".py", ".html", ".toml", ".po", ".md")
    ):
        for place in ("__id__", "__title__", "__dashed__", "__host__", "__distribution__", "__needed__"):
            assert place not in f"{file} {file.read_text('utf-8')}", file


@pytest.mark.parametrize(
    ("plugin_id", "title", "field"),
    [
        ("Wait-List", "Лист", "id"),
        ("patients", "Лист", "id"),
        ("x" * 40, "Лист", "id"),
        ("../escape", "Лист", "id"),
        ("wait_list", 'Лист "ожидания"', "title"),
        ("wait_list", "Лист <b>", "title"),
        ("wait_list", " ", "title"),
    ],
)
def test_names_that_do_not_fit_are_refused_and_nothing_is_written(
    tmp_path: Path, plugin_id: str, title: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        write_plugin(NewPlugin("module", plugin_id, title), tmp_path)
    assert set(refused.value.fields) == {field}
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    root = write_plugin(NewPlugin("module", "wait_list", "Лист ожидания"), tmp_path)
    kept = root / "README.md"
    kept.write_text("моё", "utf-8")
    with pytest.raises(Conflict, match="уже есть"):
        write_plugin(NewPlugin("webhook", "wait_list", "Лист ожидания"), tmp_path)
    assert kept.read_text("utf-8") == "моё"
