"""The web process: granian around the application."""

import gc
import threading
from functools import cache
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer
from litestar import Litestar

from prikus.app import health
from prikus.app.asgi import create_app
from prikus.app.watchdog import Watchdog
from prikus.config import Config
from prikus.embedded.server import require_free_port

STOP_PATIENCE = 7
"""Seconds for requests under way; a worker that takes longer is killed."""


class LeavingServer(MPServer):
    """Is unready first and stops `drain` seconds later, or at a second signal."""

    drain = 0

    def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
        if not self.drain or health.is_leaving():
            super().signal_handler_interrupt(*args, **kwargs)
            return
        health.leave()
        stop = threading.Timer(self.drain, super().signal_handler_interrupt)
        stop.daemon = True
        stop.start()


def main(config: Config) -> None:
    """Answer requests until SIGTERM or SIGINT."""
    require_free_port(config.host, config.port)
    # Built before the workers fork, and out of the collector's sight: they share its memory, which the collector would
    # copy page by page, and what is wrong with it is said once.
    build()
    gc.collect()
    gc.freeze()
    server = LeavingServer(
        "prikus.app.serve:build",
        factory=True,
        address=config.host,
        port=config.port,
        interface=Interfaces.ASGI,
        workers=config.processes,
        log_level=LogLevels.warning,
        workers_kill_timeout=STOP_PATIENCE,
        # One that the watchdog ended is replaced; the others go on meanwhile.
        respawn_failed_workers=True,
    )
    server.drain = config.drain
    server.serve()


@cache
def build() -> Litestar:
    config = Config.load()
    app = create_app(config)
    watchdog = Watchdog(config.loop_stall, config.loop_limit)
    app.on_startup.append(watchdog.start)
    app.on_shutdown.append(watchdog.stop)
    return app
