"""What breaks a rule is refused at a real start, by its sentence and exit code, and named by `prikus plugin check`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from prikus.host.rules import RULES, Finding, rules_table
from tests.contract.refusals.cases import CASES
from tests.contract.refusals.shape import Case
from tests.contract.refusals.workshop import NOWHERE, Draft, Nursery, install


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_start_is_refused(case: Case, tmp_path: Path, nursery: Nursery) -> None:
    for draft in (case.draft, *case.others):
        install(draft.build(tmp_path), tmp_path / "site")
    ended = nursery.run("serve", site=tmp_path / "site", data=tmp_path / "data")
    assert (ended.err, ended.out, ended.code) == (f"{case.text}\n", "", 2)


def test_every_rule_is_broken_once() -> None:
    assert {case.rule for case in CASES} == set(RULES)
    assert len({case.name for case in CASES}) == len(CASES)


def test_the_documentation_has_every_rule() -> None:
    page = Path(__file__).parents[3] / "docs" / "plugins" / "checks.md"
    assert rules_table() in page.read_text("utf-8")


def test_a_check_names_all_at_once_and_nothing_else(tmp_path: Path, nursery: Nursery) -> None:
    for case in CASES:
        for draft in (case.draft, *case.others):
            install(draft.build(tmp_path / case.name), tmp_path / "site")
    site, data = tmp_path / "site", tmp_path / "data"
    checked = nursery.run("plugin", "check", "--format", "json", site=site, data=data)
    found = msgspec.json.decode(checked.out, type=list[Finding])
    wanted = [Finding(case.plugin, case.rule, case.said, case.path, case.line) for case in CASES]
    assert [one.text for one in found if one not in wanted] == []
    assert [one.text for one in wanted if one not in found] == []
    assert (checked.code, checked.err) == (1, f"Нарушений: {len(CASES)}.\n")


def test_a_check_of_one_plugin_speaks_of_that_one(tmp_path: Path, nursery: Nursery) -> None:
    first, second = (next(case for case in CASES if case.name == name) for name in ("q_service", "t_unique"))
    for case in (first, second):
        install(case.draft.build(tmp_path), tmp_path / "site")
    site, data = tmp_path / "site", tmp_path / "data"
    checked = nursery.run("plugin", "check", first.name, site=site, data=data)
    assert (checked.out, checked.err, checked.code) == (f"{first.text}\n", "Нарушений: 1.\n", 1)
    clean = nursery.run("plugin", "check", "billing", site=site, data=data)
    assert (clean.out, clean.err, clean.code) == ("Правила соблюдены.\n", "", 0)
    unknown = nursery.run("plugin", "check", "nowhere", site=site, data=data)
    assert (unknown.err, unknown.code) == ("Модуль «nowhere» не установлен.\n", 1)


def test_the_plugin_that_all_of_them_are_made_of_keeps_every_rule(tmp_path: Path, nursery: Nursery) -> None:
    install(Draft("cups").build(tmp_path), tmp_path / "site")
    checked = nursery.run("plugin", "check", "cups", site=tmp_path / "site", data=tmp_path / "data")
    assert (checked.out, checked.err, checked.code) == ("Правила соблюдены.\n", "", 0)


@pytest.mark.parametrize("words", [("serve",), ("worker",), ("scheduler",), ("db", "upgrade")])
def test_every_process_refuses_without_a_nursery_too(words: tuple[str, ...], tmp_path: Path) -> None:
    case = CASES[0]
    install(case.draft.build(tmp_path), tmp_path / "site")
    environ = {**os.environ, **NOWHERE, "PYTHONPATH": str(tmp_path / "site"), "PRIKUS_DATA": str(tmp_path / "data")}
    argv = [sys.executable, "-m", "prikus", *words]
    ended = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=300)
    assert (ended.stderr, ended.stdout, ended.returncode) == (f"{case.text}\n", "", 2)
