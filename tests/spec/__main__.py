"""Behind `make spec`: which requirements are proven by which tests.

    python -m tests.spec            prints proofs, counts and missing ids
    python -m tests.spec --write    also writes the state column of docs/features.md
    python -m tests.spec --check    prints only what is wrong, and fails when that column is out of date
    python -m tests.spec bite …     see `bite`

Fails, too, when a mark breaks the rules: an unknown id, more than three ids on one test, a statement that is not there.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import bite, report
from .features import Section, parse, states, with_states
from .marks import Mark, collect
from .surgery import NoSuchStatement, excise
from .workshop import module_file

ROOT = Path(__file__).resolve().parents[2]


def main(argv: Sequence[str]) -> int:
    if argv[:1] == ["bite"]:
        return bite.main(argv[1:])
    options = _options(argv)
    path = options.root / "docs" / "features.md"
    text = path.read_text("utf-8")
    sections = parse(text)
    found = collect(options.root)
    problems = [*found.problems, *_unknown(sections, found.marks), *_lost(options.root, found.marks)]
    proven = states(found.marks)
    written = with_states(text, proven)
    if options.write:
        path.write_text(written, "utf-8")
    if options.check:
        problems += ["docs/features.md is out of date: run `make spec` with --write"] if written != text else []
    else:
        print(*report.proofs(sections, proven, found.marks), "", *report.counts(sections, proven), "", sep="\n")
        print(*report.missing(sections, proven), sep="\n")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.spec", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the state column of docs/features.md")
    parser.add_argument("--check", action="store_true", help="fail when docs/features.md is out of date")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _unknown(sections: list[Section], marks: Sequence[Mark]) -> Iterator[str]:
    known = {feature.id for section in sections for feature in section.features}
    for mark in marks:
        for id_ in mark.ids:
            if id_ not in known:
                yield f"{mark.test}: {id_} is not in docs/features.md"


def _lost(root: Path, marks: Sequence[Mark]) -> Iterator[str]:
    for mark in marks:
        if mark.bites:
            try:
                excise(module_file(root, mark.bites.module).read_text("utf-8"), mark.bites.scope, mark.bites.text)
            except NoSuchStatement as reason:
                yield f"{mark.test}: {mark.bites}: {reason}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
