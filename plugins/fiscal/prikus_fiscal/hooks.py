"""What fiscal contributes to pages of others."""

from __future__ import annotations

from sqlalchemy import case, select

from prikus.toolkit import Conflict, Context, Erasing, MenuItem, PatientRecords, hookimpl
from prikus_billing.public import DeskSlot, MovementSlot
from prikus_fiscal.models import OPEN, FiscalReceipt

UNFINISHED = "Чек пациента ещё не пробит: без имени и контакта касса его не примет. Сначала дождитесь его."


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Чеки", "receipt-2", "/fiscal/receipts", 45, right="fiscal.receipt.view")]


@hookimpl
def movement_states() -> list[MovementSlot]:
    href = "/fiscal/movements/{transaction_id}/state"
    return [MovementSlot("receipt", "Чек", "receipt-2", href, 10, "fiscal.receipt.view", live="fiscal.receipts")]


@hookimpl
def day_sheet_parts() -> list[DeskSlot]:
    href = "/fiscal/day-sheet?branch_id={branch_id}&legal_entity_id={legal_entity_id}&day={day}"
    return [DeskSlot("registers", "По кассам", "receipt-2", href, 10, "fiscal.receipt.view")]


@hookimpl
def patient_records() -> list[PatientRecords]:
    kind = {"sell": "приход", "sell_refund": "возврат", "sell_correction": "коррекция"}
    columns = {
        "Когда": FiscalReceipt.happened_at,
        "Вид": case(kind, value=FiscalReceipt.kind, else_="коррекция возврата"),
        "Сумма": FiscalReceipt.total,
        "ФН": FiscalReceipt.fiscal["fn"].astext,
        "ФД": FiscalReceipt.fiscal["document"].astext,
        "ФПД": FiscalReceipt.fiscal["sign"].astext,
    }
    return [PatientRecords("Чеки", FiscalReceipt, FiscalReceipt.patient_id, columns, 33)]


@hookimpl
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    """A receipt on its way still needs its buyer."""
    going = FiscalReceipt.state.in_((*OPEN, "needs_contact"))
    query = select(FiscalReceipt.id).where(FiscalReceipt.patient_id == erasing.patient_id, going)
    if await ctx.db.scalar(query.limit(1)):
        raise Conflict(UNFINISHED)
