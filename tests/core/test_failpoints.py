"""Failpoints do nothing unless asked, and what is asked must make sense."""

import os
import signal
import subprocess
import sys

import pytest

from prikus.errors import Misconfigured
from prikus.failpoints import NAMES, VARIABLE, _pass, armed, failpoint
from tests.campaigns.faults.test_web_killed import POINTS
from tests.campaigns.faults.test_worker import STEPS
from tests.campaigns.fiscal.test_receipts import DEATHS

ARRIVES = "from prikus.failpoints import failpoint\nfor n in (1, 2, 3):\n    print(n, flush=True)\n"
TWICE = ARRIVES + "    failpoint('before_work')\n    failpoint('before_commit')\n"


def run(order: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", TWICE]
    environ = os.environ | {VARIABLE: order}
    return subprocess.run(words, env=environ, capture_output=True, text=True, check=False, start_new_session=True)


def test_without_an_order_an_arrival_is_an_empty_call() -> None:
    assert failpoint is _pass
    assert armed(None) is _pass


def test_a_process_dies_at_the_place_and_the_time_of_the_order() -> None:
    ended = run("before_commit:kill:2")
    assert (ended.returncode, ended.stdout) == (-signal.SIGKILL, "1\n2\n")
    assert ended.stderr == "failpoint before_commit: kill\n"
    assert run("before_commit:kill:4").returncode == 0


@pytest.mark.parametrize("order", ["before_tea:kill:1", "before_commit:wait:1", "before_commit:kill:x", "x"])
def test_an_order_that_makes_no_sense_stops_the_start(order: str) -> None:
    with pytest.raises(Misconfigured, match=VARIABLE):
        armed(order)


def test_every_place_is_one_where_a_campaign_kills() -> None:
    assert {name for name, _ in (*POINTS, *STEPS)} | {*DEATHS.values()} == set(NAMES)
