"""Issuing invoices (PAY-01, PAY-04). Totals are counted here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import BigInteger, ClauseElement, any_, bindparam, literal, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from prikus.toolkit import (
    BranchInfo,
    Context,
    Invalid,
    NotFound,
    Patient,
    StaffMember,
    money,
    next_number,
    once,
    prepared,
    round_money,
    visible,
)
from prikus_billing.events import InvoiceIssued
from prikus_billing.models import InvoiceLine
from prikus_billing.schemas.money import Issued, NewInvoice, NewLine, PricedLine, Proposal
from prikus_billing.services.ledger import Billed, moment, post_invoice, status_of, sum_up, tell
from prikus_billing.services.limits import LARGEST
from prikus_billing.services.teeth import read_teeth
from prikus_catalog.public import Offer, price_of

SERIES = "invoice"
MOST_LINES, MOST_QUANTITY, LONGEST_NOTE = 100, 999, 2000
NO_VISIT = "Приёма, к которому относится строка, больше нет. Уберите строку и добавьте услугу заново."


async def issue_invoice(ctx: Context, new: NewInvoice, key: str) -> Issued:
    """Issue once for a key. Mistakes of line n are `Invalid` in fields `service_id-n`, `teeth-n`,
    `quantity-n`, `price-n`, `doctor_id-n`; a refusal of another plugin is `Conflict`.
    """
    ctx.require("billing.invoice.issue")
    return await once(ctx.db, key, new, Issued, lambda: _issue(ctx, new, key))


async def _issue(ctx: Context, new: NewInvoice, key: str) -> Issued:
    branch = _branch(ctx, new.branch_id)
    if not new.lines:
        raise Invalid({"lines": "Добавьте хотя бы одну услугу."})
    if len(new.lines) > MOST_LINES:
        raise Invalid({"lines": f"В одном счёте не больше {MOST_LINES} услуг."})
    if new.note is not None and len(new.note) > LONGEST_NOTE:
        raise Invalid({"note": f"Слишком длинно: не больше {LONGEST_NOTE} знаков."})
    offers = await price_of(ctx, {line.service_id for line in new.lines})
    doctors = await _known_doctors(ctx, new)
    await _check_visits(ctx, new)
    lines = price_lines(ctx, new.lines, offers, doctors)
    total = sum_up(line.net_amount for line in lines)
    if total >= LARGEST:
        raise Invalid({"lines": "Сумма счёта слишком велика."})
    services = sorted({line.service_id for line in new.lines})
    await ctx.ask("billing_may_invoice", patient_id=new.patient_id, service_ids=services)
    when = moment(ctx, branch.id)
    billed = Billed(
        patient_id=new.patient_id,
        legal_entity_id=branch.legal_entity_id,
        branch_id=branch.id,
        number=await next_number(ctx.db, SERIES, branch.legal_entity_id),
        status=status_of(total, Decimal(0)),
        total=total,
        note=new.note,
        lines=lines,
    )
    invoice = await post_invoice(ctx, billed, key, when)
    number = str(billed.number)
    await ctx.emit(
        InvoiceIssued(
            patient_id=new.patient_id,
            invoice_id=invoice.id,
            number=number,
            total=total,
            currency=ctx.clinic.currency,
        ),
        invoice,
    )
    tell(ctx, new.patient_id, invoice)
    return Issued(invoice.id, number, total)


def _branch(ctx: Context, branch_id: int | None) -> BranchInfo:
    if branch_id is None:
        return ctx.branch
    found = next((branch for branch in ctx.branches if branch.id == branch_id), None)
    if found is None:
        raise Invalid({"branch_id": "Такого филиала нет."})
    return found


async def _known_doctors(ctx: Context, new: NewInvoice) -> set[int]:
    """Which of the lines' doctors work here. Raises `NotFound` unless the patient is there: one statement for both."""
    wanted = [line.doctor_id for line in new.lines if line.doctor_id is not None]
    found = await _people().rows(ctx.db, patient=new.patient_id, wanted=wanted)
    if not any(row.kind == "patient" for row in found):
        raise NotFound("Пациент не найден. Возможно, карточка удалена.")
    return {row.id for row in found if row.kind == "doctor"}


