from pathlib import Path

import pytest

from .__main__ import ROOT, main
from .features import parse, states, with_states
from .marks import Mark

TABLE = """# Features

## TEA — Tea

| Id | Title | Plugin | State |
|---|---|---|---|
| TEA-01 | Order a cup | core | partly: old |
| TEA-02 | Pay | core, billing | |
| TEA-03 | Send it back | — | done |
"""


def test_the_list_of_the_project_holds_every_requirement_once() -> None:
    sections = parse((ROOT / "docs" / "features.md").read_text("utf-8"))
    ids = [feature.id for section in sections for feature in section.features]
    beyond = [section for section in sections if section.title.startswith("Beyond the manual")]
    assert len(set(ids)) == len(ids) == 482
    assert [len(section.features) for section in beyond] == [22, 16, 18]
    assert len(sections) - len(beyond) == 34


def test_a_whole_proof_outweighs_parts() -> None:
    marks = [
        Mark("t::a", 1, ("TEA-01",), "sum"),
        Mark("t::b", 2, ("TEA-01", "TEA-02"), "cash"),
        Mark("t::c", 3, ("TEA-02",)),
    ]
    assert states(marks) == {"TEA-01": "partly: cash, sum", "TEA-02": "done"}


def test_writing_states_changes_nothing_else_and_settles() -> None:
    proven = {"TEA-01": "done", "TEA-02": "partly: cash"}
    written = with_states(TABLE, proven)
    assert written == (
        TABLE.replace("core | partly: old |", "core | done |")
        .replace("core, billing | |", "core, billing | partly: cash |")
        .replace("— | done |", "— | |")
    )
    assert with_states(written, proven) == written


def test_check_fails_until_the_states_are_written(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(sample), "--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert main(["--root", str(sample), "--write"]) == 0
    assert main(["--root", str(sample), "--check"]) == 0
    assert "| TEA-02 | Pay for it | core | partly: cash, sum |" in (sample / "docs/features.md").read_text("utf-8")


def test_prints_proofs_and_counts(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (sample / "plugins/sweets/tests/test_sweets.py").unlink()
    assert main(["--root", str(sample)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["TEA-01    done · Order a cup", "          tests/test_tea.py::test_refuses_an_empty_order"]
    assert [line.split() for line in lines if line.endswith(("Tea", "Cake", "all"))] == [
        ["1", "2", "0", "3", "TEA", "—", "Tea"],
        ["0", "0", "1", "1", "CAKE", "—", "Cake"],
        ["1", "2", "1", "4", "all"],
    ]
    assert lines[-1] == "missing: CAKE-01"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('"TEA-03"', '"TEA-99"', "TEA-99 is not in docs/features.md"),
        ("pay:order.paid = total", "pay:order.cup = total", "no statement with 'order.cup = total' in pay"),
        ("pay:order.paid = total", "refund:order.paid", "no class or function refund"),
        ("teahouse.services:pay:order.paid = total", "teahouse.bills:pay:x", "no module teahouse.bills"),
    ],
)
def test_check_names_marks_that_point_nowhere(
    sample: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, complaint: str
) -> None:
    path = sample / "tests/test_tea.py"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert main(["--root", str(sample), "--check"]) == 1
    assert complaint in capsys.readouterr().err
