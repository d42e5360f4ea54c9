"""States and kinds in words and colours."""

from __future__ import annotations

STATES = {
    "draft": ("Нет кассы", "miss"),
    "needs_contact": ("Нет контакта", "miss"),
    "queued": ("В очереди", "wait"),
    "sending": ("Отправляется", "now"),
    "accepted": ("Касса печатает", "now"),
    "done": ("Пробит", "done"),
    "failed": ("Не пробит", "miss"),
    "unknown": ("Выясняется", "wait"),
    "resolved": ("Закрыт вручную", "canc"),
}
KINDS = {
    "sell": "Приход",
    "sell_refund": "Возврат прихода",
    "sell_correction": "Коррекция прихода",
    "sell_refund_correction": "Коррекция возврата",
}
METHODS = {
    "full_prepayment": "предоплата 100 %",
    "prepayment": "предоплата",
    "advance": "аванс",
    "full_payment": "полный расчёт",
    "partial_payment": "частичный расчёт и кредит",
    "credit": "передача в кредит",
    "credit_payment": "оплата кредита",
}
PAID = {
    "cash": "Наличными",
    "electronic": "Безналичными",
    "prepaid": "Зачёт аванса",
    "credit": "В кредит",
    "other": "Иное",
}
TAXATIONS = {
    "osn": "ОСН",
    "usn_income": "УСН «доходы»",
    "usn_income_outcome": "УСН «доходы минус расходы»",
    "patent": "Патент",
    "esn": "ЕСХН",
}
NAMINGS = (
    ("price_list", "Как в прайс-листе"),
    ("category", "Названием категории"),
    ("generic", "Одним общим названием"),
)
REASONS = (("own", "Самостоятельно"), ("order", "По предписанию налоговой"))


def vat(rate: str) -> str:
    return "без НДС" if rate == "none" else f"НДС {rate.removeprefix('vat')} %"


WORDS = {
    "states": STATES,
    "kinds": KINDS,
    "methods": METHODS,
    "paid": PAID,
    "vat": vat,
    "taxations": TAXATIONS,
}
