"""Double entry: every movement of money is one transaction whose entries sum to zero (patterns 6, reliability 6–9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

import msgspec
from sqlalchemy import BigInteger, Date, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY

from prikus.toolkit import Aggregate, Conflict, Context, Instant, Money, prepared_sql
from prikus_billing.schemas import Kind, PricedLine, Status

REPEATED = "Эта форма уже отправлена. Обновите страницу: результат в списке счетов."
TABLE = "billing.invoice"


class Owed(Protocol):
    """What the ledger must know of an invoice that is paid."""

    @property
    def id(self) -> int: ...
    @property
    def patient_id(self) -> int: ...
    @property
    def legal_entity_id(self) -> int: ...
    @property
    def branch_id(self) -> int: ...


class Billed(msgspec.Struct, frozen=True):
    """An invoice on its way into the database."""

    patient_id: int
    legal_entity_id: int
    branch_id: int
    number: int
    status: Status
    total: Decimal
    note: str | None
    lines: Sequence[PricedLine]


class Moment(msgspec.Struct, frozen=True):
    """When money moves: the instant in UTC and the local day of the branch."""

    at: dt.datetime
    business_date: dt.date


class Posted(msgspec.Struct, frozen=True):
    """What was written: the movement and the payments in it."""

    transaction_id: int
    payment_ids: tuple[int, ...]


def moment(ctx: Context, branch_id: int) -> Moment:
    now = ctx.now()
    return Moment(now, now.astimezone(ctx.zone(branch_id)).date())


def status_of(total: Decimal, paid: Decimal) -> Status:
    """State of an invoice that is not cancelled. What costs nothing is paid."""
    if paid == total:
        return "paid"
    return "partly_paid" if paid else "issued"


def sum_up(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))


_INVOICE = prepared_sql(
    """
    with invoice as (
      insert into billing.invoice (patient_id, legal_entity_id, branch_id, number, issued_at, business_date, status,
        total, paid, note)
      values (:patient, :entity, :branch, :number, :at, :day, :status, :total, 0, :note)
      returning id, row_version),
    lines as (
      insert into billing.invoice_line (invoice_id, position, service_id, service_code, service_name, teeth, quantity,
        price, net_amount, doctor_id, appointment_id)
      select invoice.id, line.position, service_id, service_code, service_name, teeth, quantity, price, net_amount,
        doctor_id, appointment_id
      from invoice, unnest(:services, :codes, :names, :teeth, :quantities, :prices, :amounts, :doctors, :appointments)
        with ordinality as line (service_id, service_code, service_name, teeth, quantity, price, net_amount, doctor_id,
          appointment_id, position)),
    made as (
      insert into billing.ledger_transaction (kind, key, legal_entity_id, branch_id, happened_at, business_date)
      values ('invoice', :key, :entity, :branch, :at, :day)
      on conflict (clinic_id, key) do nothing returning id),
    entries as (
      insert into billing.ledger_entry (transaction_id, account, patient_id, legal_entity_id, invoice_id, amount,
        business_date)
      select made.id, side.account, :patient, :entity, invoice.id, side.amount, :day
      from made, invoice, (values ('receivable', :total), ('revenue', -:total)) side (account, amount)
      where side.amount <> 0)
    select invoice.id, invoice.row_version, made.id from invoice left join made on true
    """,
    patient=BigInteger,
    entity=BigInteger,
    branch=BigInteger,
    number=BigInteger,
    at=Instant,
    day=Date,
    status=Text,
    total=Money,
    note=Text,
    key=Text,
    services=ARRAY(BigInteger),
    codes=ARRAY(Text),
    names=ARRAY(Text),
    teeth=ARRAY(Text),
    quantities=ARRAY(Integer),
    prices=ARRAY(Money),
    amounts=ARRAY(Money),
    doctors=ARRAY(BigInteger),
    appointments=ARRAY(BigInteger),
)
_PAYMENTS = prepared_sql(
    """
    with made as (
      insert into billing.ledger_transaction (kind, key, legal_entity_id, branch_id, happened_at, business_date)
      values ('payment', :key, :entity, :branch, :at, :day)
      on conflict (clinic_id, key) do nothing returning id),
    given as (select * from unnest(:kinds, :methods, :amounts) as given (kind, method_id, amount)),
    paid as (
      insert into billing.payment (transaction_id, patient_id, legal_entity_id, branch_id, method_id, amount, paid_at,
        business_date)
      select made.id, :patient, :entity, :branch, given.method_id, given.amount, :at, :day from made, given
      returning id, transaction_id, method_id, amount)
    insert into billing.ledger_entry (transaction_id, account, patient_id, legal_entity_id, invoice_id, payment_id,
      amount, business_date)
    select paid.transaction_id, side.account, :patient, :entity, :invoice, paid.id, side.amount, :day
    from paid join given using (method_id),
      lateral (values (given.kind, paid.amount), ('receivable', -paid.amount)) side (account, amount)
    returning payment_id, transaction_id
    """,
    key=Text,
    entity=BigInteger,
    branch=BigInteger,
    at=Instant,
    day=Date,
    kinds=ARRAY(Text),
    methods=ARRAY(BigInteger),
    amounts=ARRAY(Money),
    patient=BigInteger,
    invoice=BigInteger,
)


async def post_invoice(ctx: Context, new: Billed, key: str, when: Moment) -> Aggregate:
    """Write the invoice with its lines; the patient owes, the clinic has earned. One statement.

    Raises `Conflict` when the key was used before.
    """
    row = await _INVOICE.row(
        ctx.db,
        patient=new.patient_id,
        entity=new.legal_entity_id,
        branch=new.branch_id,
        number=new.number,
        at=when.at,
        day=when.business_date,
        status=new.status,
        total=new.total,
        note=new.note,
        key=key,
        services=[line.service_id for line in new.lines],
        codes=[line.service_code for line in new.lines],
        names=[line.service_name for line in new.lines],
        teeth=[line.teeth for line in new.lines],
        quantities=[line.quantity for line in new.lines],
        prices=[line.price for line in new.lines],
        amounts=[line.net_amount for line in new.lines],
        doctors=[line.doctor_id for line in new.lines],
        appointments=[line.appointment_id for line in new.lines],
    )
    if row is None or row[2] is None:
        raise Conflict(REPEATED)
    return Aggregate(TABLE, row[0], row[1])


async def post_payments(
    ctx: Context, invoice: Owed, parts: Mapping[Kind, Decimal], methods: Mapping[Kind, int], key: str, when: Moment
) -> Posted:
    """Money comes in, the debt goes down: one payment for each part. One statement.

    Raises `Conflict` when the key was used before.
    """
    rows = await _PAYMENTS.rows(
        ctx.db,
        key=key,
        entity=invoice.legal_entity_id,
        branch=invoice.branch_id,
        at=when.at,
        day=when.business_date,
        kinds=list(parts),
        methods=[methods[kind] for kind in parts],
        amounts=list(parts.values()),
        patient=invoice.patient_id,
        invoice=invoice.id,
    )
    ids = {row[0] for row in rows}
    if len(ids) != len(parts):
        raise Conflict(REPEATED)
    return Posted(rows[0][1], tuple(sorted(ids)))
