"""A receipt as registers of the ATOL protocol understand it, and what became of it. Money in roubles, exact."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

import msgspec

Kind = Literal["sell", "sell_refund", "sell_correction", "sell_refund_correction"]
Method = Literal[
    "full_prepayment", "prepayment", "advance", "full_payment", "partial_payment", "credit", "credit_payment"
]
Subject = Literal["goods", "work", "service", "payment", "other"]
Measure = Literal["piece", "gram", "kilogram", "hour", "other"]
Vat = Literal[
    "none", "vat0", "vat5", "vat7", "vat10", "vat20", "vat22", "vat105", "vat107", "vat110", "vat120", "vat122"
]
Trouble = Literal["data", "credentials", "busy", "register"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A line. `price` has the discount in it; `total` is price × quantity."""

    name: str
    price: Decimal
    quantity: Decimal
    total: Decimal
    method: Method
    subject: Subject
    vat: Vat = "none"
    measure: Measure = "piece"


class Paid(msgspec.Struct, frozen=True):
    """`prepaid` is the offset of an advance, `credit` a debt that stays."""

    by: Literal["cash", "electronic", "prepaid", "credit", "other"]
    amount: Decimal


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    inn: str | None = None


class Correction(msgspec.Struct, frozen=True):
    """Why: of one's `own` accord or by an `order` of the tax service; day and number of the document."""

    reason: Literal["own", "order"]
    day: dt.date
    number: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`external_id` is our number: the same in every repetition of this attempt. `at` is the register's local time."""

    external_id: str
    kind: Kind
    at: dt.datetime
    items: tuple[Item, ...]
    payments: tuple[Paid, ...]
    buyer: Buyer
    cashier: str | None = None
    correction: Correction | None = None

    @property
    def total(self) -> Decimal:
        return sum((item.total for item in self.items), Decimal(0))


class Seller(msgspec.Struct, frozen=True):
    """Whose receipt it is: sender's e-mail, taxation system, INN, place of settlement."""

    email: str
    taxation: str
    inn: str
    place: str


class Fiscal(msgspec.Struct, frozen=True, kw_only=True):
    """What the register gave. Numbers are texts: they begin with zeros. `at` is the register's local time."""

    fn: str
    document: str
    sign: str
    register: str
    shift: str
    number: str
    at: dt.datetime
    url: str | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a receipt.

    `done` has `fiscal`. `wait`: the provider has it, ask by `uuid`. `refused`: nothing is kept there, the same
    `external_id` may be sent again. `failed`: the attempt is over and nothing was registered, the next one needs a new
    `external_id`. `unknown`: it may be registered; send the same `external_id` again, or ask by `uuid`.
    `trouble` says whom it concerns, `sentence` is for people.
    """

    state: Literal["done", "wait", "refused", "failed", "unknown"]
    uuid: str | None = None
    fiscal: Fiscal | None = None
    trouble: Trouble | None = None
    code: int | None = None
    sentence: str | None = None
