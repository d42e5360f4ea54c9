"""Behind `make spec-bite`: takes the statement a mark names out of a copy and demands that the test turns red.

    python -m tests.spec bite [--only ID]… [--sample N] [--jobs N] [--allow-unnamed]

First all chosen tests run in an untouched copy and must be green there. Then each runs alone, without its statement,
and must fail in its own body. A missing name, an import or a set-up that breaks is no such failure: it «could not run».
"""

import argparse
import random
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from .marks import Bite, Mark, collect
from .surgery import NoSuchStatement
from .workshop import CouldNotRun, Happened, Workshop

ROOT = Path(__file__).resolve().parents[2]

RED = "red"
GREEN = "stays green"
COULD_NOT_RUN = "could not run"
UNNAMED = "no bite named"


@dataclass(frozen=True)
class Case:
    """A test and the statement that it claims to need."""

    test: str
    bites: Bite
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    case: Case
    result: str
    reason: str = ""

    def __str__(self) -> str:
        tail = f" – {self.reason}" if self.reason else ""
        return f"{self.result:14} {' '.join(self.case.ids)} {self.case.test} without {self.case.bites}{tail}"


def main(argv: Sequence[str]) -> int:
    options = _options(argv)
    found = collect(options.root)
    for problem in found.problems:
        print(problem)
    chosen = [mark for mark in found.marks if not options.only or set(mark.ids) & set(options.only)]
    unnamed = [mark for mark in chosen if mark.bites is None]
    for mark in unnamed:
        print(f"{UNNAMED:14} {' '.join(mark.ids)} {mark.test}")
    cases = list(_cases(chosen))
    if options.sample is not None and options.sample < len(cases):
        cases = random.Random().sample(cases, options.sample)
    verdicts = list(_verdicts(options.root, cases, options.jobs))
    toothless = [verdict for verdict in verdicts if verdict.result != RED]
    print(f"{len(verdicts) - len(toothless)} of {len(verdicts)} turn red, {len(unnamed)} marks name no statement")
    return 1 if toothless or found.problems or not chosen or (unnamed and not options.allow_unnamed) else 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.spec bite", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", metavar="ID", action="append", default=[], help="only marks with this id")
    parser.add_argument("--sample", metavar="N", type=int, help="only N of them, drawn anew each time")
    parser.add_argument("--jobs", metavar="N", type=int, default=1, help="copies that work at the same time")
    parser.add_argument("--allow-unnamed", action="store_true", help="marks without a statement are no failure")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def _cases(marks: Sequence[Mark]) -> Iterator[Case]:
    ids: dict[tuple[str, Bite], dict[str, None]] = {}
    for mark in marks:
        if mark.bites:
            ids.setdefault((mark.test, mark.bites), {}).update(dict.fromkeys(mark.ids))
    return (Case(test, bites, tuple(named)) for (test, bites), named in ids.items())


def _verdicts(root: Path, cases: Sequence[Case], jobs: int) -> Iterator[Verdict]:
    if not cases:
        return
    with tempfile.TemporaryDirectory(prefix="bite-", ignore_cleanup_errors=True) as folder:
        # The database server may run as another user and must be able to enter.
        Path(folder).chmod(0o755)
        copies: SimpleQueue[Workshop] = SimpleQueue()
        for number in range(min(jobs, len(cases))):
            copies.put(Workshop(root, Path(folder).resolve() / str(number)))
        sound, spoilt = _sort_out(cases, copies)
        for verdict in spoilt:
            print(verdict, flush=True)
            yield verdict
        with ThreadPoolExecutor(jobs) as pool:
            for done in as_completed([pool.submit(_try, case, copies) for case in sound]):
                print(done.result(), flush=True)
                yield done.result()


def _sort_out(cases: Sequence[Case], copies: "SimpleQueue[Workshop]") -> tuple[list[Case], list[Verdict]]:
    copy = copies.get()
    try:
        happened = copy.run(
            list(dict.fromkeys(case.test for case in cases)), sorted({case.bites.module for case in cases})
        )
    except CouldNotRun as reason:
        return [], [Verdict(case, COULD_NOT_RUN, f"untouched: {reason}") for case in cases]
    finally:
        copies.put(copy)
    sound: list[Case] = []
    spoilt: list[Verdict] = []
    for case in cases:
        verdict = _judge(case, happened)
        if verdict.result == GREEN:
            sound.append(case)
        else:
            spoilt.append(Verdict(case, COULD_NOT_RUN, f"not green untouched: {verdict.reason}"))
    return sound, spoilt


def _try(case: Case, copies: "SimpleQueue[Workshop]") -> Verdict:
    copy = copies.get()
    try:
        with copy.without(case.bites):
            return _judge(case, copy.run([case.test], [case.bites.module]))
    except (CouldNotRun, NoSuchStatement) as reason:
        return Verdict(case, COULD_NOT_RUN, str(reason))
    finally:
        copies.put(copy)


def _judge(case: Case, happened: Sequence[Happened]) -> Verdict:
    own = [one for one in happened if one.test == case.test or one.test.startswith(f"{case.test}[")]
    failed = [one for one in own if one.outcome == "failed"]
    for one in failed:
        if one.phase == "call" and not one.broken:
            return Verdict(case, RED, one.error)
    if failed:
        return Verdict(case, COULD_NOT_RUN, f"in {failed[0].phase}: {failed[0].error}")
    if not own or any(one.outcome == "skipped" for one in own):
        return Verdict(case, COULD_NOT_RUN, "skipped" if own else "not found by pytest")
    return Verdict(case, GREEN)
