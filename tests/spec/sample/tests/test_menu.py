import pytest
from teahouse.services import journal_of, order

MENU = order(1).journal[0]


@pytest.mark.spec("TEA-03", part="menu", bites="teahouse.services:order:made.journal.append(")
def test_cannot_even_be_collected() -> None:
    assert MENU == "заказано: 1"


@pytest.mark.spec("TEA-03", part="bill", bites="teahouse.services:journal_of:return")
def test_is_red_anyhow() -> None:
    assert journal_of(order(1)) == "заказано: 7"
