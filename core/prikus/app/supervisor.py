"""`prikus up`: everything on one machine, under one parent."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from prikus import embedded
from prikus.config import Config
from prikus.embedded import Server, process
from prikus.embedded.server import free_port, require_free_port
from prikus.errors import Misconfigured, Problem

POLL = 0.2
LONGEST_PAUSE = 30.0
"""Seconds between two starts of what keeps failing."""
STEADY_AFTER = 10.0
"""Seconds after which a child counts as healthy and its earlier failures are forgotten."""
STOP_PATIENCE = 9.0
"""Seconds for the web, then again for the worker and the scheduler together: 20 in all with the servers."""
OTHERS_PATIENCE = 20.0
"""Seconds that the worker and the scheduler give the web to be there first."""
MISCONFIGURED = 2
"""Exit code of a child that cannot work before somebody mends the installation."""


class Child:
    """A process of ours: `python -m prikus <words>` in a session of its own."""

    def __init__(self, title: str, words: Sequence[str], environ: Mapping[str, str]) -> None:
        self.title = title
        self._argv = [sys.executable, "-m", "prikus", *words]
        self._environ = dict(environ)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = process.spawn(
            self._argv, death_signal=signal.SIGTERM, stdin=subprocess.DEVNULL, env=self._environ
        )

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode if self._process else None

    def ask_to_stop(self) -> None:
        if self._process is not None and self.is_alive:
            self._process.terminate()

    def wait(self, patience: float) -> None:
        if self._process is not None and not process.stop(self._process, signal.SIGTERM, patience):
            say(f"{self.title} не успел остановиться и завершён принудительно")
        self.kill()

    def kill(self) -> None:
        """End it with everything that it started, which shares its session."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


class Ward:
    """Restarts its charge when it has died, each time after a longer pause."""

    def __init__(self, charge: Child | Server, *, is_forgiving: bool = False) -> None:
        """A forgiving one waits for somebody to mend the installation, and restart the child, instead of ending all."""
        self.charge = charge
        self._is_forgiving = is_forgiving
        self._url = charge.url if isinstance(charge, Server) else None
        self._failures = 0
        self._started_at = time.monotonic()
        self._restart_at: float | None = None

    def tend(self, now: float) -> None:
        """Look after it at this moment of the monotonic clock."""
        if self._restart_at is not None:
            if now >= self._restart_at:
                self._restart()
        elif not self.charge.is_alive:
            self._mourn(now)
        elif now - self._started_at > STEADY_AFTER:
            self._failures = 0

    def restart(self) -> None:
        """Start a child anew now, whatever was put off. Servers stay."""
        if isinstance(self.charge, Child):
            self.charge.ask_to_stop()
            self.charge.wait(STOP_PATIENCE)
            self._failures = 0
            self._restart()

    def _mourn(self, now: float) -> None:
        if isinstance(self.charge, Child):
            self.charge.kill()
            if self.charge.exit_code == MISCONFIGURED and not self._is_forgiving:
                raise Misconfigured(f"{self.charge.title} не может работать: причина названа выше.")
            if self.charge.exit_code == MISCONFIGURED:
                self._restart_at = now + LONGEST_PAUSE
                say(f"{self.charge.title} не может работать: исправьте названное выше, запуск повторится сам")
                return
        pause = min(0.5 * 2**self._failures, LONGEST_PAUSE)
        self._failures += 1
        self._restart_at = now + pause
        say(f"{self.charge.title} завершился, новый запуск через {pause:g} с")

    def _restart(self) -> None:
        self._started_at, self._restart_at = time.monotonic(), None
        try:
            self.charge.start()
        except Problem as problem:
            say(problem.sentence)
            return
        if isinstance(self.charge, Server) and self.charge.url != self._url:
            raise Misconfigured(f"Порт, на котором работал {self.charge.title}, заняла другая программа.")
        say(f"{self.charge.title} снова запущен")


class Stop(BaseException):
    """Somebody pressed Ctrl-C, or the system asks us to end."""


class Workshop(Protocol):
    """Where somebody works on the code. `steps` are commands before the start; `changed` tells what was edited."""

    @property
    def steps(self) -> Sequence[Sequence[str]]: ...

    def changed(self) -> set[str]: ...


