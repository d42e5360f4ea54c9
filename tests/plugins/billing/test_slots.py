"""Places in billing's pages that others fill."""

import re
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from playwright.async_api import Page, expect

from prikus.toolkit import SlotItem
from prikus_billing.public import DeskSlot, MovementSlot
from tests.plugins.billing.conftest import Desk
from tests.plugins.billing.test_shifts import opened

Pages = Callable[..., Awaitable[Page]]
STATE = re.compile(r"/fiscal/movements/(\d+)/state$")


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


@pytest.mark.parametrize("address", ["/billing/desk", "/billing/invoices/{}", "/patients/{}?tab=billing"])
async def test_a_payment_loads_its_own_place_and_no_other(desk: Desk, page_as: Pages, address: str) -> None:
    """Once for a movement, however many ways it was paid in; what is loaded stays when the page draws itself anew."""
    await opened(desk, "0")
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="500", cashless="100")
    page = await page_as("director")
    asked = watch(page)
    async with page.expect_response(STATE):
        await page.goto(address.format(desk.patient_id if "patients" in address else invoice))
    slots = page.locator(".p-billing-slot")
    await slots.evaluate("slot => slot.stays = true")
    for cash in ("200", "300"):
        async with page.expect_response(STATE):
            await desk.pay(invoice, cash=cash)
    moved = await desk.rows("select id from billing.ledger_transaction where kind = 'payment' order by id")
    assert asked == [id for (id,) in moved]
    await expect(slots).to_have_count(3)
    assert await slots.evaluate_all("slots => slots.filter((slot) => slot.stays).length") == 1


async def test_the_panel_of_the_deposit_has_places_of_its_own(desk: Desk, page_as: Pages) -> None:
    """A movement may stand in the page and in the panel above it."""
    invoice = (await desk.invoice()).invoice_id
    await desk.top_up("1000")
    await desk.pay(invoice, deposit=Decimal(1000))
    page = await page_as("director")
    await page.goto(f"/patients/{desk.patient_id}?tab=billing")
    slots = page.locator(".p-billing-slot")
    await expect(slots).to_have_count(1)
    await page.get_by_role("button", name="Депозит 0,00\u00a0₽").click()
    await expect(slots).to_have_count(3)
    ids = await slots.evaluate_all("slots => slots.map((slot) => slot.id)")
    assert len({*ids}) == 3


def watch(page: Page) -> list[int]:
    """Movements whose place is asked for, in the order in which the page asks."""
    asked: list[int] = []
    page.on("request", lambda request: asked.extend(int(id) for id in STATE.findall(request.url)))
    return asked
