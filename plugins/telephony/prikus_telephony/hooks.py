"""What telephony contributes to pages of others."""

from __future__ import annotations

from prikus.toolkit import CardAction, FeedKind, MenuItem, ShellPart, hookimpl


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Звонки", "phone-call", "/telephony/calls", 35, right="telephony.call.view")]


@hookimpl
def shell_parts() -> list[ShellPart]:
    return [ShellPart("p-telephony-incoming", "telephony/incoming.js", right="telephony.call.make")]


@hookimpl
def card_actions() -> list[CardAction]:
    href = "/telephony/patients/{patient_id}/call"
    return [CardAction("call", "Позвонить", "phone", href, 30, right="telephony.call.make")]


@hookimpl
def feed_kinds() -> list[FeedKind]:
    return [FeedKind("calls", "Звонки", ("patient_call",))]
