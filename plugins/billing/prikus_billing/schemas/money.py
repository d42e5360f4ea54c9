"""What pages, services and other plugins say to each other about invoices and payments, in the clinic's currency."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

import msgspec

from prikus.toolkit import round_money

Status = Literal["issued", "partly_paid", "paid", "partly_refunded", "refunded", "cancelled"]
Kind = Literal["cash", "cashless"]
Way = Literal["cash", "cashless", "deposit"]


class NewLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service to be invoiced. `price` is the price that the person saw; None takes the price list's."""

    service_id: int
    teeth: str | None = None
    quantity: int = 1
    price: Decimal | None = None
    doctor_id: int | None = None
    appointment_id: int | None = None


class NewInvoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish to invoice. Without `branch_id` the branch where the person works now."""

    patient_id: int
    lines: tuple[NewLine, ...]
    note: str | None = None
    branch_id: int | None = None


class Issued(msgspec.Struct, frozen=True):
    """The invoice that was made, also by a second press of the same button."""

    invoice_id: int
    number: str
    total: Decimal


class PaymentSums(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Money split over the ways of paying, `deposit` being what the patient has already given.

    What is above the invoice is refused unless `rest_to_deposit` says where it goes.
    """

    cash: Decimal = Decimal(0)
    cashless: Decimal = Decimal(0)
    deposit: Decimal = Decimal(0)
    rest_to_deposit: bool = False


class NewPayment(PaymentSums, frozen=True, kw_only=True):
    """Money for one invoice."""

    invoice_id: int


class Paid(msgspec.Struct, frozen=True):
    """What was taken for the invoice, what is left of it, and what was put on the deposit besides."""

    invoice_id: int
    patient_id: int
    amount: Decimal
    due: Decimal
    to_deposit: Decimal = Decimal(0)


class OneWay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sum in one way of paying; of a withdrawal it is the whole deposit as the person saw it."""

    kind: Kind
    amount: Decimal


class Prepayment(OneWay, frozen=True, kw_only=True):
    """Money for a patient's deposit (PAT-14)."""

    patient_id: int


class Withdrawal(OneWay, frozen=True, kw_only=True):
    """A wish to give the whole deposit back (PAT-15)."""

    patient_id: int


class DepositMoved(msgspec.Struct, frozen=True):
    """A movement of the deposit and what it is afterwards."""

    transaction_id: int
    amount: Decimal
    balance: Decimal


