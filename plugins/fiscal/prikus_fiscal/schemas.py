"""A fiscal receipt as every register understands it, and what became of it. Money in roubles, exact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, Literal

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
PaidBy = Literal["cash", "electronic", "prepaid", "credit", "other"]
Trouble = Literal["data", "credentials", "busy", "register"]
State = Literal["draft", "needs_contact", "queued", "sending", "accepted", "done", "failed", "unknown", "resolved"]
Naming = Literal["price_list", "category", "generic"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A line. `price` has the discount in it; `total` is price × quantity. `line_id` is the invoice's line."""

    name: str
    price: Decimal
    quantity: Decimal
    total: Decimal
    method: Method
    subject: Subject
    vat: Vat = "none"
    measure: Measure = "piece"
    line_id: int | None = None


class Paid(msgspec.Struct, frozen=True):
    """`prepaid` is the offset of an advance, `credit` a debt that stays."""

    by: PaidBy
    amount: Decimal


class Buyer(msgspec.Struct, frozen=True, kw_only=True):
    """`phone` is E.164; registers that take one contact are given the e-mail when there are both."""

    email: str | None = None
    phone: str | None = None
    name: str | None = None
    inn: str | None = None


class Correction(msgspec.Struct, frozen=True):
    """Why: of one's `own` accord or by an `order` of the tax service; day and number of the document."""

    reason: Literal["own", "order"]
    day: dt.date
    number: str


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt says, without the buyer: sum of items = sum of payments."""

    items: tuple[Item, ...]
    payments: tuple[Paid, ...]
    cashier: str | None = None
    correction: Correction | None = None

    @property
    def total(self) -> Decimal:
        return sum((item.total for item in self.items), Decimal(0))


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


class Fiscal(msgspec.Struct, frozen=True, kw_only=True):
    """What the register gave. Numbers are texts: they begin with zeros. `at` is the register's local time.

    `fn` the fiscal drive, `document` its document, `sign` the fiscal sign, `register` the registration number, `number`
    of the receipt in `shift`, `url` the operator's page.
    """

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

    `done` has `fiscal`. `wait`: the provider has it, ask by `uuid`. `refused`: this request left nothing, the same
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


class RegisterProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A service of registers, as its plugin offers it by the hook `register_providers`.

    `kind` is the id of its `ConnectionKind`. Both functions take `ctx` without a transaction (`ctx.is_outside`) and the
    open connection; whatever happens on the way is an `Outcome`.

    - `send(ctx, connection, receipt)` registers it, or learns that it was registered before: the same `external_id`
      never gives two receipts. Raises `Invalid` for what the register cannot take; nothing was sent then.
    - `status(ctx, connection, uuid)` asks what became of what `send` gave the number `uuid`.

    `needs_contact`: a receipt without e-mail or telephone of the buyer waits for one. `most_items` is how many lines
    fit on a receipt.
    """

    kind: str
    send: Callable[[Any, Any, Receipt], Awaitable[Outcome]]
    status: Callable[[Any, Any, str], Awaitable[Outcome]]
    needs_contact: bool = True
    most_items: int = 100


class KnownRegister(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider's plugin tells of a register that it has connected: `kind` and number of the connection.

    `branch_id` None is the only branch of the clinic. `vat` stands on advances and debts. `can_correct`: the register
    is known to take corrections.
    """

    connection_id: int
    kind: str
    name: str
    branch_id: int | None
    taxation: str
    vat: Vat = "none"
    can_correct: bool = False


class RegisterForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the clinic decides about a register beside its connection."""

    naming: Naming = "price_list"
    generic_name: str
    advance_name: str
    debt_name: str
    fallback_email: str = ""
    is_active: bool = False


class RegisterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A register with its pulse. `stuck` receipts need a person; `oldest` is since when the first one waits."""

    id: int
    name: str
    branch_id: int
    branch: str
    legal_entity: str
    taxation: str
    is_active: bool
    is_connected: bool
    stopped: str | None
    succeeded_at: dt.datetime | None
    waiting: int
    stuck: int
    oldest: dt.datetime | None


class ReceiptRow(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt of the list."""

    id: int
    kind: Kind
    state: State
    happened_at: dt.datetime
    branch_id: int
    total: Decimal
    patient_id: int
    patient: str
    register: str | None
    document: str | None
    error: str | None
    is_stuck: bool
    waits_for_sale: bool


class ReceiptPage(msgspec.Struct, frozen=True):
    """A page of the list, newest first, with the cursors of its neighbours."""

    rows: list[ReceiptRow]
    previous: str | None
    next: str | None


class Past(msgspec.Struct, frozen=True):
    """An attempt that definitely failed."""

    external_id: str
    error: str | None
    at: dt.datetime
    uuid: str | None = None


class ReceiptCard(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is shown of one receipt. `obstacle` is why its register sends nothing now, `base_id` the receipt
    that it takes back or gives anew, `qr` the text of its code, `link` the operator's page."""

    id: int
    kind: Kind
    state: State
    happened_at: dt.datetime
    time_zone: str
    total: Decimal
    patient_id: int
    patient: str
    invoice_id: int | None
    register_id: int | None
    register: str | None
    can_correct: bool
    legal_entity: str
    legal_entity_full: str
    inn: str | None
    place: str | None
    content: Content
    buyer: Buyer
    fiscal: Fiscal | None
    external_id: str
    base_id: int | None
    history: tuple[Past, ...]
    error: str | None
    trouble: Trouble | None
    note: str | None
    next_at: dt.datetime | None
    is_stuck: bool
    waits_for_sale: bool
    obstacle: str | None
    is_movable: bool
    qr: str | None
    link: str | None


class NewCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """`note` is the person's reason for the clinic's own records."""

    reason: Literal["own", "order"]
    day: dt.date
    number: str
    note: str


class Corrected(msgspec.Struct, frozen=True):
    """Receipts of a correction, in the order in which their register gets them; `freed` registers have returns that
    waited for what it replaces."""

    receipt_ids: tuple[int, ...]
    register_id: int
    freed: tuple[int, ...] = ()


class RegisterDay(msgspec.Struct, frozen=True):
    """A register's day: how many receipts it printed, money less what went back; `waiting` ones are not printed yet."""

    register: str | None
    printed: int
    cash: Decimal
    cashless: Decimal
    waiting: int
    waiting_amount: Decimal
