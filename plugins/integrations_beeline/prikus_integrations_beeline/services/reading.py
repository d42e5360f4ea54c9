"""Events of BroadSoft XSI as the exchange sends them. Names are known by their namespace, never by a prefix."""

from __future__ import annotations

from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from prikus_integrations_beeline.schemas import CallEvent, instant

XSI = "{http://schema.broadsoft.com/xsi}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NOBODY = ("_vxml", "MPBX")
"""Marks of targets that are a menu or a group, not a person."""


class Unreadable(Exception):
    """Not an event: cut off, no XML, or with a document type, which no event has."""


def read(body: bytes) -> CallEvent:
    """Raises `Unreadable`. Events of other kinds than calls come without a call."""
    root = _parsed(body)
    data = root.find(f"{XSI}eventData")
    kind = _type_of(root) if data is None else _type_of(data)
    try:
        call = _call(data) if data is not None else {}
        sequence = int(_text(root, "sequenceNumber") or 0)
    except ValueError as error:
        raise Unreadable(f"a number or a moment is none: {error}") from error
    user, target = _text(root, "userId"), _text(root, "targetId")
    owner = user or target
    return CallEvent(
        event_id=_text(root, "eventID") or "",
        subscription_id=_text(root, "subscriptionId") or "",
        kind=kind,
        sequence=sequence,
        user_id=owner,
        is_menu=any(mark in word for mark in NOBODY for word in (user or "", target or "")),
        **call,
    )


def _parsed(body: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise Unreadable("document type")
    return root


def _call(data: Any) -> dict[str, Any]:
    call = data.find(f"{XSI}call")
    if call is None:
        return {}
    redirections = call.findall(f"{XSI}redirections/{XSI}redirection/{XSI}party")
    return {
        "tracking_id": _text(call, "extTrackingId"),
        "leg_id": _text(call, "callId"),
        "is_incoming": _text(call, "personality") == "Terminator",
        "is_internal": _text(call, "remoteParty", "callType") == "Group",
        "number": _number(_text(call, "remoteParty", "address")),
        "dialled": _number(_text(redirections[-1], "address")) if redirections else None,
        "started_at": _moment(call, "startTime"),
        "answered_at": _moment(call, "answerTime"),
        "released_at": _moment(call, "releaseTime") or _moment(call, "detachedTime"),
    }


def _text(node: Any, *path: str) -> str | None:
    found = node.find("/".join(f"{XSI}{name}" for name in path))
    return (found.text or "").strip() or None if found is not None else None


def _moment(call: Any, name: str) -> Any:
    text = _text(call, name)
    return instant(text) if text else None


def _number(address: str | None) -> str | None:
    """«tel:+79990000001;ext=101» → «+79990000001». Hidden callers have none, or words in its place."""
    number = (address or "").removeprefix("tel:").partition(";")[0]
    return number if any(sign.isdecimal() for sign in number) else None


def _type_of(node: Any) -> str:
    return node.get(TYPE, "").rpartition(":")[2]
