from pathlib import Path

import pytest

from .marks import Bite, Mark, collect


def collect_source(root: Path, source: str, name: str = "tests/test_it.py"):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"import pytest\n\n{source}\n", "utf-8")
    return collect(root)


def test_reads_ids_part_and_bite(tmp_path: Path) -> None:
    source = (
        "class TestIt:\n"
        '    @pytest.mark.spec("CAL-09", "CAL-08", part="length", bites="a.b:resize:ensure(x[1:2])")\n'
        "    async def test_one(self): ..."
    )
    assert collect_source(tmp_path, source).marks == (
        Mark(
            "tests/test_it.py::TestIt::test_one",
            4,
            ("CAL-09", "CAL-08"),
            "length",
            Bite("a.b", "resize", "ensure(x[1:2])"),
        ),
    )


def test_reads_the_tests_of_plugins_but_not_of_projects_inside_the_tests(tmp_path: Path) -> None:
    marked = '@pytest.mark.spec("CAL-09")\ndef test_one(): ...'
    collect_source(tmp_path, marked, "tests/inner/sample/tests/test_it.py")
    (tmp_path / "tests/inner/sample/pyproject.toml").touch()
    (tmp_path / "plugins/calendar").mkdir(parents=True)
    (tmp_path / "plugins/calendar/pyproject.toml").touch()
    found = collect_source(tmp_path, marked, "plugins/calendar/tests/deep/test_it.py")
    assert [mark.test for mark in found.marks] == ["plugins/calendar/tests/deep/test_it.py::test_one"]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ('@pytest.mark.spec("A-1", "A-2")\n@pytest.mark.spec("A-3", "A-4")\ndef test_one(): ...', "4 ids"),
        ('@pytest.mark.spec("A-1")\nclass TestIt:\n    def test_one(self): ...', "belongs on a test function"),
        ('@pytest.mark.spec("A-1")\ndef helper(): ...', "belongs on a test function"),
        ('pytestmark = pytest.mark.spec("A-1")', "belongs on a test function"),
        ('@pytest.mark.parametrize("x", [1], ids=pytest.mark.spec("A-1"))\ndef test_one(x): ...', "belongs"),
        ("@pytest.mark.spec()\ndef test_one(): ...", "plain strings"),
        ("@pytest.mark.spec(ID)\ndef test_one(): ...", "plain strings"),
        ('@pytest.mark.spec("A-1", parts="x")\ndef test_one(): ...', "plain strings"),
        ('@pytest.mark.spec("A-1", bites="a.b:resize")\ndef test_one(): ...', "module:function:text"),
        ('@pytest.mark.skip\n@pytest.mark.spec("A-1")\ndef test_one(): ...', "proves no requirement"),
        ('@pytest.mark.xfail(reason="x")\n@pytest.mark.spec("A-1")\ndef test_one(): ...', "proves no requirement"),
    ],
)
def test_complains_about_marks_that_break_the_rules(tmp_path: Path, source: str, complaint: str) -> None:
    (problem,) = collect_source(tmp_path, source).problems
    assert problem.startswith("tests/test_it.py:")
    assert complaint in problem


def test_three_ids_are_allowed(tmp_path: Path) -> None:
    found = collect_source(tmp_path, '@pytest.mark.spec("A-1", "A-2")\n@pytest.mark.spec("A-3")\ndef test_one(): ...')
    assert (len(found.marks), found.problems) == (2, ())
