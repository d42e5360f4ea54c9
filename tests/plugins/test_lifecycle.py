"""Merging, erasing and export over the real modules: money stays whole, visits and their history move."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from prikus.errors import Conflict
from prikus.patients.services.erasing import erase_patient
from prikus.patients.services.exporting import export_patient, note_export
from prikus.patients.services.merging import merge_patients, part_patients
from prikus.testing.clinics import TestClinic
from prikus_billing.schemas.money import Cancellation, NewInvoice, NewLine, NewPayment, Prepayment, Withdrawal
from prikus_billing.services.check import check_ledger
from prikus_billing.services.deposits import deposit_of, top_up, withdraw
from prikus_billing.services.invoices import issue_invoice
from prikus_billing.services.payments import pay
from prikus_billing.services.reading import debt_of
from prikus_billing.services.reversing import cancel_invoice
from prikus_calendar.schemas import NewAppointment
from prikus_calendar.services import booking
from prikus_calendar.services.check import check_bookings
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service
from tests.contract import samples

DAY = dt.date(2055, 3, 16)


class Desk:
    def __init__(self, clinic: TestClinic) -> None:
        self.clinic = clinic

    async def furnish(self) -> Desk:
        async with self.clinic.ctx_as("director") as ctx:
            self.patients = [await samples.patient(ctx, name, n) for n, name in enumerate(("Морозова", "Котова"), 1)]
            category = await add_category(ctx, CategoryForm(name="Терапия"))
            form = ServiceForm(category_id=category, name="Лечение", code="X1", price=Decimal("100.00"), is_active=True)
            self.service = await add_service(ctx, form)
            self.chairs = [await samples.chair(ctx, f"Кресло {n}", n) for n in (1, 2)]
        self.doctors = [(await self.clinic.staff("doctor", last_name=name)).staff_id for name in ("Петров", "Иванова")]
        async with self.clinic.ctx_as("director") as ctx:
            for doctor, chair in zip(self.doctors, self.chairs, strict=True):
                shift = """
                    insert into calendar.shift (staff_id, chair_id, branch_id, starts_at, ends_at, business_date)
                    values (:doctor, :chair, :branch, '2055-03-16 04:00Z', '2055-03-16 14:00Z', '2055-03-16')
                """
                values = {"doctor": doctor, "chair": chair, "branch": ctx.branch.id}
                await ctx.db.execute(text(shift), values)
        return self

    async def invoice(self, patient: int, paid: str) -> None:
        async with self.clinic.ctx_as("administrator") as ctx:
            lines = (NewLine(service_id=self.service),)
            new = NewInvoice(patient_id=self.patients[patient], lines=lines, note="Морозова просит чек")
            issued = await issue_invoice(ctx, new, str(uuid4()))
        if Decimal(paid):
            async with self.clinic.ctx_as("administrator") as ctx:
                await pay(ctx, NewPayment(invoice_id=issued.invoice_id, cash=Decimal(paid)), str(uuid4()))

    async def book(self, patient: int, place: int, starts: dt.time, day: dt.date = DAY) -> None:
        ends = starts.replace(minute=30)
        async with self.clinic.ctx_as("administrator") as ctx:
            wish = NewAppointment(
                patient_id=self.patients[patient],
                chair_id=self.chairs[place],
                doctor_id=self.doctors[place],
                date=day,
                starts=starts,
                ends=ends,
                comment="Морозова боится уколов",
            )
            await booking.book(ctx, wish, str(uuid4()))

    async def debts(self) -> list[Decimal]:
        async with self.clinic.ctx_as("director") as ctx:
            return [await debt_of(ctx, patient) for patient in self.patients]

    async def faults(self) -> list[str]:
        async with self.clinic.ctx_as("system") as ctx:
            return [*await check_ledger(ctx.db), *await check_bookings(ctx.db)]

    async def scalar(self, query: str, patient: int = 0) -> object:
        async with self.clinic.ctx_as("system") as ctx:
            return await ctx.db.scalar(text(query), {"id": self.patients[patient]})


@pytest.fixture
async def desk(clinic) -> Desk:
    return await Desk(clinic).furnish()


async def test_the_debt_of_the_card_that_stays_is_the_sum(clinic, desk) -> None:
    await desk.invoice(0, "30.00")
    await desk.invoice(1, "10.00")
    await desk.book(0, 0, dt.time(10))
    assert await desk.debts() == [Decimal(70), Decimal(90)]
    gone, kept = desk.patients
    async with clinic.ctx_as("administrator") as ctx:
        merged = await merge_patients(ctx, gone, kept)
    async with clinic.ctx_as("director") as ctx:
        assert await debt_of(ctx, kept) == Decimal(160)
    for table, count in (("invoice", 2), ("payment", 2), ("ledger_entry", 8)):
        assert await desk.scalar(f"select count(*) from billing.{table} where patient_id = :id", 1) == count, table
    assert await desk.scalar("select count(*) from calendar.appointment where patient_id = :id", 1) == 1
    assert await desk.faults() == []
    async with clinic.ctx_as("administrator") as ctx:
        await part_patients(ctx, merged.merge_id)
    assert await desk.debts() == [Decimal(70), Decimal(90)]
    assert await desk.faults() == []


async def test_two_visits_at_one_time_are_named(clinic, desk) -> None:
    await desk.book(0, 0, dt.time(10))
    await desk.book(1, 1, dt.time(10))
    with pytest.raises(Conflict, match=r"У обеих карточек есть приём 16.03.2055 в 10:00"):
        async with clinic.ctx_as("administrator") as ctx:
            await merge_patients(ctx, *desk.patients)
    assert await desk.scalar("select count(*) from calendar.appointment where patient_id = :id") == 1


async def test_twin_without_the_question_the_net_of_the_table_refuses(clinic, desk, monkeypatch) -> None:
    """The exclusion constraint still stands: the answer is less kind, the data as whole."""
    await desk.book(0, 0, dt.time(10))
    await desk.book(1, 1, dt.time(10))
    monkeypatch.setitem(clinic.house.system.hooks._implementations, "patient_merging", [])
    with pytest.raises(Conflict, match=r"Модуль «Календарь»: .*appointment_patient_taken"):
        async with clinic.ctx_as("administrator") as ctx:
            await merge_patients(ctx, *desk.patients)
    assert await desk.scalar("select count(*) from calendar.appointment where patient_id = :id") == 1


async def test_a_debtor_and_who_is_expected_are_not_forgotten(clinic, desk) -> None:
    await desk.invoice(0, "30.00")
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(Conflict, match="не закончены расчёты: долг 70,00"):
            await erase_patient(ctx, desk.patients[0], "Заявление")
    await desk.book(1, 1, dt.time(10))
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(Conflict, match=r"записан на 16\.03\.2055"):
            await erase_patient(ctx, desk.patients[1], "Заявление")


async def test_a_debt_and_a_deposit_of_the_same_size_are_not_nothing(clinic, desk) -> None:
    await desk.invoice(0, "0")
    wish = Prepayment(patient_id=desk.patients[0], kind="cash", amount=Decimal(100))
    async with clinic.ctx_as("administrator") as ctx:
        await top_up(ctx, wish, str(uuid4()))
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(Conflict, match=r"не закончены расчёты: долг 100,00.*, депозит 100,00"):
            await erase_patient(ctx, desk.patients[0], "Заявление")


async def test_deposits_of_merged_cards_add_up_and_reasons_are_erased(clinic, desk) -> None:
    for patient, amount in zip(desk.patients, (Decimal(30), Decimal(12)), strict=True):
        async with clinic.ctx_as("administrator") as ctx:
            await top_up(ctx, Prepayment(patient_id=patient, kind="cash", amount=amount), str(uuid4()))
    await desk.invoice(0, "40.00")
    invoice = await desk.scalar("select id from billing.invoice where patient_id = :id")
    async with clinic.ctx_as("director") as ctx:
        await cancel_invoice(ctx, Cancellation(invoice_id=invoice, reason="Морозова передумала"), str(uuid4()))
    gone, kept = desk.patients
    async with clinic.ctx_as("administrator") as ctx:
        await merge_patients(ctx, gone, kept)
    async with clinic.ctx_as("director") as ctx:
        assert await deposit_of(ctx, kept) == Decimal(82)
        await withdraw(ctx, Withdrawal(patient_id=kept, kind="cash", amount=Decimal(82)), str(uuid4()))
    await clinic.drain()
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, kept, "Заявление")
    await clinic.drain()
    assert await desk.scalar("select count(*) from billing.reversal where patient_id = :id", 1) == 1
    assert await desk.scalar("select reason from billing.reversal where patient_id = :id", 1) is None
    assert await desk.faults() == []


async def test_invoices_stay_without_a_name(clinic, desk) -> None:
    await desk.invoice(0, "100.00")
    await desk.book(0, 0, dt.time(10))
    async with clinic.ctx_as("system") as ctx:
        await ctx.db.execute(
            text("update calendar.appointment set occupies = false, cancel_reason = 'Морозова больна'")
        )
    await clinic.drain()
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, desk.patients[0], "Заявление")
    await clinic.drain()
    assert await desk.faults() == []
    assert await desk.scalar("select total from billing.invoice where patient_id = :id") == Decimal(100)
    assert await desk.scalar("select note from billing.invoice where patient_id = :id") is None
    left = "select concat(comment, cancel_reason) from calendar.appointment where patient_id = :id"
    assert await desk.scalar(left) == ""
    changes = "select count(*) from calendar.appointment_change where before is not null or after is not null"
    assert await desk.scalar(changes) == 0


async def test_the_export_reads_money_and_visits_in_words(clinic, desk) -> None:
    await desk.invoice(0, "30.00")
    await desk.invoice(1, "0")
    await desk.book(0, 0, dt.time(10))
    async with clinic.ctx_as("director") as ctx:
        patient = await note_export(ctx, desk.patients[0])
        whole = b"".join([part async for part in export_patient(ctx, patient)])
    archive = zipfile.ZipFile(io.BytesIO(whole))
    page = archive.read("Данные пациента.html").decode()
    for words in ("Приёмы", "Петров", "16.03.2055 10:00", "Счета", "оплачен частично", "Лечение", "Оплаты", "30.00"):
        assert words in page
    lines = archive.read("данные/billing.invoice_line.jsonl").decode().splitlines()
    assert [json.loads(line)["service_name"] for line in lines] == ["Лечение"]
