"""What the trash asks the owners of deleted things for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from prikus.host.declarations import hookspec


class TrashSection(msgspec.Struct, frozen=True):
    """A kind of object that can be deleted and restored (TRASH-01).

    `model` is a `TenantModel` with `SoftDeleted`; `name` and `note` are SQL expressions over it, read for every row.
    `right` is needed to see the section and to restore from it. The trash itself takes the deletion mark off and
    restores deleted parents, which it finds by the model's obligatory references; `restore(ctx, entity)` is the
    owner's part, called in the same transaction: refuse with a `Problem`, emit an event. `taken` is said when
    a living object occupies the unique name.
    """

    id: str
    title: str
    model: type[Any]
    name: Any
    right: str
    order: int
    note: Any = None
    restore: Callable[[Any, Any], Awaitable[None]] | None = None
    taken: str = "Такое название уже носит другая запись. Переименуйте её и восстановите снова."


@hookspec("describe", title="разделы корзины")
def trash_sections() -> list[TrashSection]:
    """Sections of «Корзина». Shown to those who hold `right`."""
    raise NotImplementedError
