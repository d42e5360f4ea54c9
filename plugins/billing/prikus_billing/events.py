"""The facts that billing announces."""

from __future__ import annotations

from decimal import Decimal

from prikus.toolkit import Event, FeedLine, PatientFact, money


class InvoiceIssued(PatientFact, frozen=True, kw_only=True):
    """An invoice was issued: its services count as rendered (PAY-04). `total` in `currency`."""

    name = "invoice.issued"
    invoice_id: int
    number: str
    total: Decimal
    currency: str

    def feed_line(self) -> FeedLine:
        return FeedLine(
            f"Счёт № {self.number} выставлен",
            money(self.total, self.currency),
            f"/billing/invoices/{self.invoice_id}",
            "receipt",
        )


class PaymentReceived(PatientFact, frozen=True, kw_only=True):
    """An invoice was paid (PAY-05). `by_kind` are the sums by "cash", "cashless" and "deposit"; `due` is what is left.

    `transaction_id` is the movement in the ledger, as `settlement_of` tells it; None in facts older than the field.
    """

    name = "payment.received"
    invoice_id: int
    number: str
    payment_ids: tuple[int, ...]
    amount: Decimal
    by_kind: dict[str, Decimal]
    due: Decimal
    currency: str
    transaction_id: int | None = None

    def feed_line(self) -> FeedLine:
        left = f"остаток {money(self.due, self.currency)}" if self.due else "счёт оплачен полностью"
        return FeedLine(
            f"Оплата по счёту № {self.number}",
            f"{money(self.amount, self.currency)}, {left}",
            f"/billing/invoices/{self.invoice_id}",
            "wallet",
        )


class PaymentRefunded(PatientFact, frozen=True, kw_only=True):
    """Services of a paid invoice were returned: `amount` went back, by "cash", "cashless" and "deposit"."""

    name = "payment.refunded"
    transaction_id: int
    invoice_id: int
    number: str
    payment_ids: tuple[int, ...]
    amount: Decimal
    by_kind: dict[str, Decimal]
    reason: str
    currency: str

    def feed_line(self) -> FeedLine:
        whither = " на депозит" if "deposit" in self.by_kind else ""
        return FeedLine(
            f"Возврат{whither} по счёту № {self.number}",
            f"{money(self.amount, self.currency)}. {self.reason}",
            f"/billing/invoices/{self.invoice_id}",
            "arrow-back-up",
        )


class InvoiceCancelled(PatientFact, frozen=True, kw_only=True):
    """An invoice was cancelled (PAY-06): its services no longer count; `to_deposit` is what was paid and is kept."""

    name = "invoice.cancelled"
    transaction_id: int
    invoice_id: int
    number: str
    total: Decimal
    to_deposit: Decimal
    reason: str
    currency: str

    def feed_line(self) -> FeedLine:
        kept = f" {money(self.to_deposit, self.currency)} на депозите." if self.to_deposit else ""
        return FeedLine(
            f"Счёт № {self.number} отменён",
            f"{money(self.total, self.currency)}.{kept} {self.reason}",
            f"/billing/invoices/{self.invoice_id}",
            "receipt-off",
        )


class DepositToppedUp(PatientFact, frozen=True, kw_only=True):
    """A prepayment was taken (PAT-14), or what was paid above an invoice. `balance` is the deposit afterwards."""

    name = "deposit.topped_up"
    transaction_id: int
    payment_ids: tuple[int, ...]
    amount: Decimal
    by_kind: dict[str, Decimal]
    balance: Decimal
    currency: str

    def feed_line(self) -> FeedLine:
        return FeedLine(
            "Пополнен депозит",
            f"{money(self.amount, self.currency)}, стало {money(self.balance, self.currency)}",
            f"/patients/{self.patient_id}?tab=billing",
            "pig-money",
        )


class DepositWithdrawn(PatientFact, frozen=True, kw_only=True):
    """The whole deposit was given back (PAT-15)."""

    name = "deposit.withdrawn"
    transaction_id: int
    payment_ids: tuple[int, ...]
    amount: Decimal
    by_kind: dict[str, Decimal]
    currency: str

    def feed_line(self) -> FeedLine:
        return FeedLine(
            "Депозит снят",
            money(self.amount, self.currency),
            f"/patients/{self.patient_id}?tab=billing",
            "pig-money",
        )


class ShiftOpened(Event, frozen=True, kw_only=True):
    """A shift of the cash desk was opened with `opening` counted in the drawer (BILL-01)."""

    name = "cash_shift.opened"
    shift_id: int
    branch_id: int
    legal_entity_id: int
    number: int
    opening: Decimal


class ShiftClosed(Event, frozen=True, kw_only=True):
    """A shift was closed: `counted` lay in the drawer where the books say `expected` (BILL-01)."""

    name = "cash_shift.closed"
    shift_id: int
    branch_id: int
    legal_entity_id: int
    number: int
    expected: Decimal
    counted: Decimal
