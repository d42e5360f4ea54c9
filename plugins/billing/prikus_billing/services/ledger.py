"""Double entry: every movement of money is one transaction whose entries sum to zero (patterns 6, reliability 6–9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

import msgspec
from sqlalchemy import BigInteger, Date, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY

from prikus.toolkit import Aggregate, Conflict, Context, Instant, Money, prepared_sql
from prikus_billing.schemas.money import Kind, PricedLine, Status

REPEATED = "Эта форма уже отправлена. Обновите страницу: результат в списке счетов."
TABLE, MOVED = "billing.invoice", "billing.ledger_transaction"


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A movement of a patient's money on its way into the ledger.

    `parts` is money by kind, negative when it is given back; each part stands against the account `against`. `sides`
    are the other entries; they sum to zero.
    """

    kind: Literal["payment", "top_up", "withdrawal", "refund", "cancellation"]
    patient_id: int
    legal_entity_id: int
    branch_id: int
    against: str
    invoice_id: int | None = None
    parts: Mapping[Kind, Decimal] = {}
    sides: Mapping[str, Decimal] = {}


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

    movement: Aggregate
    payment_ids: tuple[int, ...]

    @property
    def transaction_id(self) -> int:
        return self.movement.id


def desk_branch(ctx: Context, legal_entity_id: int, branch_id: int) -> int:
    """Where money changes hands: the branch where the person works now, if its desk takes this legal entity's money."""
    here = ctx.branch
    return here.id if here.legal_entity_id == legal_entity_id else branch_id


def moment(ctx: Context, branch_id: int) -> Moment:
    now = ctx.now()
    return Moment(now, now.astimezone(ctx.zone(branch_id)).date())


def status_of(total: Decimal, paid: Decimal, refunded: Decimal = Decimal(0)) -> Status:
    """State of an invoice that is not cancelled. What costs nothing is paid."""
    if refunded:
        return "refunded" if refunded == total else "partly_refunded"
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
_MOVE = prepared_sql(
    """
    with shift as (
      select id from billing.cash_shift
      where branch_id = :branch and legal_entity_id = :entity and closed_at is null for key share),
    made as (
      insert into billing.ledger_transaction (kind, key, legal_entity_id, branch_id, happened_at, business_date,
        shift_id)
      values (:kind, :key, :entity, :branch, :at, :day, (select id from shift))
      on conflict (clinic_id, key) do nothing returning id, row_version),
    given as (select * from unnest(:kinds, :methods, :amounts) as given (kind, method_id, amount)),
    paid as (
      insert into billing.payment (transaction_id, patient_id, legal_entity_id, branch_id, method_id, amount, paid_at,
        business_date)
      select made.id, :patient, :entity, :branch, given.method_id, given.amount, :at, :day from made, given
      returning id, method_id, amount),
    entries as (
      insert into billing.ledger_entry (transaction_id, account, patient_id, legal_entity_id, invoice_id, payment_id,
        amount, business_date)
      select made.id, side.account, :patient, :entity, :invoice, side.payment_id, side.amount, :day
      from made, (
        select pair.account, paid.id, pair.amount from paid join given using (method_id),
          lateral (values (given.kind, paid.amount), (:against, -paid.amount)) pair (account, amount)
        union all
        select account, null, amount from unnest(:accounts, :sums) as side (account, amount) where amount <> 0
      ) side (account, payment_id, amount))
    select made.id, made.row_version, array(select id from paid order by id) from made
    """,
    kind=Text,
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
    against=Text,
    accounts=ARRAY(Text),
    sums=ARRAY(Money),
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


async def post(ctx: Context, move: Movement, methods: Mapping[Kind, int], key: str, when: Moment) -> Posted:
    """Write a movement of a patient's money, stamped with the cash desk's open shift. One statement.

    Raises `Conflict` when the key was used before.
    """
    row = await _MOVE.row(
        ctx.db,
        kind=move.kind,
        key=key,
        entity=move.legal_entity_id,
        branch=move.branch_id,
        at=when.at,
        day=when.business_date,
        kinds=list(move.parts),
        methods=[methods[kind] for kind in move.parts],
        amounts=list(move.parts.values()),
        patient=move.patient_id,
        invoice=move.invoice_id,
        against=move.against,
        accounts=list(move.sides),
        sums=list(move.sides.values()),
    )
    if row is None:
        raise Conflict(REPEATED)
    ctx.changed("billing.desk", move.branch_id)
    return Posted(Aggregate(MOVED, row[0], row[1]), tuple(row[2]))


def tell(ctx: Context, patient_id: int, changed: Aggregate) -> None:
    """Say to open pages that the patient's money has changed."""
    ctx.changed("billing.payments", patient_id, changed.row_version)
