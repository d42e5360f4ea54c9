"""Shifts of the cash desk, their movements, and «Кассовый лист дня» (BILL-01), in the clinic's currency."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

import msgspec


class NewShift(msgspec.Struct, frozen=True, kw_only=True):
    """A wish to open the desk of the branch where the person works now, with `opening` counted in the drawer."""

    opening: Decimal


class CashMove(msgspec.Struct, frozen=True, kw_only=True):
    """Cash that is put into the drawer, or taken out of it."""

    shift_id: int
    kind: Literal["put_in", "take_out"]
    amount: Decimal
    reason: str


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """A colleague takes the drawer over with `counted` in it; a difference needs a reason."""

    shift_id: int
    to_staff_id: int
    counted: Decimal
    reason: str = ""


class ShiftCount(msgspec.Struct, frozen=True, kw_only=True):
    """The count with which a shift is closed; a difference needs a reason."""

    shift_id: int
    counted: Decimal
    reason: str = ""


class ShiftMoved(msgspec.Struct, frozen=True):
    """What was done with a shift, and what must lie in the drawer afterwards. `difference` is counted − expected."""

    shift_id: int
    number: int
    expected: Decimal
    difference: Decimal = Decimal(0)


class Shift(msgspec.Struct, frozen=True):
    """A shift with the sums of its movements. `moved` is what was put in, taken out and found at handovers."""

    id: int
    number: int
    branch_id: int
    branch: str
    legal_entity_id: int
    business_date: dt.date
    opened_at: dt.datetime
    opening: Decimal
    closed_at: dt.datetime | None
    counted: Decimal | None
    reason: str | None
    cash_in: Decimal
    cash_out: Decimal
    cashless_in: Decimal
    cashless_out: Decimal
    put_in: Decimal
    taken_out: Decimal
    found: Decimal
    keeper_id: int | None
    keeper: str
    closed_by: str

    @property
    def expected(self) -> Decimal:
        return self.opening + self.cash_in - self.cash_out + self.put_in - self.taken_out + self.found

    @property
    def difference(self) -> Decimal:
        """Counted − expected of a closed shift."""
        return (self.counted or Decimal(0)) - self.expected


class DeskRow(msgspec.Struct, frozen=True):
    """A movement of a shift: of a patient's money (`source` 1) or of the drawer alone (`source` 0)."""

    source: int
    id: int
    happened_at: dt.datetime
    kind: str
    cash: Decimal
    cashless: Decimal
    note: str | None
    patient_id: int | None
    invoice_id: int | None
    number: str | None
    by: str
    about: str


class DayMoves(msgspec.Struct, frozen=True):
    """The money of one day at one desk for one kind of operation, signed. `deposit` is what was offset."""

    kind: str
    count: int
    cash: Decimal
    cashless: Decimal
    deposit: Decimal


class DoctorDay(msgspec.Struct, frozen=True):
    """A doctor's day: services invoiced, and what came in for the doctor's lines of any invoice."""

    doctor_id: int | None
    doctor: str
    invoiced: Decimal
    received: Decimal


class DaySheet(msgspec.Struct, frozen=True):
    """«Кассовый лист дня» of one branch."""

    date: dt.date
    branch: str
    legal_entity_id: int
    moves: list[DayMoves]
    doctors: list[DoctorDay]
    shifts: list[Shift]
