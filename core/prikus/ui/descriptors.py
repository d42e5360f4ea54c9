"""What plugins contribute to pages. `describe` hooks return these; the content is a gated request of its owner."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Literal, get_type_hints

import msgspec

Section = Literal["create", "work", "manage", "system"]
"""Groups of the left menu from top to bottom; `create` items stand in «Создать» and open in the side panel."""

PLACE = "{patient_id}"


class Descriptor(msgspec.Struct, frozen=True):
    """Base of what `describe` hooks return. A wrong one fails where it is made, in its plugin, and not in the page.

    `places` are what the page that asks can fill into `href`; a slot with others is a class of its own.
    """

    places: ClassVar[tuple[str, ...]] = (PLACE,)

    def __post_init__(self) -> None:
        for name, hint in _hints(type(self)).items():
            try:
                msgspec.convert(getattr(self, name), hint)
            except msgspec.ValidationError as error:
                raise TypeError(f"{type(self).__name__}.{name}: {error}") from None
        href = getattr(self, "href", None)
        if href is not None:
            check_address(href, self.places)


@cache
def _hints(descriptor: type[Descriptor]) -> dict[str, Any]:
    hints = get_type_hints(descriptor)
    return {field: hints[field] for field in descriptor.__struct_fields__}


def check_address(href: str, places: Sequence[str] = (PLACE,)) -> None:
    """Raise ValueError unless it is a path of ours whose only places to be filled in are `places`."""
    if not href.startswith("/") or href.startswith("//") or "\\" in href:
        raise ValueError(f"{href!r} is not a path of ours")
    bare = href
    for place in places:
        bare = bare.replace(place, "")
    if {"{", "}"} & set(bare):
        raise ValueError(f"{href!r} has a place that the page cannot fill in: only {', '.join(places)} is known")


class MenuItem(Descriptor, frozen=True):
    """An entry of the left menu or of «Создать». `key` is a `KeyboardEvent.code` such as "KeyN" that opens it.

    `short` is the title on a phone's bar, where about ten letters have room; without it the whole one.
    """

    title: str
    icon: str
    href: str
    order: int
    right: str | None = None
    section: Section = "work"
    key: str | None = None
    short: str | None = None


class Tab(Descriptor, frozen=True):
    """A tab of the patient's card. `href` is a format string with `{patient_id}`."""

    id: str
    title: str
    icon: str
    href: str
    order: int
    right: str | None = None


class SlotItem(Descriptor, frozen=True):
    """A box in a slot of somebody else's page, loaded from `href`, a format string with the slot's own fields."""

    id: str
    title: str
    icon: str
    href: str
    order: int
    right: str | None = None


class CardAction(Descriptor, frozen=True):
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


class ShellPart(Descriptor, frozen=True):
    """An element that stands on every page of the shell and waits for the live stream, such as a ringing call.

    `element` is the custom element's tag `p-<plugin>-…`, `module` the script that defines it (`telephony/x.js`). It
    draws nothing and asks for nothing until there is something to show.
    """

    element: str
    module: str
    right: str | None = None
