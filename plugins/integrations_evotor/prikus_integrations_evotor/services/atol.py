"""The ATOL protocol, versions 4 (FFD 1.05) and 5 (FFD 1.2), without a network: requests written, answers read.

Evotor, ATOL Online and others speak it; nothing here is Evotor's own.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

import msgspec

from prikus.toolkit import Invalid
from prikus_fiscal.public import Correction, Fiscal, Item, Outcome, Receipt, Trouble
from prikus_integrations_evotor.schemas import Seller

Version = Literal["v4", "v5"]
SUBJECTS = {
    "goods": ("commodity", 1),
    "work": ("job", 3),
    "service": ("service", 4),
    "payment": ("payment", 10),
    "other": ("another", 13),
}
MEASURES = {"piece": ("шт", 0), "gram": ("г", 10), "kilogram": ("кг", 11), "hour": ("ч", 71), "other": ("ед", 255)}
PAYMENTS = {"cash": 0, "electronic": 1, "prepaid": 2, "credit": 3, "other": 4}
REASONS = {"own": "self", "order": "instruction"}
DAY, MOMENT = "%d.%m.%Y", "%d.%m.%Y %H:%M:%S"
LONGEST_NAME, LONGEST_CASHIER, LONGEST_BUYER = 128, 64, 256
MOST_ITEMS = 100
DUPLICATE, NOT_READY = 33, 34
EXPIRED = frozenset({10, 11})
CREDENTIALS = frozenset({10, 11, 12, 14})
SETTINGS = frozenset({20, 21})
DATA = frozenset({13, 30, 31, 32, 40, 41})
WORDS: dict[Trouble, str] = {
    "data": "Касса не приняла данные чека: {text}.",
    "credentials": "Касса не принимает настройки интеграции: {text}.",
    "busy": "Касса занята или недоступна: {text}.",
    "register": "Касса не пробила чек: {text}.",
}
NO_CONTACT = "Нужен e-mail или телефон покупателя: без него касса чек не примет."
UNEVEN = "Суммы чека не сходятся: строки — {items}, оплата — {paid}."
TOO_MANY = "В чеке больше 100 строк: разделите его."
NO_CORRECTION = "Касса с ФФД 1.05 не умеет исправлять возвраты."
UNREADABLE = "Касса ответила непонятно (код {status}). Чек мог быть пробит: проверим его состояние."

_encoder = msgspec.json.Encoder(decimal_format="number")


class Error(msgspec.Struct, frozen=True):
    code: int = 0
    text: str = ""
    type: str = ""


class Payload(msgspec.Struct, frozen=True):
    fn_number: str | int
    fiscal_document_number: str | int
    fiscal_document_attribute: str | int
    ecr_registration_number: str | int
    shift_number: str | int
    fiscal_receipt_number: str | int
    receipt_datetime: str
    ofd_receipt_url: str | None = None


class Answer(msgspec.Struct, frozen=True):
    uuid: str | None = None
    status: str | None = None
    error: Error | None = None
    payload: Payload | None = None
    external_id: str | None = None


def written(receipt: Receipt, seller: Seller, version: Version, callback_url: str | None = None) -> bytes:
    """The body of a registration. Raises `Invalid` for what no register of this version takes."""
    _check(receipt, version)
    service = {"service": {"callback_url": callback_url}} if callback_url else {}
    head = {"timestamp": receipt.at.strftime(MOMENT), "external_id": receipt.external_id, **service}
    if receipt.correction is not None:
        return _encoder.encode({**head, "correction": _correction(receipt, receipt.correction, seller, version)})
    return _encoder.encode({**head, "receipt": _receipt(receipt, seller, version)})


def _check(receipt: Receipt, version: Version) -> None:
    paid = sum((one.amount for one in receipt.payments), Decimal(0))
    if receipt.total != paid or any(item.price * item.quantity != item.total for item in receipt.items):
        raise Invalid({"items": UNEVEN.format(items=receipt.total, paid=paid)})
    if len(receipt.items) > MOST_ITEMS:
        raise Invalid({"items": TOO_MANY})
    if receipt.correction is None and not (receipt.buyer.email or receipt.buyer.phone):
        raise Invalid({"contact": NO_CONTACT})
    if version == "v4" and receipt.kind == "sell_refund_correction":
        raise Invalid({"kind": NO_CORRECTION})


def _receipt(receipt: Receipt, seller: Seller, version: Version) -> dict[str, Any]:
    return {
        "client": _client(receipt, version),
        "company": _company(seller),
        "items": [_item(item, version) for item in receipt.items],
        **_settled(receipt),
        **_cashier(receipt),
    }


def _correction(receipt: Receipt, why: Correction, seller: Seller, version: Version) -> dict[str, Any]:
    """Version 4 knows no lines there, only sums by rate."""
    rates: dict[str, Decimal] = {}
    for item in receipt.items:
        rates[item.vat] = rates.get(item.vat, Decimal(0)) + item.total
    info = {"type": REASONS[why.reason], "base_date": why.day.strftime(DAY), "base_number": why.number}
    items = {"items": [_item(item, version) for item in receipt.items]} if version == "v5" else {}
    return {
        "company": _company(seller),
        "correction_info": info,
        **items,
        **_settled(receipt),
        "vats": [{"type": rate, "sum": amount} for rate, amount in rates.items()],
        **_cashier(receipt),
    }


def _settled(receipt: Receipt) -> dict[str, Any]:
    payments = [{"type": PAYMENTS[one.by], "sum": one.amount} for one in receipt.payments]
    return {"payments": payments, "total": receipt.total}


def _client(receipt: Receipt, version: Version) -> dict[str, str]:
    buyer = receipt.buyer
    said = {"email": buyer.email, "phone": buyer.phone}
    if version == "v5":
        said |= {"name": buyer.name and buyer.name[:LONGEST_BUYER], "inn": buyer.inn}
    return {name: value for name, value in said.items() if value}


def _company(seller: Seller) -> dict[str, str]:
    return {"email": seller.email, "sno": seller.taxation, "inn": seller.inn, "payment_address": seller.place}


def _cashier(receipt: Receipt) -> dict[str, str]:
    return {"cashier": receipt.cashier[:LONGEST_CASHIER]} if receipt.cashier else {}


def _item(item: Item, version: Version) -> dict[str, Any]:
    new = version == "v5"
    return {
        "name": item.name[:LONGEST_NAME],
        "price": item.price,
        "quantity": item.quantity,
        "sum": item.total,
        "measure" if new else "measurement_unit": MEASURES[item.measure][new],
        "payment_method": item.method,
        "payment_object": SUBJECTS[item.subject][new],
        "vat": {"type": item.vat},
    }


def read(body: bytes) -> Answer | None:
    """What an answer or a callback says; None for what is no answer of this protocol."""
    try:
        return msgspec.json.decode(body, type=Answer, strict=False)
    except msgspec.DecodeError:
        return None


def outcome(status: int, body: bytes, *, of_send: bool) -> Outcome:
    """What an answer with this HTTP status means for the receipt; `of_send`: the answer to a registration."""
    answer = read(body)
    if answer is None:
        return _unreadable(status, of_send=of_send)
    code = answer.error.code if answer.error else None
    if answer.status == "done" and answer.payload is not None:
        return _done(answer, answer.payload)
    if code in (DUPLICATE, NOT_READY) or (answer.status == "wait" and code is None):
        known = answer.uuid or not of_send
        return Outcome(state="wait" if known else "unknown", uuid=answer.uuid, code=code)
    if answer.error is None:
        return _unreadable(status, of_send=of_send)
    return _troubled(status, answer, answer.error, of_send=of_send)


def _unreadable(status: int, *, of_send: bool) -> Outcome:
    if status == 429 and of_send:
        return Outcome(state="refused", trouble="busy", code=status, sentence=_words("busy", "слишком много запросов"))
    return Outcome(state="unknown", trouble="busy", code=status, sentence=UNREADABLE.format(status=status))


def _done(answer: Answer, payload: Payload) -> Outcome:
    try:
        at = dt.datetime.strptime(payload.receipt_datetime, MOMENT)
    except ValueError:
        return Outcome(state="unknown", uuid=answer.uuid, trouble="register", sentence=UNREADABLE.format(status=200))
    fiscal = Fiscal(
        fn=str(payload.fn_number),
        document=str(payload.fiscal_document_number),
        sign=str(payload.fiscal_document_attribute),
        register=str(payload.ecr_registration_number),
        shift=str(payload.shift_number),
        number=str(payload.fiscal_receipt_number),
        at=at,
        url=payload.ofd_receipt_url,
    )
    return Outcome(state="done", uuid=answer.uuid, fiscal=fiscal)


def _troubled(status: int, answer: Answer, error: Error, *, of_send: bool) -> Outcome:
    """A server's own error leaves open what it did; a result of the queue ends the attempt; the rest is a refusal."""
    trouble = trouble_of(status, error)
    told: dict[str, Any] = {"uuid": answer.uuid, "trouble": trouble, "code": error.code}
    told["sentence"] = _words(trouble, error.text)
    if error.type in ("timeout", "driver", "agent") or (answer.status == "fail" and not of_send and answer.uuid):
        return Outcome(state="failed", **told)
    if status >= 500 or trouble == "register" or not of_send:
        return Outcome(state="unknown", **told)
    return Outcome(state="refused", **told)


def trouble_of(status: int, error: Error) -> Trouble:
    """Whom an error concerns: by its kind first, the numbers are ATOL's and others may number otherwise."""
    if error.type == "timeout" or status == 429:
        return "busy"
    if error.type == "driver":
        return "register"
    if error.type == "agent" or status in (401, 403) or error.code in CREDENTIALS | SETTINGS:
        return "credentials"
    if error.code in DATA:
        return "data"
    return "busy" if status >= 500 or error.code in (0, 1, 50) else "register"


def _words(trouble: Trouble, text: str) -> str:
    return WORDS[trouble].format(text=text.strip().rstrip(".") or "без объяснения")
