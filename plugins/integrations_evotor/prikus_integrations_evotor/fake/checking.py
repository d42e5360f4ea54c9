"""What the provider refuses to register. Sums are compared in kopecks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

METHODS = frozenset(
    ("full_prepayment", "prepayment", "advance", "full_payment", "partial_payment", "credit", "credit_payment")
)
OBJECTS = {"v4": frozenset(("commodity", "job", "service", "payment", "another")), "v5": frozenset((1, 3, 4, 10, 13))}
VATS = frozenset(
    ("none", "vat0", "vat5", "vat7", "vat10", "vat20", "vat22", "vat105", "vat107", "vat110", "vat120", "vat122")
)
SNO = frozenset(("osn", "usn_income", "usn_income_outcome", "envd", "esn", "patent"))
MOMENT = re.compile(r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d")
REFUND_CORRECTION = "sell_refund_correction"
KINDS = ("sell", "sell_refund", "sell_correction", REFUND_CORRECTION)


def faults_of(said: Any, version: str, kind: str) -> list[str]:
    """All that is wrong with a request; nothing when it is right."""
    if not isinstance(said, dict):
        return ["body: object expected"]
    body = said.get("correction" if kind.endswith("correction") else "receipt")
    if not isinstance(body, dict):
        return ["receipt: required"]
    return [*_head(said), *_company(body), *_sums(body, version, kind), *_buyer(body, kind), *_why(body, kind)]


def _head(said: dict[str, Any]) -> Iterator[str]:
    if not MOMENT.fullmatch(str(said.get("timestamp"))):
        yield "timestamp: dd.mm.yyyy HH:MM:SS expected"
    if not 0 < len(str(said.get("external_id") or "")) <= 128:
        yield "external_id: 1–128 characters expected"
    url = (said.get("service") or {}).get("callback_url", "http")
    if not str(url).startswith("http") or len(url) > 256:
        yield "callback_url: http(s) expected"


def _company(body: dict[str, Any]) -> Iterator[str]:
    company = body.get("company")
    if not isinstance(company, dict):
        yield "company: required"
        return
    if company.get("sno") not in SNO:
        yield "sno: unknown"
    for name, most in (("email", 64), ("payment_address", 256), ("inn", 12)):
        if not 0 < len(str(company.get(name) or "")) <= most:
            yield f"company.{name}: 1–{most} characters expected"


def _buyer(body: dict[str, Any], kind: str) -> Iterator[str]:
    client = body.get("client", {})
    if kind.endswith("correction"):
        return
    if not (client.get("email") or client.get("phone")):
        yield "client: email or phone required"
    if any(value is None for value in client.values()):
        yield "client: null is not a value"
    if client.get("phone") and not re.fullmatch(r"\+7\d{10}", client["phone"]):
        yield "client.phone: +7XXXXXXXXXX expected"


def _why(body: dict[str, Any], kind: str) -> Iterator[str]:
    info = body.get("correction_info", {})
    if kind.endswith("correction") and (info.get("type") not in ("self", "instruction") or not info.get("base_date")):
        yield "correction_info: type and base_date required"


def _sums(body: dict[str, Any], version: str, kind: str) -> Iterator[str]:
    """Lines, payments and total must agree; version 4 corrects without lines."""
    payments, total = body.get("payments") or [], body.get("total")
    if not 1 <= len(payments) <= 10 or any(one.get("type") not in range(5) for one in payments):
        yield "payments: 1–10 of type 0–4 expected"
    if not _is_number(total) or sum(_kopecks(one.get("sum")) for one in payments) != _kopecks(total):
        yield "total: differs from payments"
    if kind.endswith("correction") and version == "v4":
        if "items" in body:
            yield "items: not known in a correction"
        return
    items = body.get("items") or []
    if not 1 <= len(items) <= 100:
        yield "items: 1–100 expected"
    if sum(_kopecks(item.get("sum")) for item in items) != _kopecks(total):
        yield "total: differs from items"
    for item in items:
        yield from _item(item, version)


def _item(item: dict[str, Any], version: str) -> Iterator[str]:
    if not 0 < len(str(item.get("name") or "")) <= 128:
        yield "name: 1–128 characters expected"
    if not all(_is_number(item.get(name)) for name in ("price", "quantity", "sum")):
        yield "price, quantity, sum: numbers expected"
    elif Decimal(str(item["price"])) * Decimal(str(item["quantity"])) * 100 != _kopecks(item["sum"]):
        yield "sum: price × quantity expected"
    unit, kind = ("measure", int) if version == "v5" else ("measurement_unit", str)
    if not isinstance(item.get(unit), kind):
        yield f"{unit}: {kind.__name__} expected"
    if item.get("payment_method") not in METHODS or item.get("payment_object") not in OBJECTS[version]:
        yield "payment_method, payment_object: unknown"
    if (item.get("vat") or {}).get("type") not in VATS:
        yield "vat: unknown"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kopecks(value: Any) -> Decimal:
    return Decimal(str(value)) * 100 if _is_number(value) else Decimal(-1)
