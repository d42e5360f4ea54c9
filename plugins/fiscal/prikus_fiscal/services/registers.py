"""Which register gets what, and how it is set up."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import func, select, update

from prikus.toolkit import WORKS, Branch, Conflict, Context, Invalid, LegalEntity, known_connections, visible
from prikus_catalog.public import services_v1
from prikus_fiscal.models import OPEN, STUCK, WAITING, CashRegister, FiscalReceipt
from prikus_fiscal.schemas import (
    KnownRegister,
    Naming,
    RegisterForm,
    RegisterProvider,
    RegisterRow,
    Vat,
)
from prikus_fiscal.services.mapping import ServiceFacts, Style

NO_BRANCH = "Выберите филиал, в котором стоит касса."
TAKEN = "У этого филиала и юрлица уже есть действующая касса: «{name}». Сначала отключите её."
NOT_CONNECTED = "Касса не подключена. Подключите её в «API Интеграции»."


def providers(ctx: Context) -> dict[str, RegisterProvider]:
    """Services of effective plugins, by kind of connection."""
    return {provider.kind: provider for provider in ctx.describe("register_providers")}


async def know_register(ctx: Context, known: KnownRegister) -> int:
    """The register behind a connection that was tried with success; its number. It begins to work, or works again.

    The first one of a branch and legal entity becomes active. Raises `Invalid` when the branch is not named and there
    are several.
    """
    branch = await _branch(ctx, known.branch_id)
    row = await ctx.db.scalar(
        select(CashRegister).where(CashRegister.connection_id == known.connection_id).with_for_update()
    )
    if row is None:
        row = CashRegister(connection_id=known.connection_id, is_active=False)
        ctx.db.add(row)
    if (row.branch_id, row.legal_entity_id) != (branch.id, branch.legal_entity_id):
        row.is_active = False
    row.name, row.provider, row.taxation, row.vat = known.name, known.kind, known.taxation, known.vat
    row.branch_id, row.legal_entity_id, row.can_correct = branch.id, branch.legal_entity_id, known.can_correct
    row.stopped = None
    if await register_for(ctx, branch.id, branch.legal_entity_id) is None:
        row.is_active = True
    await ctx.db.flush()
    await _begin_anew(ctx, row)
    await ctx.audit("fiscal.register.connected", "fiscal.cash_register", row.id, f"Подключена касса «{row.name}»")
    ctx.changed("fiscal.registers")
    return row.id


async def _begin_anew(ctx: Context, register: CashRegister) -> None:
    """What waits for it goes by itself for another day."""
    waiting = FiscalReceipt.register_id == register.id, FiscalReceipt.state.in_(OPEN)
    await ctx.db.execute(update(FiscalReceipt).where(*waiting).values(begun_at=None, accepted_at=None))


async def _branch(ctx: Context, branch_id: int | None) -> Branch:
    query = visible(Branch).order_by(Branch.id)
    found = list(await ctx.db.scalars(query if branch_id is None else query.where(Branch.id == branch_id)))
    if len(found) != 1:
        raise Invalid({"branch_id": NO_BRANCH})
    return found[0]


async def register_for(ctx: Context, branch_id: int, legal_entity_id: int) -> CashRegister | None:
    """The active register of a branch and legal entity."""
    return await ctx.db.scalar(
        select(CashRegister).where(
            CashRegister.is_active,
            CashRegister.branch_id == branch_id,
            CashRegister.legal_entity_id == legal_entity_id,
        )
    )


async def has_registers(ctx: Context) -> bool:
    """Whether the clinic gives receipts at all."""
    return await ctx.db.scalar(select(CashRegister.id).limit(1)) is not None


async def style_of(ctx: Context, register: CashRegister | None, service_ids: set[int]) -> Style:
    """What receipts of this register call services; the usual words while there is none."""
    facts = services_v1().subquery()
    rows = await ctx.db.execute(
        select(facts.c.service_id, facts.c.category_name, facts.c.vat_rate).where(facts.c.service_id.in_(service_ids))
    )
    services = {id: ServiceFacts(category, _vat(rate)) for id, category, rate in rows}
    if register is None:
        return Style(services=services)
    provider = providers(ctx).get(register.provider)
    return Style(
        naming=_naming(register.naming),
        generic_name=register.generic_name,
        advance_name=register.advance_name,
        debt_name=register.debt_name,
        vat=msgspec.convert(register.vat, Vat),
        most_items=provider.most_items if provider else Style().most_items,
        services=services,
    )


def _vat(rate: str) -> Vat:
    return msgspec.convert("none" if rate == "none" else f"vat{rate}", Vat)


def _naming(word: str) -> Naming:
    return msgspec.convert(word, Naming)


async def registers(ctx: Context) -> list[RegisterRow]:
    """All registers with their pulse: the last success, what waits, what needs a person."""
    ctx.require("fiscal.receipt.view")
    states = {one.id: one.state for one in await known_connections(ctx)}
    rows = await ctx.db.execute(
        select(
            CashRegister,
            Branch.name,
            LegalEntity.short_name,
            _count(WAITING),
            _count(STUCK),
            _oldest(),
        )
        .join(Branch, (Branch.clinic_id == CashRegister.clinic_id) & (Branch.id == CashRegister.branch_id))
        .join(
            LegalEntity,
            (LegalEntity.clinic_id == CashRegister.clinic_id) & (LegalEntity.id == CashRegister.legal_entity_id),
        )
        .order_by(Branch.name, CashRegister.name, CashRegister.id)
    )
    return [_row(ctx, *row, states=states) for row in rows]


def _count(what: Any) -> Any:
    return _of_register(func.count(), what)


def _oldest() -> Any:
    return _of_register(func.min(FiscalReceipt.queued_at), WAITING)


def _of_register(value: Any, what: Any) -> Any:
    mine = FiscalReceipt.register_id == CashRegister.id
    return select(value).where(mine, what).correlate(CashRegister).scalar_subquery()


def _is_connected(ctx: Context, register: CashRegister, state: str) -> bool:
    return state in WORKS and register.provider in providers(ctx)


def _obstacle(ctx: Context, register: CashRegister, state: str) -> str | None:
    return register.stopped or (None if _is_connected(ctx, register, state) else NOT_CONNECTED)


async def obstacle(ctx: Context, register: CashRegister) -> str | None:
    """Why this register sends nothing now; None for one that works."""
    states = {one.id: one.state for one in await known_connections(ctx)}
    return _obstacle(ctx, register, states.get(register.connection_id or 0, "off"))


def _row(
    ctx: Context,
    one: CashRegister,
    branch: str,
    entity: str,
    waiting: int,
    stuck: int,
    oldest: dt.datetime | None,
    *,
    states: dict[int, str],
) -> RegisterRow:
    state = states.get(one.connection_id or 0, "off")
    return RegisterRow(
        id=one.id,
        name=one.name,
        branch_id=one.branch_id,
        branch=branch,
        legal_entity=entity,
        taxation=one.taxation,
        is_active=one.is_active,
        is_connected=_is_connected(ctx, one, state),
        stopped=_obstacle(ctx, one, state),
        succeeded_at=one.succeeded_at,
        waiting=waiting,
        stuck=stuck,
        oldest=oldest,
    )


async def form(ctx: Context, register_id: int) -> tuple[str, RegisterForm]:
    """The register's name and what its panel shows."""
    ctx.require("fiscal.register.edit")
    row = await ctx.load(CashRegister, register_id)
    values = {name: getattr(row, name) for name in RegisterForm.__struct_fields__}
    return row.name, RegisterForm(**{**values, "fallback_email": row.fallback_email or ""})


