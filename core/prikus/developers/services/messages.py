"""Standard Webhooks: identity, secrets and signatures of what is sent (API-02, standardwebhooks.com)."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable

import msgspec

PREFIX = "whsec_"
PING = "webhook.ping"


class Sending(msgspec.Struct, frozen=True):
    """One attempt at one message: the job of an older round or attempt finds that it comes too late."""

    message_id: int
    round: int
    attempt: int


class Body(msgspec.Struct, frozen=True):
    """What an address hears: the fact's name, when it was true, the fact itself."""

    type: str
    timestamp: dt.datetime
    data: dict[str, object]


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def message_name(clinic_id: int, message_id: int) -> str:
    """`webhook-id`: the same however often it is sent."""
    return f"msg_{clinic_id}_{message_id}"


def signed_headers(name: str, at: dt.datetime, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """Headers with a signature for each secret, so that either may be known there."""
    seconds = int(at.timestamp())
    signed = f"{name}.{seconds}.".encode() + body
    signatures = [hmac.new(base64.b64decode(key.removeprefix(PREFIX)), signed, hashlib.sha256).digest() for key in keys]
    return {
        "content-type": "application/json",
        "user-agent": "Prikus-Webhooks/1",
        "webhook-id": name,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }
