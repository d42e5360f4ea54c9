"""Words for states of an invoice, with the colour of the status, and for movements of money."""

STATUSES = {
    "issued": ("Выставлен", "conf"),
    "partly_paid": ("Оплачен частично", "wait"),
    "paid": ("Оплачен", "done"),
    "partly_refunded": ("Возвращён частично", "wait"),
    "refunded": ("Возвращён", "canc"),
    "cancelled": ("Отменён", "canc"),
}
MOVEMENTS = {
    ("payment", "cash"): ("Оплачено", "наличные"),
    ("payment", "cashless"): ("Оплачено", "безнал"),
    ("payment", "deposit"): ("Оплачено", "с депозита"),
    ("refund", "cash"): ("Возвращено", "наличные"),
    ("refund", "cashless"): ("Возвращено", "безнал"),
    ("refund", "deposit"): ("Возвращено", "на депозит"),
    ("cancellation", "deposit"): ("Отмена счёта", "на депозит"),
}
CHANGED = "billing-changed"
