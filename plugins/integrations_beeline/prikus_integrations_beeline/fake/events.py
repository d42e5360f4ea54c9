"""Events as the exchange sends them: BroadSoft XSI, with the exact namespaces and the unusual prefixes."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

XSI = "http://schema.broadsoft.com/xsi"
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"
USUAL, SWAPPED = ("xsi", "xsi1"), ("ns2", "xsi")
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "'
    + "&lol;" * 10
    + '"><!ENTITY lol3 "'
    + "&lol2;" * 10
    + '">]><xsi:Event xmlns:xsi="http://schema.broadsoft.com/xsi">'
    "<xsi:eventID>&lol3;</xsi:eventID></xsi:Event>"
)


class Leg(msgspec.Struct, kw_only=True):
    """Half a call at one telephone. Moments are milliseconds since 1970."""

    user_id: str
    call_id: str
    personality: str = "Terminator"
    remote: str | None = None
    call_type: str = "Network"
    redirected_from: str | None = None
    answered_by_person: bool = True
    start: int = 0
    answer: int | None = None
    release: int | None = None


def call_event(
    kind: str, leg: Leg, tracking_id: str, subscription_id: str, sequence: int, *, is_swapped: bool = False
) -> tuple[str, bytes]:
    """Number and text of one event."""
    event_id = str(uuid.uuid4())
    root = _root(event_id, "SubscriptionEvent", subscription_id, sequence, leg.user_id, is_swapped)
    data = etree.SubElement(root, _x("eventData"))
    data.set(f"{{{SCHEMA}}}type", f"{root.prefix}:{kind}")
    call = etree.SubElement(data, _x("call"))
    for name, value in _facts(leg, tracking_id):
        etree.SubElement(call, _x(name)).text = value
    _parties(call, leg)
    for name, moment in (("startTime", leg.start), ("answerTime", leg.answer), ("releaseTime", leg.release)):
        if moment is not None and (name != "releaseTime" or kind == "CallReleasedEvent"):
            etree.SubElement(call, _x(name)).text = str(moment)
    if kind == "CallReleasedEvent":
        etree.SubElement(call, _x("releasingParty")).text = "remoteRelease"
        if leg.answer is None:
            cause = etree.SubElement(call, _x("releaseCause"))
            etree.SubElement(cause, _x("internalReleaseCause")).text = "Temporarily Unavailable"
    return event_id, _text(root)


def bare_event(kind: str, subscription_id: str, sequence: int, *, user_id: str = "") -> tuple[str, bytes]:
    """An event without a call, such as of a hook; `SubscriptionTerminatedEvent` is the type of the root."""
    event_id = str(uuid.uuid4())
    is_end = kind == "SubscriptionTerminatedEvent"
    outer = kind if is_end else "SubscriptionEvent"
    root = _root(event_id, outer, subscription_id, sequence, user_id, is_swapped=False)
    if not is_end:
        data = etree.SubElement(root, _x("eventData"))
        data.set(f"{{{SCHEMA}}}type", f"xsi:{kind}")
        etree.SubElement(data, _x("hookStatus")).text = "Off-Hook"
    return event_id, _text(root)


def _root(event_id: str, kind: str, subscription_id: str, sequence: int, user_id: str, is_swapped: bool) -> Any:
    own, schema = SWAPPED if is_swapped else USUAL
    root = etree.Element(_x("Event"), nsmap={own: XSI, schema: SCHEMA})
    root.set(f"{{{SCHEMA}}}type", f"{own}:{kind}")
    for name, value in (
        ("eventID", event_id),
        ("sequenceNumber", str(sequence)),
        ("userId", user_id),
        ("externalApplicationId", "app-1"),
        ("subscriptionId", subscription_id),
        ("targetId", user_id),
    ):
        etree.SubElement(root, _x(name)).text = value
    return root


def _facts(leg: Leg, tracking_id: str) -> list[tuple[str, str]]:
    state = "Released" if leg.release else "Active" if leg.answer else "Alerting"
    return [
        ("callId", leg.call_id),
        ("extTrackingId", tracking_id),
        ("personality", leg.personality),
        ("state", state),
    ]


def _parties(call: Any, leg: Leg) -> None:
    remote = etree.SubElement(call, _x("remoteParty"))
    if leg.remote is None:
        etree.SubElement(remote, _x("privacy"))
    else:
        address = etree.SubElement(remote, _x("address"), countryCode="7")
        address.text = f"tel:{leg.remote}"
    etree.SubElement(remote, _x("callType")).text = leg.call_type
    if leg.redirected_from:
        redirections = etree.SubElement(call, _x("redirections"))
        party = etree.SubElement(etree.SubElement(redirections, _x("redirection")), _x("party"))
        etree.SubElement(party, _x("address"), countryCode="7").text = f"tel:{leg.redirected_from}"


def _x(name: str) -> str:
    return f"{{{XSI}}}{name}"


def _text(root: Any) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
