"""States and kinds in words and colours."""

from __future__ import annotations

from prikus_fiscal.schemas import ReceiptCard, ReceiptRow

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
WAITS_FOR_SALE = ("Ждёт чека прихода", "wait")
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


def state_of(receipt: ReceiptRow | ReceiptCard) -> tuple[str, str]:
    """Its state in a word, and the colour of it."""
    word, colour = WAITS_FOR_SALE if receipt.waits_for_sale else STATES[receipt.state]
    return word, "miss" if receipt.is_stuck else colour


WORDS = {
    "state_of": state_of,
    "kinds": KINDS,
    "methods": METHODS,
    "paid": PAID,
    "vat": vat,
    "taxations": TAXATIONS,
}
