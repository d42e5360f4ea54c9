"""Assembly of the web application."""

from __future__ import annotations

import gc
from collections.abc import AsyncGenerator
from pathlib import Path

from litestar import Litestar, Request
from litestar.di import Provide

from prikus.access.actors import RequestInfo
from prikus.access.context import Context, open_unit, outside
from prikus.access.visits import Visits
from prikus.app import health, home, inbound, live, openapi
from prikus.app.door import Door, admitted
from prikus.app.programs import Programs
from prikus.app.refusals import Refusals, handlers, on_fault
from prikus.clinics.state import States
from prikus.config import Config
from prikus.connections.services.inbound import Inbound
from prikus.errors import Denied
from prikus.events.runtime import Runtime
from prikus.failpoints import failpoint
from prikus.host.endings import tell_endings
from prikus.host.rooms import folder_of
from prikus.host.routing import audit, routers
from prikus.host.system import System
from prikus.ui.assets import BUNDLE, Assets
from prikus.ui.environment import Renderer
from prikus.ui.forms import bound_data
from prikus.ui.headers import security_headers
from prikus.ui.parts import BoundedRequest

OPEN_PATHS = (
    "/static/{path:path}",
    "/health/live",
    "/health/ready",
    "/live",
    "/",
    *home.OPEN_PATHS,
    *inbound.OPEN_PATHS,
)


def info_of(request: Request) -> RequestInfo:
    return RequestInfo(request.scope["state"]["request_id"], request.client.host if request.client else None)


async def provide_ctx(request: Request) -> AsyncGenerator[Context, None]:
    """The unit of work of a request: begin, handle, render, commit. An error rolls back."""
    visit = admitted(request)
    runtime: Runtime = request.app.state.runtime
    chosen = request.cookies.get(home.BRANCH_COOKIE, "")
    made: Context | None = None
    try:
        async with (
            runtime.seats.taken(visit.clinic.id),
            open_unit(
                runtime,
                visit.clinic,
                visit.actor,
                visit.rights,
                request=request,
                info=info_of(request),
                branch_id=int(chosen) if chosen.isdecimal() else None,
            ) as made,
        ):
            yield made
        failpoint("before_answer")
    except Denied as refusal:
        if made is not None:
            await note_refusal(made, refusal)
        raise


async def provide_outside(request: Request) -> AsyncGenerator[Context, None]:
    """The context of a handler that waits for the network: no transaction is open."""
    visit = admitted(request)
    runtime = request.app.state.runtime
    made = outside(runtime, visit.clinic, visit.actor, visit.rights, request=request, info=info_of(request))
    try:
        yield made
    except Denied as refusal:
        await note_refusal(made, refusal)
        raise


async def note_refusal(ctx: Context, refusal: Denied) -> None:
    """The audit of a refusal has a short transaction of its own (architecture 3)."""
    async with ctx.unit() as own:
        await own.audit("refused", "request", None, refusal.sentence, after={"path": ctx.request.url.path})


def package_folders(system: System) -> dict[str, Path]:
    return {plugin.id: folder_of(plugin.package) for plugin in system.plugins.values()}


def create_app(config: Config | None = None, system: System | None = None, runtime: Runtime | None = None) -> Litestar:
    """The application of one process. Raises `Misconfigured` with one sentence when something installed is wrong."""
    config = config or Config.load()
    system = system or System.load()
    tell_endings(system)
    runtime = runtime or Runtime(config, system)
    states = States(runtime)
    visits = Visits(runtime, states)
    folders = package_folders(system)
    assets = Assets({"ui": BUNDLE, **{owner: folder / "static" for owner, folder in folders.items()}})
    refusals = Refusals(system, config.support)
    stream = live.LiveStream(runtime, visits)

    async def freeze(_: Litestar) -> None:
        """Long-lived objects leave the collector's sight: p99 49 → 9 ms (performance.md)."""
        gc.collect()
        gc.freeze()

    async def close(_: Litestar) -> None:
        await stream.close()
        await runtime.close()

    app = Litestar(
        route_handlers=[
            assets.handler(),
            health.live,
            health.ready,
            live.live,
            inbound.webhook,
            *home.routes,
            *routers(system, refusals),
        ],
        dependencies={"ctx": Provide(provide_ctx), "outside": Provide(provide_outside)},
        exception_handlers=handlers(refusals),
        before_send=[security_headers],
        on_startup=[stream.start, freeze],
        on_shutdown=[close],
        openapi_config=openapi.described(system),
        signature_types=[Context],
        request_class=BoundedRequest,
        before_request=bound_data,
        logging_config=None,
    )
    app.asgi_handler = Door(visits, Programs(visits, runtime, on_fault), config, on_fault)(app.asgi_handler)
    app.state.update(
        {
            "config": config,
            "runtime": runtime,
            "states": states,
            "visits": visits,
            "versions": health.Versions(system.installed.histories()),
            "stream": stream,
            "inbound": Inbound(runtime, states),
            "renderer": Renderer(assets, folders),
        }
    )
    audit((route for route in app.routes if not route.path.startswith("/schema")), OPEN_PATHS)
    return app