class Cancellation(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to cancel an invoice (PAY-06)."""

    invoice_id: int
    reason: str


class RefundLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many services of a line, which is named by its place in the invoice, are returned."""

    position: int
    quantity: int


class Refund(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Services of a paid invoice that are returned, the money going back in one `way`."""

    lines: tuple[RefundLine, ...]
    way: Way
    reason: str


class NewRefund(Refund, frozen=True, kw_only=True):
    """A wish to return services of an invoice."""

    invoice_id: int


class Reversed(msgspec.Struct, frozen=True):
    """A cancellation or a refund that was made; `amount` went back to the patient or to the deposit."""

    transaction_id: int
    invoice_id: int
    patient_id: int
    amount: Decimal


class ReturnableLine(msgspec.Struct, frozen=True):
    """A line of an invoice with what is not returned yet. `net_amount` is that of the whole `sold` quantity."""

    id: int
    position: int
    name: str
    teeth: str | None
    sold: int
    net_amount: Decimal
    returned: int
    returned_amount: Decimal

    @property
    def left(self) -> int:
        return self.sold - self.returned

    def amount_of(self, quantity: int) -> Decimal:
        """What so many cost, to the kopeck: all of them together are exactly what was paid."""
        gone = self.returned + quantity
        return round_money(self.net_amount * gone / self.sold) - self.returned_amount


class DepositRow(msgspec.Struct, frozen=True):
    """A movement of the deposit: `amount` is positive when the deposit grew, `ways` are those of the money."""

    transaction_id: int
    kind: str
    happened_at: dt.datetime
    amount: Decimal
    ways: list[str]
    invoice_id: int | None
    number: str | None
    by: str


class PricedLine(msgspec.Struct, frozen=True):
    """A line at its final amount, on its way into the database."""

    service_id: int
    service_code: str | None
    service_name: str
    teeth: str | None
    quantity: int
    price: Decimal
    net_amount: Decimal
    doctor_id: int | None
    appointment_id: int | None


class InvoiceRow(msgspec.Struct, frozen=True):
    """An invoice of the list; `services` are the names of its lines in their order."""

    id: int
    number: str
    issued_at: dt.datetime
    business_date: dt.date
    status: Status
    total: Decimal
    paid: Decimal
    services: list[str]

    @property
    def due(self) -> Decimal:
        return self.total - self.paid


class InvoicePage(msgspec.Struct, frozen=True):
    """A page of the list, newest first, with the cursors of its neighbours."""

    rows: list[InvoiceRow]
    previous: str | None
    next: str | None


class LineRow(msgspec.Struct, frozen=True):
    """A line of an invoice as it is shown."""

    name: str
    code: str | None
    teeth: str | None
    quantity: int
    price: Decimal
    net_amount: Decimal
    doctor: str


class PaymentRow(msgspec.Struct, frozen=True):
    """A movement that changed what is paid of an invoice, in one way; negative when it was given back."""

    transaction_id: int
    kind: str
    paid_at: dt.datetime
    account: str
    amount: Decimal
    by: str


class ReversalRow(msgspec.Struct, frozen=True):
    """Who cancelled an invoice or refunded its services, when and why; `refunded` names them, «Анестезия × 2»."""

    kind: Literal["refund", "cancellation"]
    happened_at: dt.datetime
    reason: str | None
    refunded: list[str]
    by: str


class InvoiceCard(msgspec.Struct, frozen=True):
    """Everything that is shown of one invoice. `time_zone` is the branch's."""

    id: int
    patient_id: int
    patient: str
    card_number: int
    birth_date: dt.date | None
    number: str
    issued_at: dt.datetime
    time_zone: str
    status: Status
    total: Decimal
    paid: Decimal
    note: str | None
    branch: str
    branch_address: str | None
    legal_entity: str
    legal_entity_full: str
    inn: str | None
    kpp: str | None
    address: str | None
    phone: str | None
    licence: str | None
    issued_by: str
    lines: list[LineRow]
    payments: list[PaymentRow]
    reversals: list[ReversalRow]

    @property
    def due(self) -> Decimal:
        return self.total - self.paid


class Proposal(msgspec.Struct, frozen=True):
    """The doctor proposed for the lines of a new invoice, and the appointment that says so."""

    doctor_id: int | None = None
    appointment_id: int | None = None


class SettledLine(msgspec.Struct, frozen=True, kw_only=True):
    """A service that a movement of money is about, at its final amount."""

    line_id: int
    service_id: int
    name: str
    quantity: int
    price: Decimal
    net_amount: Decimal


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """One movement of a patient's money, as a cash register must tell it. Sums in the clinic's currency.

    `cash` and `cashless` are the money that moved, positive also when it was given back. `deposit` is the offset taken
    from the deposit by a payment, or returned to it by a refund. `total` is the invoice's (0 without one),
    `paid_before` what was paid of it before this movement, `due` what is left after it. `lines` are the invoice's, of a
    refund the refunded ones. `reverses` is the payment whose money a refund returns. A cancelled invoice is a refund to
    the deposit of all that is not refunded yet, with nothing moved when nothing was paid.
    """

    transaction_id: int
    kind: Literal["payment", "refund", "top_up", "withdrawal"]
    patient_id: int
    legal_entity_id: int
    branch_id: int
    invoice_id: int | None
    number: str | None
    cash: Decimal
    cashless: Decimal
    deposit: Decimal
    total: Decimal
    paid_before: Decimal
    due: Decimal
    lines: tuple[SettledLine, ...]
    reverses: int | None
    staff_id: int | None
    cashier: str
    happened_at: dt.datetime
    business_date: dt.date
