"""What billing asks others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from prikus.toolkit import Context, SlotItem, hookspec


class MovementSlot(SlotItem, frozen=True):
    """A place beside a movement of a patient's money. `href` has `{transaction_id}`.

    It is fetched once in a page, and again when the channel `live`, such as "fiscal.receipts", says that transaction's
    number.
    """

    places: ClassVar[tuple[str, ...]] = ("{transaction_id}",)
    live: str | None = None


class DeskSlot(SlotItem, frozen=True):
    """A place on «Кассовый лист дня». `href` has `{branch_id}`, `{legal_entity_id}` and `{day}` (ISO)."""

    places: ClassVar[tuple[str, ...]] = ("{branch_id}", "{legal_entity_id}", "{day}")


@hookspec("describe", title="состояние движений денег")
def movement_states() -> list[MovementSlot]:
    """What stands beside each movement of money, such as the state of its receipt.

    `href` answers with a few words, such as `ui.badge(…)`, or with nothing.
    """
    raise NotImplementedError


@hookspec("describe", title="части кассового листа")
def day_sheet_parts() -> list[DeskSlot]:
    """Parts of «Кассовый лист дня» that others know, such as the register's sums. `href` answers with a `ui.card`."""
    raise NotImplementedError


@hookspec("ask", title="можно ли выставить счёт", veto=True)
async def billing_may_invoice(ctx: Context, patient_id: int, service_ids: Sequence[int]) -> str | None:
    """Asked before an invoice is issued. A sentence for the front desk refuses it, None agrees."""
    raise NotImplementedError


@hookspec("ask", title="можно ли отменить счёт", veto=True)
async def billing_may_cancel(ctx: Context, invoice_id: int) -> str | None:
    """Asked before an invoice is cancelled. A sentence refuses it, None agrees."""
    raise NotImplementedError


@hookspec("ask")
async def propose_doctor(ctx: Context, patient_id: int) -> tuple[int, int | None] | None:
    """Asked when the form of an invoice opens: who treats the patient today, as (doctor, appointment or None)."""
    raise NotImplementedError
