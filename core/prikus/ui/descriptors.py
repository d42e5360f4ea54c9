"""What plugins contribute to pages. `describe` hooks return these; the content is a gated request of its owner."""

from __future__ import annotations

from typing import Literal

import msgspec

Section = Literal["create", "work", "manage", "system"]
"""Groups of the left menu from top to bottom; `create` items stand in «Создать» and open in the side panel."""


class MenuItem(msgspec.Struct, frozen=True):
    """An entry of the left menu or of «Создать». `key` is a `KeyboardEvent.code` such as "KeyN" that opens it."""

    title: str
    icon: str
    href: str
    order: int
    right: str | None = None
    section: Section = "work"
    key: str | None = None


class Tab(msgspec.Struct, frozen=True):
    """A tab of the patient's card. `href` is a format string with `{patient_id}`."""

    id: str
    title: str
    icon: str
    href: str
    order: int
    right: str | None = None


class SlotItem(msgspec.Struct, frozen=True):
    """A box in a slot of somebody else's page, loaded from `href`, a format string with the slot's own fields."""

    id: str
    title: str
    icon: str
    href: str
    order: int
    right: str | None = None


class CardAction(msgspec.Struct, frozen=True):
    """A button in the header of the patient's card. `href` has `{patient_id}`; `panel` opens it at the right."""

    id: str
    title: str
    icon: str
    href: str
    order: int
    right: str | None = None
    panel: bool = True
    primary: bool = False
    key: str | None = None