def up(config: Config, *, demo: bool = False, workshop: Workshop | None = None) -> None:
    """Run everything until Ctrl-C or SIGTERM; a second Ctrl-C does not wait. In a workshop, again after each change."""
    require_free_port(config.host, config.port)
    children: list[Child] = []
    with _stopped_by_signals(children), suppress(Stop), embedded.services(config, share=False) as services:
        environ = os.environ | {
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "PRIKUS_DATA": str(config.data),
        }
        greeting = None
        try:
            _step(children, Child("Обновление базы", ["db", "upgrade"], environ))
            if demo:
                environ = _play(config, children, environ)
                _step(children, Child("Демонстрационные данные", ["demo", "load", "--if-absent"], environ))
                greeting = Child("Кто может войти", ["demo", "show"], environ)
            for words in workshop.steps if workshop else ():
                _step(children, Child(" ".join(words), words, environ))
            _work(config, children, services.servers, environ, workshop, greeting)
        finally:
            _stop(children)
    say("остановлено")


def _play(config: Config, children: list[Child], environ: Mapping[str, str]) -> dict[str, str]:
    """Start the fake providers; the environment in which they are found."""
    port = free_port(config.port + 1)
    fakes = Child("fakes", ["fakes", "--port", str(port)], environ)
    children.append(fakes)
    fakes.start()
    url = f"http://127.0.0.1:{port}"
    say(f"поддельные сервисы: {url}")
    return {**environ, "PRIKUS_FAKES_AT": url}


def _step(children: list[Child], child: Child) -> None:
    """Run a child to its end; what it has to say it says itself."""
    children.append(child)
    child.start()
    while child.is_alive:
        time.sleep(POLL)
    children.remove(child)
    if child.exit_code != 0:
        raise Misconfigured(f"{child.title}: не выполнено, запуск остановлен.")


def _work(
    config: Config,
    children: list[Child],
    servers: Sequence[Server],
    environ: Mapping[str, str],
    workshop: Workshop | None = None,
    greeting: Child | None = None,
) -> None:
    """Keep everything running. The `greeting` is said once, when whoever reads it can come in."""
    web, *others = (Child(title, [title], environ) for title in ("serve", "worker", "scheduler"))
    is_forgiving = workshop is not None
    wards = [Ward(charge, is_forgiving=is_forgiving) for charge in (*servers, *children)]
    _begin([web], children, wards, is_forgiving)
    # The first page comes sooner when the others do not compete with it; but they do not depend on it.
    others_wait_until = time.monotonic() + OTHERS_PATIENCE
    live = False
    while True:
        if workshop and (changed := workshop.changed()):
            say(f"изменено: {', '.join(sorted(changed))}")
            for ward in wards:
                ward.restart()
            live = False
        for ward in wards:
            ward.tend(time.monotonic())
        was_live, live = live, web.is_alive and (live or _is_live(config))
        if live and not was_live:
            say(f"работает: {config.url}")
            if greeting:
                _step(children, greeting)
                greeting = None
        if others and (live or time.monotonic() > others_wait_until):
            _begin(others, children, wards, is_forgiving)
            others = []
        time.sleep(POLL)


def _begin(beginners: Sequence[Child], children: list[Child], wards: list[Ward], is_forgiving: bool) -> None:
    for child in beginners:
        children.append(child)
        child.start()
        wards.append(Ward(child, is_forgiving=is_forgiving))


def _stop(children: Sequence[Child]) -> None:
    """The web first, so that nobody waits for an answer that needs the others."""
    web = [child for child in children if child.title == "serve"]
    for group in (web, [child for child in children if child not in web]):
        for child in group:
            child.ask_to_stop()
        deadline = time.monotonic() + STOP_PATIENCE
        for child in group:
            child.wait(max(0.0, deadline - time.monotonic()))


@contextmanager
def _stopped_by_signals(children: Sequence[Child]) -> Iterator[None]:
    """The first signal raises `Stop` where we are; a later Ctrl-C kills the children at once, the servers follow us."""
    received: list[int] = []

    def handle(number: int, _frame: object) -> None:
        received.append(number)
        if len(received) == 1:
            say("останавливается …")
            raise Stop
        if number != signal.SIGINT:
            return
        for child in children:
            child.kill()
        os._exit(128 + number)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_live(config: Config) -> bool:
    try:
        with urllib.request.urlopen(f"{config.url}/health/live", timeout=1) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def say(text: str) -> None:
    print(f"prikus: {text}", file=sys.stderr, flush=True)
