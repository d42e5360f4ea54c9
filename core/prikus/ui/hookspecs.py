"""What the shell asks plugins for."""

from __future__ import annotations

from prikus.host.declarations import hookspec
from prikus.ui.descriptors import MenuItem, ShellPart


@hookspec("describe", title="пункты меню")
def menu_items() -> list[MenuItem]:
    """Entries of the left menu and of «Создать». Shown to those who hold `right`."""
    raise NotImplementedError


@hookspec("describe", title="части страницы")
def shell_parts() -> list[ShellPart]:
    """Elements that wait on every page for the live stream. Shown to those who hold `right`."""
    raise NotImplementedError
