"""Words for states of an invoice, with the colour of the status, and for movements of money."""

from __future__ import annotations

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
DEPOSIT_MOVES = {
    "top_up": "Предоплата",
    "payment": "Оплата счёта",
    "withdrawal": "Снятие депозита",
    "refund": "Возврат по счёту",
    "cancellation": "Отмена счёта",
}
DAY_MOVES = {
    "payment": "Оплата счетов",
    "top_up": "Предоплата",
    "refund": "Возврат по счетам",
    "withdrawal": "Снятие депозита",
}
DESK_MOVES = {
    **DEPOSIT_MOVES,
    "put_in": "Внесение",
    "take_out": "Изъятие",
    "handover": "Передача смены",
}
WAYS = {"cash": "наличные", "cashless": "безнал"}
KINDS = (("cash", "Наличные"), ("cashless", "Безнал"))
REFUND_WAYS = (*KINDS, ("deposit", "На депозит"))
CHANGED, DESK_CHANGED = "billing-changed", "desk-changed"
