"""Each row of the table «clinic operation → receipt», and what holds for all of them: whole kopecks, equal sums."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prikus_billing.public import SettledLine, Settlement
from prikus_fiscal.schemas import Content, Item
from prikus_fiscal.services.mapping import ServiceFacts, Style, content_of, kopecks, roubles

STYLE = Style(services={1: ServiceFacts("Терапия", "none"), 2: ServiceFacts("Товары", "vat22")})
MOST_OF_SUMS = 4_294_967_295
"""Kopecks: the largest price that registers take."""


def settlement(kind: Any = "payment", *lines: SettledLine, **more: Any) -> Settlement:
    moment = dt.datetime(2026, 3, 14, 9, 30, tzinfo=dt.UTC)
    sums: dict[str, Any] = dict.fromkeys(("cash", "cashless", "deposit", "total", "paid_before", "due"), Decimal(0))
    about: dict[str, Any] = {
        "transaction_id": 7,
        "kind": kind,
        "patient_id": 1,
        "legal_entity_id": 1,
        "branch_id": 1,
        "invoice_id": 1 if lines else None,
        "number": "12" if lines else None,
        "lines": lines,
        "reverses": None,
        "staff_id": 1,
        "cashier": "Петрова Анна Андреевна",
        "happened_at": moment,
        "business_date": moment.date(),
    }
    return Settlement(**{**sums, **about, **{name: _money(value) for name, value in more.items()}})


def _money(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) else value


def line(
    amount: str, quantity: int = 1, *, id: int = 1, service: int = 1, name: str = "Лечение кариеса"
) -> SettledLine:
    return SettledLine(
        line_id=id,
        service_id=service,
        name=name,
        quantity=quantity,
        price=Decimal(amount),
        net_amount=Decimal(amount),
    )


def told(content: Content) -> tuple[list[tuple[str, str, str]], dict[str, Decimal]]:
    """Method, subject and sum of each line; payments by kind."""
    items = [(item.method, item.subject, str(item.total)) for item in content.items]
    return items, {one.by: one.amount for one in content.payments}


FILLING = line("5000.50")
TABLE = {
    "paid at the visit": (
        settlement("payment", FILLING, cash="1500", cashless="3500.50", total="5000.50"),
        [("full_payment", "service", "5000.50")],
        {"cash": "1500", "electronic": "3500.50"},
    ),
    "top-up of the deposit": (
        settlement("top_up", cashless="1000"),
        [("advance", "payment", "1000.00")],
        {"electronic": "1000"},
    ),
    "paid from the deposit": (
        settlement("payment", FILLING, deposit="5000.50", total="5000.50"),
        [("full_payment", "service", "5000.50")],
        {"prepaid": "5000.50"},
    ),
    "part deposit, part money": (
        settlement("payment", FILLING, cashless="3500.50", deposit="1500", total="5000.50"),
        [("full_payment", "service", "5000.50")],
        {"electronic": "3500.50", "prepaid": "1500"},
    ),
    "part paid, debt left": (
        settlement("payment", FILLING, cash="2000", total="5000.50", due="3000.50"),
        [("partial_payment", "service", "5000.50")],
        {"cash": "2000", "credit": "3000.50"},
    ),
    "debt paid later": (
        settlement("payment", FILLING, cash="3000.50", total="5000.50", paid_before="2000"),
        [("credit_payment", "payment", "3000.50")],
        {"cash": "3000.50"},
    ),
    "part of the debt paid later": (
        settlement("payment", FILLING, cash="1000", total="5000.50", paid_before="2000", due="2000.50"),
        [("credit_payment", "payment", "1000.00")],
        {"cash": "1000"},
    ),
    "refund": (
        settlement("refund", FILLING, cashless="5000.50", total="5000.50"),
        [("full_payment", "service", "5000.50")],
        {"electronic": "5000.50"},
    ),
    "refund to the deposit": (
        settlement("refund", FILLING, deposit="5000.50", total="5000.50"),
        [("full_payment", "service", "5000.50")],
        {"prepaid": "5000.50"},
    ),
    "withdrawal": (
        settlement("withdrawal", cash="700"),
        [("advance", "payment", "700.00")],
        {"cash": "700"},
    ),
}


@pytest.mark.spec("INT-05", part="kinds of receipts")
@pytest.mark.parametrize("row", TABLE)
def test_each_movement_has_its_receipt(row: str) -> None:
    moved, items, paid = TABLE[row]
    content = content_of(moved, STYLE)
    assert told(content) == (items, {by: Decimal(amount) for by, amount in paid.items()})
    assert content.cashier == "Петрова Анна Андреевна"


def test_rates_are_those_of_the_services() -> None:
    moved = settlement("payment", FILLING, line("220", id=2, service=2), cash="5220.50", total="5220.50")
    assert [item.vat for item in content_of(moved, STYLE).items] == ["none", "vat22"]


@pytest.mark.parametrize(
    ("naming", "name"), [("price_list", "Лечение кариеса"), ("category", "Терапия"), ("generic", "Медицинская услуга")]
)
def test_the_name_is_what_the_clinic_has_chosen(naming: Any, name: str) -> None:
    style = Style(naming=naming, services=STYLE.services)
    moved = settlement("payment", FILLING, cash="5000.50", total="5000.50")
    assert [item.name for item in content_of(moved, style).items] == [name]


def test_a_refund_repeats_the_words_of_what_it_takes_back() -> None:
    both = (FILLING, line("300", id=2, name="Анестезия"))
    sold = content_of(settlement("payment", *both, cash="5300.50", total="5300.50"), STYLE)
    renamed = Style(naming="generic", services=STYLE.services)
    back = content_of(settlement("refund", both[1], cash="300", total="5300.50"), renamed, sold)
    assert [(item.name, item.method, item.line_id) for item in back.items] == [("Анестезия", "full_payment", 2)]


def test_a_refund_of_a_paid_debt_repeats_its_line() -> None:
    paid = settlement("payment", FILLING, cash="3000.50", total="5000.50", paid_before="2000")
    back = settlement("refund", FILLING, cash="3000.50", total="5000.50")
    assert told(content_of(back, STYLE, content_of(paid, STYLE))) == (
        [("credit_payment", "payment", "3000.50")],
        {"cash": Decimal("3000.50")},
    )


def test_what_was_sold_on_credit_and_comes_back_ends_the_credit() -> None:
    sold = content_of(settlement("payment", FILLING, cash="2000", total="5000.50", due="3000.50"), STYLE)
    back = content_of(settlement("refund", FILLING, deposit="2000", total="5000.50"), STYLE, sold)
    assert told(back) == (
        [("partial_payment", "service", "5000.50")],
        {"prepaid": Decimal(2000), "credit": Decimal("3000.50")},
    )


def test_a_sum_that_does_not_divide_makes_two_lines() -> None:
    content = content_of(settlement("payment", line("100", 3), cash="100", total="100"), STYLE)
    assert [(item.quantity, item.price, item.total) for item in content.items] == [
        (2, Decimal("33.33"), Decimal("66.66")),
        (1, Decimal("33.34"), Decimal("33.34")),
    ]


def test_what_costs_nothing_is_no_line() -> None:
    gift = line("0", id=2, name="Консультация")
    content = content_of(settlement("payment", FILLING, gift, cash="5000.50", total="5000.50"), STYLE)
    assert [item.name for item in content.items] == ["Лечение кариеса"]


def test_more_lines_than_fit_are_grouped_and_a_refund_finds_the_group() -> None:
    lines = [line("10.01", id=n, service=1 + n % 2, name=f"Услуга {n}") for n in range(120)]
    sold = content_of(settlement("payment", *lines, cash="1201.20", total="1201.20"), STYLE)
    assert [(item.name, item.total, item.vat) for item in sold.items] == [
        ("Терапия", Decimal("600.60"), "none"),
        ("Товары", Decimal("600.60"), "vat22"),
    ]
    back = content_of(settlement("refund", lines[1], cash="10.01", total="1201.20"), STYLE, sold)
    assert [(item.name, item.vat, item.total) for item in back.items] == [("Товары", "vat22", Decimal("10.01"))]


def test_half_a_kopeck_is_no_money() -> None:
    with pytest.raises(ValueError, match="not a sum of money"):
        kopecks(Decimal("1.005"))


SUMS = st.integers(0, MOST_OF_SUMS // 1000)
LINES = st.lists(st.tuples(SUMS, st.integers(1, 400), st.integers(1, 3)), min_size=1, max_size=150)


@st.composite
def settlements(draw: st.DrawFn) -> Settlement:
    """Any movement that billing may tell, the strange ones too: what it says of an invoice need not agree."""
    lines = [
        SettledLine(
            line_id=n,
            service_id=service,
            name=draw(st.sampled_from(("Осмотр", "Очень длинное название " * 9))),
            quantity=quantity,
            price=roubles(amount),
            net_amount=roubles(amount),
        )
        for n, (amount, quantity, service) in enumerate(draw(LINES))
    ]
    kind = draw(st.sampled_from(("payment", "refund", "top_up", "withdrawal")))
    total = sum(kopecks(one.net_amount) for one in lines)
    part = draw(st.sampled_from((total, draw(st.integers(1, max(1, total))), draw(SUMS) + 1))) or 1
    cash, cashless = draw(st.integers(0, part)), 0
    cashless = draw(st.integers(0, part - cash))
    before = draw(st.sampled_from((0, 0, draw(SUMS))))
    sums = {
        "cash": cash,
        "cashless": cashless,
        "deposit": part - cash - cashless,
        "total": total,
        "paid_before": before,
    }
    sums["due"] = max(0, total - before - part)
    about = lines if kind in ("payment", "refund") else []
    return settlement(kind, *about, **{name: roubles(amount) for name, amount in sums.items()})


def balanced(content: Content, moved: Settlement) -> None:
    paid = sum((one.amount for one in content.payments), Decimal(0))
    assert content.total == paid
    assert paid - sum(one.amount for one in content.payments if one.by == "credit") == (
        moved.cash + moved.cashless + moved.deposit
    )
    assert all(right(item) for item in content.items)
    assert 1 <= len(content.items) <= STYLE.most_items
    assert 1 <= len(content.payments) <= 4


def right(item: Item) -> bool:
    whole = item.price == item.price.quantize(Decimal("0.01")) and item.quantity == int(item.quantity)
    return whole and item.price * item.quantity == item.total > 0 and 0 < len(item.name) <= 128


@pytest.mark.spec("INT-05", part="sums")
@given(settlements())
def test_sums_agree_whatever_moved(moved: Settlement) -> None:
    balanced(content_of(moved, STYLE), moved)


@given(settlements(), settlements())
def test_they_agree_when_it_takes_something_back(sold: Settlement, moved: Settlement) -> None:
    balanced(content_of(moved, STYLE, content_of(sold, STYLE)), moved)
