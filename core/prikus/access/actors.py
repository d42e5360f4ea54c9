"""Who acts, and what is kept of where it came from."""

from __future__ import annotations

import msgspec

from prikus.host.manifest import Plugin


class Actor(msgspec.Struct, frozen=True):
    """Who acts: `staff` with the member's id, `api_key` with the key's, `plugin:<id>`, `system`.

    `name` is «Фамилия И. О.» or the name of the key.
    """

    kind: str
    id: int | None = None
    name: str = "Система"
    title: str = ""


SYSTEM = Actor("system")


def acting_plugin(plugin: Plugin) -> tuple[Actor, frozenset[str]]:
    """A plugin as the actor of its own work, with the rights that it declares in `acts`."""
    return Actor(f"plugin:{plugin.id}", None, plugin.title), frozenset(plugin.acts)


class RequestInfo(msgspec.Struct, frozen=True):
    """What the audit keeps of a request."""

    id: str | None = None
    address: str | None = None


NO_REQUEST = RequestInfo()
