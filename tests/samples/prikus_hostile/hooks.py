from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from prikus.toolkit import CardAction, Context, FeedKind, MenuItem, SlotItem, Tab, TrashSection, hookimpl
from prikus_hostile.moods import SCRIPT, moods


def _behave(hook: str, item: Any, href: str) -> Any:
    """What a `describe` hook answers in its mood. `item` makes one from title, icon and address."""
    match moods.get(hook):
        case "raise":
            raise RuntimeError("no description today")
        case "type":
            return [SCRIPT]
        case "nothing":
            return None
        case "address":
            return [item("Вредный", "puzzle", "javascript:alert(1)")]
        case "place":
            return [item("Вредный", "puzzle", href + "{patient_id.__class__}")]
        case "field":
            return [item(None, "puzzle", href)]
        case "icon":
            return [item("Вредный", "no-such-icon", href)]
    return [item(SCRIPT, "puzzle", href)]


@hookimpl
def menu_items() -> list[MenuItem]:
    return _behave("menu_items", lambda title, icon, href: MenuItem(title, icon, href, 900), "/hostile/page")


@hookimpl
def patient_tabs() -> list[Tab]:
    return _behave("patient_tabs", lambda *shown: Tab("hostile", *shown, 900), "/hostile/box/{patient_id}")


@hookimpl
def card_actions() -> list[CardAction]:
    return _behave("card_actions", lambda *shown: CardAction("hostile", *shown, 900), "/hostile/box/{patient_id}")


@hookimpl
def card_boxes() -> list[SlotItem]:
    return _behave("card_boxes", lambda *shown: SlotItem("hostile", *shown, 900), "/hostile/box/{patient_id}")


@hookimpl
def card_figures() -> list[SlotItem]:
    return _behave("card_figures", lambda *shown: SlotItem("hostile", *shown, 900), "/hostile/box/{patient_id}")


@hookimpl
def feed_kinds() -> list[FeedKind]:
    return _behave("feed_kinds", lambda title, icon, href: FeedKind("hostile", title, ("hostile",)), "/")


@hookimpl
def trash_sections() -> list[TrashSection]:
    return [] if "trash_sections" not in moods else _behave("trash_sections", TrashSection, "/")


@hookimpl
async def billing_may_invoice(ctx: Context, patient_id: int, service_ids: Sequence[int]) -> str | None:
    match moods.get("billing_may_invoice"):
        case "raise":
            raise RuntimeError("no opinion today")
        case "hang":
            await asyncio.Event().wait()
        case "query":
            await ctx.db.execute(text("select pg_sleep(60)"))
        case "swallow":
            try:
                await ctx.db.execute(text("select 1 / 0"))
            except Exception:
                return None
        case "commit":
            await ctx.db.execute(text("commit"))
    return None


@hookimpl
async def propose_doctor(ctx: Context, patient_id: int) -> tuple[int, int | None] | None:
    if moods.get("propose_doctor") == "raise":
        raise RuntimeError("no doctor today")
    return None
