"""What billing contributes to the patient's card."""

from __future__ import annotations

from prikus.toolkit import CardAction, FeedKind, SlotItem, Tab, hookimpl


@hookimpl
def patient_tabs() -> list[Tab]:
    return [Tab("billing", "Платежи", "receipt", "/billing/patients/{patient_id}", 50, "billing.invoice.view")]


@hookimpl
def card_actions() -> list[CardAction]:
    return [
        CardAction(
            "invoice", "Счёт", "receipt", "/billing/patients/{patient_id}/invoices/new", 20, "billing.invoice.issue"
        )
    ]


@hookimpl
def card_figures() -> list[SlotItem]:
    return [SlotItem("debt", "Долг", "wallet", "/billing/patients/{patient_id}/debt", 20, "billing.invoice.view")]


@hookimpl
def feed_kinds() -> list[FeedKind]:
    return [FeedKind("money", "Счета и оплаты", ("invoice", "payment"))]
