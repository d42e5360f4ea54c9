"""Taking back: cancelling an invoice (PAY-06) and refunding services that were paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, cast

from sqlalchemy import BigInteger, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY

from prikus.toolkit import (
    Aggregate,
    Conflict,
    Context,
    Invalid,
    Money,
    NotFound,
    money,
    once,
    prepared_sql,
    require_proof,
)
from prikus_billing.events import InvoiceCancelled, PaymentRefunded
from prikus_billing.schemas.money import Cancellation, Kind, NewRefund, ReturnableLine, Reversed, Way
from prikus_billing.services.ledger import Movement, Posted, desk_branch, moment, post, status_of, sum_up, tell
from prikus_billing.services.limits import stripped_reason
from prikus_billing.services.payments import Locked, lock_invoice, settle

MISSING = "Укажите причину."
_REVERSAL = prepared_sql(
    """
    with reversal as (
      insert into billing.reversal (transaction_id, kind, patient_id, invoice_id, reverses_id, reason)
      values (:transaction, :kind, :patient, :invoice, (
        select max(t.id) from billing.ledger_entry e
        join billing.ledger_transaction t on t.clinic_id = e.clinic_id and t.id = e.transaction_id
        where e.invoice_id = :invoice and t.kind = 'payment'), :reason)
      returning id)
    insert into billing.refunded_line (reversal_id, line_id, quantity, amount)
    select reversal.id, line.* from reversal, unnest(:lines, :quantities, :amounts) line (id, quantity, amount)
    """,
    transaction=BigInteger,
    kind=Text,
    patient=BigInteger,
    invoice=BigInteger,
    reason=Text,
    lines=ARRAY(BigInteger),
    quantities=ARRAY(Integer),
    amounts=ARRAY(Money),
)
_RETURNABLE = prepared_sql(
    """
    select l.id, l.position, l.service_name, l.teeth, l.quantity, l.net_amount, coalesce(sum(f.quantity), 0)::int,
      coalesce(sum(f.amount), 0.00)
    from billing.invoice_line l
    left join billing.refunded_line f on f.clinic_id = l.clinic_id and f.line_id = l.id
    where l.invoice_id = :invoice group by l.clinic_id, l.id order by l.position
    """,
    invoice=BigInteger,
)
_PAID_BY = prepared_sql(
    """
    select account, sum(amount) from billing.ledger_entry
    where invoice_id = :invoice and account in ('cash', 'cashless', 'deposit') group by account
    """,
    invoice=BigInteger,
)


async def cancel_invoice(ctx: Context, wish: Cancellation, key: str) -> Reversed:
    """Cancel once for a key; what was paid and not refunded goes to the deposit (PAY-06).

    Raises `Invalid` beside the reason, `Conflict` when there is nothing to cancel or another plugin refuses,
    `ProofNeeded`.
    """
    ctx.require("billing.invoice.cancel")
    await require_proof(ctx)
    return await once(ctx.db, key, wish, Reversed, lambda: _cancel(ctx, wish, key))


async def _cancel(ctx: Context, wish: Cancellation, key: str) -> Reversed:
    reason = stripped_reason(wish.reason, MISSING)
    invoice, methods = await lock_invoice(ctx, wish.invoice_id)
    if invoice.status == "cancelled":
        raise Conflict("Счёт уже отменён.")
    if invoice.status == "refunded":
        raise Conflict("По счёту всё возвращено: отменять нечего.")
    await ctx.ask("billing_may_cancel", invoice_id=invoice.id)
    kept = invoice.paid - invoice.refunded
    sides = {"revenue": invoice.total - invoice.refunded, "receivable": -invoice.due, "deposit": -kept}
    posted = await _move(ctx, invoice, "cancellation", {}, sides, methods, key)
    await _note(ctx, invoice, posted, "cancellation", reason)
    aggregate = await settle(ctx, invoice, status="cancelled")
    fact = InvoiceCancelled(
        patient_id=invoice.patient_id,
        transaction_id=posted.transaction_id,
        invoice_id=invoice.id,
        number=invoice.label,
        total=invoice.total,
        to_deposit=kept,
        reason=reason,
        currency=ctx.clinic.currency,
    )
    await ctx.emit(fact, aggregate)
    await _trace(ctx, "billing.invoice_cancelled", invoice, f"Отменён счёт № {invoice.label}: {reason}", aggregate)
    return Reversed(posted.transaction_id, invoice.id, invoice.patient_id, kept)


async def refund(ctx: Context, wish: NewRefund, key: str) -> Reversed:
    """Return services of an invoice that is paid in full, once for a key, in money or to the deposit.

    Raises `Invalid` in fields `lines`, `quantity-<position>`, `way`, `reason`; `Conflict` for an invoice that has
    no money to return, `ProofNeeded`.
    """
    ctx.require("billing.invoice.refund")
    await require_proof(ctx)
    return await once(ctx.db, key, wish, Reversed, lambda: _refund(ctx, wish, key))


async def _refund(ctx: Context, wish: NewRefund, key: str) -> Reversed:
    reason = stripped_reason(wish.reason, MISSING)
    invoice, methods = await lock_invoice(ctx, wish.invoice_id)
    check_refundable(invoice.status)
    lines = _chosen(wish, await _lines_of(ctx, invoice.id))
    amount = sum_up(line.amount_of(quantity) for line, quantity in lines)
    if not amount:
        raise Invalid({"lines": "За эти услуги не платили: возвращать нечего."})
    parts, sides = _directions(wish.way, amount)
    posted = await _move(ctx, invoice, "refund", parts, sides, methods, key)
    await _note(ctx, invoice, posted, "refund", reason, lines)
    refunded = invoice.refunded + amount
    status = status_of(invoice.total, invoice.paid, refunded)
    aggregate = await settle(ctx, invoice, refunded=refunded, status=status)
    fact = PaymentRefunded(
        patient_id=invoice.patient_id,
        transaction_id=posted.transaction_id,
        invoice_id=invoice.id,
        number=invoice.label,
        payment_ids=posted.payment_ids,
        amount=amount,
        by_kind={wish.way: amount},
        reason=reason,
        currency=ctx.clinic.currency,
    )
    await ctx.emit(fact, aggregate)
    sentence = f"Возврат {money(amount, ctx.clinic.currency)} по счёту № {invoice.label}: {reason}"
    await _trace(ctx, "billing.payment_refunded", invoice, sentence, aggregate)
    return Reversed(posted.transaction_id, invoice.id, invoice.patient_id, amount)


def check_refundable(status: str) -> None:
    """Raise `Conflict` unless the invoice was paid in full and something of it is not returned yet."""
    if status == "cancelled":
        raise Conflict("Счёт отменён: его деньги уже на депозите пациента.")
    if status == "refunded":
        raise Conflict("По этому счёту всё уже возвращено.")
    if status not in ("paid", "partly_refunded"):
        raise Conflict("Счёт оплачен не полностью. Ошибочный счёт отмените: оплаченное вернётся на депозит.")


async def returnable_lines(ctx: Context, invoice_id: int) -> list[ReturnableLine]:
    """Lines of the invoice with what is returned of each. Raises `NotFound`."""
    ctx.require("billing.invoice.view")
    if not (lines := await _lines_of(ctx, invoice_id)):
        raise NotFound()
    return lines


async def lines_to_refund(ctx: Context, invoice_id: int) -> list[ReturnableLine]:
    """Lines of which something may still be returned, for those who return."""
    ctx.require("billing.invoice.refund")
    return [line for line in await _lines_of(ctx, invoice_id) if line.left]


async def _lines_of(ctx: Context, invoice_id: int) -> list[ReturnableLine]:
    return await _RETURNABLE.structs(ReturnableLine, ctx.db, invoice=invoice_id)


async def proposed_way(ctx: Context, invoice_id: int) -> Way:
    """The way by which most of the invoice was paid: what came by card goes back as «Безнал»."""
    ctx.require("billing.invoice.refund")
    paid = {row[0]: row[1] for row in await _PAID_BY.rows(ctx.db, invoice=invoice_id)}
    return cast(Way, max(paid, key=lambda way: paid[way])) if paid else "cash"


def _chosen(wish: NewRefund, lines: Sequence[ReturnableLine]) -> list[tuple[ReturnableLine, int]]:
    """The lines to return with their quantities. Raises `Invalid` that names every mistake."""
    wanted = {line.position: line.quantity for line in wish.lines if line.quantity}
    if not wanted:
        raise Invalid({"lines": "Выберите, какие услуги вернуть."})
    known = {line.position: line for line in lines}
    if unknown := set(wanted) - set(known):
        raise NotFound(f"В счёте нет строки {min(unknown)}.")
    wrong = {
        f"quantity-{at}": f"Можно вернуть не больше {known[at].left}." if known[at].left else "Уже возвращено."
        for at, quantity in wanted.items()
        if not 0 < quantity <= known[at].left
    }
    if wrong:
        raise Invalid(wrong)
    return [(known[at], quantity) for at, quantity in wanted.items()]


def _directions(way: Way, amount: Decimal) -> tuple[Mapping[Kind, Decimal], Mapping[str, Decimal]]:
    if way == "deposit":
        return {}, {"revenue": amount, "deposit": -amount}
    return {way: -amount}, {}


async def _move(
    ctx: Context,
    invoice: Locked,
    kind: Literal["refund", "cancellation"],
    parts: Mapping[Kind, Decimal],
    sides: Mapping[str, Decimal],
    methods: Mapping[Kind, int],
    key: str,
) -> Posted:
    branch = desk_branch(ctx, invoice.legal_entity_id, invoice.branch_id)
    move = Movement(
        kind=kind,
        patient_id=invoice.patient_id,
        legal_entity_id=invoice.legal_entity_id,
        branch_id=branch,
        against="revenue",
        invoice_id=invoice.id,
        parts=parts,
        sides=sides,
    )
    return await post(ctx, move, methods, key, moment(ctx, branch))


async def _note(
    ctx: Context,
    invoice: Locked,
    posted: Posted,
    kind: str,
    reason: str,
    lines: Sequence[tuple[ReturnableLine, int]] = (),
) -> None:
    await _REVERSAL.rows(
        ctx.db,
        transaction=posted.transaction_id,
        kind=kind,
        patient=invoice.patient_id,
        invoice=invoice.id,
        reason=reason,
        lines=[line.id for line, _ in lines],
        quantities=[quantity for _, quantity in lines],
        amounts=[line.amount_of(quantity) for line, quantity in lines],
    )


async def _trace(ctx: Context, action: str, invoice: Locked, sentence: str, changed: Aggregate) -> None:
    await ctx.audit(action, "billing.invoice", invoice.id, sentence)
    tell(ctx, invoice.patient_id, changed)
