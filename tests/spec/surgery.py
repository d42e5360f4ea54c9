"""Takes one statement out of a source text.

The rule: the statement becomes `pass`. A name that only this statement had bound by then – in a function or at the top
of a module – becomes None, so that the file still imports and what fails is behaviour, not a missing name; a name bound
earlier keeps its value. So `check(x)`, `raise …`, `return x`, `row.state = x`, `total += x` become `pass`; `fee = …`
becomes `fee = None`; in a class body an assignment becomes `pass`.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTIONS, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)

Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class NoSuchStatement(LookupError):
    """The module has no such function, or the function no such statement that could be taken out."""


class Found(NamedTuple):
    statement: ast.stmt
    scope: Scope


def excise(source: str, scope: str, text: str) -> str:
    """The source without the first statement of `scope` that starts with `text`, or else contains it.

    `scope` is a dotted path of classes and functions, empty for the top of the module. A function is searched with the
    functions inside it, a class or module is not. Of a statement with a body only the head is compared, so that the
    innermost one is found; spaces and line breaks count alike. Raises NoSuchStatement.
    """
    tree = ast.parse(source)
    found = _find(source.encode(), _scope(tree, scope), " ".join(text.split()))
    if found is None:
        raise NoSuchStatement(f"no statement with {text!r} in {scope or 'the module'}")
    if isinstance(found.statement, IMPORTS):
        raise NoSuchStatement(f"{text!r} is an import: without it nothing runs, which proves nothing")
    mended = _replace(source.encode(), found.statement, _stand_in(found)).decode()
    ast.parse(mended)
    return mended


def _scope(tree: ast.Module, path: str) -> Scope:
    scope: Scope = tree
    for name in path.split(".") if path else ():
        inner = (found.statement for found in _statements(scope, scope))
        scope = next((node for node in inner if isinstance(node, SCOPES) and node.name == name), tree)
        if scope is tree:
            raise NoSuchStatement(f"no class or function {path}")
    return scope


def _statements(node: ast.AST, scope: Scope) -> Iterator[Found]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield Found(child, scope)
        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _statements(child, child if isinstance(child, SCOPES) else scope)


def _find(source: bytes, scope: Scope, text: str) -> Found | None:
    candidates = [
        (found, _head(source, found.statement))
        for found in _statements(scope, scope)
        if (found.scope is scope or isinstance(scope, FUNCTIONS)) and not _is_docstring(found.statement)
    ]
    starting = (found for found, head in candidates if head.startswith(text))
    containing = (found for found, head in candidates if text in head)
    return next(starting, None) or next(containing, None)


def _head(source: bytes, statement: ast.stmt) -> str:
    start, end = _span(source, statement)
    if isinstance(statement, ast.Match):
        end = _offset(source, statement.subject.end_lineno or 0, statement.subject.end_col_offset or 0)
    elif body := getattr(statement, "body", None):
        first = body[0]
        end = _offset(source, first.lineno, first.col_offset)
    return " ".join(source[start:end].decode().split())


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _span(source: bytes, statement: ast.stmt) -> tuple[int, int]:
    decorators = getattr(statement, "decorator_list", [])
    line = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    start = _offset(source, line, statement.col_offset)
    return start, _offset(source, statement.end_lineno or 0, statement.end_col_offset or 0)


def _offset(source: bytes, line: int, column: int) -> int:
    return sum(len(text) for text in source.splitlines(keepends=True)[: line - 1]) + column


def _stand_in(found: Found) -> str:
    if isinstance(found.scope, ast.ClassDef):
        return "pass"
    known = set(_arguments(found.scope))
    for child in ast.iter_child_nodes(found.scope):
        known.update(name for name, line in _bindings(child) if line < found.statement.lineno)
    fresh = dict.fromkeys(name for name, _ in _bindings(found.statement) if name not in known)
    return " = ".join([*fresh, "None"]) if fresh else "pass"


def _arguments(scope: Scope) -> Iterator[str]:
    if isinstance(scope, FUNCTIONS):
        yield from (argument.arg for argument in ast.walk(scope.args) if isinstance(argument, ast.arg))


def _bindings(node: ast.AST) -> Iterator[tuple[str, int]]:
    if isinstance(node, SCOPES):
        yield node.name, node.lineno
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id, node.lineno
    elif isinstance(node, ast.Global | ast.Nonlocal):
        yield from ((name, node.lineno) for name in node.names)
    for child in ast.iter_child_nodes(node):
        yield from _bindings(child)


def _replace(source: bytes, statement: ast.stmt, stand_in: str) -> bytes:
    start, end = _span(source, statement)
    return source[:start] + stand_in.encode() + source[end:]
