"""`prikus up` as an operator meets it: one command, real processes, real signals."""

import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from prikus.embedded.server import Door


class Up:
    """A running `prikus up` and what it has said."""

    def __init__(self, data: Path, *words: str) -> None:
        port = Door.make().port
        self.url = f"http://127.0.0.1:{port}"
        self.said = ""
        given = ("DATABASE_URL", "REDIS_URL")
        environ = {name: text for name, text in os.environ.items() if not name.startswith(given)}
        environ |= {"PRIKUS_DATA": str(data), "PRIKUS_PORT": str(port), "PRIKUS_PROCESSES": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "prikus", "up", *words],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def hear(self, words: str, seconds: float = 60) -> None:
        """Read on until these words (a pattern) have been said after what was heard last."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self.process.stdout, select.POLLIN)
        while not (found := re.search(words, self.said)):
            assert poll.poll(max(0.0, deadline - time.monotonic()) * 1000), f"not said: {words}; said: {self.said}"
            heard = os.read(self.process.stdout.fileno(), 65536)
            assert heard, f"ended without saying: {words}; said: {self.said}"
            self.said += heard.decode()
        self.said = self.said[found.end() :]

    def child(self, word: str) -> int:
        """The number of the child whose command line has this word."""
        (pid,) = (pid for pid in children(self.process.pid) if word in command(pid))
        return pid

    def answers(self) -> bool:
        """Within a minute."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/health/ready", timeout=10):
                return True
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.1)
                return False
        return False


def children(pid: int) -> list[int]:
    """None when it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def descendants(pid: int) -> list[int]:
    return [other for child in children(pid) for other in (child, *descendants(child))]


def command(pid: int) -> str:
    """Empty when it has ended."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def handles(pids: list[int]) -> list[int]:
    """Of those that have not ended."""
    found = []
    for pid in pids:
        with suppress(ProcessLookupError):
            found.append(os.pidfd_open(pid))
    return found


def all_end_within(seconds: float, watched: list[int]) -> bool:
    deadline = time.monotonic() + seconds
    for handle in watched:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            return False
    return True


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all, so that only the first start migrates."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def up(data: Path) -> Iterator[Up]:
    running = Up(data)
    with running.process as process:
        try:
            running.hear("prikus: работает", 300)
            yield running
        finally:
            process.kill()


def test_a_taken_address_is_refused_the_dead_are_replaced_and_all_stop_in_time(up: Up, tmp_path: Path) -> None:
    assert up.answers()
    environ = os.environ | {"PRIKUS_PORT": up.url.rsplit(":", 1)[1], "PRIKUS_DATA": str(tmp_path)}
    words = [sys.executable, "-m", "prikus", "up"]
    refused = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "PRIKUS_PORT" in refused.stderr

    for word, title in (("prikus worker", "worker"), ("prikus serve", "serve"), ("postgres -D", "PostgreSQL")):
        killed = up.child(word)
        os.kill(killed, signal.SIGKILL)
        up.hear(f"{title} завершился, новый запуск через 0.5 с")
        up.hear(f"{title} снова запущен")
        assert up.child(word) != killed
        if title == "serve":
            up.hear("prikus: работает")
    assert up.answers()

    watched = handles(descendants(up.process.pid))
    up.process.terminate()
    assert all_end_within(20, watched)
    assert up.process.wait(20) == 0
    up.hear("остановлено")


def test_a_second_interrupt_does_not_wait(up: Up) -> None:
    watched = handles(descendants(up.process.pid))
    up.process.send_signal(signal.SIGINT)
    up.hear("останавливается")
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(20) == 128 + signal.SIGINT
    assert all_end_within(20, watched)


def test_nothing_outlives_a_killed_supervisor(up: Up) -> None:
    watched = handles(descendants(up.process.pid))
    up.process.kill()
    assert all_end_within(20, watched)


def test_who_may_sign_in_is_said_when_they_can(data: Path) -> None:
    running = Up(data, "--demo")
    with running.process as process:
        try:
            running.hear(f"Вход: {running.url}/", 300)
            assert running.answers()
            running.hear("director@lesnaya.example")
        finally:
            process.kill()
