"""The facts that billing announces."""

from __future__ import annotations

from decimal import Decimal

from prikus.toolkit import FeedLine, PatientFact, money


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
    """Money was taken for an invoice (PAY-05). `by_kind` are the sums by kind of method; `due` is what is left."""

    name = "payment.received"
    invoice_id: int
    number: str
    payment_ids: tuple[int, ...]
    amount: Decimal
    by_kind: dict[str, Decimal]
    due: Decimal
    currency: str

    def feed_line(self) -> FeedLine:
        left = f"остаток {money(self.due, self.currency)}" if self.due else "счёт оплачен полностью"
        return FeedLine(
            f"Оплата по счёту № {self.number}",
            f"{money(self.amount, self.currency)}, {left}",
            f"/billing/invoices/{self.invoice_id}",
            "wallet",
        )
