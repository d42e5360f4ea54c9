"""What a person does about a receipt that does not go by itself."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from prikus.toolkit import Conflict, Context, Invalid, once, read_phone
from prikus_billing.public import settlement_of
from prikus_fiscal.models import IN_HANDS, PERSON, CashRegister, FiscalReceipt
from prikus_fiscal.schemas import Buyer, Content, Corrected, Correction, Kind, NewCorrection
from prikus_fiscal.services import registers
from prikus_fiscal.services.making import NO_CONTACT, needs_contact, phone_of, write
from prikus_fiscal.services.mapping import content_of
from prikus_fiscal.services.sending import waiting_for

NOT_CORRECTED = "Исправить можно пробитый чек прихода или тот, который так и не был пробит."
GOES_BY_ITSELF = "Чек уже в очереди кассы: он уйдёт сам."
IS_SENT = "Чек прямо сейчас отправляется в кассу. Подождите минуту, пока она ответит."
IS_DONE = "Чек уже пробит."
MAY_BE_DONE = "Возможно, этот чек уже пробит прежней кассой: передать его другой нельзя."
NOT_YET_CORRECTED = "Прежний чек коррекции этой оплаты ещё не пробит. Сначала дождитесь его или повторите его."
CORRECTED_BY_HAND = "Прежний чек коррекции этой оплаты закрыт вручную. Исправляйте дальше на самой кассе."
CANNOT_CORRECT = "Эта касса не принимает чеки коррекции. Это меняют в её настройках в «API Интеграции»."
CORRECTIONS: tuple[Kind, ...] = ("sell_refund_correction", "sell_correction")


async def retry(ctx: Context, receipt_id: int) -> int:
    """«Повторить»: the same number, or the next one where the last attempt has definitely failed. Its register.

    Raises `Conflict` for what is done, goes by itself, or has no contact or register.
    """
    ctx.require("fiscal.receipt.retry")
    row = await ctx.load(FiscalReceipt, receipt_id, lock=True)
    if row.state in ("done", "resolved"):
        raise Conflict(IS_DONE)
    if row.state not in ("failed", "draft", "needs_contact") and row.next_at is not None:
        raise Conflict(GOES_BY_ITSELF)
    if row.state == "draft":
        await _give_register(ctx, row)
    register_id = await _queue(ctx, row, "unknown" if row.state == "unknown" else "queued")
    await ctx.audit("fiscal.receipt.retried", "fiscal.receipt", receipt_id, "Чек отправлен ещё раз")
    return register_id


async def _give_register(ctx: Context, row: FiscalReceipt) -> None:
    register = await registers.register_for(ctx, row.branch_id, row.legal_entity_id)
    if register is None:
        raise Conflict("У филиала нет действующей кассы. Подключите её или выберите другую.")
    row.register_id = register.id


async def _queue(ctx: Context, row: FiscalReceipt, state: str) -> int:
    """Let it go again from now on. Raises `Conflict` while it has no register or contact."""
    if row.register_id is None:
        raise Conflict("Сначала выберите кассу для этого чека.")
    register = await ctx.load(CashRegister, row.register_id)
    buyer, content = msgspec.convert(row.buyer or {}, Buyer), msgspec.convert(row.content, Content)
    if needs_contact(ctx, register, content) and not (buyer.email or buyer.phone):
        raise Conflict(NO_CONTACT)
    row.state, row.queued_at, row.next_at, row.tries = state, ctx.now(), ctx.now(), 0
    row.begun_at = row.accepted_at = None
    row.trouble = row.error = None
    await ctx.db.flush()
    ctx.changed("fiscal.receipts", row.transaction_id)
    return row.register_id


async def give_contact(ctx: Context, receipt_id: int, contact: str) -> int:
    """Write an e-mail or a telephone of the buyer on the receipt and send it. Raises `Invalid` beside `contact`."""
    ctx.require("fiscal.receipt.retry")
    row = await ctx.load(FiscalReceipt, receipt_id, lock=True)
    if row.state not in ("needs_contact", "failed", "draft"):
        raise Conflict(IS_DONE if row.state == "done" else GOES_BY_ITSELF)
    buyer = msgspec.convert(row.buyer or {}, Buyer)
    row.buyer = msgspec.to_builtins(with_contact(buyer, contact.strip()))
    if row.state == "draft":
        await _give_register(ctx, row)
    register_id = await _queue(ctx, row, "queued")
    await ctx.audit("fiscal.receipt.contact", "fiscal.receipt", receipt_id, "Чеку указан контакт покупателя")
    return register_id


def with_contact(buyer: Buyer, contact: str) -> Buyer:
    """The buyer with this e-mail or Russian telephone. Raises `Invalid` beside `contact`."""
    if registers.is_email(contact):
        return msgspec.structs.replace(buyer, email=contact)
    try:
        phone = phone_of(read_phone(contact))
    except ValueError:
        phone = None
    if phone is None:
        raise Invalid({"contact": "Нужен e-mail или российский номер телефона, например +7 912 345-67-89."})
    return msgspec.structs.replace(buyer, phone=phone, email=None)


async def move(ctx: Context, receipt_id: int, register_id: int) -> int:
    """Give a receipt that is surely not registered to another register. Raises `Conflict` otherwise."""
    ctx.require("fiscal.receipt.retry")
    row = await ctx.load(FiscalReceipt, receipt_id, lock=True)
    if row.state in ("done", "resolved"):
        raise Conflict(IS_DONE)
    if not row.is_movable:
        raise Conflict(MAY_BE_DONE)
    register = await ctx.load(CashRegister, register_id)
    if register.legal_entity_id != row.legal_entity_id:
        raise Invalid({"register_id": "Эта касса другого юрлица."})
    row.register_id = register.id
    result = await _queue(ctx, row, "queued")
    sentence = f"Чек передан кассе «{register.name}»"
    await ctx.audit("fiscal.receipt.moved", "fiscal.receipt", receipt_id, sentence)
    return result


async def resolve(ctx: Context, receipt_id: int, note: str) -> list[int]:
    """A person has settled it otherwise, such as on the register itself; `note` says how.

    Returns the registers of what waited for it. Raises `Conflict` for what is done, or in the hands of a register that
    works.
    """
    ctx.require("fiscal.receipt.correct")
    row = await ctx.load(FiscalReceipt, receipt_id, lock=True)
    if row.state in ("done", "resolved"):
        raise Conflict(IS_DONE)
    if row.state in IN_HANDS and row.register_id is not None:
        register = await ctx.load(CashRegister, row.register_id)
        if await registers.obstacle(ctx, register) is None:
            raise Conflict(IS_SENT)
    if not note.strip():
        raise Invalid({"note": "Напишите, чем кончилось."})
    row.state, row.next_at, row.note = "resolved", None, note.strip()
    await ctx.db.flush()
    ctx.changed("fiscal.receipts", row.transaction_id)
    await ctx.audit("fiscal.receipt.resolved", "fiscal.receipt", receipt_id, f"Чек закрыт вручную: {row.note}")
    return await waiting_for(ctx, receipt_id)


async def correct(ctx: Context, receipt_id: int, new: NewCorrection, key: str) -> Corrected:
    """Take a wrong receipt back and give the right one, each as a correction; what was never registered is only given.

    The right one is written anew from the movement of money. Raises `Invalid` beside the fields, `Conflict` where the
    register takes no corrections.
    """
    ctx.require("fiscal.receipt.correct")
    if empty := {name: "Заполните это поле." for name in ("number", "note") if not getattr(new, name).strip()}:
        raise Invalid(empty)
    wish = Correcting(receipt_id, new)
    return await once(ctx.db, key, wish, Corrected, lambda: _correct(ctx, wish))


class Correcting(msgspec.Struct, frozen=True):
    receipt_id: int
    new: NewCorrection


async def _correct(ctx: Context, wish: Correcting) -> Corrected:
    row = await ctx.load(FiscalReceipt, wish.receipt_id, lock=True)
    if row.kind != "sell" or row.state not in ("done", *PERSON):
        raise Conflict(NOT_CORRECTED)
    if row.register_id is None:
        await _give_register(ctx, row)
    assert row.register_id is not None
    register = await ctx.load(CashRegister, row.register_id)
    if not register.can_correct:
        raise Conflict(CANNOT_CORRECT)
    made = await _write_corrections(ctx, row, register, wish.new)
    if row.state != "done":
        row.state, row.next_at, row.note = "resolved", None, wish.new.note.strip()
    await ctx.db.flush()
    ctx.changed("fiscal.receipts", row.transaction_id)
    sentence = f"Чек коррекции: {wish.new.note.strip()}"
    await ctx.audit("fiscal.receipt.corrected", "fiscal.receipt", row.id, sentence)
    return Corrected(tuple(made), register.id, tuple(await waiting_for(ctx, row.id)))


async def _write_corrections(ctx: Context, row: FiscalReceipt, register: CashRegister, new: NewCorrection) -> list[int]:
    why = Correction(new.reason, new.day, new.number.strip())
    moved = await settlement_of(ctx, row.transaction_id)
    style = await registers.style_of(ctx, register, {line.service_id for line in moved.lines})
    right = content_of(moved, style)
    wanted: list[tuple[Kind, Content, FiscalReceipt]] = []
    wrong, part = await _to_take_back(ctx, row)
    if wrong is not None:
        wanted.append(("sell_refund_correction", msgspec.convert(wrong.content, Content), wrong))
    wanted.append(("sell_correction", right, row))
    made: list[int] = []
    for kind, content, base in wanted:
        said = msgspec.structs.replace(content, correction=why)
        one = await write(ctx, moved, kind, said, register, base, part=part, note=new.note.strip())
        if one is not None:
            made.append(one.receipt_id)
    return made


async def _to_take_back(ctx: Context, row: FiscalReceipt) -> tuple[FiscalReceipt | None, int]:
    """What is registered of a movement now: its sale or what corrected it last; and the number of the next correction.

    Raises `Conflict` while that last correction is not registered.
    """
    mine = FiscalReceipt.transaction_id == row.transaction_id, FiscalReceipt.kind.in_(CORRECTIONS)
    found = (await ctx.db.scalars(select(FiscalReceipt).where(*mine).order_by(FiscalReceipt.part))).all()
    if not found:
        return (row if row.state == "done" else None), 0
    last = {one.kind: one for one in found if one.part == found[-1].part}
    states = {one.state for one in last.values()}
    if states != {"done"}:
        raise Conflict(CORRECTED_BY_HAND if "resolved" in states else NOT_YET_CORRECTED)
    return last["sell_correction"], found[-1].part + 1
