import pytest
from sweets_house.services import add_slice
from teahouse.services import order


@pytest.mark.spec("CAKE-01", bites="sweets_house.services:add_slice:order.journal.append(")
def test_writes_the_slice_down() -> None:
    made = order(1)
    add_slice(made)
    assert made.journal[-1] == "кусок торта"
