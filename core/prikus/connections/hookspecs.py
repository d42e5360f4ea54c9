"""What «API Интеграции» asks plugins for."""

from __future__ import annotations

from prikus.connections.kinds import ConnectionKind
from prikus.host.declarations import hookspec


@hookspec("describe")
def connection_kinds() -> list[ConnectionKind]:
    """Services that a clinic can connect (SET-06). The list of «Выбрать интеграцию» is made of them."""
    raise NotImplementedError
