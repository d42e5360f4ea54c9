"""Child processes that never outlive their parent."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

Step = Callable[[], None]
"""Runs in the child between fork and exec."""


def spawn(
    argv: Sequence[str], *, death_signal: signal.Signals, first: Step | None = None, **popen: Any
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C reaches only us, which gets `death_signal` when we die.

    Linux ties the child to the thread that forked it: only the main thread may call this.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError(
            "a child process must be started from the main thread: it dies with the thread that starts it"
        )
    parent = os.getpid()

    def before_exec() -> None:
        # A change of user clears the death signal, so that comes first.
        if first is not None:
            first()
        if sys.platform == "linux":
            _call("prctl", _PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:
                os._exit(1)

    return subprocess.Popen[bytes](argv, start_new_session=True, preexec_fn=before_exec, **popen)


def stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals, patience: float) -> bool:
    """Ask the child to stop and wait; after `patience` seconds kill it. True when it went by itself."""
    if process.poll() is None:
        process.send_signal(stop_signal)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


def enter_user_namespace(uid: int = 1000) -> None:
    """Become an ordinary user to the programs we start, while the files stay ours. OSError where it is forbidden."""
    clone_newuser = 0x10000000
    _call("unshare", clone_newuser)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} 0 1")
    _write("/proc/self/gid_map", f"{uid} 0 1")


def _call(function: str, *arguments: int) -> None:
    if getattr(_libc, function)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{function}: {os.strerror(error)}")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)
