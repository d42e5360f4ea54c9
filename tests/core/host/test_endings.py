"""What ends is told with the release, where it is used, and goes on working."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from prikus.host import rooms
from prikus.host.endings import ENDINGS, Ending, endings_table, found_endings, old_name
from prikus.host.system import System
from prikus.testing.house import House
from prikus.testing.live import environment
from tests.core.conftest import SAMPLES, entry

CHANGELOG = Path(__file__).parents[3] / "docs" / "changelog-api.md"
INSTEAD = "Возьмите другое."
LATER = """
import sys
from prikus.host.endings import ENDINGS, Ending
ENDINGS.append(Ending("name", "money", "9.0", "Возьмите другое.", "prikus.ui.filters:money"))
ENDINGS.append(Ending("name", "old_money", "9.0", "Возьмите другое.", "prikus.ui.filters:money"))
"""
"""A process in which two names end: one that our plugins use, one that has left the toolkit's list."""


@pytest.fixture(scope="module")
def teahouse() -> System:
    return System(rooms.installed([entry("teahouse")]))


@pytest.mark.parametrize(
    ("what", "name", "file", "words"),
    [
        ("name", "MenuItem", "prikus_teahouse/hooks.py", "имя prikus.toolkit"),
        ("hook", "teas_of_day", "prikus_teahouse/hooks.py", "точка"),
        ("field", "tea.brewed.strength", "prikus_teahouse/listeners.py", "поле события"),
        ("field", "tea.sold.word", "prikus_teahouse/listeners.py", "поле события"),
    ],
)
def test_it_is_found_where_it_is_used(teahouse: System, what: str, name: str, file: str, words: str) -> None:
    [found] = found_endings(teahouse, [Ending(what, name, "9.0", INSTEAD)])  # type: ignore[arg-type]
    assert (found.plugin, found.file, found.rule, found.is_warning) == ("teahouse", file, "W001", True)
    assert found.sentence == f"{words} «{name}» работает до выпуска 9.0. {INSTEAD}"
    text = (SAMPLES / file).read_text("utf-8").splitlines()
    assert found.line is not None
    assert name.split(".")[-1] in "".join(text[found.line - 1 : found.line + 3])


def test_a_field_that_a_listener_of_the_events_class_does_not_read_is_not_told(teahouse: System) -> None:
    assert not found_endings(teahouse, [Ending("field", "tea.brewed.with_milk", "9.0", INSTEAD)])


def test_a_parameter_of_a_hook_is_found_at_those_who_take_it(system: System) -> None:
    taken = found_endings(system, [Ending("parameter", "caller_part.patient_id", "9.0", INSTEAD)])
    assert {finding.file for finding in taken} == {f"prikus_telephony/with_{one}.py" for one in ("billing", "calendar")}
    assert not found_endings(system, [Ending("parameter", "caller_part.other", "9.0", INSTEAD)])


def test_nothing_is_found_when_nothing_ends(teahouse: System) -> None:
    assert found_endings(teahouse, []) == []
    assert found_endings(teahouse, [Ending("name", "nobody_uses_it", "9.0", INSTEAD)]) == []


def test_a_name_that_never_was_is_an_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'never'"):
        old_name("never")


def run(script: str, *options: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    words = (sys.executable, *options, "-c", LATER + script)
    return subprocess.run(words, check=False, capture_output=True, text=True, env=environ or dict(os.environ))


def test_an_old_name_works_and_warns() -> None:
    told = run("from prikus.toolkit import old_money; print(old_money(5))", "-W", "always::DeprecationWarning")
    assert (told.returncode, told.stdout.strip()) == (0, "5,00\N{NO-BREAK SPACE}₽"), told.stderr
    assert "«old_money» работает до выпуска 9.0" in told.stderr
    refused = run("from prikus.toolkit import old_money", "-W", "error::DeprecationWarning")
    assert refused.returncode == 1
    gone = run("from prikus.toolkit import older_money")
    assert "cannot import name 'older_money'" in gone.stderr


def test_a_check_warns_without_failing() -> None:
    check = "from prikus.cli import cli; cli(['plugin', 'check', 'billing', '--format', '{}'])"
    told = run(check.format("json"))
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found
    assert {(one["rule"], one["level"], one["plugin"]) for one in found} == {("W001", "warning", "billing")}
    words = run(check.format("text")).stdout
    assert "Предупреждение. Плагин «billing», prikus_billing/" in words
    assert words.endswith("Правила соблюдены.\n")


def test_the_start_logs_it(house: House) -> None:
    start = "from prikus.app.asgi import create_app; create_app()"
    told = run(start, environ=environment(house.config))
    assert told.returncode == 0, told.stderr
    assert "ends soon" in told.stdout
    assert "работает до выпуска 9.0" in told.stdout


def test_the_changelog_lists_what_ends() -> None:
    part = CHANGELOG.read_text("utf-8").partition("## What ends")[2].partition("\n## ")[0]
    assert part.strip().endswith(endings_table(ENDINGS))
    later = endings_table([Ending("name", "money", "9.0", INSTEAD)])
    assert later.endswith(f"| `money` | 9.0 | {INSTEAD} |")
