import pytest
from teahouse.services import Refused, journal_of, order, pay


@pytest.fixture
def paid_order():
    made = order(2)
    assert pay(made, 150) == 300
    return made


@pytest.mark.spec("TEA-01", bites="teahouse.services:order:ensure_positive(")
@pytest.mark.parametrize("cups", [0, -1])
def test_refuses_an_empty_order(cups: int) -> None:
    with pytest.raises(Refused):
        order(cups)


@pytest.mark.spec("TEA-02", part="sum", bites="teahouse.services:pay:order.paid = total")
def test_claims_to_need_what_it_never_looks_at() -> None:
    assert pay(order(2), 150) == 300


class TestPayment:
    @pytest.mark.spec("TEA-02", part="cash", bites="teahouse.services:pay:order.paid")
    def test_keeps_what_was_paid(self) -> None:
        made = order(2)
        pay(made, 150)
        assert made.paid == 300

    @pytest.mark.spec("TEA-02", part="cash", bites="teahouse.services:pay:return total")
    def test_fails_only_in_its_set_up(self, paid_order) -> None:
        assert paid_order.paid == 300


@pytest.mark.spec("TEA-03", part="journal")
def test_names_no_statement() -> None:
    assert journal_of(order(1)) == "заказано: 1"
