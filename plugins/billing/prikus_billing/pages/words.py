"""States of an invoice: word and colour of the status."""

STATUSES = {
    "issued": ("Выставлен", "conf"),
    "partly_paid": ("Оплачен частично", "wait"),
    "paid": ("Оплачен", "done"),
    "cancelled": ("Отменён", "canc"),
}
CHANGED = "billing-changed"
