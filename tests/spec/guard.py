"""A pytest plugin for runs inside a copy: writes what happened, and from where the modules came, as JSON."""

import importlib.util
import json
import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

BROKEN = (ImportError, NameError, SyntaxError)

_happened: list[dict[str, object]] = []
_not_collected: list[str] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    error = call.excinfo
    _happened.append(
        {
            "test": item.nodeid,
            "phase": call.when,
            "outcome": report.outcome,
            "error": error.exconly(tryshort=True).splitlines()[0] if error else "",
            "broken": bool(error and isinstance(error.value, BROKEN)),
        }
    )
    return report


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed:
        _not_collected.append(report.longreprtext.strip().splitlines()[-1])


def pytest_sessionfinish() -> None:
    modules = os.environ["BITE_MODULES"].split()
    written = {"happened": _happened, "not_collected": _not_collected, "origins": {m: _origin(m) for m in modules}}
    Path(os.environ["BITE_REPORT"]).write_text(json.dumps(written, ensure_ascii=False), "utf-8")


def _origin(module: str) -> str | None:
    if loaded := sys.modules.get(module):
        return loaded.__file__
    try:
        spec = importlib.util.find_spec(module)
    except BROKEN:
        return None
    return spec.origin if spec else None
