"""A movement of money as the lines and payments of a receipt (54-FZ). Pure, in whole kopecks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import msgspec

from prikus_billing.public import SettledLine, Settlement
from prikus_fiscal.schemas import Content, Item, Kind, Method, Naming, Paid, PaidBy, Subject, Vat

LONGEST_NAME = 128
MOST_ITEMS = 100
KINDS: dict[str, Kind] = {
    "payment": "sell",
    "top_up": "sell",
    "refund": "sell_refund",
    "withdrawal": "sell_refund",
}


class ServiceFacts(msgspec.Struct, frozen=True):
    """What the price list says of a service."""

    category: str
    vat: Vat


class Style(msgspec.Struct, frozen=True, kw_only=True):
    """What a register's receipts call services, and what they say beside them."""

    naming: Naming = "price_list"
    generic_name: str = "Медицинская услуга"
    advance_name: str = "Аванс за стоматологические услуги"
    debt_name: str = "Оплата долга за стоматологические услуги"
    vat: Vat = "none"
    most_items: int = MOST_ITEMS
    services: Mapping[int, ServiceFacts] = {}


class Named(msgspec.Struct, frozen=True):
    """A sum in kopecks under a name, not yet cut into prices."""

    name: str
    category: str
    quantity: int
    amount: int
    method: Method
    subject: Subject
    vat: Vat
    line_id: int | None = None


def kopecks(amount: Decimal) -> int:
    """Raises ValueError for what is no whole number of kopecks."""
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} is not a sum of money")
    return int(cents)


def roubles(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def content_of(moved: Settlement, style: Style, original: Content | None = None) -> Content:
    """What the receipt of a movement says. `original` is the receipt that a refund takes back, when there was one."""
    if moved.kind in ("top_up", "withdrawal"):
        sums, credit = [_other(style.advance_name, _moved(moved), "advance", style)], 0
    elif moved.kind == "refund":
        sums, credit = _refunded(moved, style, original)
    else:
        sums, credit = _paid(moved, style)
    items = tuple(_items(_fewer(sums, style)))
    return Content(items=items, payments=_payments(moved, credit), cashier=moved.cashier or None)


def _moved(moved: Settlement) -> int:
    return kopecks(moved.cash) + kopecks(moved.cashless) + kopecks(moved.deposit)


def _payments(moved: Settlement, credit: int) -> tuple[Paid, ...]:
    parts: dict[PaidBy, int] = {
        "cash": kopecks(moved.cash),
        "electronic": kopecks(moved.cashless),
        "prepaid": kopecks(moved.deposit),
        "credit": credit,
    }
    return tuple(Paid(by, roubles(part)) for by, part in parts.items() if part)


def _paid(moved: Settlement, style: Style) -> tuple[list[Named], int]:
    """The first money of an invoice names its services, with the rest as a debt; what comes later pays that debt."""
    amount, due = _moved(moved), kopecks(moved.due)
    lines = [_line(line, style, "full_payment" if not due else "partial_payment") for line in moved.lines]
    if not moved.paid_before and sum(line.amount for line in lines) == amount + due:
        return lines, due
    return [_other(style.debt_name, amount, "credit_payment", style)], 0


def _refunded(moved: Settlement, style: Style, original: Content | None) -> tuple[list[Named], int]:
    """Names and methods are those of the receipt that is taken back; of a debt that ends with it the rest is credit."""
    amount = _moved(moved)
    if original is not None and original.items and original.items[0].subject == "payment":
        first = original.items[0]
        return [Named(first.name, first.name, 1, amount, first.method, first.subject, first.vat)], 0
    lines = [_line(line, style, "full_payment", original) for line in moved.lines]
    rest = sum(line.amount for line in lines) - amount
    if not rest or (rest > 0 and any(line.method == "partial_payment" for line in lines)):
        return lines, rest
    return [_generic(amount, style, original)], 0


def _line(line: SettledLine, style: Style, method: Method, original: Content | None = None) -> Named:
    facts = style.services.get(line.service_id, ServiceFacts(style.generic_name, "none"))
    name = {"price_list": line.name, "category": facts.category, "generic": style.generic_name}[style.naming]
    vat = facts.vat
    said = () if original is None else original.items
    before = next((item for item in said if item.line_id == line.line_id), None) or next(
        (item for item in said if item.line_id is None and item.name == _cut(facts.category)), None
    )
    if before is not None:
        name, method, vat = before.name, before.method, before.vat
    return Named(name, facts.category, line.quantity, kopecks(line.net_amount), method, "service", vat, line.line_id)


def _other(name: str, amount: int, method: Method, style: Style) -> Named:
    return Named(name, name, 1, amount, method, "payment", style.vat)


def _generic(amount: int, style: Style, original: Content | None) -> Named:
    """One line for a part of several services: of the rate of the first of them."""
    vat = original.items[0].vat if original and original.items else "none"
    return Named(style.generic_name, style.generic_name, 1, amount, "full_payment", "service", vat)


def _fewer(sums: Sequence[Named], style: Style) -> list[Named]:
    """As many lines as fit on a receipt: by category when there are too many, by rate when it is still too much."""
    found = [one for one in sums if one.amount]
    for name in (lambda one: one.category, lambda one: style.generic_name):
        if sum(1 for _ in _items(found)) <= style.most_items:
            break
        groups: dict[tuple[str, Method, Subject, Vat], int] = {}
        for one in found:
            place = (name(one), one.method, one.subject, one.vat)
            groups[place] = groups.get(place, 0) + one.amount
        found = [Named(place[0], place[0], 1, amount, *place[1:]) for place, amount in groups.items()]
    return found


def _items(sums: Sequence[Named]) -> Iterator[Item]:
    """Price × quantity = sum, exactly: of a sum that does not divide the last piece costs the rest more."""
    for one in sums:
        price, rest = divmod(one.amount, one.quantity)
        pieces = ((one.quantity - 1, price), (1, price + rest)) if rest else ((one.quantity, price),)
        for quantity, each in pieces:
            if quantity and each:
                yield Item(
                    name=_cut(one.name),
                    price=roubles(each),
                    quantity=Decimal(quantity),
                    total=roubles(each * quantity),
                    method=one.method,
                    subject=one.subject,
                    vat=one.vat,
                    line_id=one.line_id,
                )


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"
