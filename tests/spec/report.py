"""What `make spec` prints."""

from collections.abc import Iterable, Iterator

from .features import DONE, Section
from .marks import Mark


def proofs(sections: list[Section], proven: dict[str, str], marks: Iterable[Mark]) -> Iterator[str]:
    """Each proven requirement with its state, its title and the tests that prove it."""
    tests: dict[str, list[Mark]] = {}
    for mark in marks:
        for id_ in mark.ids:
            tests.setdefault(id_, []).append(mark)
    for feature in (feature for section in sections for feature in section.features if feature.id in proven):
        yield f"{feature.id:9} {proven[feature.id]} · {feature.title}"
        for mark in tests[feature.id]:
            yield f"          {mark.test}{f' ({mark.part})' if mark.part else ''}"


def counts(sections: list[Section], proven: dict[str, str]) -> Iterator[str]:
    """A line for each section: done, partly, missing, all; then the sum."""
    total = [0, 0, 0, 0]
    yield f"{'done':>5} {'partly':>6} {'missing':>7} {'all':>5}  section"
    for section in sections:
        held = [proven.get(feature.id) for feature in section.features]
        missing = held.count(None)
        row = [held.count(DONE), len(held) - held.count(DONE) - missing, missing, len(held)]
        total = [sum(pair) for pair in zip(total, row, strict=True)]
        yield _line(row, section.title)
    yield _line(total, "all")


def missing(sections: list[Section], proven: dict[str, str]) -> Iterator[str]:
    """The ids that nothing proves, a line for each section."""
    for section in sections:
        if ids := [feature.id for feature in section.features if feature.id not in proven]:
            yield f"missing: {' '.join(ids)}"


def _line(row: list[int], title: str) -> str:
    done, partly, absent, all_ = row
    return f"{done:>5} {partly:>6} {absent:>7} {all_:>5}  {title}"
