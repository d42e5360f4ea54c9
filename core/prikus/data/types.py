"""Column types. Money and quantities refuse floats and unrounded values (reliability 6)."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Numeric, TypeDecorator
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

CENT = Decimal("0.01")


def round_money(amount: Decimal) -> Decimal:
    """Half-up to the minor unit of the clinic's currency."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


class Exact(TypeDecorator[Decimal]):
    """`numeric` that accepts only Decimal or int and only values that it can store without rounding."""

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.step = Decimal(1).scaleb(-scale)

    def process_bind_param(self, value: Any, dialect: object) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise TypeError(f"{value!r}: a Decimal is needed here, not {type(value).__name__}")
        exact = Decimal(value)
        if not exact.is_finite() or exact != exact.quantize(self.step):
            raise ValueError(f"{value} has more digits than can be stored: round it first")
        return exact


class Money(Exact):
    """An amount in the clinic's currency, numeric(14,2)."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(14, 2)


class Quantity(Exact):
    """A quantity in the unit of its thing, numeric(18,6)."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(18, 6)


class UnitCost(Quantity):
    """Cost of one unit in the clinic's currency, numeric(18,6)."""

    cache_ok = True


class Instant(TypeDecorator[dt.datetime]):
    """`timestamptz`; a datetime without a zone is refused. Values come back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: object) -> dt.datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value


class XID8(UserDefinedType[int]):
    """PostgreSQL's transaction id, for `changed_since`."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"

    def bind_processor(self, dialect: object) -> Any:
        return None


ischema_names["xid8"] = XID8


def one_of(column: str, *values: str) -> CheckConstraint:
    """`text` limited to the given words; native enums cannot use an index under forced policies."""
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({words})", name=f"{column}_known")