@prepared
def _people() -> ClauseElement:
    patient = visible(Patient, literal("patient").label("kind"), Patient.id).where(Patient.id == bindparam("patient"))
    doctors = visible(StaffMember, literal("doctor").label("kind"), StaffMember.id).where(
        StaffMember.id == any_(bindparam("wanted", type_=ARRAY(BigInteger))), StaffMember.kind == "doctor"
    )
    return union_all(patient, doctors)


async def _check_visits(ctx: Context, new: NewInvoice) -> None:
    """Raise `Invalid` for lines that name an appointment of nobody here; without any it costs no statement."""
    named = {n: line.appointment_id for n, line in enumerate(new.lines) if line.appointment_id is not None}
    known = await ctx.known(InvoiceLine.appointment_id, set(named.values()))
    unknown = [n for n, appointment_id in named.items() if appointment_id not in known]
    if unknown:
        raise Invalid({f"appointment_id-{n}": NO_VISIT for n in unknown}, NO_VISIT)


def price_lines(
    ctx: Context, lines: Sequence[NewLine], offers: Mapping[int, Offer], doctors: set[int]
) -> list[PricedLine]:
    """Every line at its amount. Raises `Invalid` that names every mistake."""
    mistakes: dict[str, str] = {}
    priced = []
    for n, line in enumerate(lines):
        offer = offers.get(line.service_id)
        wrong = _mistakes(ctx, line, offer, doctors)
        mistakes |= {f"{field}-{n}": sentence for field, sentence in wrong.items()}
        if offer is not None and not wrong:
            priced.append(_priced(line, offer))
    if mistakes:
        raise Invalid(mistakes)
    return priced


def _priced(line: NewLine, offer: Offer) -> PricedLine:
    price = offer.price if line.price is None else line.price
    return PricedLine(
        service_id=offer.id,
        service_code=offer.code,
        service_name=offer.name,
        teeth=read_teeth(line.teeth),
        quantity=line.quantity,
        price=price,
        net_amount=round_money(price * line.quantity),
        doctor_id=line.doctor_id,
        appointment_id=line.appointment_id,
    )


def _mistakes(ctx: Context, line: NewLine, offer: Offer | None, doctors: set[int]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if offer is None:
        return {"service_id": "Этой услуги больше нет в прайс-листе. Уберите строку."}
    if not 0 < line.quantity <= MOST_QUANTITY:
        wrong["quantity"] = f"Укажите количество от 1 до {MOST_QUANTITY}."
    if line.price is not None and line.price != offer.price:
        if line.price < 0:
            wrong["price"] = "Цена не может быть отрицательной."
        elif not ctx.can("billing.invoice.price"):
            now = money(offer.price, ctx.clinic.currency)
            wrong["price"] = f"Цена изменилась: теперь {now}. Добавьте услугу заново."
    if line.doctor_id is not None and line.doctor_id not in doctors:
        wrong["doctor_id"] = "Этот врач больше не работает. Выберите другого."
    try:
        read_teeth(line.teeth)
    except ValueError as error:
        wrong["teeth"] = str(error)
    return wrong


async def estimate(ctx: Context, lines: Sequence[NewLine | None]) -> list[Decimal | None]:
    """Amount of each line of a form that is still being filled in; None where it cannot be counted yet."""
    ctx.require("billing.invoice.issue")
    offers = await price_of(ctx, {line.service_id for line in lines if line is not None})
    return [_amount(line, offers.get(line.service_id)) if line is not None else None for line in lines]


def _amount(line: NewLine, offer: Offer | None) -> Decimal | None:
    if offer is None or not 0 < line.quantity <= MOST_QUANTITY:
        return None
    return round_money((offer.price if line.price is None else line.price) * line.quantity)


async def propose(ctx: Context, patient_id: int) -> Proposal:
    """The doctor for the lines of a new invoice, as another plugin knows; nobody knowing is fine."""
    for answer in await ctx.ask("propose_doctor", patient_id=patient_id):
        if answer.value is not None:
            return Proposal(*answer.value)
    return Proposal()
