"""Reads the marks `@pytest.mark.spec("CAL-09", part=…, bites=…)` from the sources of the tests; nothing is run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_IDS_PER_TEST = 3
KEYWORDS = {"part", "bites"}
SHIRKING = {"skip", "skipif", "xfail"}


@dataclass(frozen=True)
class Bite:
    """A statement without which the test must fail: the first one of `scope` in `module` that holds `text`."""

    module: str
    scope: str
    text: str

    @classmethod
    def parse(cls, named: str) -> "Bite":
        """Reads `module:function:text`; raises ValueError when a piece is missing."""
        pieces = named.split(":", 2)
        if len(pieces) != 3 or not pieces[0] or not pieces[2].strip():
            raise ValueError(f"bites={named!r} is not 'module:function:text'")
        return cls(*pieces)

    def __str__(self) -> str:
        return f"{self.module}:{self.scope}:{self.text}"


@dataclass(frozen=True)
class Mark:
    """One mark on one test. `part` names what is proven of the requirement; without it, all of it is."""

    test: str
    line: int
    ids: tuple[str, ...]
    part: str | None = None
    bites: Bite | None = None


@dataclass(frozen=True)
class Collection:
    marks: tuple[Mark, ...]
    problems: tuple[str, ...]


def collect(root: Path) -> Collection:
    """All marks under `root`, and a sentence for each one that breaks the rules."""
    marks: list[Mark] = []
    problems: list[str] = []
    for path in test_files(root):
        reader = _Reader(path.relative_to(root).as_posix(), ast.parse(path.read_text("utf-8")))
        marks += reader.marks
        problems += reader.problems
    return Collection(tuple(marks), tuple(problems))


def test_files(root: Path) -> Iterator[Path]:
    """The test modules of the workspace; a folder with a `pyproject.toml` of its own is another project."""
    for base in (root / "tests", *sorted(root.glob("plugins/*/tests"))):
        for path in sorted(base.rglob("test_*.py")):
            inner = path.relative_to(base).parents
            if not any((base / folder / "pyproject.toml").exists() for folder in inner if folder != Path(".")):
                yield path


class _Reader:
    def __init__(self, name: str, tree: ast.Module) -> None:
        self.name = name
        self.marks: list[Mark] = []
        self.problems: list[str] = []
        self._seen: set[ast.AST] = set()
        self._read(tree.body, name)
        for node in ast.walk(tree):
            if _names_mark(node, {"spec"}) and node not in self._seen:
                self._problem(node, "the mark `spec` belongs on a test function, with its ids in brackets")

    def _read(self, body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                self._read(node.body, f"{prefix}::{node.name}")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                self._read_test(node, f"{prefix}::{node.name}")

    def _read_test(self, node: ast.FunctionDef | ast.AsyncFunctionDef, test: str) -> None:
        found: list[Mark] = []
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and _names_mark(decorator.func, {"spec"}):
                self._seen.add(decorator.func)
                if mark := self._read_mark(decorator, test):
                    found.append(mark)
        self.marks += found
        ids = {id_ for mark in found for id_ in mark.ids}
        if len(ids) > MOST_IDS_PER_TEST:
            self._problem(node, f"{len(ids)} ids on one test, at most {MOST_IDS_PER_TEST} are believable")
        if found and any(_names_mark(inner, SHIRKING) for top in node.decorator_list for inner in ast.walk(top)):
            self._problem(node, "a test that may be skipped or may fail proves no requirement")

    def _read_mark(self, call: ast.Call, test: str) -> Mark | None:
        ids = tuple(text for arg in call.args if (text := _text(arg)))
        named = {keyword.arg: _text(keyword.value) for keyword in call.keywords}
        if not ids or len(ids) != len(call.args) or not set(named) <= KEYWORDS or not all(named.values()):
            self._problem(call, 'a mark is `spec("ID", …)` with `part` and `bites`, all written as plain strings')
            return None
        try:
            bites = Bite.parse(bite) if (bite := named.get("bites")) else None
        except ValueError as error:
            self._problem(call, str(error))
            return None
        return Mark(test, call.lineno, ids, named.get("part"), bites)

    def _problem(self, node: ast.AST, sentence: str) -> None:
        self.problems.append(f"{self.name}:{getattr(node, 'lineno', 0)}: {sentence}")


def _names_mark(node: ast.AST, names: set[str]) -> bool:
    if not isinstance(node, ast.Attribute) or node.attr not in names:
        return False
    owner = node.value
    return isinstance(owner, ast.Attribute | ast.Name) and getattr(owner, "attr", getattr(owner, "id", "")) == "mark"


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
