"""What fiscal contributes to pages of others."""

from __future__ import annotations

from prikus.toolkit import MenuItem, hookimpl
from prikus_billing.public import MovementSlot


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Чеки", "receipt-2", "/fiscal/receipts", 45, right="fiscal.receipt.view")]


@hookimpl
def movement_states() -> list[MovementSlot]:
    href = "/fiscal/movements/{transaction_id}/state"
    return [MovementSlot("receipt", "Чек", "receipt-2", href, 10, "fiscal.receipt.view", live="fiscal.receipts")]
