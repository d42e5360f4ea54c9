import re
from pathlib import Path

import pytest

from .bite import main
from .conftest import SAMPLE
from .marks import Bite
from .workshop import CouldNotRun, Workshop

CUPS = "tests/test_tea.py::test_refuses_an_empty_order"


def verdict(output: str, test: str) -> str:
    """The line printed for a test."""
    (line,) = re.findall(rf"^.*::{test}\b.*$", output, re.MULTILINE)
    return line


def test_tells_tests_that_bite_from_those_that_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(SAMPLE), "--jobs", "2"]) == 1
    output = capsys.readouterr().out
    assert verdict(output, "test_refuses_an_empty_order").startswith("red ")
    assert verdict(output, "test_keeps_what_was_paid").startswith("red ")
    assert verdict(output, "test_writes_the_slice_down").startswith("red ")
    assert verdict(output, "test_claims_to_need_what_it_never_looks_at").startswith("stays green ")
    assert "could not run " in verdict(output, "test_fails_only_in_its_set_up")
    assert "in setup: " in verdict(output, "test_fails_only_in_its_set_up")
    assert "not green untouched: AssertionError" in verdict(output, "test_is_red_anyhow")
    assert "not collected: " in verdict(output, "test_cannot_even_be_collected")
    assert verdict(output, "test_names_no_statement").startswith("no bite named ")
    assert output.splitlines()[-1] == "3 of 7 turn red, 1 marks name no statement"


def test_unnamed_marks_fail_the_run_unless_allowed(capsys: pytest.CaptureFixture[str], sample: Path) -> None:
    (sample / "tests/test_menu.py").unlink()
    assert main(["--root", str(sample), "--only", "TEA-03"]) == 1
    assert main(["--root", str(sample), "--only", "TEA-03", "--allow-unnamed"]) == 0
    assert main(["--root", str(sample), "--only", "TEA-09", "--allow-unnamed"]) == 1
    capsys.readouterr()
    assert main(["--root", str(sample), "--only", "TEA-01", "--sample", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 of 1 turn red, 0 marks name no statement"


def test_a_run_on_other_code_than_the_copy_counts_for_nothing(sample: Path, tmp_path: Path) -> None:
    (sample / "tests/conftest.py").write_text(f"import sys\n\nsys.path.insert(0, {str(SAMPLE / 'core')!r})\n", "utf-8")
    with pytest.raises(CouldNotRun, match=re.escape(f"imported from {SAMPLE}")):
        Workshop(sample, tmp_path / "shop").run([CUPS], ["teahouse.services"])


def test_the_copy_is_whole_again_after_each_try(tmp_path: Path) -> None:
    shop = Workshop(SAMPLE, tmp_path / "shop")
    path = tmp_path / "shop/workspace/core/teahouse/services.py"
    with shop.without(Bite("teahouse.services", "order", "ensure_positive(")):
        assert "    pass\n    made = Order(cups)" in path.read_text("utf-8")
    assert path.read_bytes() == (SAMPLE / "core/teahouse/services.py").read_bytes()