async def save(ctx: Context, register_id: int, form: RegisterForm) -> None:
    """Keep the words and choices. Raises `Invalid` beside the fields, `Conflict` when another one is active."""
    ctx.require("fiscal.register.edit")
    row = await ctx.load(CashRegister, register_id, lock=True)
    _check(form)
    if form.is_active and not row.is_active:
        other = await register_for(ctx, row.branch_id, row.legal_entity_id)
        if other is not None:
            raise Conflict(TAKEN.format(name=other.name))
    before = {name: getattr(row, name) for name in RegisterForm.__struct_fields__}
    after = msgspec.to_builtins(form)
    for name, value in after.items():
        setattr(row, name, value.strip() or None if name == "fallback_email" else value)
    await ctx.db.flush()
    sentence = f"Изменена касса «{row.name}»"
    await ctx.audit("fiscal.register.saved", "fiscal.cash_register", row.id, sentence, before=before, after=after)
    ctx.changed("fiscal.registers")


def _check(form: RegisterForm) -> None:
    wrong = {
        name: "От 1 до 128 знаков."
        for name in ("generic_name", "advance_name", "debt_name")
        if not 0 < len(getattr(form, name).strip()) <= 128
    }
    if form.fallback_email.strip() and not is_email(form.fallback_email.strip()):
        wrong["fallback_email"] = "Это не похоже на адрес e-mail."
    if wrong:
        raise Invalid(wrong)


def is_email(text: str) -> bool:
    name, at, host = text.partition("@")
    return bool(name and at and "." in host.strip(".")) and len(text) <= 64 and not any(sign.isspace() for sign in text)


async def resume(ctx: Context, register_id: int) -> None:
    """Let a stopped register send again. Raises `Conflict` when nothing stopped it."""
    ctx.require("fiscal.register.edit")
    row = await ctx.load(CashRegister, register_id, lock=True)
    if row.stopped is None:
        raise Conflict("Касса не остановлена.")
    row.stopped = None
    await _begin_anew(ctx, row)
    await ctx.audit("fiscal.register.resumed", "fiscal.cash_register", row.id, f"Касса «{row.name}» снова работает")
    ctx.changed("fiscal.registers")


async def choices(ctx: Context) -> list[tuple[int, str]]:
    """Registers that a receipt can be given to."""
    query = select(CashRegister.id, CashRegister.name, Branch.name).join(
        Branch, (Branch.clinic_id == CashRegister.clinic_id) & (Branch.id == CashRegister.branch_id)
    )
    rows = await ctx.db.execute(query.where(CashRegister.connection_id.is_not(None)).order_by(CashRegister.name))
    return [(id, f"{name} · {branch}") for id, name, branch in rows]
