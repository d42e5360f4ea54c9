"""The connections that analyse images."""

from __future__ import annotations

from prikus.toolkit import WORKS, Context, known_connections
from prikus_imaging.schemas import ImageProvider, ServiceInfo


def providers(ctx: Context) -> dict[str, ImageProvider]:
    """Services of effective plugins, by kind of connection."""
    return {provider.kind: provider for provider in ctx.describe("image_providers")}


class Services:
    """Connections that are there to be asked, also those whose service does not answer just now."""

    def __init__(self, found: list[tuple[ServiceInfo, ImageProvider]]) -> None:
        self.infos = [info for info, _ in found]
        self._providers = {info.connection_id: provider for info, provider in found}

    def __contains__(self, connection_id: object) -> bool:
        return connection_id in self._providers

    def of(self, kind: str, media_type: str) -> list[int]:
        """Connections that take such an image."""
        return [id for id, one in self._providers.items() if one.accepts(kind, media_type)]  # type: ignore[arg-type]

    def name(self, connection_id: int) -> str:
        return self._providers[connection_id].title


async def services(ctx: Context) -> Services:
    """One statement; none while no plugin offers a service."""
    known = providers(ctx)
    if not known:
        return Services([])
    works = [one for one in await known_connections(ctx) if one.kind in known and one.state in WORKS]
    return Services([(ServiceInfo(one.id, one.title, known[one.kind].title), known[one.kind]) for one in works])


async def offered(ctx: Context) -> list[ServiceInfo]:
    """Services that can be chosen for an analysis."""
    ctx.require("imaging.image.view")
    return (await services(ctx)).infos
