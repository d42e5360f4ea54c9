"""What the shell asks plugins for."""

from __future__ import annotations

from prikus.host.declarations import hookspec
from prikus.ui.descriptors import MenuItem


@hookspec("describe", title="пункты меню")
def menu_items() -> list[MenuItem]:
    """Entries of the left menu and of «Создать», kept per clinic state. Shown to those who hold `right`."""
    raise NotImplementedError
