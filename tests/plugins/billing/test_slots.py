"""Places in billing's pages that others fill."""

import pytest

from prikus.toolkit import SlotItem
from prikus_billing.public import DeskSlot, MovementSlot


def test_a_slot_fills_in_its_own_places() -> None:
    state = MovementSlot("receipt", "Чек", "receipt", "/fiscal/transactions/{transaction_id}/state", 10)
    assert state.href.format(transaction_id=5) == "/fiscal/transactions/5/state"
    DeskSlot("register", "Касса", "cash", "/fiscal/desk/{branch_id}?entity={legal_entity_id}&day={day}", 10)


@pytest.mark.parametrize(
    ("slot", "href"),
    [(MovementSlot, "/fiscal/{patient_id}"), (SlotItem, "/fiscal/{transaction_id}"), (DeskSlot, "/fiscal/{branch}")],
)
def test_a_place_that_nobody_fills_in_is_refused(slot: type[SlotItem], href: str) -> None:
    with pytest.raises(ValueError, match="cannot fill in"):
        slot("receipt", "Чек", "receipt", href, 10)
