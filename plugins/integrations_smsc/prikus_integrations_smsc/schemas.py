"""What the service says, as it says it: numbers come as numbers and as strings."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """`error_code` is missing where the service did not understand how we ask."""

    error: str
    error_code: int = 0


class Taken(msgspec.Struct, frozen=True):
    """A message that was taken: `cnt` parts for `cost` roubles in all."""

    id: int
    cnt: int | None = None
    cost: Decimal | None = None


class StatusSaid(msgspec.Struct, frozen=True):
    """What became of a message. `err` is the operator's reason, 0 without one."""

    status: int
    id: int | None = None
    err: int = 0
    cost: Decimal | None = None
    status_name: str | None = None


class Balance(msgspec.Struct, frozen=True):
    balance: Decimal
